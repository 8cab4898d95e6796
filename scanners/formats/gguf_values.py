"""The values of GGUF metadata: read in order, with long ones skipped rather than held."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from ..facts import TEXT, shorten
from ..limits import KIB, MIB, Exceeded
from ..record import record
from ..source import ANY_FILE, Malformed, Source, Span

if TYPE_CHECKING:
    from ..limits import Budget

KEPT = 4 * TEXT  # bytes of a text that are read: `TEXT` characters take no more
SHOWN = 64  # items of an array that are read; of a longer one only the count is
BLOCK = 2 * MIB  # bytes that one step over an array of strings reads at most
DEPTH = 8  # arrays inside arrays; ggml reads none at all
STRING, ARRAY = 8, 9

SCALARS = {  # type number: (name, letter of `struct`)
    0: ("uint8", "B"),
    1: ("int8", "b"),
    2: ("uint16", "H"),
    3: ("int16", "h"),
    4: ("uint32", "I"),
    5: ("int32", "i"),
    6: ("float32", "f"),
    7: ("bool", "B"),
    10: ("uint64", "Q"),
    11: ("int64", "q"),
    12: ("float64", "d"),
}
NAMES = {STRING: "strings", ARRAY: "arrays", 7: "bools"}


@record
class Text:
    """A string that stands at `at`; `raw` are its first `KEPT` bytes."""

    at: Span
    raw: bytes

    @property
    def text(self) -> str:
        """The kept bytes as text, with what is no UTF-8 escaped."""
        return self.raw.decode("utf-8", "backslashreplace")


@record
class Array:
    """`count` values of one kind. `shown` holds all of a short array, and nothing of a long one."""

    kind: str  # plural, such as "strings" or "float32"
    count: int
    shown: tuple[Text | int | float | bool, ...] = ()


Value = Text | Array | int | float | bool


def show(value: Value) -> str:
    """Return `value` as the text of a fact."""
    match value:
        case Text():
            more = value.at.length - len(value.raw)
            return shorten(value.text) + (f"… ({more} more bytes)" if more else "")
        case Array(kind, count, shown) if count and len(shown) == count:
            items = (repr(item.text) if isinstance(item, Text) else str(item) for item in shown)
            return shorten(f"{count} {kind}: {', '.join(items)}")
        case Array(kind, count):
            return f"{count} {kind}"
        case bool():
            return str(value).lower()
        case _:
            return str(value)


class Reader:
    """Reads a GGUF header front to back; `at` is where it stands."""

    def __init__(self, source: Source, budget: Budget, *, at: int, big: bool, narrow: bool) -> None:
        """Stand at `at`. `big` is the byte order, `narrow` means that sizes have 32 bits."""
        self.source, self.budget, self.at, self._end = source, budget, at, source.size
        order = ">" if big else "<"
        self._order, self.is_big_endian = order, big
        self._u32, self._u64 = struct.Struct(f"{order}I"), struct.Struct(f"{order}Q")
        self._size = self._u32 if narrow else self._u64

    @property
    def left(self) -> int:
        """Bytes from here to the end of the source."""
        return self._end - self.at

    def describe(self, version: int) -> str:
        """Return the version with the byte order, if that is the uncommon one."""
        return f"{version}, big-endian" if self.is_big_endian else str(version)

    def u32(self) -> int:
        """Read a 32-bit number."""
        return self._unpack(self._u32)

    def u64(self) -> int:
        """Read a 64-bit number."""
        return self._unpack(self._u64)

    def size(self) -> int:
        """Read a count or length, of the width that the version gives it."""
        return self._unpack(self._size)

    def _unpack(self, layout: struct.Struct) -> int:
        value: int = layout.unpack(self.source.read_at(self.at, layout.size))[0]
        self.at += layout.size
        return value

    def text(self, longest: int | None = None) -> Text:
        """Read a string. One of more than `longest` bytes is malformed."""
        start = self.at
        length = self.size()
        if longest is not None and length > longest:
            why = f"{length} bytes, the format allows {longest}"
            raise Malformed("string", offset=start, why=why, crafted=length >= ANY_FILE)
        self._need("string", start, length)
        keep = min(length, longest or KEPT)
        found = Text(Span(self.at, length), self.source.read_at(self.at, keep))
        self.at += length
        return found

    def value(self) -> Value:
        """Read a type and a value of it."""
        start = self.at
        kind = self.u32()
        if kind == STRING:
            return self.text()
        if kind == ARRAY:
            return self._array()
        return self._scalar(kind, start)

    def _scalar(self, kind: int, start: int) -> int | float | bool:
        if kind not in SCALARS:
            raise Malformed("value", offset=start, why=f"type {kind} is not one of the format's")
        name, letter = SCALARS[kind]
        layout = struct.Struct(self._order + letter)
        value: int | float = layout.unpack(self.source.read_at(self.at, layout.size))[0]
        self.at += layout.size
        return bool(value) if name == "bool" else value

    def _array(self, depth: int = 0) -> Array:
        start = self.at
        kind, count = self.u32(), self.size()
        if kind not in SCALARS and kind not in (STRING, ARRAY):
            raise Malformed("array", offset=start, why=f"type {kind} is not one of the format's")
        if depth == DEPTH:
            raise Exceeded("depth", DEPTH, "arrays inside arrays")
        plural = NAMES.get(kind) or SCALARS[kind][0]
        least = self._least(kind)
        self._need(f"array of {count} {plural}", start, count * least)
        if kind == ARRAY:
            self._skip_arrays(count, depth)
        elif count <= SHOWN:
            return Array(plural, count, tuple(self._item(kind) for _ in range(count)))
        elif kind == STRING:
            self._skip_strings(count)
        else:
            self.at += count * least
        return Array(plural, count)

    def _least(self, kind: int) -> int:
        """Return how many bytes one item takes at least; for a scalar, exactly."""
        if kind in SCALARS:
            return struct.calcsize(self._order + SCALARS[kind][1])
        return self._size.size + (4 if kind == ARRAY else 0)

    def _item(self, kind: int) -> Text | int | float | bool:
        return self.text() if kind == STRING else self._scalar(kind, self.at)

    def _skip_arrays(self, count: int, depth: int) -> None:
        for index in range(count):
            if index % 1024 == 0:
                self.budget.check_time()
            self._array(depth + 1)

    def _skip_strings(self, count: int) -> None:
        """Step over `count` strings. A vocabulary has 150,000, so the inner loop is bare."""
        unpack, width = self._size.unpack_from, self._size.size
        while count:
            self.budget.check_time()
            length = min(BLOCK, self.left, max(64 * KIB, count * 16))
            block = self.source.read_at(self.at, length)
            last, here = length - width, 0
            if last < 0:
                raise Malformed("array of strings", offset=self.at, why="the file ends inside it")
            while here <= last and count:
                here += width + unpack(block, here)[0]
                count -= 1
            self._need("array of strings", self.at, here)
            self.at += here

    def _need(self, what: str, start: int, length: int) -> None:
        """Raise `Malformed` unless `length` more bytes are there."""
        if length > self.left:
            why = f"{length} bytes, {self.left} are left in the file"
            raise Malformed(what, offset=start, why=why, crafted=length >= ANY_FILE)
