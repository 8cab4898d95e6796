"""FlatBuffers, read from the outside in without a schema, one field at a time.

Layout (https://flatbuffers.dev/internals/), all numbers little-endian::

    file     offset of the root table (4 bytes), identifier (4 bytes, optional)
    table    distance back to its vtable (4, signed), fields
    vtable   its length (2), the table's length (2), where each field lies in the table (2 each)
    vector   count (4), elements; tables and texts stand there as offsets from their own place (4)
    text     count of bytes (4), bytes, 0

Tables may be shared, so a small file can ask for much work: who reads one, counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .limits import Exceeded
from .record import record
from .source import Malformed, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .limits import Budget
    from .source import Source

MOST_TABLES = 300_000  # that are looked at in one file; honest models have some ten thousand
TICK = 1024  # tables between two looks at the clock


class Buffer:
    """One file of FlatBuffers, with the account of what was read."""

    def __init__(self, source: Source, budget: Budget) -> None:
        """Read from `source`, which should be cached."""
        self.source, self._budget, self._tables = source, budget, 0

    def root(self) -> Table:
        """Return the outermost table.

        Raises:
            Malformed: It leaves the source.
        """
        return self.table(self.number(0, 4))

    def table(self, at: int) -> Table:
        """Return the table at `at`.

        Raises:
            Malformed: It leaves the source, or its vtable is none.
            Exceeded: There are too many.
        """
        self._tables += 1
        if self._tables > MOST_TABLES:
            raise Exceeded("tables", MOST_TABLES, "tables of a FlatBuffer")
        if not self._tables % TICK:
            self._budget.check_time()
        vtable = at - self.number(at, 4, signed=True)
        length = self.number(vtable, 2)
        if length < 4 or length % 2:  # noqa: PLR2004 - its own two fields
            raise Malformed("FlatBuffer table", offset=at, why=f"its vtable has {length} bytes")
        return Table(self, at, vtable, length)

    def number(self, at: int, width: int, *, signed: bool = False) -> int:
        """Return the number of `width` bytes at `at`."""
        return int.from_bytes(self.source.read_at(at, width), "little", signed=signed)

    def follow(self, at: int) -> int:
        """Return the place that the offset at `at` points to."""
        return at + self.number(at, 4)

    def bytes_at(self, at: int) -> Span:
        """Return where the bytes of the text or vector of bytes at `at` lie.

        Raises:
            Malformed: They leave the source.
        """
        length = self.number(at, 4)
        if at + 4 + length > self.source.size:
            why = f"{length} bytes, {self.source.size - at - 4} are left"
            raise Malformed("FlatBuffer vector", offset=at, why=why)
        return Span(at + 4, length)

    def text_at(self, at: int, room: int) -> str:
        """Return a text, or the first `room` characters; what is no UTF-8 is escaped."""
        span = self.bytes_at(at)
        raw = self.source.read_at(span.start, min(span.length, 4 * room))
        text = raw.decode("utf-8", "backslashreplace")
        if len(text) <= room and len(raw) == span.length:
            return text
        return f"{text[:room]}… ({span.length} bytes in all)"


@record
class Table:
    """A table: fields are asked for by their number in the schema, from 0."""

    buffer: Buffer
    at: int
    vtable: int
    length: int  # of the vtable, bytes

    def place(self, field: int) -> int:
        """Return where a field lies; 0 if it is absent."""
        entry = 4 + 2 * field
        if entry + 2 > self.length:
            return 0
        offset = self.buffer.number(self.vtable + entry, 2)
        return self.at + offset if offset else 0

    def number(self, field: int, width: int, *, signed: bool = False, default: int = 0) -> int:
        """Return a number of `width` bytes."""
        at = self.place(field)
        return self.buffer.number(at, width, signed=signed) if at else default

    def table(self, field: int) -> Table | None:
        """Return the table that a field points to."""
        at = self.place(field)
        return self.buffer.table(self.buffer.follow(at)) if at else None

    def text(self, field: int, room: int) -> str:
        """Return a text; "" if it is absent."""
        at = self.place(field)
        return self.buffer.text_at(self.buffer.follow(at), room) if at else ""

    def span(self, field: int) -> Span | None:
        """Return where the bytes of a vector of bytes lie."""
        at = self.place(field)
        return self.buffer.bytes_at(self.buffer.follow(at)) if at else None

    def tables(self, field: int) -> Iterator[Table]:
        """Yield the tables of a vector."""
        for at in self._elements(field, 4):
            yield self.buffer.table(self.buffer.follow(at))

    def numbers(self, field: int, width: int, most: int) -> list[int]:
        """Return the signed numbers of a vector, no more than `most`."""
        found: list[int] = []
        for at in self._elements(field, width):
            if len(found) == most:
                break
            found.append(self.buffer.number(at, width, signed=True))
        return found

    def count(self, field: int) -> int:
        """Return how many elements a vector has."""
        at = self.place(field)
        return self.buffer.number(self.buffer.follow(at), 4) if at else 0

    def _elements(self, field: int, width: int) -> range:
        at = self.place(field)
        if not at:
            return range(0)
        start = self.buffer.follow(at)
        count = self.buffer.number(start, 4)
        if start + 4 + count * width > self.buffer.source.size:
            why = f"{count} elements of {width} bytes leave the file"
            raise Malformed("FlatBuffer vector", offset=start, why=why)
        return range(start + 4, start + 4 + count * width, width)
