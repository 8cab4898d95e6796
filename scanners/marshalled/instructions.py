"""The instructions of a code object as one Python would decode them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .tables import FIRST_WIDE, Python

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_ARGUMENT = 1 << 31


class Instruction(NamedTuple):
    """One instruction; prefixes that widen its argument are part of it."""

    name: str  # "" is none of this Python
    argument: int


def decode(code: bytes, python: Python) -> Iterator[Instruction]:
    """Yield the instructions of `code`, front to back. One that is cut off ends it with a ""."""
    return _wide(code, python) if python.version >= FIRST_WIDE else _narrow(code, python)


def _wide(code: bytes, python: Python) -> Iterator[Instruction]:
    at, argument = 0, 0
    while at < len(code):
        if at + 2 > len(code):
            yield Instruction("", 0)
            return
        number = code[at]
        name = python.names[number]
        argument = (argument << 8 | code[at + 1]) % MAX_ARGUMENT
        at += 2 + python.caches[number]
        if name != "EXTENDED_ARG":
            yield Instruction(name, argument)
            argument = 0


def _narrow(code: bytes, python: Python) -> Iterator[Instruction]:
    at, argument = 0, 0
    while at < len(code):
        number = code[at]
        name = python.names[number]
        if number < python.has_argument:
            yield Instruction(name, 0)
            at += 1
            continue
        if at + 3 > len(code):
            yield Instruction("", 0)
            return
        argument = (argument << 16 | code[at + 1] | code[at + 2] << 8) % MAX_ARGUMENT
        at += 3
        if name != "EXTENDED_ARG":
            yield Instruction(name, argument)
            argument = 0
