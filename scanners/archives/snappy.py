"""Snappy's raw blocks, as LevelDB's tables hold them.

Layout (https://github.com/google/snappy/blob/main/format_description.txt)::

    length of the whole (varint), then elements, told by the two lowest bits of their first byte
    0  a literal     length - 1 in the upper six bits; 60 to 63: in the next 1 to 4 bytes; bytes
    1  a copy        length - 4 in three bits, offset in 11: the upper three bits and a byte
    2  a copy        length - 1 in six bits, offset in two bytes
    3  a copy        length - 1 in six bits, offset in four bytes
"""

from __future__ import annotations

from ..source import Malformed
from ..wireformat import varint

LITERAL, SHORT = 0, 1
LONG_LITERAL = 60  # from here on the length stands behind the first byte


def decompressed(raw: bytes, most: int) -> bytes:
    """Return what a block holds, at most `most` bytes.

    Raises:
        Malformed: It breaks the layout, or says that it holds more.
    """
    length, at = varint(raw, 0, 0)
    if length > most:
        raise Malformed("Snappy block", offset=0, why=f"{length} bytes, {most} are allowed")
    out = bytearray()
    while at < len(raw):
        tag = raw[at]
        at += 1
        if tag & 3 == LITERAL:
            at, count = _literal(raw, at, tag >> 2)
            run = raw[at : at + count]
            at += count
        else:
            at, count, offset = _copy(raw, at, tag)
            if not 0 < offset <= len(out):
                raise Malformed("Snappy block", offset=at, why="a copy from before its start")
            start = len(out) - offset
            run = bytes(out[start : start + count])
            run = (run * (count // len(run) + 1))[:count]  # it may reach into what it makes
        if len(run) < count or len(out) + count > length:
            raise Malformed("Snappy block", offset=at, why="an element leaves it")
        out += run
    if len(out) != length:
        raise Malformed("Snappy block", offset=at, why=f"{len(out)} of {length} bytes")
    return bytes(out)


def _literal(raw: bytes, at: int, size: int) -> tuple[int, int]:
    """Return where a literal begins, and its length."""
    if size < LONG_LITERAL:
        return at, size + 1
    width = size - LONG_LITERAL + 1
    return at + width, int.from_bytes(raw[at : at + width], "little") + 1


def _copy(raw: bytes, at: int, tag: int) -> tuple[int, int, int]:
    """Return what follows a copy, its length and how far back it lies."""
    if tag & 3 == SHORT:
        low = int.from_bytes(raw[at : at + 1], "little")
        return at + 1, (tag >> 2 & 7) + 4, (tag >> 5) << 8 | low
    width = 2 if tag & 3 == 2 else 4  # noqa: PLR2004 - kinds of copies
    return at + width, (tag >> 2) + 1, int.from_bytes(raw[at : at + width], "little")
