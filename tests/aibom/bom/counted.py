"""Counts of tensors that a test lists by name, dtype and shape."""

from __future__ import annotations

from aibom.bom.counting import Count, count
from aibom.scanners.facts import Tensor
from aibom.scanners.source import Span

Row = tuple[str, str, tuple[int, ...]]

SAFETENSORS = frozenset({"safetensors"})


def counted(
    rows: list[Row], bits: int | None = None, formats: frozenset[str] = SAFETENSORS
) -> Count | None:
    """Count tensors that lie one after the other."""
    placed = [
        (("m",), Tensor(name=name, dtype=dtype, shape=shape, at=Span(1000 * number, 10)))
        for number, (name, dtype, shape) in enumerate(rows, 1)
    ]
    return count(placed, formats, bits)
