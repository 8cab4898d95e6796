"""LZ4 frames, decoded without a library: the usual form, the legacy form, and frames to be skipped.

::

    04224d18, flags, block size [, content size] [, dictionary id], header checksum,
        blocks (length, data [, checksum])  until a length of 0 [, content checksum]
    02214c18, blocks (length, data)         until the input ends, or the next frame begins
    5?2a4d18, length, bytes                 for others to use

One block is in memory at a time, with the 64 KiB before it that it may repeat. Checksums are not
compared: a reader that streams has handed out the content before it meets one. Specification:
``lz4_Frame_format.md`` 1.6.4 and ``lz4_Block_format.md`` of the lz4 project.
"""

from __future__ import annotations

from ..limits import KIB, MIB
from .stepwise import Steps, passed

MAGIC, LEGACY = b"\x04\x22\x4d\x18", b"\x02\x21\x4c\x18"
SKIPPABLE = tuple(bytes([0x50 + number]) + b"\x2a\x4d\x18" for number in range(16))
HISTORY = 64 * KIB  # bytes back that a match may reach
LEGACY_BLOCK = 8 * MIB  # bytes that a block of the legacy form expands to, at most
LEGACY_PACKED = LEGACY_BLOCK + LEGACY_BLOCK // 255 + 16  # bytes of such a block, at most
STORED = 1 << 31  # bit of a length: the block is not compressed
VERSION, VERSION_BITS = 0b0100_0000, 0b1100_0000  # flags; the others are these:
APART, BLOCK_SUM, CONTENT_SIZE, CONTENT_SUM, DICTIONARY = 32, 16, 8, 4, 1
SIZES = {4: 64 * KIB, 5: 256 * KIB, 6: MIB, 7: 4 * MIB}  # of a block, by its code
LONG = 15  # a length that goes on in the next bytes
SHORTEST = 4  # bytes of a match


def frame() -> Steps:
    """Decode one frame; see `stepwise.Steps`.

    Raises:
        ValueError: It breaks the format's rules.
    """
    magic = yield 4
    if magic in SKIPPABLE:
        return (yield from passed(int.from_bytes((yield 4), "little")))
    if magic == LEGACY:
        return (yield from _legacy())
    if magic != MAGIC:
        raise ValueError(f"a frame starts with {magic!r}")
    flags, code = yield 2
    if flags & VERSION_BITS != VERSION:
        raise ValueError(f"version {flags >> 6} of the frame format")
    most = SIZES.get(code >> 4 & 7)
    if most is None:
        raise ValueError(f"{code >> 4 & 7} is no code of a block size")
    yield 8 * bool(flags & CONTENT_SIZE) + 4 * (flags & DICTIONARY) + 1
    past = b""
    while length := int.from_bytes((yield 4), "little"):
        packed = length & ~STORED
        if packed > most:
            raise ValueError(f"a block of {packed} bytes in a frame of blocks of {most}")
        data = yield packed
        out = bytearray(past)
        if length & STORED:
            out += data
            yield data
        else:
            yield from _content(data, out, most)
        past = b"" if flags & APART else bytes(out[-HISTORY:])
        yield 4 * bool(flags & BLOCK_SUM)
    yield 4 * bool(flags & CONTENT_SUM)
    return b""


def _legacy() -> Steps:
    while len(length := (yield -4)) == 4:  # noqa: PLR2004 - bytes of a length
        packed = int.from_bytes(length, "little")
        if packed > LEGACY_PACKED:
            return length  # what follows is no block: perhaps another frame
        yield from _content((yield packed), bytearray(), LEGACY_BLOCK)
    return b""


def _content(data: bytes, out: bytearray, most: int) -> Steps:
    """Hand out what a block expands to, and of one that breaks what came before the break."""
    start = len(out)
    try:
        _expand(data, out, start + most)
    except ValueError:
        yield bytes(out[start:])
        raise
    except IndexError:
        yield bytes(out[start:])
        raise ValueError("a block ends early") from None
    yield bytes(out[start:])
    return b""


def _expand(data: bytes, out: bytearray, most: int) -> None:
    """Append what a block expands to; `out` holds what it may repeat, and grows up to `most`."""
    at, end = 0, len(data)
    while True:
        token = data[at]
        at += 1
        count = token >> 4
        if count == LONG:
            count, at = _longer(data, at)
        if count:
            out += data[at : at + count]
            at += count
        if at >= end:
            break
        offset = data[at] | data[at + 1] << 8
        at += 2
        count = token & LONG
        if count == LONG:
            count, at = _longer(data, at)
        count += SHORTEST
        repeat(out, offset, count, most)
    if at > end:
        raise IndexError
    if len(out) > most:
        raise ValueError(f"a block expands to more than {most} bytes")


def _longer(data: bytes, at: int) -> tuple[int, int]:
    """Return a length that does not fit into its half byte, and where the next field starts."""
    start = at
    while data[at] == 0xFF:  # noqa: PLR2004 - a byte that says: another follows
        at += 1
    return LONG + 0xFF * (at - start) + data[at], at + 1


def repeat(out: bytearray, offset: int, count: int, most: int) -> None:
    """Append `count` bytes that stand `offset` back; they may overlap what is appended.

    Raises:
        ValueError: There is nothing so far back, or `out` would grow beyond `most` bytes.
    """
    start = len(out) - offset
    if start < 0 or not offset:
        raise ValueError(f"a match reaches {offset} bytes back, there are {len(out)}")
    if len(out) + count > most:
        raise ValueError(f"a block expands to more than it may: {most} bytes with its history")
    if count <= offset:
        out += out[start : start + count]
    else:
        pattern = out[start:]
        out += (pattern * (count // offset + 1))[:count]
