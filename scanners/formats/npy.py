"""NumPy array: ``93 NUMPY``, two version bytes, length of a header, header, values.

The header is a Python literal padded with spaces: ``{'descr': '<f4', 'fortran_order': False,
'shape': (3, 4), }``; its length takes two bytes in version 1 and four in versions 2 and 3. Values
of an object dtype are a pickle. Specification: NumPy's ``lib/format.py``, NEP 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from ..facts import Tensor, Unclaimed
from ..format import Format, Match, Parsed, Part, Subject
from ..patterns import pattern
from ..pickles.arrays import item_size
from ..record import record
from ..source import ANY_FILE, Malformed, Source, Span, Window

if TYPE_CHECKING:
    from ..limits import Budget

MAGIC = b"\x93NUMPY"
WIDTHS = {1: 2, 2: 4, 3: 4}  # version: bytes of the header's length
MAX_HEADER = 1 << 20  # bytes; NumPy reads 10,000 unless told otherwise
DEPTH = 32  # brackets in brackets
MAX_AXES = 64  # NumPy's own limit
TOKEN = pattern(
    r"\s*(?:(?P<punctuation>[{}()\[\],:])|(?P<text>'[^'\\]*'|\"[^\"\\]*\")"
    r"|(?P<number>-?\d{1,19})L?|(?P<word>True|False|None))"
)
PLAIN = pattern(  # codes of values that are no objects, of which we know the size, too
    r"[<>|=]?(?:[?bBhHeiIfqQdFD]|[biufcSUV][0-9]{1,9}|[SUV]|[mM]8(?:\[\w{1,9}\])?)"
)
KINDS = {"f": "F", "i": "I", "u": "U", "c": "C"}

Literal: TypeAlias = (
    str | int | bool | list["Literal"] | tuple["Literal", ...] | dict[str, "Literal"] | None
)


@record
class Header:
    """What a header says of the values."""

    descr: Literal
    shape: tuple[int, ...]
    is_fortran: bool  # the first axis changes fastest
    end: int  # offset of the first value


def recognise(subject: Subject) -> Match:
    """Tell an array by its magic and version."""
    is_known = subject.head.startswith(MAGIC) and subject.head[6:7] in {b"\1", b"\2", b"\3"}
    return Match.CERTAIN if is_known else Match.NO


def parse(subject: Subject, _budget: Budget) -> Parsed:
    """Yield the array, the pickle that it is, and the bytes after it."""
    source = subject.source
    try:
        header = read_header(source)
    except Malformed:  # numpy reads any Python literal, so it may find objects where we find none
        start = _values_start(source)
        if start < source.size:
            yield _objects(source, start)
        raise
    rest = Span(header.end, source.size - header.end)
    if _has_objects(header.descr):
        yield _objects(source, header.end)
        return
    count = 1
    for axis in header.shape:
        count *= axis
    length = count * _size(header.descr)
    if length > rest.length:
        why = f"{length} bytes, {rest.length} are left"
        raise Malformed("array", offset=header.end, why=why, crafted=length >= ANY_FILE)
    at = Span(header.end, length)
    yield Tensor(
        at=at,
        name="",
        dtype=_dtype(header.descr),
        shape=header.shape,
        is_plain=_is_little(header.descr) and not header.is_fortran,
    )
    if length < rest.length:
        after = Span(at.end, rest.length - length)
        yield Unclaimed(at=after)
        yield Part("(bytes after the array)", Window(source, after))


def read_header(source: Source) -> Header:
    """Read the header of the array at the start of `source`. Raises `Malformed`."""
    width = WIDTHS[source.read_at(6, 1)[0]]
    length = _values_start(source) - 8 - width
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
    return Header(found["descr"], axes, found.get("fortran_order") is not False, start + length)


def _values_start(source: Source) -> int:
    width = WIDTHS[source.read_at(6, 1)[0]]
    return 8 + width + int.from_bytes(source.read_at(8, width), "little")


def _objects(source: Source, start: int) -> Part:
    values = Window(source, Span(start, source.size - start))
    return Part("array of objects", values, ("pickle",))


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
    """Return every code in a dtype with how often it stands there (subarrays).

    As numpy's ``descr_to_dtype`` goes through it: a tuple is a dtype and a shape, a list holds
    fields. Whatever it does not clearly describe has the code ``""``.
    """
    pending: list[tuple[Literal, int]] = [(descr, 1)]
    found: list[tuple[str, int]] = []
    while pending:
        value, times = pending.pop()
        match value:
            case str():
                found.append((value, times))
            case (inner, shape) if isinstance(value, tuple) and (count := _count(shape)) >= 0:
                pending.append((inner, times * count))
            case list():
                pending += [(_field(each), times) for each in value]
            case _:
                found.append(("", times))
    return found


def _field(field: Literal) -> Literal:
    """Return the dtype of a field: name, dtype and perhaps a shape; None if it is none."""
    if not isinstance(field, tuple):
        return None
    return {2: (*field[1:2], ()), 3: field[1:]}.get(len(field))


def _count(shape: Literal) -> int:
    """Return how many values a subarray of this shape has; -1 if it is no shape."""
    count = 1
    for axis in shape if isinstance(shape, tuple) else (shape,):
        if not isinstance(axis, int) or axis < 0:
            return -1
        count *= axis
    return count


def _has_objects(descr: Literal) -> bool:
    """Whether numpy may unpickle the values: it knows more spellings than anyone can list."""
    return not all(PLAIN.fullmatch(code) for code, _ in _codes(descr))


def _size(descr: Literal) -> int:
    return sum(times * item_size(code) for code, times in _codes(descr))


def _is_little(descr: Literal) -> bool:
    """Whether the values are known to be little-endian; "=" is whatever the reader's machine is."""
    return isinstance(descr, str) and descr[:1] in {"<", "|"}


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
