"""What the numbers in compiled Python mean, for each Python."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from ..record import record
from .opcodes import TABLES

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST_WIDE = (3, 6)  # from here on each instruction is two bytes, one of them its argument
FIRST_MAGIC = 3360  # of Python 3.6; those of 3.0 to 3.5, from 3000 on, are not in the table
PYTHON_2 = range(62011, 62212)  # 2.3 to 2.7, whose code objects all look alike


@record
class Python:
    """The instructions of one Python."""

    version: tuple[int, int]
    magic: int  # of its compiled files; the last one, smaller ones are of its previews
    has_argument: int  # instructions with a smaller number have none
    names: tuple[str, ...]  # by number; "" is none
    caches: tuple[int, ...]  # by number: bytes that follow the instruction

    @property
    def text(self) -> str:
        """The version as it is written."""
        return f"{self.version[0]}.{self.version[1]}"


@cache
def pythons() -> dict[str, Python]:
    """Return every Python whose instructions are known, by its version."""
    tables = [_python(table.split()) for table in TABLES.split("python ")[1:]]
    return {python.text: python for python in tables}


def _python(words: Sequence[str]) -> Python:
    version, magic, has_argument, _source, *instructions = words
    names, caches = [""] * 256, [0] * 256
    for word in instructions:
        name, _, numbers = word.partition("=")
        code, _, entries = numbers.partition("+")
        names[int(code)] = name
        caches[int(code)] = 2 * int(entries or 0)
    major, _, minor = version.partition(".")
    return Python(
        version=(int(major), int(minor)),
        magic=int(magic),
        has_argument=int(has_argument),
        names=tuple(names),
        caches=tuple(caches),
    )


def version_of(magic: int) -> str:
    """Return the Python whose compiled files start with this number; "" for one that is not known.

    Numbers of previews belong to the Python that came of them.
    """
    if magic in PYTHON_2:
        return "2.7"
    known = [(each.magic, each.text) for each in pythons().values() if each.version >= FIRST_WIDE]
    if not FIRST_MAGIC <= magic <= max(known)[0]:
        return ""
    return next(version for last, version in sorted(known) if magic <= last)
