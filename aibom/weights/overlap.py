"""How much of their weights two models have in common: evidence of kinship, never of difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..scanners.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .fingerprint import Leaf


@record
class Overlap:
    """What two sets of leaves share. Constants, masks and tiny tensors count nowhere.

    Nothing follows from a small overlap: a cast, a quantisation, a transposed or merged matrix and
    a step of training change every leaf that they touch.
    """

    shared: int  # tensors
    shared_bytes: int
    first: int  # tensors that could be shared
    first_bytes: int
    second: int
    second_bytes: int

    @property
    def share_of_first(self) -> float:
        """The part of the first model's bytes that the second holds, 0 to 1."""
        return self.shared_bytes / self.first_bytes if self.first_bytes else 0.0

    @property
    def share_of_second(self) -> float:
        """The part of the second model's bytes that the first holds, 0 to 1."""
        return self.shared_bytes / self.second_bytes if self.second_bytes else 0.0


def overlap(first: Iterable[Leaf], second: Iterable[Leaf]) -> Overlap:
    """Return what two models share, by the leaves that tell something."""
    ours, theirs = _telling(first), _telling(second)
    shared = ours.keys() & theirs.keys()
    return Overlap(
        shared=len(shared),
        shared_bytes=sum(ours[digest] for digest in shared),
        first=len(ours),
        first_bytes=sum(ours.values()),
        second=len(theirs),
        second_bytes=sum(theirs.values()),
    )


def _telling(leaves: Iterable[Leaf]) -> dict[str, int]:
    """Return digest -> bytes of the leaves that tell something, each once."""
    return {leaf.digest: leaf.length for leaf in leaves if leaf.is_telling}
