"""The table of licence texts: for each shingle, which licences have it.

Layout, zlib-compressed: four bytes, the length of a JSON head; the head (ids, whether a licence
must match exactly, the number of shingles, the sets of licences); then five planes of one byte a
shingle: three of the shingles in order, high byte first, two of the number of each one's set.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter, defaultdict
from functools import cached_property
from itertools import chain
from struct import unpack
from typing import TYPE_CHECKING

from ..record import record

if TYPE_CHECKING:
    from collections.abc import Iterable

HEAD = 4  # bytes of the length of the head
LANE = 4  # bytes of the count of one licence; a text that is read has fewer shingles


@record(caches=True)
class Licence:
    """One licence of the table."""

    id: str
    size: int  # shingles
    is_exact: bool  # one of versions that are nearly alike
    lists: tuple[list[int], ...]  # its shingles: of a text few licences are looked at closely

    @cached_property
    def own(self) -> frozenset[int]:
        """Its shingles."""
        return frozenset(chain.from_iterable(self.lists))


class Table:
    """The licences and, for each shingle, which of them have it."""

    def __init__(self, data: bytes) -> None:
        """Read what `pack` wrote."""
        plain = zlib.decompress(data)
        length = int.from_bytes(plain[:HEAD], "big")
        head = json.loads(plain[HEAD : HEAD + length])
        body = plain[HEAD + length :]
        count = head["shingles"]
        planes = [body[start * count : (start + 1) * count] for start in range(5)]
        self.sets: list[tuple[int, ...]] = [tuple(each) for each in head["sets"]]
        high, middle, low, upper, lower = planes
        keys = [
            first << 16 | second << 8 | third
            for first, second, third in zip(high, middle, low, strict=True)
        ]
        groups = [first << 8 | second for first, second in zip(upper, lower, strict=True)]
        self.index: dict[int, int] = dict(zip(keys, groups, strict=True))  # places in `sets`
        self.licences = _licences(head["licences"], self.sets, keys, groups)
        self._lanes = [_lanes(each, len(self.licences)) for each in self.sets]
        self._apart: dict[tuple[int, int], frozenset[int]] = {}

    def apart(self, one: int, other: int) -> frozenset[int]:
        """Return the shingles that the first licence has and the second has not."""
        pair = (one, other)
        if pair not in self._apart:
            self._apart[pair] = self.licences[one].own - self.licences[other].own
        return self._apart[pair]

    def hits(self, found: Iterable[int]) -> dict[int, int]:
        """Return how many of the shingles each licence has, by its number.

        All counts are added at once: each licence has 32 bits of one long number.
        """
        total = 0
        for group, count in Counter(map(self.index.get, found)).items():
            if group is not None:
                total += count * self._lanes[group]
        lanes = total.to_bytes(LANE * len(self.licences), "little")
        counts = unpack(f"<{len(self.licences)}I", lanes)
        return {number: count for number, count in enumerate(counts) if count}


def _lanes(numbers: tuple[int, ...], of: int) -> int:
    """Return the number that counts one for each of these licences."""
    lanes = bytearray(LANE * of)
    for number in numbers:
        lanes[LANE * number] = 1
    return int.from_bytes(lanes, "little")


def _licences(
    listed: list[tuple[str, int]], sets: list[tuple[int, ...]], keys: list[int], groups: list[int]
) -> tuple[Licence, ...]:
    """Return the licences with their shingles, collected by the sets that these are in."""
    within: list[list[int]] = [[] for _ in sets]
    for key, group in zip(keys, groups, strict=True):
        within[group].append(key)
    own: list[list[list[int]]] = [[] for _ in listed]
    for owners, shingles in zip(sets, within, strict=True):
        for number in owners:
            own[number].append(shingles)
    return tuple(
        Licence(name, sum(map(len, lists)), bool(exact), tuple(lists))
        for (name, exact), lists in zip(listed, own, strict=True)
    )


def pack(licences: Iterable[tuple[str, bool, Iterable[int]]]) -> bytes:
    """Return a table as bytes: ids, whether a licence must be exact, and its shingles."""
    listed = [(name, exact, set(own)) for name, exact, own in licences]
    owners: defaultdict[int, list[int]] = defaultdict(list)
    for number, (_, _, own) in enumerate(listed):
        for shingle in own:
            owners[shingle].append(number)
    order = sorted(owners)
    sets = sorted({tuple(each) for each in owners.values()})
    place = {each: number for number, each in enumerate(sets)}
    chosen = [place[tuple(owners[shingle])] for shingle in order]
    planes = b"".join(
        bytes(value >> shift & 255 for value in values)
        for values, shifts in ((order, (16, 8, 0)), (chosen, (8, 0)))
        for shift in shifts
    )
    head = {
        "licences": [[name, int(exact)] for name, exact, _ in listed],
        "shingles": len(order),
        "sets": sets,
    }
    text = json.dumps(head, separators=(",", ":")).encode()
    return zlib.compress(len(text).to_bytes(HEAD, "big") + text + planes, 9)
