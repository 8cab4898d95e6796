"""Where the arrays of a file lie, against one another: what they leave free and what they share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .facts import Overlap, Tensor
from .source import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def gaps(spans: Iterable[Span], whole: Span) -> Iterator[Span]:
    """Yield every run of bytes of `whole` that none of `spans` covers, in file order."""
    reached = whole.start
    for span in [*sorted(spans, key=lambda s: s.start), Span(whole.end, 0)]:
        if span.start > reached:
            yield Span(reached, span.start - reached)
        reached = max(reached, span.end)


def overlaps(tensors: Iterable[Tensor]) -> Iterator[Overlap]:
    """Yield the bytes that tensors share, in file order; at most one fact for each tensor.

    A tensor is held against the one before it that reaches furthest, so that a file of many
    overlapping tensors gives few facts, yet none of the shared tensors stays unnamed.
    """
    ordered = sorted((t for t in tensors if t.at.length), key=lambda t: (t.at.start, t.at.end))
    furthest: Tensor | None = None
    for tensor in ordered:
        if furthest and tensor.at.start < furthest.at.end:
            shared = min(tensor.at.end, furthest.at.end) - tensor.at.start
            at = Span(tensor.at.start, shared)
            yield Overlap(at=at, first=furthest.name, second=tensor.name)
        if not furthest or tensor.at.end > furthest.at.end:
            furthest = tensor
