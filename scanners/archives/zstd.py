"""Zstandard frames, decoded without a library.

::

    28b52ffd, descriptor [, window] [, dictionary id] [, content size],
        blocks: 3 bytes (last? kind, size), data   until the last [, checksum]
    5?2a4d18, length, bytes                        for others to use

A block is stored, one repeated byte, or literals and sequences (`huffman`, `zstd_sequences`). It
expands to 128 KiB at most, and may repeat what lies as far back as the frame's window says. Of that
no more is kept than the reference reader takes without being told to. A frame that needs a
dictionary is refused. Checksums are not compared: a reader that streams has handed out the content
before it meets one. Specification: RFC 8878.
"""

from __future__ import annotations

from ..limits import KIB, MIB
from . import huffman
from .lz4 import SKIPPABLE
from .stepwise import Steps, passed
from .zstd_sequences import Content, execute

MAGIC = b"\x28\xb5\x2f\xfd"
BLOCK = 128 * KIB  # bytes that a block takes, and expands to, at most
LEAST_KEPT, MOST_KEPT = 8 * MIB, 128 * MIB  # bytes of content that later blocks may repeat
SINGLE, RESERVED, CHECKSUM = 32, 8, 4  # bits of the descriptor
STORED, RUN, PACKED = range(3)  # kinds of a block
RAW, BYTE, CODED, CODED_AGAIN = range(4)  # kinds of its literals


def frame() -> Steps:
    """Decode one frame; see `stepwise.Steps`.

    Raises:
        ValueError: It breaks the format's rules, or needs a dictionary.
    """
    magic = yield 4
    if magic in SKIPPABLE:
        return (yield from passed(int.from_bytes((yield 4), "little")))
    if magic != MAGIC:
        raise ValueError(f"a frame starts with {magic!r}")
    descriptor = (yield 1)[0]
    if descriptor & RESERVED:
        raise ValueError("a reserved bit is set in a frame's descriptor")
    kept = _kept(0 if descriptor & SINGLE else 1 << 10 + ((yield 1)[0] >> 3))
    dictionary = int.from_bytes((yield (0, 1, 2, 4)[descriptor & 3]), "little")
    if dictionary:
        raise ValueError(f"a frame needs the dictionary {dictionary}, which no file brings along")
    size = yield (1 if descriptor & SINGLE else 0, 2, 4, 8)[descriptor >> 6]
    if descriptor & SINGLE:
        kept = _kept(int.from_bytes(size, "little"))
    content = Content()
    while True:
        head = int.from_bytes((yield 3), "little")
        yield from _block(head >> 1 & 3, head >> 3, content)
        if head & 1:
            break
        if len(content.out) > kept:
            del content.out[:-kept]
    yield CHECKSUM * bool(descriptor & CHECKSUM)
    return b""


def _kept(window: int) -> int:
    return min(max(2 * window, LEAST_KEPT), MOST_KEPT)


def _block(kind: int, size: int, content: Content) -> Steps:
    if size > BLOCK:
        raise ValueError(f"a block of {size} bytes, the format allows {BLOCK}")
    out, start = content.out, len(content.out)
    if kind == STORED:
        out += yield size
    elif kind == RUN:
        out += (yield 1) * size
    elif kind == PACKED:
        data = yield size
        try:
            content.most = start + BLOCK
            _packed(data, content)
        except ValueError:
            yield bytes(out[start:])
            raise
        except IndexError:
            yield bytes(out[start:])
            raise ValueError("a block ends early") from None
    else:
        raise ValueError("a block of a reserved kind")
    yield bytes(out[start:])
    return b""


def _packed(data: bytes, content: Content) -> None:
    literals, at = _literals(data, content)
    execute(data, at, literals, content)
    if len(content.out) > content.most:
        raise ValueError(f"a block expands to more than {BLOCK} bytes")


def _literals(data: bytes, content: Content) -> tuple[bytes, int]:
    """Return a block's literals, and where its sequences start."""
    kind, form = data[0] & 3, data[0] >> 2 & 3
    if kind in {RAW, BYTE}:
        width, shift = ((1, 3), (2, 4), (1, 3), (3, 4))[form]
        size = int.from_bytes(data[:width], "little") >> shift
        if size > BLOCK:
            raise ValueError(f"{size} literals in a block that has {BLOCK} bytes at most")
        if kind == RAW:
            return data[width : width + size], width + size
        return data[width : width + 1] * size, width + 1
    width, bits = ((3, 10), (3, 10), (4, 14), (5, 18))[form]
    head = int.from_bytes(data[:width], "little") >> 4
    size, packed = head & ((1 << bits) - 1), head >> bits
    end = width + packed
    if size > BLOCK or end > len(data):
        raise ValueError(f"{packed} bytes of {size} literals do not fit into a block")
    at = width
    if kind == CODED:
        content.code, at = huffman.described(data, at)
    if content.code is None:
        raise ValueError("a Huffman code is repeated that no block has told")
    streams = [data[at:end]] if not form else _four(data[at:end])
    each = -(-size // len(streams))
    counts = [each] * (len(streams) - 1)
    counts.append(size - sum(counts))
    code = content.code
    decoded = (huffman.decoded(code, *pair) for pair in zip(streams, counts, strict=True))
    return b"".join(decoded), end


def _four(data: bytes) -> list[bytes]:
    """Return the four streams behind the lengths of the first three."""
    at, found = 6, list[bytes]()
    for index in (0, 2, 4):
        length = int.from_bytes(data[index : index + 2], "little")
        found.append(data[at : at + length])
        at += length
    return [*found, data[at:]]
