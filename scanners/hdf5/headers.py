"""Object headers of HDF5: the messages that say what a group, dataset or type is.

Specification: section IV.A. Version 1 counts its messages, version 2 begins with ``OHDR``; either
goes on in other blocks, which a message of its own names. A message may stand elsewhere and be
shared: then it holds an address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..record import record
from ..source import Malformed
from .file import Cursor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .file import File

(NIL, SPACE, LINK_INFO, DATATYPE, OLD_FILL, FILL, LINK, EXTERNAL, LAYOUT, BOGUS, GROUP_INFO,
 FILTERS, ATTRIBUTE, COMMENT, OLD_TIME, SHARED_TABLE, CONTINUATION, SYMBOLS, TIME, TREE_SIZES,
 DRIVER, ATTRIBUTE_INFO, REFERENCES) = range(23)  # fmt: skip
KNOWN = range(23)
SHARED = 0x02  # flag of a message: it holds the place of the real one
TIMES, PHASES, ORDERED = 0x20, 0x10, 0x04  # flags of a header
SIGNATURE, CONTINUED = b"OHDR", b"OCHK"
CHECKSUM = 4  # bytes at the end of a block of version 2
MAX_BLOCKS = 10_000  # of one header
MAX_BLOCK = 64 << 20  # bytes


class Unsupported(Exception):  # noqa: N818 - it names what the file has
    """Something of the format that is known and not read."""


@record
class Message:
    """One message of a header; its `data` stands at `address`."""

    kind: int
    address: int
    data: bytes

    def cursor(self, file: File) -> Cursor:
        """Return a reader of it."""
        return Cursor(self.data, file, self.address)


def messages(file: File, address: int) -> Iterator[Message]:
    """Yield the messages of the object header at an address, shared ones from where they stand.

    Raises:
        Malformed: It is none, or a message leaves its block.
        Unsupported: A message stands in a table that is not read.
    """
    for kind, flags, at, data in _stored(file, address):
        if flags & SHARED and kind in KNOWN:
            yield shared(file, kind, Cursor(data, file, at))
        else:
            yield Message(kind, at, data)


def shared(file: File, kind: int, place: Cursor) -> Message:
    """Return the message of a kind that a shared one stands for.

    Raises:
        Malformed: There is none where it should be.
        Unsupported: It stands in the file's table of shared messages.
    """
    version, type_ = place.number(1), place.number(1)
    if version == 1:
        place.take(6)
    if version > 3 or (version == 3 and type_ == 1):  # noqa: PLR2004 - a place in the table
        raise Unsupported("a message in the table of shared messages")
    address = place.offset()
    for found, flags, at, data in _stored(file, address):
        if found == kind and not flags & SHARED:
            return Message(kind, at, data)
    why = f"no message of kind {kind} there"
    raise Malformed("shared message", offset=file.base + address, why=why)


def _stored(file: File, address: int) -> Iterator[tuple[int, int, int, bytes]]:
    """Yield (kind, flags, address, data) of each message as it stands in the header."""
    is_new = file.read(address, len(SIGNATURE)) == SIGNATURE
    blocks = _Blocks(file, _new(file, address) if is_new else _old(file, address))
    wide = 4 if is_new else 8
    ordered = 2 if is_new and file.number(address + 5, 1) & ORDERED else 0
    for at, length in blocks:
        block = Cursor(file.read(at, length), file, at)
        while block.left >= wide + ordered and blocks.left:
            file.step()
            blocks.left -= 1
            kind = block.number(1 if is_new else 2)
            size, flags = block.number(2), block.number(1)
            block.take(ordered if is_new else 3)
            start = block.here
            data = block.take(size)
            if kind == CONTINUATION:
                blocks.add(Cursor(data, file, start), is_new=is_new)
            elif kind != NIL:
                yield kind, flags, start, data


class _Blocks:
    """The blocks of one header, each once, while reading one adds others."""

    def __init__(self, file: File, first: tuple[int, int, int]) -> None:
        self._file = file
        at, length, self.left = first
        self._found = [(at, length)]
        self._seen = {at}

    def __iter__(self) -> Iterator[tuple[int, int]]:
        for at, length in self._found:  # grows meanwhile
            if length > MAX_BLOCK:
                why = f"a block of {length} bytes"
                raise Malformed("object header", offset=self._file.base + at, why=why)
            yield at, length

    def add(self, place: Cursor, *, is_new: bool) -> None:
        at, length = place.offset(), place.length()
        if is_new:
            self._file.expect(at, CONTINUED)
            at, length = at + len(CONTINUED), length - len(CONTINUED) - CHECKSUM
        if at in self._seen or len(self._seen) == MAX_BLOCKS:
            why = "its blocks lead in a circle, or are too many"
            raise Malformed("object header", offset=self._file.base + at, why=why)
        self._seen.add(at)
        self._found.append((at, length))


def _old(file: File, address: int) -> tuple[int, int, int]:
    """Return the first block of version 1, and how many messages there are in all."""
    if file.number(address, 1) != 1:
        raise Malformed("object header", offset=file.base + address, why="of no known version")
    return address + 16, file.number(address + 8, 4), file.number(address + 2, 2)


def _new(file: File, address: int) -> tuple[int, int, int]:
    """Return the first block of version 2, whose messages are not counted."""
    flags = file.number(address + 5, 1)
    at = address + 6 + (16 if flags & TIMES else 0) + (4 if flags & PHASES else 0)
    width = 1 << (flags & 3)
    return at + width, file.number(at, width), file.source.size
