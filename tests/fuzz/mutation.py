"""Changes that a fuzzer of plain bytes seldom hits on: whole opcodes, and lengths that lie."""

from __future__ import annotations

import random
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Whole instructions of a pickle. Module and attribute lead nowhere.
OPCODES = (
    b"N", b"\x88", b"\x89", b")", b"]", b"}", b"\x8f", b"(", b"0", b"1", b"2", b"t", b"l", b"d",
    b"a", b"e", b"s", b"u", b"b", b"R", b"o", b"\x81", b"\x92", b"\x85", b"\x86", b"\x87",
    b"\x90", b"\x91", b"\x93", b"\x94", b"\x97", b"\x98", b".", b"Q", b"K\1", b"M\1\0",
    b"J\xff\xff\xff\xff", b"I1\n", b"I01\n", b"L1L\n", b"F1.5\n", b"G?\xf0\0\0\0\0\0\0",
    b"S'a'\n", b"Va\n", b"T\1\0\0\0a", b"U\1a", b"X\1\0\0\0a", b"\x8c\1a",
    b"\x8d\1\0\0\0\0\0\0\0a", b"B\1\0\0\0a", b"C\1a", b"\x8e\1\0\0\0\0\0\0\0a",
    b"\x96\1\0\0\0\0\0\0\0a", b"ca\nb\n", b"ia\nb\n", b"p0\n", b"g0\n", b"q\0", b"h\0",
    b"r\0\0\0\0", b"j\0\0\0\0", b"P1\n", b"\x80\4", b"\x82\1", b"\x83\1\0", b"\x84\1\0\0\0",
    b"\x8a\1\1", b"\x8b\1\0\0\0\1", b"\x95\4\0\0\0\0\0\0\0", b"\x80\4\x8c\1a\x8c\1b\x93)R.",
)  # fmt: skip
WIDTHS = {1: "B", 2: "H", 4: "I", 8: "Q"}
TAR, TAR_AT, SUM, BLOCK = b"ustar", 257, slice(148, 156), 512  # of a header of tar
MOST = 3  # changes of one input


def mutated(data: bytes, most: int, seed: int, others: Sequence[bytes] = ()) -> bytes:
    """Return `data` with a few changes, at most `most` bytes long; `seed` decides which."""
    dice = random.Random(seed)
    acts: list[Callable[[bytes, random.Random], bytes]] = [opcode, length, repeated]
    for _ in range(dice.randint(1, MOST)):
        if others and dice.random() < 0.2:
            data = spliced(data, dice.choice(others), dice)
        else:
            data = dice.choice(acts)(data, dice)
    return summed(data)[:most]


def opcode(data: bytes, dice: random.Random) -> bytes:
    """Put in, or put in the place of others, some instructions."""
    program = b"".join(dice.choices(OPCODES, k=dice.randint(1, 4)))
    at = dice.randint(0, len(data))
    return data[:at] + program + data[at + dice.choice((0, 0, 1, len(program))) :]


def length(data: bytes, dice: random.Random) -> bytes:
    """Write a number that a length, count or offset should not be."""
    width = dice.choice(tuple(WIDTHS))
    if len(data) < width:
        return data
    at = dice.randint(0, len(data) - width)
    order = dice.choice("<<<>")
    old: int = struct.unpack_from(order + WIDTHS[width], data, at)[0]
    most = (1 << 8 * width) - 1
    odd = (
        0,
        1,
        most,
        most >> 1,
        (most >> 1) + 1,
        len(data),
        len(data) - at,
        old + 1,
        old - 1,
        old * 2,
    )
    new = struct.pack(order + WIDTHS[width], dice.choice(odd) & most)
    return data[:at] + new + data[at + width :]


def repeated(data: bytes, dice: random.Random) -> bytes:
    """Copy a run to another place, perhaps many times."""
    start = dice.randint(0, len(data))
    run = data[start : start + dice.randint(1, 64)] * dice.choice((1, 1, 2, 50))
    at = dice.randint(0, len(data))
    return data[:at] + run + data[at:]


def summed(data: bytes) -> bytes:
    """Correct the checksums of tar headers, without which a reader goes no further."""
    if TAR not in data:
        return data
    out = bytearray(data)
    for start in range(0, len(out) - BLOCK + 1, BLOCK):
        if out.startswith(TAR, start + TAR_AT):
            out[start + SUM.start : start + SUM.stop] = b" " * 8
            total = sum(out[start : start + BLOCK])
            out[start + SUM.start : start + SUM.stop] = b"%06o\0 " % total
    return bytes(out)


def spliced(data: bytes, other: bytes, dice: random.Random) -> bytes:
    """Go on with the rest of another input."""
    return data[: dice.randint(0, len(data))] + other[dice.randint(0, len(other)) :]
