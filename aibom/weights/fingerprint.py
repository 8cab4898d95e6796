"""What is known of the weights of a model: its leaves, their root, and what has no leaf."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..scanners.record import record
from .canonical import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable


@record
class Leaf:
    """A tensor by its values alone."""

    digest: str  # BLAKE3, hexadecimal
    dtype: str  # canonical
    elements: int
    length: int  # bytes
    is_telling: bool  # two models that share it have more in common than a constant or a mask


@record
class Fingerprint:
    """The weights of one file."""

    path: str
    leaves: tuple[Leaf, ...]  # distinct, sorted by digest
    covered: int  # bytes of the tensors that have a leaf; what several tensors share counts once
    uncovered: int = 0  # bytes of those that have none
    without: tuple[tuple[str, int], ...] = ()  # why tensors have none: reason, how many; sorted


@record
class Weights:
    """The weights of a folder or file."""

    files: tuple[Fingerprint, ...]  # those with tensors, sorted by path

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """Every leaf once, sorted by digest."""
        return distinct(leaf for each in self.files for leaf in each.leaves)

    @property
    def covered(self) -> int:
        """Bytes of all files that have a leaf."""
        return sum(each.covered for each in self.files)

    @property
    def uncovered(self) -> int:
        """Bytes of all files that have none."""
        return sum(each.uncovered for each in self.files)

    def of(self, path: str) -> Fingerprint | None:
        """Return what is known of the file at `path`."""
        return next((each for each in self.files if each.path == path), None)


def distinct(leaves: Iterable[Leaf]) -> tuple[Leaf, ...]:
    """Return each leaf once, sorted by digest."""
    return tuple(sorted(set(leaves), key=lambda leaf: leaf.digest))


def root(leaves: Iterable[Leaf]) -> str:
    """Return the root over a set of leaves (hexadecimal); "" if there is none.

    Sorted and each once, so that neither order, nor sharding, nor tied weights change it.
    """
    digests = sorted({leaf.digest for leaf in leaves})
    if not digests:
        return ""
    from blake3 import blake3  # noqa: PLC0415 - only fingerprints need it

    state = blake3(f"{ROOT}\0".encode())
    state.update(bytes.fromhex("".join(digests)))
    return state.hexdigest()
