"""A text as numbers that stay the same when it is wrapped, quoted or renamed: its shingles.

A shingle is three words in a row, as 24 bits. Case, punctuation, layout and lines that name a
copyright holder are no part of it, so that copies of one licence have nearly the same shingles.
"""

from __future__ import annotations

import re
import sys
from array import array
from itertools import chain
from operator import itemgetter
from struct import iter_unpack
from zlib import crc32

BITS = 24  # of 16 million values a licence takes some thousand: chance makes one in 10 000 agree
MASK = (1 << BITS) - 1
SHIFT = 11  # bits of a product that are not well mixed
FACTORS = (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D)  # odd: of the first, second and third word
ASCII, SPACE = 0x7F, 0x20  # the last of its codes, and one of them
# Words are of any script, for terms need not be English: letters and digits, but no underscores.
FOREIGN = re.compile(r"[^\x00-\x7f\w]+")  # no part of a word, and not of ASCII
SPACED = bytes(code if code > ASCII or chr(code).isalnum() else SPACE for code in range(256))
# Whose it is differs in every copy; so does a year. A sentence that a line break cuts before
# "copyright notice" or before clause "(c)" stays.
HOLDER = (
    r"[ \t*#/;>|-]*+(?:portions )?+(?:"
    r"(?:copyright|\(c\)|©)[ \t:,]*+(?:\(c\)|©|\d{4}|[<\[{]|by\b|copyright)[^\n]*"
    r"|all rights reserved\.?[ \t\r]*)$"
)
# Of a clause, where a copy may have a bullet or nothing.
NUMBER = r"[ \t*#>|-]*+(?:\d{1,2}(?:\.\d{1,2})*|[a-z]|[ivx]+)[.)][ \t]"
# With the line break before, for which a search is twice as fast as for the beginning of a line.
DIFFERING = re.compile(rf"\n(?:{HOLDER}|{NUMBER})", re.MULTILINE)
LANE = 32  # bits of one number beside others
WIDE = 3 * LANE  # bits of the three numbers of a word, one for each place where it may stand


def words(text: str) -> list[str]:
    """Return the words of a text, without copyright holders and the numbers of its clauses."""
    bare = DIFFERING.sub("\n ", "\n" + text.lower())
    spaced = bare if bare.isascii() else FOREIGN.sub(" ", bare)
    return spaced.encode().translate(SPACED).decode().split()


def shingles(found: list[str]) -> list[int]:
    """Return one number for each three words in a row, in their order.

    All at once, as lanes of one long number: a loop takes twice as long.
    """
    count = len(found) - 2
    if count < 1:
        return []
    numbers = _numbers({*found})
    row = int.from_bytes(b"".join(itemgetter(*found)(numbers)), "little")
    row ^= row >> WIDE + LANE ^ row >> 2 * WIDE + 2 * LANE
    mixed = _swapped(array("I", row.to_bytes(len(found) * WIDE // 8, "little")))
    return mixed[: 3 * count : 3].tolist()


def _numbers(different: set[str]) -> dict[str, bytes]:
    """Return the three numbers of each word, as it stands first, second and third."""
    size = WIDE // 8
    codes = array("I", bytes(size * len(different)))
    codes[::3] = array("I", map(crc32, map(str.encode, different)))
    code = int.from_bytes(_swapped(codes).tobytes(), "little")
    low = int.from_bytes(MASK.to_bytes(size, "little") * len(different), "little")
    first, second, third = (code * factor >> SHIFT & low for factor in FACTORS)
    lanes = (first | second << LANE | third << 2 * LANE).to_bytes(size * len(different), "little")
    rows = chain.from_iterable(iter_unpack(f"{size}s", lanes))
    return dict(zip(different, rows, strict=True))


def _swapped(lanes: array[int]) -> array[int]:
    """Return 32-bit numbers of the machine as they stand in a long number, or the reverse."""
    if sys.byteorder == "big":
        lanes.byteswap()
    return lanes
