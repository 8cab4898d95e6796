"""Where the values of a document come from: its citations (1.7) and occurrences (1.5 and later)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .document import each, inside, texts, words
from .show_card import Ground

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .document import Json, Part

STATUSES = ("observed", "declared", "inferred", "unknown")
MOST = 20  # grounds of one value


class Grounds:
    """The grounds of a whole document."""

    def __init__(self, document: Json) -> None:
        """Take the citations of `document`."""
        self._cited: dict[str, list[Ground]] = {}
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
        evidence = inside(part.component, "evidence")
        found = (_resting(each_, name) for each_ in each(evidence, "occurrences"))
        return tuple(ground for ground in found if ground)[:MOST] if name else ()

    def headings(self, part: Part, name: str) -> Iterator[str]:
        """Yield the keys of the places that the field `name` rests on: of a text, its heading."""
        for place in each(inside(part.component, "evidence"), "occurrences"):
            if _resting(place, name) and words(place, "symbol"):
                yield words(place, "symbol")


def _ground(note: str) -> Ground:
    status, colon, place = note.partition(": ")
    return Ground(status, place) if colon and status in STATUSES else Ground("", note)


def _resting(occurrence: Json, name: str) -> Ground | None:
    """Return the ground if the field `name` rests on an occurrence."""
    members: list[str] = []
    statuses: list[str] = []
    for told in words(occurrence, "additionalContext").split("; "):
        status, colon, names = told.partition(": ")
        if colon and status in STATUSES:
            listed = names.split(", ")
            if any(one == name or one.startswith(f"{name}:") for one in listed):
                statuses.append(status)
        elif told.startswith("in "):
            members.append(told.removeprefix("in "))
    if not statuses:
        return None
    where = " > ".join((words(occurrence, "location"), *members))
    offset, symbol = words(occurrence, "offset"), words(occurrence, "symbol")
    at = f", byte {offset}" if offset else ""
    return Ground(", ".join(statuses), f"{where}{at}" + (f", key {symbol!r}" if symbol else ""))
