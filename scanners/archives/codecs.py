"""Decompressors of the standard library behind one interface with bounded output.

Zstandard and LZ4 are not here: the standard library reads neither before Python 3.14.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ..limits import MIB
from ..source import Malformed

MEMORY = 128 * MIB  # for one LZMA dictionary; `xz -9` uses 64 MiB
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


@dataclass(frozen=True, slots=True)
class Codec:
    """How to open a stream, and how the next stream in the same run would begin."""

    name: str
    open: Callable[[], Decoder]
    again: bytes = b""  # first bytes of a further stream; empty when there is none


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


DEFLATE = Codec("deflate", lambda: _Zlib(-15))
ZLIB = Codec("zlib", lambda: _Zlib(15))
GZIP = Codec("gzip", lambda: _Zlib(31), again=b"\x1f\x8b")
BZIP2 = Codec("bzip2", bz2.BZ2Decompressor, again=b"BZh")
XZ = Codec("xz", lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, MEMORY), again=b"\xfd7zXZ\x00")
BZIP2_MEMBER, XZ_MEMBER = Codec("bzip2", BZIP2.open), Codec("xz", XZ.open)  # a single stream
LZMA_ALONE = Codec("LZMA", lambda: lzma.LZMADecompressor(lzma.FORMAT_ALONE, MEMORY))


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
