"""Parts of anybody's CycloneDX document, for those who read it: what is not as specified is absent.

Nothing here raises, whatever the types in the document are. Its depth is bounded by the JSON reader
(`read.parse`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from ..scanners.record import record
from ..scanners.shapes import is_list, is_object
from . import owasp

if TYPE_CHECKING:
    from collections.abc import Iterator

Json: TypeAlias = dict[str, Any]

OURS = "aibom:"
LINKS = {  # types of external references -> our field
    "website": "address",
    "vcs": "address",
    "distribution": "download",
}
READABLE = ("1.5", "1.6", "1.7")  # versions of CycloneDX with model cards


@record
class Part:
    """A component and where it stands in its document."""

    component: Json
    pointer: str  # a JSON pointer (RFC 6901)

    @property
    def label(self) -> str:
        """What people call it: its path, or else its name."""
        return path_of(self.component) or words(self.component, "name")


def inside(parent: Json, key: str) -> Json:
    """Return the object at `key`, or an empty one."""
    value = parent.get(key)
    return value if is_object(value) else {}


def each(parent: Json, key: str) -> Iterator[Json]:
    """Yield the objects in the list at `key`."""
    yield from (item for _, item in numbered(parent, key))


def numbered(parent: Json, key: str) -> Iterator[tuple[int, Json]]:
    """Yield the objects in the list at `key` with their places in it."""
    value = parent.get(key)
    for number, item in enumerate(value if is_list(value) else ()):
        if is_object(item):
            yield number, item


def words(parent: Json, key: str) -> str:
    """Return the text at `key`, or an empty one; a number as it is written."""
    value = parent.get(key)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""


def texts(parent: Json, key: str) -> tuple[str, ...]:
    """Return the texts in the list at `key`."""
    value = parent.get(key)
    return tuple(item for item in (value if is_list(value) else ()) if isinstance(item, str))


def subject(document: Json) -> Part | None:
    """Return what the document describes, if it says what that is."""
    component = inside(document, "metadata").get("component")
    return Part(component, "/metadata/component") if is_object(component) else None


def parts(document: Json) -> Iterator[Part]:
    """Yield every component, the subject first and nested ones behind what holds them."""
    first = subject(document)
    if first is not None:
        yield first
        yield from _within(first.component, first.pointer)
    yield from _within(document, "")


def _within(parent: Json, pointer: str) -> Iterator[Part]:
    for number, component in numbered(parent, "components"):
        part = Part(component, f"{pointer}/components/{number}")
        yield part
        yield from _within(component, part.pointer)


def properties(component: Json) -> Iterator[tuple[str, str, str]]:
    """Yield name, value and pointer, from the component on, of each property of it and its card.

    What only repeats, in OWASP's names, what the component says elsewhere is passed over.
    """
    beside: frozenset[str] | None = None
    for name, value, pointer in _all_properties(component):
        if name in owasp.OF_WHOLE:
            beside = owasp.texts(component) if beside is None else beside
            if value in beside:
                continue
        yield name, value, pointer


def _all_properties(component: Json) -> Iterator[tuple[str, str, str]]:
    for where, holder in (("", component), ("/modelCard", inside(component, "modelCard"))):
        for number, item in numbered(holder, "properties"):
            name = words(item, "name")
            if name:
                yield name, words(item, "value"), f"{where}/properties/{number}"


def values(component: Json, name: str) -> tuple[str, ...]:
    """Return the values of our property `name`, which is given without its prefix."""
    return tuple(value for key, value, _ in _all_properties(component) if key == OURS + name)


def path_of(component: Json) -> str:
    """Return the path of the file that a component is, in our form, or an empty text."""
    return next(iter(values(component, "path")), "")


def links(component: Json) -> Iterator[tuple[str, str, str]]:
    """Yield kind, address and pointer of each reference to where the component itself is found."""
    for number, item in numbered(component, "externalReferences"):
        if words(item, "type") in LINKS and words(item, "url"):
            yield words(item, "type"), words(item, "url"), f"/externalReferences/{number}"


def digest_of(component: Json, algorithm: str = "SHA-256") -> str:
    """Return a component's digest in lower-case hexadecimal, or an empty text."""
    found = (words(e, "content") for e in each(component, "hashes") if e.get("alg") == algorithm)
    return next(found, "").lower()


def licences(component: Json) -> Iterator[tuple[str, str, str]]:
    """Yield what, how it is known ("declared", "concluded" or "") and pointer of each licence."""
    evidence = inside(component, "evidence")
    for where, holder, otherwise in (("", component, ""), ("/evidence", evidence, "concluded")):
        for number, choice in numbered(holder, "licenses"):
            licence = inside(choice, "license") or choice
            what = words(licence, "id") or words(licence, "name") or words(licence, "expression")
            how = words(licence, "acknowledgement") or otherwise
            if what:
                yield what, how, f"{where}/licenses/{number}"


def named(component: Json) -> str:
    """Return a component's purl, or its name with group and version."""
    group, version = words(component, "group"), words(component, "version")
    name = f"{group}/{words(component, 'name')}" if group else words(component, "name")
    return words(component, "purl") or (f"{name}@{version}" if version else name)


def organisation(parent: Json, key: str) -> str:
    """Return the name of the organisation or person at `key`, or of all in the list there."""
    value = parent.get(key)
    if is_list(value):
        return ", ".join(filter(None, (words(item, "name") for item in each(parent, key))))
    return words(inside(parent, key), "name") or words(parent, key)
