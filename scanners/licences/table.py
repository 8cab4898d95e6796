"""The table of licence texts: for each shingle, which licences have it.

Layout, zlib-compressed: four bytes, the length of a JSON head; the head (ids, whether a licence
must match exactly, the number of shingles, the sets of licences); then five planes of one byte a
shingle: three of the shingles in order, high byte first, two of the number of each one's set.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter, defaultdict
from itertools import chain
from typing import TYPE_CHECKING

from ..record import record

if TYPE_CHECKING:
    from collections.abc import Iterable

HEAD = 4  # bytes of the length of the head


@record
class Licence:
    """One licence of the table."""

    id: str
    size: int  # shingles
    is_exact: bool  # one of versions that are nearly alike
    own: frozenset[int]


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
        sets: list[tuple[int, ...]] = [tuple(each) for each in head["sets"]]
        self.index: dict[int, tuple[int, ...]] = {
            high << 16 | middle << 8 | low: sets[upper << 8 | lower]
            for high, middle, low, upper, lower in zip(*planes, strict=True)
        }
        own: defaultdict[int, list[int]] = defaultdict(list)
        for shingle, owners in self.index.items():
            for number in owners:
                own[number].append(shingle)
        self.licences = tuple(
            Licence(name, len(own[number]), bool(exact), frozenset(own[number]))
            for number, (name, exact) in enumerate(head["licences"])
        )

        self._apart: dict[tuple[int, int], frozenset[int]] = {}

    def apart(self, one: int, other: int) -> frozenset[int]:
        """Return the shingles that the first licence has and the second has not."""
        pair = (one, other)
        if pair not in self._apart:
            self._apart[pair] = self.licences[one].own - self.licences[other].own
        return self._apart[pair]

    def hits(self, found: Iterable[int]) -> Counter[int]:
        """Return how many of the shingles each licence has, by its number."""
        return Counter(chain.from_iterable(self.index.get(each, ()) for each in found))


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
