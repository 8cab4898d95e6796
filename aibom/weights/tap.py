"""Leaves taken from the bytes of a file while something else reads it."""

from __future__ import annotations

import threading
from contextlib import suppress
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
    places at any time. What has passed by then is read again from the system's cache: the beginning
    of a place by that thread, before its next block; a whole place by whoever calls `catch_up`.
    """

    def __init__(self, source: Source | None = None) -> None:
        """Know no place yet. Without the `source` of the file no beginning can be read again."""
        self._source = source
        from blake3 import blake3  # noqa: PLC0415 - only fingerprints need it

        self._new = blake3
        self._lock = threading.Lock()
        self._at = 0  # bytes that were heard, or are being heard
        self._known: set[Place] = set()
        self._ahead: list[tuple[int, int, Place]] = []  # a heap; the number settles ties
        self._open: list[tuple[Place, blake3]] = []
        self._begun: list[Place] = []  # joined between their first and their last byte
        self._late: list[Place] = []  # joined after their last byte
        self._digests: dict[Place, str] = {}

    def join(self, places: Iterable[Place]) -> None:
        """Take the leaves of these places, too. Each must lie in the file and hold a byte."""
        with self._lock:
            for place in places:
                if place in self._known:
                    continue
                self._known.add(place)
                if place.start < self._at:
                    is_open = self._source is not None and place.end > self._at
                    (self._begun if is_open else self._late).append(place)
                else:
                    heappush(self._ahead, (place.start, len(self._known), place))

    def hear(self, at: int, block: memoryview) -> None:
        """Go on with the `block` of the file at byte `at`, which follows on the last one."""
        end = at + len(block)
        begun = self._begin_late(at)
        with self._lock:
            self._at = end
            self._open += begun
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

    def _begin_late(self, at: int) -> list[tuple[Place, blake3]]:
        """Return the places that joined too late, with what of them lies before `at`.

        One whose beginning cannot be read any more gets no leaf.
        """
        if self._source is None:
            return []
        with self._lock:
            begun, self._begun = self._begun, []
        found: list[tuple[Place, blake3]] = []
        for place in begun:
            with suppress(OSError):
                found.append((place, self._taken(place, at, self._source, _nobody_waits)))
        return found

    def catch_up(
        self, source: Source, advance: Callable[[int], None], *, is_over: bool = False
    ) -> None:
        """Read what `hear` came too late for. `advance` is called often, and may raise to stop.

        `is_over` says that `hear` will not be called again.

        Raises:
            OSError: It cannot be read.
        """
        with self._lock:
            late, self._late = self._late, []
            if is_over:
                late, self._begun = late + self._begun, []
        for place in late:
            self._digests[place] = self._taken(place, place.end, source, advance).hexdigest()

    def _taken(
        self, place: Place, end: int, source: Source, advance: Callable[[int], None]
    ) -> blake3:
        """Return the state of the leaf of a place, once its bytes before `end` were read."""
        state = self._new(heading(place.dtype, place.elements))
        for start in range(place.start, end, CHUNK):
            advance(0)
            state.update(source.read_at(start, min(CHUNK, end - start)))
        return state

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


def _nobody_waits(count: int) -> None:
    """Do nothing."""


def _is_telling(place: Place, source: Source) -> bool:
    if not could_tell(place.dtype, place.length):
        return False
    length = min(SAMPLE, place.length)
    return any(
        varies(source.read_at(place.start + start, length)) for start in sample_starts(place.length)
    )
