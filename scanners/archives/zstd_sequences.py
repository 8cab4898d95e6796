"""The sequences of a Zstandard block: literals to copy, then how far back and how much to repeat.

Three coded numbers make a sequence: a length of literals, an offset, and a length to repeat. Each
has a table of states (`fse`), which a block tells, repeats from the last one, or takes from the
specification. Specification: RFC 8878, 3.1.1.3.2 and 3.1.1.4.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from ..record import record
from . import fse
from .lz4 import repeat

if TYPE_CHECKING:
    from .huffman import Code

COUNT_TWO, COUNT_THREE, COUNT_BASE = 128, 255, 0x7F00  # first bytes of longer counts
PREDEFINED, SINGLE, TOLD, LAST = range(4)  # where a table comes from
WORD, LEAST = 12, 90  # bytes read at once, and bits of the longest sequence with its next states
REPEATED = 3  # offsets that short numbers stand for


# A state of one of the three tables: a number, plus some bits (their count, and its mask); the next
# state as a number, plus some bits (likewise).
Step: TypeAlias = "tuple[int, int, int, int, int, int]"
Steps: TypeAlias = "list[Step]"


@record
class Kind:
    """One of the three numbers."""

    log: int  # of the largest table
    numbers: tuple[tuple[int, int], ...]  # by symbol: the least number, and how many bits are added
    usual: tuple[int, ...]  # the probabilities of the predefined table
    usual_log: int


@cache
def _kinds() -> tuple[Kind, Kind, Kind]:
    """Return literals, offsets and matches, the order in which a block tells their tables."""
    literals = (*[0] * 16, 1, 1, 1, 1, 2, 2, 3, 3, 4, *range(6, 17))
    matches = (*[0] * 32, 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, *range(7, 17))
    usual_literals = (4, 3, *[2] * 11, 1, 1, 1, *[2] * 9, 3, 2, *[1] * 5, *[-1] * 4)
    return (
        Kind(9, _numbers(0, literals), usual_literals, 6),
        Kind(8, tuple((1 << bits, bits) for bits in range(32)),
             (*[1] * 6, *[2] * 3, *[1] * 15, *[-1] * 5), 5),
        Kind(9, _numbers(3, matches), (1, 4, 3, *[2] * 6, *[1] * 37, *[-1] * 7), 6),
    )  # fmt: skip


def _numbers(first: int, extras: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    found: list[tuple[int, int]] = []
    for bits in extras:
        found.append((first, bits))
        first += 1 << bits
    return tuple(found)


class Content:
    """The last of what a frame expands to, and what its blocks hand on to the next."""

    def __init__(self) -> None:
        """Start as every frame does."""
        self.out = bytearray()
        self.most = 0  # bytes up to which the block that is read may fill `out`
        self.tables: dict[int, Steps] = {}
        self.offsets: tuple[int, int, int] = (1, 4, 8)  # the last three
        self.code: Code | None = None  # of literals


def execute(data: bytes, at: int, literals: bytes, content: Content) -> None:
    """Append what the sequences at `at` of a block say, and the literals after the last.

    Raises:
        ValueError: They break the format's rules; the content may have grown before that.
    """
    count, at = _count(data, at)
    if not count:
        content.out += literals
        return
    modes = data[at]
    at += 1
    for index in range(3):
        at = _table(data, at, modes >> (6 - 2 * index) & 3, index, content.tables)
    _run(data[at:], count, literals, content)


def _count(data: bytes, at: int) -> tuple[int, int]:
    first = data[at]
    if first < COUNT_TWO:
        return first, at + 1
    if first < COUNT_THREE:
        return (first - COUNT_TWO << 8) + data[at + 1], at + 2
    return data[at + 1] + (data[at + 2] << 8) + COUNT_BASE, at + 3


def _table(data: bytes, at: int, mode: int, index: int, tables: dict[int, Steps]) -> int:
    """Put one table into `tables`; return where the rest starts."""
    kind = _kinds()[index]
    if mode == LAST:
        if index not in tables:
            raise ValueError("a table is repeated that no block has told")
        return at
    if mode == SINGLE:
        tables[index] = _steps(kind, [(data[at], 0, 0)])
        return at + 1
    probabilities, log = list(kind.usual), kind.usual_log
    if mode == TOLD:
        probabilities, log, at = fse.described(data, at, kind.log, len(kind.numbers))
    tables[index] = _steps(kind, fse.table(probabilities, log))
    return at


def _steps(kind: Kind, states: list[fse.State]) -> Steps:
    found: Steps = []
    for symbol, bits, base in states:
        if symbol >= len(kind.numbers):
            raise ValueError(f"symbol {symbol} stands for no number")
        least, extra = kind.numbers[symbol]
        found.append((least, extra, (1 << extra) - 1, bits, (1 << bits) - 1, base))
    return found


def _run(data: bytes, count: int, text: bytes, content: Content) -> None:
    bits = fse.Bits(data)
    reverse, at, from_bytes = data[::-1] + bytes(3 * WORD), WORD, int.from_bytes
    value, held = from_bytes(reverse[:WORD], "big"), 8 * WORD - (8 * len(data) - bits.left)
    tables = [content.tables[index] for index in range(3)]
    states: list[int] = []
    for steps in tables:
        log = len(steps).bit_length() - 1
        held -= log
        states.append(value >> held & (len(steps) - 1))
    (of_literals, of_offsets, of_matches), (literal, offset, match) = tables, states
    start, last, out, most = 0, content.offsets, content.out, content.most
    while True:
        if held < LEAST:
            if at > len(data) + WORD:
                raise ValueError("the sequences need more bits than there are")
            value = (value & ((1 << held) - 1)) << 8 * WORD
            value |= from_bytes(reverse[at : at + WORD], "big")
            at += WORD
            held += 8 * WORD
        far, extra, mask, o_bits, o_mask, o_next = of_offsets[offset]
        held -= extra
        far += value >> held & mask
        length, extra, mask, m_bits, m_mask, m_next = of_matches[match]
        held -= extra
        length += value >> held & mask
        copied, extra, mask, l_bits, l_mask, l_next = of_literals[literal]
        held -= extra
        copied += value >> held & mask
        if far > REPEATED:
            far -= REPEATED
            last = (far, last[0], last[1])
        else:
            last = _again(last, far - (copied > 0))
        if copied:
            out += text[start : start + copied]
            start += copied
        repeat(out, last[0], length, most)
        count -= 1
        if not count:
            break
        held -= l_bits
        literal = l_next + (value >> held & l_mask)
        held -= m_bits
        match = m_next + (value >> held & m_mask)
        held -= o_bits
        offset = o_next + (value >> held & o_mask)
    if start > len(text) or 8 * at - held != 8 * len(data):
        raise ValueError("the sequences do not use what they are given")
    content.offsets = last
    out += text[start:]


def _again(last: tuple[int, int, int], index: int) -> tuple[int, int, int]:
    """Return the last offsets with the one of this index first; 3 is one less than the first."""
    first, second, third = last
    if index == 0:
        return last
    if index == 1:
        return second, first, third
    return (third if index == 2 else first - 1), first, second  # noqa: PLR2004 - by its place
