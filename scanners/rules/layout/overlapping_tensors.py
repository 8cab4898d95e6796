"""Rule: two tensors that lie on the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Overlap
from ...rule import Rule, Severity
from ...source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(overlap: Overlap) -> Iterator[str]:
    """No writer of the format lays two tensors on the same bytes, and strict readers refuse it.

    A program that changes one of them in place changes the other, and a few bytes on disk can
    claim to be many tensors in memory.

    What to do: ask where the file comes from; weights that are meant to be shared are saved once,
    under one name.
    """
    if overlap.at.length:
        yield f"{overlap.at.length} bytes belong to both {overlap.first!r} and {overlap.second!r}"


RULE = Rule(
    id="overlapping-tensors",
    title="Tensors share bytes that the format keeps apart",
    severity=Severity.MEDIUM,
    on=Overlap,
    check=check,
    refs=("CWE-436",),
    flags=(Overlap(at=Span(128, 32), first="attention.weight", second="bias"),),
    passes=(Overlap(at=Span(128, 0), first="attention.weight", second="an empty tensor"),),
)
