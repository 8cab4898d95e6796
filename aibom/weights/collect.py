"""The fingerprints of a whole target, gathered while its files are scanned."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from ..folder import Found
from ..scanners.record import field, record
from ..scanners.source import FileSource
from .fingerprint import Fingerprint, Weights, distinct
from .places import TIMES, Place, Sited, Why, locate
from .tap import Tap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ..folder import Entry
    from ..scanners.artifact import Artifact
    from ..scanners.source import Source
    from .fingerprint import Leaf


@record(frozen=False)
class _Asked:
    """Places in a file that tensors of other files have."""

    places: set[Place] = field(default_factory=set[Place])
    length: int = 0  # bytes of all of them

    def add(self, places: Iterable[Place]) -> list[Place]:
        """Add places, and return those that are new."""
        new = [place for place in dict.fromkeys(places) if place not in self.places]
        self.places.update(new)
        self.length += sum(place.length for place in new)
        return new

    def is_allowed(self, size: int) -> bool:
        """Whether so much may be hashed of a file of `size` bytes.

        All or none, so that it does not matter which of several files asked first.
        """
        return self.length <= TIMES * size


class Collector:
    """Takes the leaves of all files; used by several threads at once.

    Each file has a `Listener` while it is read. Tensors of an ONNX model may lie in another file,
    which may be read before, meanwhile or later; what its listener did not hear of in time is read
    again by `finish`.
    """

    def __init__(self, advance: Callable[[int], None]) -> None:
        """Start with nothing. `advance` is called often, and may raise to stop."""
        self._advance = advance
        self._lock = threading.Lock()
        self._sited: dict[str, list[Sited]] = {}  # by the file whose tensors they are
        self._leaves: dict[str, dict[Place, Leaf]] = {}  # by the file that holds the values
        self._asked: dict[str, _Asked] = {}  # by the file that holds the values
        self._taps: dict[str, Tap] = {}  # of files that are being read
        self._sizes: dict[str, int] = {}  # bytes

    def listen(self, entry: Entry) -> Listener:
        """Return what is to hear every block of the open file."""
        tap = Tap(FileSource(entry.fd, entry.size))
        with self._lock:
            self._taps[entry.name], self._sizes[entry.name] = tap, entry.size
            if entry.name in self._asked:
                self._join(entry.name, list(self._asked[entry.name].places))
        return Listener(self, tap, entry)

    def located(self, name: str, found: list[Sited]) -> list[Place]:
        """Take note of the tensors of the file `name`; return the places that lie in it itself."""
        by_file: dict[str, list[Place]] = {name: []}
        for each in found:
            if each.place:
                by_file.setdefault(each.file, []).append(each.place)
        own = by_file.pop(name)
        with self._lock:
            self._sited[name] = found
            for other, places in by_file.items():
                self._join(other, self._asked.setdefault(other, _Asked()).add(places))
        return own

    def _join(self, name: str, places: list[Place]) -> None:
        """Let the tap of another file, if that is being read, take these places as well."""
        size, tap = self._sizes.get(name, 0), self._taps.get(name)
        if tap is not None and self._asked[name].is_allowed(size):
            tap.join(place for place in places if place.end <= size)

    def catch_up(self, tap: Tap, source: Source, *, is_over: bool) -> None:
        """Read what the tap came too late for; what cannot be read has no leaf, which is said."""
        with suppress(OSError):
            tap.catch_up(source, self._advance, is_over=is_over)

    def end(self, name: str) -> None:
        """Let no more places join in the file `name`."""
        with self._lock:
            del self._taps[name]

    def keep(self, name: str, leaves: dict[Place, Leaf]) -> None:
        """Keep the leaves of the file `name`."""
        self._leaves[name] = leaves

    def forget(self, name: str) -> None:
        """Keep nothing of a file that changed or could not be read."""
        with self._lock:
            self._leaves.pop(name, None)
            self._sited.pop(name, None)

    def finish(
        self, entries: Callable[[], Iterable[Entry]], stamps: Mapping[str, tuple[int, ...]]
    ) -> Weights:
        """Return what is known of the target, once all its files were kept.

        `entries` opens its files again, one by one, and only if that is needed; `stamps` are those
        of the first time.
        """
        missing = self._missing()
        for entry in entries() if missing else ():
            with closing(entry):
                is_same = entry.found is Found.FILE and stamps.get(entry.name) == entry.stamp
                if is_same and entry.name in missing:
                    self._leaves[entry.name] |= self._read(entry, missing[entry.name])
        files = (self._fingerprint(path, found) for path, found in self._sited.items() if found)
        return Weights(tuple(sorted(files, key=lambda each: each.path)))

    def _missing(self) -> dict[str, set[Place]]:
        """Return the places that nobody heard in time, by the files that hold them."""
        missing: dict[str, set[Place]] = {}
        for name, asked in self._asked.items():
            size = self._sizes.get(name, 0)
            if name in self._leaves and asked.is_allowed(size):
                inside = {place for place in asked.places if place.end <= size}
                if inside - self._leaves[name].keys():
                    missing[name] = inside - self._leaves[name].keys()
        return missing

    def _read(self, entry: Entry, places: set[Place]) -> dict[Place, Leaf]:
        tap, source = Tap(), FileSource(entry.fd, entry.size)
        tap.hear(entry.size, memoryview(b""))
        tap.join(places)
        self.catch_up(tap, source, is_over=True)
        return _leaves(tap, source)

    def _fingerprint(self, path: str, found: list[Sited]) -> Fingerprint:
        leaves: dict[tuple[str, Place], Leaf] = {}
        without: Counter[str] = Counter()
        uncovered = 0
        for each in found:
            leaf = self._leaf(each, path)
            if isinstance(leaf, Why):
                without[leaf.value] += 1
                uncovered += each.length
            elif each.place:
                leaves[each.file, each.place] = leaf
        return Fingerprint(
            path,
            distinct(leaves.values()),
            covered=sum(place.length for _, place in leaves),
            uncovered=uncovered,
            without=tuple(sorted(without.items())),
        )

    def _leaf(self, sited: Sited, path: str) -> Leaf | Why:
        """Return the leaf of a tensor, or why it has none."""
        if sited.place is None:
            return sited.why or Why.BOUNDS
        if sited.file not in self._leaves:
            return Why.ELSEWHERE
        if sited.file != path and not self._asked[sited.file].is_allowed(self._sizes[sited.file]):
            return Why.SHARED
        return self._leaves[sited.file].get(sited.place, Why.BOUNDS)


class Listener:
    """Takes the leaves of one open file while it is hashed: `locate`, then `end`."""

    def __init__(self, collector: Collector, tap: Tap, entry: Entry) -> None:
        """Listen for the `collector`."""
        self._collector, self._tap, self._name = collector, tap, entry.name
        self._source = FileSource(entry.fd, entry.size)
        self.hear = tap.hear

    def locate(self, artifact: Artifact) -> None:
        """Take the leaves of the tensors that the parser names; read again what has passed."""
        self._tap.join(self._collector.located(self._name, locate(artifact)))
        self._collector.catch_up(self._tap, self._source, is_over=False)

    def end(self) -> None:
        """Keep the leaves: the file was hashed to its end."""
        self._collector.end(self._name)
        self._collector.catch_up(self._tap, self._source, is_over=True)
        self._collector.keep(self._name, _leaves(self._tap, self._source))

    def forget(self) -> None:
        """Keep nothing of the file: it changed, or could not be read."""
        self._collector.forget(self._name)


def _leaves(tap: Tap, source: Source) -> dict[Place, Leaf]:
    try:
        return tap.leaves(source)
    except OSError:
        return {}
