"""The table of licence texts: for each shingle, which licences have it.

Layout, zlib-compressed: four bytes, the length of a JSON head; the head (ids, whether a licence
must match exactly, the number of shingles, the sets of licences); then five planes of one byte a
shingle: three of the shingles in order, high byte first, two of the number of each one's set.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter, defaultdict
from itertools import repeat
from struct import unpack
from typing import TYPE_CHECKING

from ..record import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

HEAD = 4  # bytes of the length of the head
NO_GROUP = -1  # of a shingle that no licence has
LANE = 2  # bytes of the count of one licence; no licence has so many shingles


@record
class Licence:
    """One licence of the table."""

    id: str
    size: int  # shingles
    is_exact: bool  # one of versions that are nearly alike
    groups: frozenset[int]  # of shingles that the same licences have, those that it has


class Table:
    """The licences and, for each shingle, which of them have it.

    Shingles that the same licences have are one group. No licence has a part of one, so groups can
    be counted instead of shingles, of which there are ten times as many.
    """

    def __init__(self, data: bytes) -> None:
        """Read what `pack` wrote."""
        plain = zlib.decompress(data)
        length = int.from_bytes(plain[:HEAD], "big")
        head = json.loads(plain[HEAD : HEAD + length])
        body = plain[HEAD + length :]
        count = head["shingles"]
        planes = [body[start * count : (start + 1) * count] for start in range(5)]
        sets: list[tuple[int, ...]] = [tuple(each) for each in head["sets"]]
        high, middle, low, upper, lower = planes
        numbers = [*range(len(sets))]  # one object for all shingles of a group
        groups = [numbers[first << 8 | second] for first, second in zip(upper, lower, strict=True)]
        # In memory, shingles of one licence stand together: texts have mostly those of a few, and
        # waiting for memory was half of the time that looking them up took.
        self._group: dict[int, int] = {
            high[place] << 16 | middle[place] << 8 | low[place]: groups[place]
            for place in sorted(range(count), key=groups.__getitem__)
        }
        self._size = Counter(groups)  # shingles of each group
        self.licences = _licences(head["licences"], sets, self._size)
        self._lanes = [_lanes(each, len(self.licences)) for each in sets]
        self._shared: dict[tuple[int, int], int] = {}

    def groups(self, row: Iterable[int]) -> list[int]:
        """Return the group of each shingle, `NO_GROUP` for one that no licence has."""
        return list(map(self._group.get, row, repeat(NO_GROUP)))

    def shared(self, one: int, other: int) -> int:
        """Return how many shingles two licences share."""
        pair = (one, other)
        if pair not in self._shared:
            both = self.licences[one].groups & self.licences[other].groups
            self._shared[pair] = sum(map(self._size.__getitem__, both))
        return self._shared[pair]

    def hits(self, counts: Mapping[int, int]) -> tuple[int, ...]:
        """Return how many of so many shingles of each group each licence has, by its number.

        All licences are counted at once: each has 16 bits of one long number.
        """
        alike: defaultdict[int, list[int]] = defaultdict(list)
        for group, count in counts.items():
            alike[count].append(self._lanes[group])
        total = sum(count * sum(lanes) for count, lanes in alike.items())
        lanes = total.to_bytes(LANE * len(self.licences), "little")
        return unpack(f"<{len(self.licences)}H", lanes)


def _lanes(numbers: tuple[int, ...], of: int) -> int:
    """Return the number that counts one for each of these licences."""
    lanes = bytearray(LANE * of)
    for number in numbers:
        lanes[LANE * number] = 1
    return int.from_bytes(lanes, "little")


def _licences(
    listed: list[tuple[str, int]], sets: list[tuple[int, ...]], sizes: Mapping[int, int]
) -> tuple[Licence, ...]:
    """Return the licences with the groups that they have."""
    own: list[list[int]] = [[] for _ in listed]
    for group, owners in enumerate(sets):
        for number in owners:
            own[number].append(group)
    return tuple(
        Licence(name, sum(map(sizes.__getitem__, groups)), bool(exact), frozenset(groups))
        for (name, exact), groups in zip(listed, own, strict=True)
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
