"""A document that grows by items of others, and the way from where an item was to where it is.

Pointers are JSON pointers (RFC 6901).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from ..errors import BomError
from ..scanners.shapes import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .document import Json

Path: TypeAlias = tuple[str, ...]  # of a list, by the keys that lead to it

DEEPEST = 200  # steps of a pointer; no document that is read is as deep
MOST_POINTERS = 1_000_000  # of all citations; one at a list of one part becomes many
LISTS: tuple[Path, ...] = (  # whose items keep their meaning beside those of another document
    ("metadata", "lifecycles"),
    ("metadata", "tools", "components"),
    ("metadata", "tools", "services"),
    ("metadata", "authors"),
    ("metadata", "properties"),
    ("components",),
    ("services",),
    ("externalReferences",),
    ("dependencies",),
    ("compositions",),
    ("vulnerabilities",),
    ("annotations",),
    ("formulation",),
    ("declarations", "assessors"),
    ("declarations", "attestations"),
    ("declarations", "claims"),
    ("declarations", "evidence"),
    ("declarations", "targets", "organizations"),
    ("declarations", "targets", "components"),
    ("declarations", "targets", "services"),
    ("definitions", "standards"),
    ("definitions", "patents"),
    ("properties",),
)


class Gathering:
    """A document under way."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.document: Json = {}
        self._at: dict[Path, dict[str, int]] = {}
        self._pointers = 0

    def put(self, path: Path, item: object) -> str:
        """Add `item` to the list at `path` unless it is there, and return its pointer."""
        *above, last = path
        holder = self.document
        for key in above:
            holder = holder.setdefault(key, {})
        items: list[object] = holder.setdefault(last, [])
        known = self._at.setdefault(path, {})
        place = known.setdefault(json.dumps(item, sort_keys=True), len(items))
        if place == len(items):
            items.append(item)
        return f"/{'/'.join(path)}/{place}"

    def cite(self, citation: Json) -> None:
        """Add a citation.

        Raises:
            BomError: All citations have too many pointers: some at lists became one for each item.
        """
        self._pointers += len(citation["pointers"])
        if self._pointers > MOST_POINTERS:
            raise BomError(
                f"the citations would have more than {MOST_POINTERS} pointers. Merge fewer "
                "documents, or some whose citations name single things."
            )
        self.put(("citations",), citation)

    def has(self, pointer: str) -> bool:
        """Whether a pointer leads to something here."""
        return leads_somewhere(self.document, pointer)


class Places:
    """Where the items of one part went."""

    def __init__(self) -> None:
        """Begin with none."""
        self._moved: dict[str, str] = {}
        self._lists: dict[str, list[str]] = {}

    def moved(self, old: str, new: str) -> None:
        """Remember that what stood at the pointer `old` now stands at `new`."""
        self._moved[old] = new
        self._lists.setdefault(old.rpartition("/")[0], []).append(new)

    def of(self, pointer: str) -> list[str]:
        """Return where that is to which `pointer` led: nowhere, in one place, or item by item.

        A pointer at a whole list would now be about the items of other parts too.
        """
        rest = pointer if pointer.count("/") <= DEEPEST else ""
        while rest:
            if rest in self._moved:
                return [self._moved[rest] + pointer[len(rest) :]]
            rest = rest.rpartition("/")[0]
        return self._lists.get(pointer, [])


def items(document: Json) -> Iterator[tuple[Path, int, object]]:
    """Yield the items of all lists that can be put beside others."""
    for path in LISTS:
        holder: object = document
        for key in path:
            holder = holder.get(key) if is_object(holder) else None
        for number, item in enumerate(holder if is_list(holder) else ()):
            yield path, number, item


def homeless(document: Json, above: Path = ()) -> Iterator[str]:
    """Yield, with dots, the way to everything in a document that is in none of these lists."""
    for key, value in document.items():
        path = (*above, key)
        if path in LISTS:
            continue
        if is_object(value) and any(known[: len(path)] == path for known in LISTS):
            yield from homeless(value, path)
        else:
            yield ".".join(path)


def leads_somewhere(document: Json, pointer: str) -> bool:
    """Whether a JSON pointer leads to something in `document`."""
    value: object = document
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if is_object(value) and key in value:
            value = value[key]
        elif is_list(value) and key.isdecimal() and key.isascii() and int(key) < len(value):
            value = value[int(key)]
        else:
            return False
    return True
