"""Bytes a parser may look at, wherever they live.

A parser never opens, seeks or connects. It asks a `Source` for ranges, so one parser serves local
files, archive members, HTTP objects and OCI blobs, and a test hands it plain bytes.
"""

from __future__ import annotations

import io
import os
from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from .record import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Buffer


class Malformed(Exception):  # noqa: N818 - it names a verdict about the file, not a fault of ours
    """The bytes break the format's own specification."""

    def __init__(self, what: str, *, offset: int, why: str, crafted: bool = False) -> None:
        """Say what was being read, at which byte of the source, and why it is wrong.

        `crafted` tells bytes that no writer makes, and that no file becomes by being cut short.
        """
        super().__init__(f"{what} at byte {offset}: {why}")
        self.what, self.offset, self.why, self.crafted = what, offset, why, crafted


ANY_FILE = 1 << 48  # bytes; no file is as long, so a header that asks for more was made to


@record
class Span:
    """`length` bytes starting at `start`, both in bytes from the start of one source."""

    start: int
    length: int

    @property
    def end(self) -> int:
        """Offset of the first byte after the span."""
        return self.start + self.length


class Source(Protocol):
    """A fixed-size run of bytes with random access."""

    @property
    def size(self) -> int:
        """Length in bytes."""
        ...

    def read_at(self, start: int, length: int) -> bytes:
        """Return exactly `length` bytes from `start`; never fewer.

        Raises:
            Malformed: The range leaves the source. Offsets come from the file: its fault.
            OSError: The bytes exist but could not be fetched.
        """
        ...


def within(span: Span, size: int) -> Span:
    """Return `span` unchanged if it lies inside `size` bytes, else raise `Malformed`."""
    if span.start < 0 or span.length < 0 or span.end > size:
        left = max(0, size - span.start)
        why = f"{span.length} bytes wanted, {left} are left"
        raise Malformed("read", offset=span.start, why=why)
    return span


def head(source: Source, length: int) -> bytes:
    """Return the first `length` bytes, or all of a shorter source."""
    return source.read_at(0, min(length, source.size))


@record
class BytesSource:
    """A source held in memory."""

    data: bytes

    @property
    def size(self) -> int:
        """Length in bytes."""
        return len(self.data)

    def read_at(self, start: int, length: int) -> bytes:
        """See `Source.read_at`."""
        span = within(Span(start, length), len(self.data))
        return self.data[span.start : span.end]


def read_in_turn(fd: int, length: int, start: int) -> bytes:
    """Do without `pread` (Windows): who hashes a file and who parses it share its position."""
    with _TURN:
        os.lseek(fd, start, os.SEEK_SET)
        return os.read(fd, length)


_TURN = Lock()
read_some: Callable[[int, int, int], bytes] = getattr(os, "pread", read_in_turn)
"""Returns up to so many bytes of a descriptor, from an offset on; b"" at the end of the file."""


@record
class FileSource:
    """An open file, read by position so that no shared offset moves.

    `fd` must be open for reading on a regular file; the caller closes it. It is never mapped into
    memory: another process could truncate the file, and a mapped read would then kill this one.
    """

    fd: int
    size: int  # bytes, when it was opened

    def read_at(self, start: int, length: int) -> bytes:
        """See `Source.read_at`."""
        span = within(Span(start, length), self.size)
        data = read_some(self.fd, span.length, span.start)
        while len(data) < length:  # one call moves at most 2 GiB
            more = read_some(self.fd, length - len(data), start + len(data))
            if not more:
                raise OSError(f"file shrank while being read: {len(data)} of {length} bytes")
            data += more
        return data


@record
class Window:
    """Part of another source, such as a stored zip member."""

    parent: Source
    span: Span

    @property
    def size(self) -> int:
        """Length in bytes."""
        return self.span.length

    def read_at(self, start: int, length: int) -> bytes:
        """See `Source.read_at`; offsets count from the window's start."""
        span = self.span
        if start < 0 or length < 0 or start + length > span.length:
            within(Span(start, length), span.length)  # raises
        return self.parent.read_at(span.start + start, length)


class Cached:
    """Another source, read in whole blocks of which the last few are kept.

    Front-to-back readers ask for a few bytes at a time; without this each would be a system call
    or, for a remote source, a request.
    """

    def __init__(self, parent: Source, *, block: int = 64 * 1024, kept: int = 32) -> None:
        """Read `parent` in blocks of `block` bytes and keep the `kept` last used ones."""
        self._parent, self._block, self._kept = parent, block, kept
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._last, self._last_start, self._last_end = b"", 0, 0
        self.size = parent.size

    def read_at(self, start: int, length: int) -> bytes:
        """See `Source.read_at`. A read larger than the whole cache goes past it."""
        end = start + length
        if self._last_start <= start and end <= self._last_end and length >= 0:
            return self._last[start - self._last_start : end - self._last_start]
        span = within(Span(start, length), self.size)
        if span.length > self._block * self._kept // 2:
            return self._parent.read_at(start, length)
        if not span.length:
            return b""
        first, last = start // self._block, (span.end - 1) // self._block
        base = first * self._block
        found = b"".join([self._fetch(index) for index in range(first, last + 1)])
        return found[start - base : end - base]

    def _fetch(self, index: int) -> bytes:
        start = index * self._block
        block = self._blocks.get(index)
        if block is None:
            block = self._parent.read_at(start, min(self._block, self.size - start))
            self._blocks[index] = block
            if len(self._blocks) > self._kept:
                self._blocks.popitem(last=False)
        else:
            self._blocks.move_to_end(index)
        self._last, self._last_start, self._last_end = block, start, start + len(block)
        return block


class Stream(io.RawIOBase):
    """A source as a seekable binary file, for standard-library readers.

    Wrap it in `io.BufferedReader`: front-to-back readers then run at the speed of C.
    """

    def __init__(self, source: Source) -> None:
        """Start at the first byte of `source`."""
        self._source, self._at = source, 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to `offset` bytes from the start, the position or the end; return the position."""
        self._at = max(0, offset + (0, self._at, self._source.size)[whence])
        return self._at

    def tell(self) -> int:
        """Return the position in bytes."""
        return self._at

    def readinto(self, buffer: Buffer, /) -> int:
        """Fill `buffer` as far as the source reaches; return the count of bytes."""
        view = memoryview(buffer).cast("B")
        length = max(0, min(len(view), self._source.size - self._at))
        view[:length] = self._source.read_at(self._at, length) if length else b""
        self._at += length
        return length
