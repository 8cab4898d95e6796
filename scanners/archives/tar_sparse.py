"""Sparse members of tar archives: runs of bytes in a content that is zeros elsewhere.

GNU tar wrote them in four ways: the old one in the header and blocks after it; of pax, 0.0 and 0.1
as records, and 1.0 in front of the stored bytes. Source: GNU tar's manual, "Storing Sparse Files";
where it says nothing, Python's ``tarfile`` is followed.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from ..limits import Exceeded
from ..patterns import pattern
from ..source import Malformed, Span, within

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ..source import Source

BLOCK = 512
MOST = 100_000  # runs of a member
DIGITS = 32  # of a number in a map; sizes have 20 at most
FIELD = 12  # bytes of a number in an old header
FIRST, IN_HEADER, MORE, REAL = 386, 4, 482, slice(483, 495)  # of an old header: where things stand
IN_BLOCK, AGAIN = 21, 504  # ... and of a block after it

WHERE = pattern(rb"\d GNU\.sparse\.offset=(\d{1,20})\n")
LENGTH = pattern(rb"\d GNU\.sparse\.numbytes=(\d{1,20})\n")

Runs = list[tuple[int, int]]  # where in the content, and how many bytes
Map = tuple[Runs, int, int]  # with the size of the content, and where the stored bytes start


class Sparse:
    """The content of a sparse member, whose runs stand one after the other in `parent`."""

    def __init__(self, parent: Source, start: int, runs: Runs, size: int) -> None:
        """Place the runs, of which the first one's bytes stand at `start`.

        Raises:
            Malformed: They overlap, or stand in no order: no writer makes such a map.
        """
        self.size, self._parent = size, parent
        self._places: list[tuple[int, int, int]] = []  # in the content, bytes, in the parent
        reached = 0
        for where, length in runs:
            if where < reached and length:
                why = f"a run at {where} after one up to {reached}"
                raise Malformed("sparse map", offset=start, why=why, crafted=True)
            room = min(length, parent.size - start, size - where)
            if room > 0:
                self._places.append((where, room, start))
            start, reached = start + length, where + length
        self.end = start  # in the parent, of the last run

    def read_at(self, start: int, length: int) -> bytes:
        """See `Source.read_at`."""
        wanted = within(Span(start, length), self.size)
        out = bytearray(wanted.length)
        places = self._places
        at = max(0, bisect_right(places, wanted.start, key=lambda each: each[0]) - 1)
        while at < len(places) and places[at][0] < wanted.end:
            where, room, place = places[at]
            first, last = max(where, wanted.start), min(where + room, wanted.end)
            if first < last:
                found = self._parent.read_at(place + first - where, last - first)
                out[first - wanted.start : last - wanted.start] = found
            at += 1
        return bytes(out)


def after_header(source: Source, header: bytes, start: int) -> int:
    """Return where the bytes of an old sparse member start, after the blocks of its map.

    Raises:
        Exceeded: There are more blocks than a map of MOST runs has.
    """
    more, first = header[MORE], start
    while more:
        more = source.read_at(start, BLOCK)[AGAIN]
        start += BLOCK
        _bound(IN_BLOCK * ((start - first) // BLOCK - 1))
    return start


def of_header(
    source: Source, header: bytes, more: Span, number: Callable[[bytes], int | None]
) -> Map:
    """Return the map of an old header; `more` are the blocks after it that belong to the map."""
    runs = [*_pairs(header[FIRST:], IN_HEADER, number)]
    for at in range(more.start, more.end, BLOCK):
        runs += [pair for pair in _pairs(source.read_at(at, BLOCK), IN_BLOCK, number) if all(pair)]
    return runs, max(0, number(header[REAL]) or 0), more.end


def _pairs(
    data: bytes, most: int, number: Callable[[bytes], int | None]
) -> Iterator[tuple[int, int]]:
    for at in range(0, 2 * FIELD * most, 2 * FIELD):
        where, length = number(data[at : at + FIELD]), number(data[at + FIELD : at + 2 * FIELD])
        if where is None or length is None or min(where, length) < 0:
            return
        yield where, length


def of_pax(source: Source, start: int, records: Mapping[bytes, bytes], pairs: Runs) -> Map | None:
    """Return the map by the records of a pax header; None if these tell none.

    `pairs` are those that stood in records of their own, as 0.0 has them.
    """
    real = records.get(b"GNU.sparse.realsize", records.get(b"GNU.sparse.size", b""))
    size = _integer(real) if real else None
    if b"GNU.sparse.map" in records:
        numbers = [_integer(each) for each in records[b"GNU.sparse.map"].split(b",")]
        runs = [*zip(numbers[::2], numbers[1::2], strict=False)]
    elif b"GNU.sparse.size" in records:
        runs = pairs
    elif (records.get(b"GNU.sparse.major"), records.get(b"GNU.sparse.minor")) == (b"1", b"0"):
        runs, start = _in_front(source, start)
    else:
        return None
    end = max((where + length for where, length in runs), default=0)
    return runs, end if size is None else size, start


def in_records(data: bytes) -> Runs:
    """Return the runs that the records of a pax header give one by one, as 0.0 has them."""
    wheres, lengths = (
        [_integer(each) for each in pattern.findall(data)] for pattern in (WHERE, LENGTH)
    )
    return [*zip(wheres, lengths, strict=False)]


def _in_front(source: Source, start: int) -> tuple[Runs, int]:
    """Return the map of 1.0: a count, then pairs, each number a line; padded to a block."""
    data, at = bytearray(), start
    lines: list[int] = []
    count = 1
    while len(lines) < count:
        line, found, rest = data.partition(b"\n")
        if not found:
            if len(line) > DIGITS:
                raise Malformed("sparse map", offset=at, why=f"{bytes(line[:DIGITS])!r}")
            data += source.read_at(at, BLOCK)
            at += BLOCK
            continue
        lines.append(_integer(bytes(line)))
        data = rest
        count = 1 + 2 * lines[0]
        _bound(lines[0])
    return [*zip(lines[1::2], lines[2::2], strict=True)], at


def _integer(text: bytes) -> int:
    if len(text) > DIGITS or not text.strip().isdigit():
        raise Malformed("sparse map", offset=0, why=f"{text[:DIGITS]!r} is no number")
    return int(text)


def _bound(runs: int) -> None:
    if runs > MOST:
        raise Exceeded("sparse", MOST, "runs of a sparse member")
