"""NumPy array: ``93 NUMPY``, two version bytes, length of a header, header, values.

The header is a Python literal padded with spaces: ``{'descr': '<f4', 'fortran_order': False,
'shape': (3, 4), }``; its length takes two bytes in version 1 and four in versions 2 and 3. Values
of an object dtype are a pickle. Specification: NumPy's ``lib/format.py``, NEP 1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from ..facts import Tensor, Unclaimed
from ..format import Format, Match, Parsed, Part, Subject
from ..pickles.arrays import item_size
from ..source import Malformed, Source, Span, Window

if TYPE_CHECKING:
    from ..limits import Budget

MAGIC = b"\x93NUMPY"
WIDTHS = {1: 2, 2: 4, 3: 4}  # version: bytes of the header's length
MAX_HEADER = 1 << 20  # bytes; NumPy reads 10,000 unless told otherwise
DEPTH = 32  # brackets in brackets
MAX_AXES = 64  # NumPy's own limit
TOKEN = re.compile(
    r"\s*(?:(?P<punctuation>[{}()\[\],:])|(?P<text>'[^'\\]*'|\"[^\"\\]*\")"
    r"|(?P<number>-?\d{1,19})L?|(?P<word>True|False|None))"
)
KINDS = {"f": "F", "i": "I", "u": "U", "c": "C"}

Literal: TypeAlias = (
    str | int | bool | list["Literal"] | tuple["Literal", ...] | dict[str, "Literal"] | None
)


@dataclass(frozen=True, slots=True)
class Header:
    """What a header says of the values."""

    descr: Literal
    shape: tuple[int, ...]
    end: int  # offset of the first value


def recognise(subject: Subject) -> Match:
    """Tell an array by its magic and version."""
    is_known = subject.head.startswith(MAGIC) and subject.head[6:7] in {b"\1", b"\2", b"\3"}
    return Match.CERTAIN if is_known else Match.NO


def parse(subject: Subject, _budget: Budget) -> Parsed:
    """Yield the array, the pickle that it is, and the bytes after it."""
    source = subject.source
    header = read_header(source)
    rest = Span(header.end, source.size - header.end)
    if _has_objects(header.descr):
        yield Part("array of objects", Window(source, rest), ("pickle",))
        return
    count = 1
    for axis in header.shape:
        count *= axis
    length = count * _size(header.descr)
    if length > rest.length:
        raise Malformed("array", offset=header.end, why=f"{length} bytes, {rest.length} are left")
    at = Span(header.end, length)
    yield Tensor(at=at, name="", dtype=_dtype(header.descr), shape=header.shape)
    if length < rest.length:
        yield Unclaimed(at=Span(at.end, rest.length - length))


def read_header(source: Source) -> Header:
    """Read the header of the array at the start of `source`. Raises `Malformed`."""
    width = WIDTHS[source.read_at(6, 1)[0]]
    length = int.from_bytes(source.read_at(8, width), "little")
    if length > MAX_HEADER:
        why = f"{length} bytes, at most {MAX_HEADER} are read"
        raise Malformed("header length", offset=8, why=why)
    start = 8 + width
    text = source.read_at(start, length).decode("latin-1")
    found = _Reader(text, start).document()
    shape = found.get("shape")
    if not isinstance(shape, tuple) or len(shape) > MAX_AXES or "descr" not in found:
        raise Malformed("header", offset=start, why="descr or shape is missing")
    axes = tuple(axis for axis in shape if isinstance(axis, int) and axis >= 0)
    if len(axes) != len(shape):
        raise Malformed("shape", offset=start, why="it holds more than counts")
    return Header(found["descr"], axes, start + length)


class _Reader:
    """Reads the literal of a header; anything but texts, counts and brackets is malformed."""

    def __init__(self, text: str, start: int) -> None:
        self._text, self._start, self._at = text, start, 0

    def document(self) -> dict[str, Literal]:
        value = self._value(0)
        if not isinstance(value, dict) or self._text[self._at :].strip(" \n\0"):
            raise self._malformed("no dict, or more than one")
        return value

    def _value(self, depth: int) -> Literal:
        kind, token = self._next()
        if depth > DEPTH:
            raise self._malformed("it nests too deeply")
        match kind, token:
            case "text", _:
                return token[1:-1]
            case "number", _:
                return int(token)
            case "word", _:
                return {"True": True, "False": False, "None": None}[token]
            case _, "{":
                return self._pairs(depth)
            case _, "(":
                return tuple(self._items(")", depth))
            case _, "[":
                return self._items("]", depth)
            case _:
                raise self._malformed(f"{token!r} where a value belongs")

    def _pairs(self, depth: int) -> dict[str, Literal]:
        found: dict[str, Literal] = {}
        while not self._ends("}"):
            key = self._value(depth + 1)
            if self._next()[1] != ":" or not isinstance(key, str):
                raise self._malformed("no key and value")
            found[key] = self._value(depth + 1)
            self._comma("}")
        return found

    def _items(self, end: str, depth: int) -> list[Literal]:
        found: list[Literal] = []
        while not self._ends(end):
            found.append(self._value(depth + 1))
            self._comma(end)
        return found

    def _ends(self, end: str) -> bool:
        at = self._at
        if self._next()[1] == end:
            return True
        self._at = at
        return False

    def _comma(self, end: str) -> None:
        at = self._at
        token = self._next()[1]
        if token == end:
            self._at = at
        elif token != ",":  # noqa: S105 - no password
            raise self._malformed("no comma")

    def _next(self) -> tuple[str, str]:
        match = TOKEN.match(self._text, self._at)
        if match is None or match.lastgroup is None:
            raise self._malformed("not a literal of texts and counts")
        self._at = match.end()
        return match.lastgroup, match[match.lastgroup]

    def _malformed(self, why: str) -> Malformed:
        return Malformed("header", offset=self._start + self._at, why=why)


def _codes(descr: Literal) -> list[tuple[str, int]]:
    """Return every code in a dtype with how often it stands there (subarrays)."""
    pending: list[tuple[Literal, int]] = [(descr, 1)]
    found: list[tuple[str, int]] = []
    while pending:
        value, times = pending.pop()
        if isinstance(value, str):
            found.append((value, times))
        elif isinstance(value, list):
            pending += [(each, times) for each in value]
        elif isinstance(value, tuple) and len(value) > 1:  # name, dtype and perhaps a shape
            for axis in value[2] if len(value) > 2 and isinstance(value[2], tuple) else ():  # noqa: PLR2004
                times *= axis if isinstance(axis, int) else 1
            pending.append((value[1], times))
    return found


def _has_objects(descr: Literal) -> bool:
    return any("O" in code[:2] for code, _ in _codes(descr))


def _size(descr: Literal) -> int:
    return sum(times * item_size(code) for code, times in _codes(descr))


def _dtype(descr: Literal) -> str:
    if not isinstance(descr, str):
        return "structured"
    code = descr.lstrip("<>=|")
    if code[:1] in KINDS and code[1:].isdigit():
        return f"{KINDS[code[0]]}{int(code[1:]) * 8}"
    return "BOOL" if code == "b1" else code


FORMAT = Format(
    id="npy",
    title="NumPy array",
    media_type="application/x-npy",
    spec="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html",
    suffixes=(".npy",),
    recognise=recognise,
    parse=parse,
    model=True,
)
