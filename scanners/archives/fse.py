"""Finite state entropy, which Zstandard codes numbers with: tables, and bits read backwards.

A table gives each of its states a symbol, and how the next state follows from a few bits. A stream
of bits is read from its last byte, whose highest set bit only marks the end, to its first.
Specification: RFC 8878, 4.1.
"""

from __future__ import annotations

from typing import TypeAlias

State: TypeAlias = "tuple[int, int, int]"  # a symbol; the next state is a base plus so many bits
LEAST_LOG = 5  # of a table's size
MOST_TABLE = 512  # bytes of a description that are looked at; the longest has fewer


class Bits:
    """A run of bytes as bits, read backwards; past its end come zeros."""

    def __init__(self, data: bytes) -> None:
        """Find the mark that ends the run.

        Raises:
            ValueError: There is none.
        """
        if not data or not data[-1]:
            raise ValueError("a stream of bits has no end mark")
        self.left = 8 * len(data) - 9 + data[-1].bit_length()  # below 0: more was read
        self._value = int.from_bytes(data, "little")

    def read(self, count: int) -> int:
        """Return the next `count` bits as a number; for short runs, as each call looks at all."""
        self.left -= count
        shifted = self._value >> self.left if self.left >= 0 else self._value << -self.left
        return shifted & ((1 << count) - 1)


def described(data: bytes, at: int, most_log: int, symbols: int) -> tuple[list[int], int, int]:
    """Return the probabilities of the table described at `at`, its log, and where the rest starts.

    A probability is a count of states; -1 is one that only starts afresh.

    Raises:
        ValueError: There are more than `symbols`, the table is too large, or the sum is wrong.
    """
    part = data[at : at + MOST_TABLE]
    value, used = int.from_bytes(part, "little"), 4
    log = (value & 15) + LEAST_LOG
    if log > most_log:
        raise ValueError(f"a table of 2**{log} states, allowed are 2**{most_log}")
    left, found = 1 << log, list[int]()
    while left > 0:
        width = (left + 1).bit_length()
        number = value >> used & ((1 << width) - 1)
        low, spare = number & ((1 << width - 1) - 1), (1 << width) - 2 - left
        used += width
        if low < spare:
            number, used = low, used - 1
        elif number > low:
            number -= spare
        found.append(number - 1)
        left -= abs(number - 1)
        while number == 1:
            zeros = value >> used & 3
            used += 2
            found += [0] * zeros
            number = 1 if zeros == 3 else 0  # noqa: PLR2004 - two set bits: it goes on
        if len(found) > symbols or used > 8 * len(part):
            raise ValueError("a table's description has too many symbols, or ends early")
    if left:
        raise ValueError("a table's probabilities do not add up")
    return found, log, at + (used + 7) // 8


def table(probabilities: list[int], log: int) -> list[State]:
    """Return the states of a table."""
    size = 1 << log
    symbols, following, high = [0] * size, list[int](), size
    for symbol, count in enumerate(probabilities):
        following.append(abs(count))
        if count < 0:
            high -= 1
            symbols[high] = symbol
    at, step = 0, (size >> 1) + (size >> 3) + 3
    for symbol, count in enumerate(probabilities):
        for _ in range(count):
            symbols[at] = symbol
            at = (at + step) & (size - 1)
            while at >= high:
                at = (at + step) & (size - 1)
    states: list[State] = []
    for symbol in symbols:
        number = following[symbol]
        following[symbol] += 1
        bits = log + 1 - number.bit_length()
        states.append((symbol, bits, (number << bits) - size))
    return states
