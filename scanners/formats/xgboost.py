"""Models of XGBoost in UBJSON, which `save_model` writes by default.

Universal Binary JSON (https://ubjson.org/)::

    value    a marker: Z null, N nothing, T, F, i U I l L whole numbers, d D floats, C a character,
             S a text with its length as a whole number, [ a list, { an object
    keys     a length as a whole number, and so many bytes
    typed    after [ or {, perhaps $ and a marker for all values, and # with how many there are

Nothing in it runs. It is read to its end, so that a cut, or what stands behind it, is noticed.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from ..facts import Metadata, Unclaimed, shorten
from ..format import Format, Match, Parsed, Subject
from ..patterns import pattern
from ..source import Malformed, Span

if TYPE_CHECKING:
    from ..limits import Budget
    from ..source import Source

BEGINNING = pattern(rb"\{L\0{7}\x07(?:learner\{|version\[)")
NUMBERS = {b"i": ">b", b"U": ">B", b"I": ">h", b"l": ">i", b"L": ">q"}
FLOATS = {b"d": 4, b"D": 8}  # bytes
EMPTY = frozenset({b"Z", b"N", b"T", b"F"})
TOLD = frozenset({"name", "objective", "num_feature", "num_class", "num_target", "base_score"})
MAX_DEPTH = 50  # a model has ten
MAX_KEY = 1 << 16  # bytes
ROOM = 200  # characters of a text
TICK = 4096  # values between two looks at the clock
BLOCK = 1 << 16  # bytes that are read at once


def recognise(subject: Subject) -> Match:
    """Tell it by its first key."""
    if not subject.head.startswith(b"{L"):
        return Match.NO
    return Match.CERTAIN if BEGINNING.match(subject.head) else Match.NO


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield what the model says of itself.

    Raises:
        Malformed: It is no UBJSON, or ends early.
    """
    reader = _Reader(subject.source, budget)
    reader.read()
    for key, value in reader.told.items():
        yield Metadata(key=key, value=value)
    rest = subject.source.size - reader.at
    if rest:
        yield Unclaimed(at=Span(reader.at, rest))


class _Open:
    """A list or object whose end has not come yet."""

    def __init__(self, *, is_object: bool, count: int | None, kind: bytes) -> None:
        self.is_object, self.count, self.kind = is_object, count, kind
        self.key = ""


class _Reader:
    """Reads one value front to back, without keeping any but a few texts."""

    def __init__(self, source: Source, budget: Budget) -> None:
        self._source, self._budget = source, budget
        self.at = self._count = 0
        self._block, self._block_at = b"", 0
        self.told: dict[str, str] = {}
        self._open: list[_Open] = []

    def read(self) -> None:
        self._value(self._bytes(1), "")
        while self._open:
            self._count += 1
            if not self._count % TICK:
                self._budget.check_time()
            self._next(self._open[-1])

    def _next(self, top: _Open) -> None:
        if top.count == 0 or (top.count is None and self._ends(top)):
            self._open.pop()
            return
        top.count = None if top.count is None else top.count - 1
        if top.is_object:
            top.key = self._text(self._number(self._bytes(1)), MAX_KEY)
        self._value(top.kind or self._bytes(1), top.key)

    def _ends(self, top: _Open) -> bool:
        end = b"}" if top.is_object else b"]"
        if self._bytes(1) == end:
            return True
        self.at -= 1
        return False

    def _value(self, marker: bytes, key: str) -> None:
        if marker in EMPTY:
            return
        if marker in NUMBERS:
            self._number(marker)
        elif marker in FLOATS:
            self._skip(FLOATS[marker])
        elif marker == b"C":
            self._skip(1)
        elif marker == b"S":
            text = self._text(self._number(self._bytes(1)), ROOM)
            if key in TOLD:
                self.told.setdefault(f"xgboost.{key}", shorten(text, ROOM))
        elif marker in {b"[", b"{"}:
            self._begin(is_object=marker == b"{")
        else:
            raise Malformed("UBJSON", offset=self.at - 1, why=f"{marker!r} is no marker")

    def _begin(self, *, is_object: bool) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise Malformed("UBJSON", offset=self.at, why="nests too deeply")
        kind, count, marker = b"", None, self._bytes(1)
        if marker == b"$":
            kind, marker = self._bytes(1), self._bytes(1)
        if marker == b"#":
            count = self._number(self._bytes(1))
        elif kind:
            raise Malformed("UBJSON", offset=self.at, why="a kind without a count")
        else:
            self.at -= 1
        if count is not None and (count < 0 or count > self._source.size - self.at):
            raise Malformed("UBJSON", offset=self.at, why=f"{count} values", crafted=True)
        width = struct.calcsize(NUMBERS[kind]) if kind in NUMBERS else FLOATS.get(kind, 0)
        if count is not None and width and not is_object:
            self._skip(count * width)
        else:
            self._open.append(_Open(is_object=is_object, count=count, kind=kind))

    def _number(self, marker: bytes) -> int:
        form = NUMBERS.get(marker)
        if form is None:
            raise Malformed("UBJSON", offset=self.at - 1, why=f"{marker!r} is no whole number")
        return int(struct.unpack(form, self._bytes(struct.calcsize(form)))[0])

    def _text(self, length: int, room: int) -> str:
        if length < 0:
            raise Malformed("UBJSON", offset=self.at, why=f"a text of {length} bytes")
        raw = self._bytes(min(length, room))
        self._skip(length - len(raw))
        return raw.decode("utf-8", "backslashreplace")

    def _skip(self, length: int) -> None:
        if self.at + length > self._source.size:
            raise Malformed("UBJSON", offset=self.at, why=f"{length} bytes are too many")
        self.at += length

    def _bytes(self, length: int) -> bytes:
        at = self.at - self._block_at
        if not 0 <= at <= len(self._block) - length:
            left = self._source.size - self.at
            if length > left:
                raise Malformed("UBJSON", offset=self.at, why=f"{length} bytes, {left} are left")
            self._block_at, at = self.at, 0
            self._block = self._source.read_at(self.at, min(max(length, BLOCK), left))
        self.at += length
        return self._block[at : at + length]


FORMAT = Format(
    id="xgboost",
    title="XGBoost model",
    media_type="application/octet-stream",
    spec="https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html",
    suffixes=(".ubj",),
    recognise=recognise,
    parse=parse,
    model=True,
)
