"""Where the values of a document come from: its citations (1.7) and occurrences (1.5 and later)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..scanners.record import record
from .document import each, inside, texts, words
from .show_card import Ground

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .document import Json, Part

STATUSES = ("observed", "declared", "inferred", "unknown")
MOST = 20  # grounds of one value
LEVELS = 6  # of a name, between colons: "cdx:ai-ml:model:hyperparameter:learning_rate" has five


class Grounds:
    """The grounds of a whole document."""

    def __init__(self, document: Json) -> None:
        """Take the citations of `document`."""
        self._cited: dict[str, list[Ground]] = {}
        self._resting: dict[str, dict[str, list[_Place]]] = {}
        for citation in each(document, "citations"):
            ground = _ground(words(citation, "note"))
            for pointer in texts(citation, "pointers"):
                self._cited.setdefault(pointer, []).append(ground)

    def of(self, part: Part, name: str = "", pointer: str = "") -> tuple[Ground, ...]:
        """Return the grounds of a value of `part`.

        They are those of the `pointer`, from the part on; else the occurrences that say that the
        field `name`, or one of that name with a detail, rests on them.
        """
        cited = self._cited.get(part.pointer + pointer) if pointer else None
        if cited:
            return tuple(cited[:MOST])
        return tuple(place.ground for place in self._of(part).get(name, ())[:MOST])

    def headings(self, part: Part, name: str) -> tuple[str, ...]:
        """Return the keys of the places that the field `name` rests on: of a text, its heading."""
        found = (place.symbol for place in self._of(part).get(name, ())[:MOST])
        return tuple(dict.fromkeys(filter(None, found)))

    def _of(self, part: Part) -> dict[str, list[_Place]]:
        """Return the places of a part by the fields that rest on them."""
        if part.pointer not in self._resting:
            by_name = self._resting[part.pointer] = {}
            for occurrence in each(inside(part.component, "evidence"), "occurrences"):
                for name, place in _places(occurrence):
                    by_name.setdefault(name, []).append(place)
        return self._resting[part.pointer]


@record
class _Place:
    ground: Ground
    symbol: str


def _ground(note: str) -> Ground:
    status, colon, place = note.partition(": ")
    return Ground(status, place) if colon and status in STATUSES else Ground("", note)


def _places(occurrence: Json) -> Iterator[tuple[str, _Place]]:
    """Yield each field that rests on an occurrence, and the place that this is."""
    members: list[str] = []
    statuses: dict[str, dict[str, None]] = {}  # of each name
    for told in words(occurrence, "additionalContext").split("; "):
        status, colon, names = told.partition(": ")
        if colon and status in STATUSES:
            for name in names.split(", "):
                for shorter in _names(name):
                    statuses.setdefault(shorter, {})[status] = None
        elif told.startswith("in "):
            members.append(told.removeprefix("in "))
    where = " > ".join((words(occurrence, "location"), *members))
    offset, symbol = words(occurrence, "offset"), words(occurrence, "symbol")
    at = f", byte {offset}" if offset else ""
    place = f"{where}{at}" + (f", key {symbol!r}" if symbol else "")
    for name, known in statuses.items():
        yield name, _Place(Ground(", ".join(known), place), symbol)


def _names(name: str) -> Iterator[str]:
    """Yield a field's name with its detail, and without."""
    yield name
    parts = name.split(":", LEVELS)
    yield from (":".join(parts[:count]) for count in range(1, min(len(parts), LEVELS)))
