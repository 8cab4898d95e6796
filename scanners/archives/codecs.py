"""Decompressors behind one interface with bounded output: the standard library's, and our own.

Zstandard and LZ4 are ours whatever is installed, so that a verdict does not depend on the machine.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from typing import TYPE_CHECKING, Protocol

from ..limits import MIB
from ..record import record
from ..source import Malformed
from . import lz4, zstd
from .stepwise import Stepwise

if TYPE_CHECKING:
    from collections.abc import Callable

MEMORY = 128 * MIB  # for one LZMA dictionary; `xz -9` uses 64 MiB
GZIP_HEAD, GZIP_FIXED, GZIP_END = b"\x1f\x8b\x08", 10, 8  # bytes at the start and at the end
XZ_HEAD = b"\xfd7zXZ\x00"
XZ_BLOCK = 12  # byte at which the first block of an xz stream starts
LZMA2 = b"\x21\x01"  # its id as a filter, and the count of its properties
LARGEST_XZ, LARGEST_PROPERTY = 28, 40  # dictionaries of 64 MiB, half of MEMORY, and of 4 GiB
ALONE_HEAD, ALONE_HEADER = b"\x5d\x00", 13  # joblib's prefix; bytes of the header
LZMA_STATES = 225  # 9 * 5 * 5 combinations of lc, lp and pb


class Decoder(Protocol):
    """One compressed stream being read; what `bz2` and `lzma` call a decompressor."""

    @property
    def eof(self) -> bool:
        """Whether the stream has ended."""
        ...

    @property
    def needs_input(self) -> bool:
        """Whether no more output comes without more input."""
        ...

    @property
    def unused_data(self) -> bytes:
        """Input after the end of the stream."""
        ...

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """Take `data` and return at most `max_length` bytes; keep what input is left."""
        ...


@record
class Codec:
    """How to open a stream, and how the next stream in the same run would begin."""

    name: str
    open: Callable[[], Decoder]
    again: tuple[bytes, ...] = ()  # first bytes of a further stream; empty when there is none


FAULTS = (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError)  # of hostile input


class _Zlib:
    def __init__(self, wbits: int) -> None:
        self._stream, self._is_full = zlib.decompressobj(wbits), False

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def needs_input(self) -> bool:
        return not (self.eof or self._is_full or self._stream.unconsumed_tail)

    @property
    def unused_data(self) -> bytes:
        return self._stream.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        tail = self._stream.unconsumed_tail
        out = self._stream.decompress(tail + data if tail else data, max(0, max_length))
        self._is_full = len(out) == max_length  # output may be waiting inside zlib
        return out


class _Gzip:
    """A gzip stream as Python reads it: any flags, no checksum of the header, content first.

    zlib's own reader refuses reserved flags, and keeps content back whose checksum is wrong.
    """

    def __init__(self) -> None:
        self._raw = _Zlib(-15)
        self._header: bytes | None = b""  # as far as it was read; None after it
        self._end = b""  # checksum, length, and what follows
        self._crc = self._count = 0
        self._is_checked = False

    @property
    def eof(self) -> bool:
        return self._is_checked

    @property
    def needs_input(self) -> bool:
        if self._raw.eof:
            return len(self._end) < GZIP_END
        return self._raw.needs_input

    @property
    def unused_data(self) -> bytes:
        return self._end[GZIP_END:]

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        if self._header is not None:
            self._header += data
            start = _gzip_start(self._header)
            if start is None:
                return b""
            data, self._header = self._header[start:], None
        if self._raw.eof:
            self._end += data
            self._check()
            return b""
        out = self._raw.decompress(data, max_length)
        self._crc, self._count = zlib.crc32(out, self._crc), self._count + len(out)
        self._end = self._raw.unused_data if self._raw.eof else b""
        return out

    def _check(self) -> None:
        if len(self._end) < GZIP_END:
            return
        said = int.from_bytes(self._end[:4], "little"), int.from_bytes(self._end[4:8], "little")
        if said != (self._crc, self._count & 0xFFFF_FFFF):
            raise zlib.error("the checksum or length at its end is wrong")
        self._is_checked = True


def _gzip_start(head: bytes) -> int | None:
    """Return where the deflated data starts, None while the header has not ended (RFC 1952)."""
    if len(head) < GZIP_FIXED:
        return None
    if not head.startswith(GZIP_HEAD):
        raise zlib.error("no gzip header")
    flags, at = head[3], GZIP_FIXED
    if flags & 4:
        at += 2 + int.from_bytes(head[at : at + 2], "little")
    for bit in (8, 16):  # name, comment
        if flags & bit:
            end = head.find(b"\0", at)
            if end < 0:
                if len(head) > MIB:
                    raise zlib.error("the name or comment has no end")
                return None
            at = end + 1
    at += 2 if flags & 2 else 0
    return at if at <= len(head) else None


class _Lzma:
    """An xz or LZMA-alone stream, told apart as Python does.

    Either may ask for 4 GiB of dictionary; it gets what keeps to MEMORY, and breaks where it really
    needs more. Of an xz stream this holds for the first block, and few have another.
    """

    def __init__(self) -> None:
        self._head = b""
        self._inner: lzma.LZMADecompressor | None = None

    @property
    def eof(self) -> bool:
        return self._inner is not None and self._inner.eof

    @property
    def needs_input(self) -> bool:
        return self._inner is None or self._inner.needs_input

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data if self._inner else b""

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        if self._inner is None:
            self._head += data
            if len(self._head) < _head_length(self._head) and data:
                return b""
            data, self._head = self._head, b""
            if data.startswith(XZ_HEAD):
                self._inner = lzma.LZMADecompressor(lzma.FORMAT_XZ, MEMORY)
                data = _with_less_dictionary(data)
            else:
                room = min(int.from_bytes(data[1:5], "little"), MEMORY // 2)
                data = data[:1] + room.to_bytes(4, "little") + data[5:]
                self._inner = lzma.LZMADecompressor(lzma.FORMAT_ALONE, MEMORY)
        return self._inner.decompress(data, max_length)


def _head_length(head: bytes) -> int:
    """Return how many bytes say what memory a stream asks for: its header, and of xz a block's."""
    if not head.startswith(XZ_HEAD) or len(head) <= XZ_BLOCK:
        return ALONE_HEADER
    return XZ_BLOCK + 4 * (head[XZ_BLOCK] + 1)


def _with_less_dictionary(head: bytes) -> bytes:
    """Return the beginning of an xz stream whose first block asks for no more than fits MEMORY.

    A block's header: its length, flags, perhaps two sizes, the filters (id, length and properties),
    zeros, and a CRC-32. LZMA2's one property is the dictionary's size (xz file format, 3.1 and
    5.3.1).
    """
    end = _head_length(head)
    block = bytearray(head[XZ_BLOCK : end - 4])
    if len(head) < end or int.from_bytes(head[end - 4 : end], "little") != zlib.crc32(block):
        return head  # the decoder says what is wrong
    at = block.find(LZMA2, 2)
    while 0 <= at < len(block) - len(LZMA2):
        wanted = at + len(LZMA2)
        if LARGEST_XZ < block[wanted] <= LARGEST_PROPERTY and not any(block[wanted + 1 :]):
            block[wanted] = LARGEST_XZ
            summed = block + zlib.crc32(block).to_bytes(4, "little")
            return head[:XZ_BLOCK] + summed + head[end:]
        at = block.find(LZMA2, at + 1)
    return head


DEFLATE = Codec("deflate", lambda: _Zlib(-15))
ZLIB = Codec("zlib", lambda: _Zlib(15))
GZIP = Codec("gzip", _Gzip, again=(b"\x1f\x8b",))
BZIP2 = Codec("bzip2", bz2.BZ2Decompressor, again=(b"BZh",))
LZ4 = Codec("LZ4", lambda: Stepwise(lz4.frame()), again=(lz4.MAGIC, lz4.LEGACY, *lz4.SKIPPABLE))
ZSTD = Codec("Zstandard", lambda: Stepwise(zstd.frame()), again=(zstd.MAGIC, *lz4.SKIPPABLE))
XZ = Codec("xz", _Lzma, again=(XZ_HEAD, ALONE_HEAD))
LZMA_ALONE = Codec("LZMA", _Lzma, again=(XZ_HEAD, ALONE_HEAD))
BZIP2_MEMBER, XZ_MEMBER = (  # a single stream
    Codec("bzip2", bz2.BZ2Decompressor),
    Codec("xz", lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, MEMORY)),
)


def zip_lzma(properties: bytes, size: int) -> Codec:
    """Return the codec of a zip member of method 14, whose data starts after `properties`.

    Five bytes: lc, lp and pb in one, then the dictionary's size. No more of the dictionary is
    reserved than the member's `size` (bytes) can use. Specification: APPNOTE 5.8.

    Raises:
        Malformed: The properties are none of LZMA.
    """
    state, wanted = properties[0], int.from_bytes(properties[1:5], "little")
    if state >= LZMA_STATES:
        raise Malformed("LZMA properties", offset=0, why=f"{state} is no sum of lc, lp and pb")
    room = min(wanted, max(size, 4096), MEMORY)
    chain = [
        {
            "id": lzma.FILTER_LZMA1,
            "dict_size": max(room, 4096),
            "lc": state % 9,
            "lp": state // 9 % 5,
            "pb": state // 45,
        }
    ]
    return Codec("LZMA", lambda: lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=chain))
