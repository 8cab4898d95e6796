"""Numbers of parameters, as names give them: ``7B``, ``8x7B``, ``0.5B``, ``560M``.

A name is a round figure: models called 7B have 6.7 to 7.6 thousand million, and whether embeddings
count is everybody's own choice. Of a mixture of experts some name what one word passes through,
some one expert, some all.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..record import record

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUND = 3  # times more or less than named: beyond this it is no rounding
SIZE = re.compile(
    r"(?<![A-Za-z0-9.])(?:(?P<experts>\d{1,3})x)?(?P<count>\d{1,4}(?:\.\d{1,3})?)(?P<unit>[BM])"
    r"(?![A-Za-z0-9])",
    re.IGNORECASE,
)
UNITS = {"B": 10**9, "M": 10**6}


@record
class Size:
    """A number of parameters that a name gives."""

    text: str
    least: int
    most: int

    def fits(self, least: int, most: int) -> bool:
        """Whether a count between `least` and `most` may be called so."""
        return most * ROUND >= self.least and least <= self.most * ROUND


def sizes(text: str, units: str = "BM") -> Iterator[Size]:
    """Yield every size in `text` that has one of the units; "8x7B" is from 7B to 56B."""
    for found in SIZE.finditer(text):
        unit = found["unit"].upper()
        if unit in units:
            one = int(float(found["count"]) * UNITS[unit])
            yield Size(found[0], one, one * int(found["experts"] or 1))


def rounded(count: int) -> str:
    """Return a number of parameters for people: "6.74B"."""
    for unit, size in UNITS.items():
        if count >= size:
            return f"{count / size:.3g}{unit}"
    return str(count)
