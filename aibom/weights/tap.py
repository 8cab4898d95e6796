"""Leaves taken from the bytes of a file while something else reads it."""

from __future__ import annotations

import threading
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from ..scanners.digest import CHUNK
from .canonical import SAMPLE, could_tell, heading, sample_starts, varies
from .fingerprint import Leaf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from blake3 import blake3

    from ..scanners.source import Source
    from .places import Place


class Tap:
    """Takes the leaves of one file.

    A thread reads the file from front to back and lets `hear` have each block; others may `join`
    places at any time. Those that begin where reading has already passed are read again, from the
    system's cache, by whoever calls `catch_up`.
    """

    def __init__(self) -> None:
        """Know no place yet."""
        from blake3 import blake3  # noqa: PLC0415 - only fingerprints need it

        self._new = blake3
        self._lock = threading.Lock()
        self._at = 0  # bytes that were heard, or are being heard
        self._known: set[Place] = set()
        self._ahead: list[tuple[int, int, Place]] = []  # a heap; the number settles ties
        self._open: list[tuple[Place, blake3]] = []
        self._late: list[Place] = []
        self._digests: dict[Place, str] = {}

    def join(self, places: Iterable[Place]) -> None:
        """Take the leaves of these places, too. Each must lie in the file and hold a byte."""
        with self._lock:
            for place in places:
                if place in self._known:
                    continue
                self._known.add(place)
                if place.start < self._at:
                    self._late.append(place)
                else:
                    heappush(self._ahead, (place.start, len(self._known), place))

    def hear(self, at: int, block: memoryview) -> None:
        """Go on with the `block` of the file at byte `at`, which follows on the last one."""
        end = at + len(block)
        with self._lock:
            self._at = end
            while self._ahead and self._ahead[0][0] < end:
                _, _, place = heappop(self._ahead)
                self._open.append((place, self._new(heading(place.dtype, place.elements))))
            going_on: list[tuple[Place, blake3]] = []
            for place, state in self._open:
                state.update(block[max(place.start, at) - at : place.end - at])
                if place.end <= end:
                    self._digests[place] = state.hexdigest()
                else:
                    going_on.append((place, state))
            self._open = going_on

    def catch_up(self, source: Source, advance: Callable[[int], None]) -> None:
        """Read what `hear` came too late for. `advance` is called often, and may raise to stop.

        Raises:
            OSError: It cannot be read.
        """
        with self._lock:
            late, self._late = self._late, []
        for place in late:
            state = self._new(heading(place.dtype, place.elements))
            for start in range(place.start, place.end, CHUNK):
                advance(0)
                state.update(source.read_at(start, min(CHUNK, place.end - start)))
            self._digests[place] = state.hexdigest()

    def leaves(self, source: Source) -> dict[Place, Leaf]:
        """Return the leaf of every place, once all were heard or caught up.

        Raises:
            OSError: The file cannot be read.
        """
        return {
            place: Leaf(
                digest, place.dtype, place.elements, place.length, _is_telling(place, source)
            )
            for place, digest in self._digests.items()
        }


def _is_telling(place: Place, source: Source) -> bool:
    if not could_tell(place.dtype, place.length):
        return False
    length = min(SAMPLE, place.length)
    return any(
        varies(source.read_at(place.start + start, length)) for start in sample_starts(place.length)
    )
