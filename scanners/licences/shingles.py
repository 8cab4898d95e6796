"""A text as numbers that stay the same when it is wrapped, quoted or renamed: its shingles.

A shingle is three words in a row, as 24 bits. Case, punctuation, layout and lines that name a
copyright holder are no part of it, so that copies of one licence have nearly the same shingles.
"""

from __future__ import annotations

import re
from itertools import islice
from zlib import crc32

BITS = 24  # of 16 million values a licence takes some thousand: chance makes one in 10 000 agree
MASK = (1 << BITS) - 1
SHIFT = 11  # bits of a product that are not well mixed
FACTORS = (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D)  # odd: of the first, second and third word
WORD = re.compile(r"[^\W_]+")  # of any script: terms need not be English
# Whose it is differs in every copy; so does a year. A sentence that a line break cuts before
# "copyright notice" or before clause "(c)" stays.
HOLDER = re.compile(
    r"^[ \t*#/;>|-]*(?:portions )?(?:"
    r"(?:copyright|\(c\)|©)[ \t:,]*(?:\(c\)|©|\d{4}|[<\[{]|by\b|copyright)[^\n]*"
    r"|all rights reserved\.?[ \t\r]*)$",
    re.MULTILINE,
)
NUMBER = re.compile(  # of a clause, where a copy may have a bullet or nothing
    r"^[ \t*#>|-]*(?:\d{1,2}(?:\.\d{1,2})*|[a-z]|[ivx]+)[.)][ \t]", re.MULTILINE
)


def words(text: str) -> list[str]:
    """Return the words of a text, without copyright holders and the numbers of its clauses."""
    return WORD.findall(NUMBER.sub(" ", HOLDER.sub(" ", text.lower())))


def shingles(found: list[str]) -> list[int]:
    """Return one number for each three words in a row, in their order."""
    codes = [(word, crc32(word.encode())) for word in set(found)]
    first, second, third = (
        list(map({word: code * factor >> SHIFT & MASK for word, code in codes}.__getitem__, found))
        for factor in FACTORS
    )
    pairs = map(int.__xor__, first, islice(second, 1, None))
    return list(map(int.__xor__, pairs, islice(third, 2, None)))
