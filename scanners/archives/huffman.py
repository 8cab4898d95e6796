"""Huffman codes of Zstandard's literals.

A code is told by the weight of each symbol; the weights are half bytes, or coded themselves.
Several symbols are taken from the bits at once where they fit. Specification: RFC 8878, 4.2.
"""

from __future__ import annotations

from typing import TypeAlias

from ..record import record
from . import fse

LONGEST = 12  # bits of a code; RFC 8878 allows 11, the reference reader takes 12
WEIGHTS_LOG, WEIGHTS = 6, 256  # most states, and symbols, of the table that codes the weights
SYMBOLS = 255  # whose weights are told; that of the last follows from them
DIRECT = 127  # a first byte above this tells as many more weights, uncoded
WORTH = 512  # symbols from which on a table of several at once saves time
WORD = 12  # bytes read at once

Codes: TypeAlias = "list[tuple[bytes, int]]"  # by the next bits: symbols, and bits that these take


@record
class Code:
    """A code, by its next `bits` bits."""

    bits: int
    single: Codes
    several: Codes  # empty until it is worth it


def described(data: bytes, at: int) -> tuple[Code, int]:
    """Return the code described at `at`, and where the rest starts.

    Raises:
        ValueError: It is no code.
    """
    if at >= len(data):
        raise ValueError("a Huffman code's description ends early")
    length = data[at]
    at += 1
    if length > DIRECT:
        end = at + (length - DIRECT + 1) // 2
        halves = (half for byte in data[at:end] for half in (byte >> 4, byte & 15))
        weights = [*halves][: length - DIRECT]
    else:
        end = at + length
        weights = _coded(data[at:end])
    if end > len(data):
        raise ValueError("a Huffman code's description ends early")
    return _code(weights), end


def _coded(data: bytes) -> list[int]:
    """Return weights that two states of one table take turns to tell, until the bits run out."""
    probabilities, log, at = fse.described(data, 0, WEIGHTS_LOG, WEIGHTS)
    states, bits = fse.table(probabilities, log), fse.Bits(data[at:])
    now, other = states[bits.read(log)], states[bits.read(log)]
    found: list[int] = []
    while len(found) < SYMBOLS:
        symbol, count, base = now
        found.append(symbol)
        index = base + bits.read(count)
        if bits.left < 0:
            return [*found, other[0]]
        now, other = other, states[index]
    raise ValueError("a Huffman code has too many symbols")


def _code(weights: list[int]) -> Code:
    total = sum(1 << weight >> 1 for weight in weights)
    bits = total.bit_length()
    missing = (1 << bits) - total
    if not total or bits > LONGEST or missing & (missing - 1):
        raise ValueError("the weights of a Huffman code do not add up")
    weights = [*weights, missing.bit_length()]
    single: Codes = []
    for weight in range(1, bits + 1):
        for symbol, own in enumerate(weights):
            if own == weight:
                single += [(bytes([symbol]), bits + 1 - weight)] * (1 << weight >> 1)
    return Code(bits, single, [])


def _several(code: Code) -> Codes:
    """Return, for all values of the next bits, the symbols that lie wholly in them."""
    bits, single = code.bits, code.single
    mask = (1 << bits) - 1
    found: Codes = []
    for value in range(1 << bits):
        text, used = single[value]
        while used < bits:
            symbol, more = single[value << used & mask]
            if used + more > bits:
                break
            text, used = text + symbol, used + more
        found.append((text, used))
    return found


def decoded(code: Code, data: bytes, count: int) -> bytes:
    """Return the `count` symbols that a stream of bits holds.

    It may hold more: the reference reader, where it is fast, does not look whether that is all.

    Raises:
        ValueError: The stream holds fewer.
    """
    if count >= WORTH and not code.several:
        code.several.extend(_several(code))
    table, bits = code.several or code.single, code.bits
    left = fse.Bits(data).left
    reverse = data[::-1] + bytes(WORD)
    held, at = 8 * WORD, WORD  # bits of `value` that count, and where the next word starts
    value = int.from_bytes(reverse[:WORD], "big")
    held -= 8 * len(data) - left  # the end mark, and the zeros before it
    out = bytearray()
    mask, from_bytes = (1 << bits) - 1, int.from_bytes
    while left > 0:
        if held < bits:
            value = (value & ((1 << held) - 1)) << 8 * WORD | from_bytes(
                reverse[at : at + WORD].ljust(WORD, b"\0"), "big"
            )
            at += WORD
            held += 8 * WORD
        if left < bits:
            table = code.single  # several at once would take bits that are not there
        symbols, used = table[value >> (held - bits) & mask]
        out += symbols
        held -= used
        left -= used
    if len(out) < count or (left < 0 and len(out) == count):
        raise ValueError(f"{len(out)} literals in a stream that should have {count}")
    return bytes(out[:count])
