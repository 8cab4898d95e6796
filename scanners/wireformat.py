"""Protobuf messages as fields, read front to back without a schema and without their payloads.

Encoding (https://protobuf.dev/programming-guides/encoding)::

    field    key, payload              key = number << 3 | kind, a varint of at most 32 bits
    kind 0   a varint                  7 bits a byte, lowest first, at most 10 bytes
    kind 1   8 bytes
    kind 2   a varint length, bytes    a text, a message, or packed numbers
    kind 3   fields up to kind 4       a group, of the same number at both ends; long deprecated
    kind 5   4 bytes

A reader of protobuf skips what its schema does not know, be it another number or another kind, and
takes a message that stands twice as one: whoever looks for something must look at every field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .source import Malformed, Source, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VARINT, I64, LENGTH, GROUP, GROUP_END, I32 = range(6)
WIDTHS = {I64: 8, I32: 4}  # bytes
HEADER = 15  # bytes that a key and the varint after it take at most
MAX_KEY = (1 << 32) - 1
MAX_VARINT = 10  # bytes
MAX_GROUPS = 100  # groups inside groups; the limit of Google's own readers
TICK = 4096  # fields between two looks at the clock


class Field(NamedTuple):
    """A field of a message: its payload fills `start` to `end` (bytes of the source)."""

    number: int
    kind: int
    value: int  # of a varint, unsigned; of another kind it means nothing
    start: int
    end: int

    @property
    def span(self) -> Span:
        """The place of the payload."""
        return Span(self.start, self.end - self.start)


class Wire:
    """Reads messages of one source."""

    def __init__(
        self, source: Source, check_time: Callable[[], None] = lambda: None, *, clips: bool = False
    ) -> None:
        """Read `source`, which should be cached; `check_time` is called now and then.

        With `clips`, a payload that leaves its message ends with that; `clipped` then says so.
        """
        self.source, self._check_time, self._fields = source, check_time, 0
        self._clips = clips
        self.clipped: Malformed | None = None

    def fields(self, message: Span) -> Iterator[Field]:
        """Yield the fields of `message`, which lies in the source.

        Raises:
            Malformed: A field is no field, or leaves the message.
            OSError: The source could not fetch its bytes.
        """
        at, end = message.start, message.end
        while at < end:
            field = self._field(at, end)
            if field.kind == GROUP:
                field = field._replace(end=self._group_end(field, end))
            elif field.kind == GROUP_END:
                raise Malformed("protobuf group", offset=at, why="none is open that could end")
            yield field
            at = field.end

    def inside(self, message: Span, path: tuple[int, ...]) -> Iterator[Span]:
        """Yield every message that is reached by a path of field numbers, outermost first."""
        if not path:
            yield message
            return
        for each in self.fields(message):
            if each.kind == LENGTH and each.number == path[0]:
                yield from self.inside(each.span, path[1:])

    def _field(self, at: int, end: int, least: int = 1) -> Field:
        self._fields += 1
        if not self._fields % TICK:
            self._check_time()
        head = self.source.read_at(at, min(HEADER, end - at))
        key, here = varint(head, 0, at)
        number, kind = key >> 3, key & 7
        if number < least or key > MAX_KEY:
            raise Malformed("protobuf field", offset=at, why=f"{key} is no key")
        value, length = 0, WIDTHS.get(kind, 0)
        start = at + here
        if kind in (VARINT, LENGTH):
            value, here = varint(head, here, at)
            start, length = (start, at + here - start) if kind == VARINT else (at + here, value)
        elif kind not in (I64, I32, GROUP, GROUP_END):
            raise Malformed(
                "protobuf field", offset=at, why=f"kind {kind} is not one of the format's"
            )
        if start + length > end:
            why = f"{length} bytes, {end - start} are left in the message"
            error = Malformed("protobuf field", offset=at, why=why)
            if not self._clips or kind != LENGTH:
                raise error
            self.clipped = self.clipped or error
            length = end - start
        return Field(number, kind, value, start, start + length)

    def _group_end(self, first: Field, end: int) -> int:
        """Return the offset behind the group that `first` opens."""
        open_groups, at = [first.number], first.end
        while open_groups:
            if at >= end or len(open_groups) > MAX_GROUPS:
                raise Malformed("protobuf group", offset=first.start, why="it is never closed")
            field = self._field(at, end, least=0)  # in a group that is skipped, readers take 0 too
            if field.kind == GROUP:
                open_groups.append(field.number)
            elif field.kind == GROUP_END and open_groups.pop() != field.number:
                raise Malformed("protobuf group", offset=at, why="another group is closed")
            at = field.end
        return at

    def integers(self, field: Field, most: int) -> list[int]:
        """Return the signed numbers of one field that may be packed, but no more than `most`."""
        if field.kind == VARINT:
            return [signed(field.value)]
        numbers: list[int] = []
        at = field.start
        while at < field.end and len(numbers) < most:
            value, length = varint(self.source.read_at(at, min(MAX_VARINT, field.end - at)), 0, at)
            numbers.append(signed(value))
            at += length
        return numbers

    def text(self, field: Field, room: int) -> str:
        """Return a text, or the first `room` characters of it; what is no UTF-8 is escaped."""
        length = field.end - field.start
        raw = self.source.read_at(field.start, min(length, 4 * room))  # UTF-8 takes 4 bytes at most
        text = raw.decode("utf-8", "backslashreplace")
        if len(text) <= room and len(raw) == length:
            return text
        return f"{text[:room]}… ({length} bytes in all)"


def signed(value: int) -> int:
    """Return a varint's value as the signed 64-bit number that it stands for."""
    return value - (1 << 64) if value >> 63 else value


def varint(raw: bytes, at: int, offset: int) -> tuple[int, int]:
    """Return the varint at `at` of `raw`, which stands at `offset`, and the index behind it.

    Raises:
        Malformed: It is longer than one can be, or leaves `raw`.
    """
    if at < len(raw) and raw[at] < 0x80:  # noqa: PLR2004 - most are one byte long
        return raw[at], at + 1
    value = shift = 0
    for index in range(at, min(at + MAX_VARINT, len(raw))):
        byte = raw[index]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - the highest bit says that another byte follows
            return value & 0xFFFF_FFFF_FFFF_FFFF, index + 1
        shift += 7
    why = "a number is too long" if len(raw) - at >= MAX_VARINT else "the message ends inside it"
    raise Malformed("protobuf field", offset=offset, why=why)
