"""What two documents say around their components: how much is known, and what needs what."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ..scanners.shapes import is_list, is_object
from . import owasp
from .diff_items import plain
from .diff_kinds import Change
from .diff_sides import NOTHING, Side, Thing
from .document import each, inside, subject, texts, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .document import Json

COMPARED = {  # of a document: in a way of its own, or never
    *("$schema", "bomFormat", "specVersion", "serialNumber", "version", "signature", "citations"),
    *("metadata", "components", "dependencies", "compositions", "vulnerabilities"),
}
COMPARED_IN_METADATA = {"timestamp", "tools", "component", "supplier"}


def known(one: Side, other: Side, things: list[Thing]) -> Iterator[Change]:
    """Yield where another part of something is said to be known."""
    before, after = _degrees(one), _degrees(other)
    for place, thing in enumerate(things):
        was, now = before.get(place, NOTHING), after.get(place, NOTHING)
        if was != now and thing.is_both:
            gained = "complete" in now and "complete" not in was
            kind = "completeness-gained" if gained else "completeness-lost"
            yield Change(kind, *thing.names, "composition", was, now)


def _degrees(side: Side) -> dict[int, tuple[str, ...]]:
    degrees: dict[int, set[str]] = {}
    for composition in each(side.document, "compositions"):
        for ref in texts(composition, "assemblies"):
            if ref in side.thing:
                degrees.setdefault(side.thing[ref], set()).add(words(composition, "aggregate"))
    return {place: tuple(sorted(told)) for place, told in degrees.items()}


def needs(one: Side, other: Side, things: list[Thing]) -> Iterator[Change]:
    """Yield where a thing needs others among those that are on both sides."""
    before, after = _edges(one, things), _edges(other, things)
    for place, thing in enumerate(things):
        was, now = before.get(place, set()), after.get(place, set())
        if was != now and thing.is_both:
            less = tuple(sorted(things[target].names[0] for target in was - now))
            more = tuple(sorted(things[target].names[1] for target in now - was))
            yield Change("dependency-changed", *thing.names, "depends on", less, more)


def _edges(side: Side, things: list[Thing]) -> dict[int, set[int]]:
    edges: dict[int, set[int]] = {}
    for entry in each(side.document, "dependencies"):
        place = side.thing.get(words(entry, "ref"))
        if place is not None:
            found = (side.thing[ref] for ref in texts(entry, "dependsOn") if ref in side.thing)
            both = (target for target in found if things[target].is_both)
            edges.setdefault(place, set()).update(both)
    return edges


def document(one: Side, other: Side) -> Iterator[Change]:
    """Yield what is different in who wrote the documents, and in sections without rules."""
    if one.tools != other.tools:
        yield Change("tool-changed", "", "", "tools", one.tools, other.tools)
    if one.rules != other.rules:
        yield Change("rules-changed", "", "", "rules", one.rules, other.rules)
    old, new = one.labelled, other.labelled
    yield from _sections(old, new, COMPARED, "")
    yield from _sections(_metadata(old), _metadata(new), COMPARED_IN_METADATA, "metadata.")


def _metadata(document: Json) -> Json:
    """Return the metadata without properties that repeat what the subject says."""
    metadata, about = inside(document, "metadata"), subject(document)
    properties = metadata.get("properties")
    if about is None or not is_list(properties):
        return metadata
    beside = owasp.texts(about.component)
    rest = [item for item in properties if not _is_repeated(item, beside)]
    return metadata | {"properties": rest}


def _is_repeated(item: object, beside: frozenset[str]) -> bool:
    if not is_object(item):
        return False
    return words(item, "name") in owasp.OF_WHOLE and words(item, "value") in beside


def _sections(old: Json, new: Json, compared: set[str], prefix: str) -> Iterator[Change]:
    for key in sorted((old.keys() | new.keys()) - compared):
        was, now = _told(old.get(key)), _told(new.get(key))
        less, more = tuple((was - now).elements()), tuple((now - was).elements())
        if less or more:
            kind = "statement-changed"
            yield Change(kind, "", "", prefix + key, tuple(sorted(less)), tuple(sorted(more)))


def _told(value: object) -> Counter[str]:
    many: list[object] = value if is_list(value) else [value]
    return Counter(text for item in many if (text := plain(item)))
