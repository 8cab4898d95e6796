"""Add one document to a merged one, and say of what has no place there that it is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..scanners.shapes import is_list
from . import merge_gather, owasp
from .document import inside, numbered, subject, texts, words
from .merge_gather import Gathering, Places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .document import Json
    from .merge_part import Part

LEFT_OUT = "aibom:merged:left-out"
PLACED = {  # with the part's external reference, or in a place of its own
    *("$schema", "bomFormat", "specVersion", "serialNumber", "version", "citations"),
    *("metadata.timestamp", "metadata.component", "metadata.distributionConstraints"),
}
PROPERTIES = ("metadata", "properties")
TOOLS = ("metadata", "tools", "components")
COMMON = ("bom-ref", "name")  # what an organisation and a person have in common
ALIKE = ("version", "hashes", "externalReferences")  # of a tool then and a component now
MOST = 20  # lines about what is left out of one part


def add(gathering: Gathering, part: Part) -> Places:
    """Add all of a part but its citations, and return where it went."""
    places = Places()
    _add_subject(gathering, part, places)
    metadata = inside(part.document, "metadata")
    for number, tool in numbered(metadata, "tools"):  # the form before CycloneDX 1.5
        places.moved(f"/metadata/tools/{number}", gathering.put(TOOLS, _tool(tool)))
    for key in ("manufacturer", "manufacture"):  # of the document, not of what it describes
        author = {name: value for name, value in inside(metadata, key).items() if name in COMMON}
        if author.get("name"):
            places.moved(f"/metadata/{key}", gathering.put(("metadata", "authors"), author))
    gone = {number for number, _ in _of_model(part)}
    for path, number, item in merge_gather.items(part.document):
        if path != PROPERTIES or number not in gone:
            places.moved(f"/{'/'.join(path)}/{number}", gathering.put(path, item))
    return places


def _add_subject(gathering: Gathering, part: Part, places: Places) -> None:
    about = subject(part.document)
    if about is None:
        return
    supplier = inside(inside(part.document, "metadata"), "supplier")
    is_supplied = bool(supplier) and "supplier" not in about.component
    component = about.component | ({"supplier": supplier} if is_supplied else {})
    own = component.get("properties", [])
    more = list(_of_model(part))
    if more and is_list(own):
        component |= {"properties": [*own, *(item for _, item in more)]}
    new = gathering.put(("components",), component)
    places.moved(about.pointer, new)
    for at, (number, _) in enumerate(more, len(own)):
        places.moved(f"/metadata/properties/{number}", f"{new}/properties/{at}")
    if is_supplied:
        places.moved("/metadata/supplier", f"{new}/supplier")


def _of_model(part: Part) -> Iterator[tuple[int, Json]]:
    """Yield the properties of the metadata that are of the model, if it is described."""
    if subject(part.document) is not None:
        for number, item in numbered(inside(part.document, "metadata"), "properties"):
            if words(item, "name") in owasp.OF_WHOLE:
                yield number, item


def _tool(tool: Json) -> Json:
    vendor, name = words(tool, "vendor"), words(tool, "name")
    kept: Json = {
        key: tool[key] for key in ("version", "hashes", "externalReferences") if key in tool
    }
    publisher: Json = {"publisher": vendor} if vendor else {}
    return {"type": "application", **publisher, "name": name or vendor or "unnamed", **kept}


def cite(gathering: Gathering, part: Part, places: Places) -> None:
    """Add the citations of a part, with pointers to where that is now what they were about."""
    for number, citation in numbered(part.document, "citations"):
        kept: list[str] = []
        lost = list(texts(citation, "expressions"))  # a language of its own, not to be rewritten
        for pointer in texts(citation, "pointers"):
            found = [new for new in places.of(pointer) if gathering.has(new)]
            kept += found
            lost += [] if found else [pointer]
        if kept:
            gathering.cite(citation | {"pointers": list(dict.fromkeys(kept))})
        if lost:
            _say(gathering, part, [f"citations[{number}] of {each!r:.200}" for each in lost])


def confess(gathering: Gathering, part: Part) -> None:
    """Say of all else of a part that has no place in a document about several."""
    metadata = inside(part.document, "metadata")
    about = subject(part.document)
    gone = [each for each in merge_gather.homeless(part.document) if each not in PLACED]
    if is_list(metadata.get("tools")):
        gone.remove("metadata.tools")
    if "metadata.supplier" in gone and about and "supplier" not in about.component:
        gone.remove("metadata.supplier")
    if part.signatures:
        gone.append(f"signatures inside the document: {part.signatures}")
    _say(gathering, part, gone)


def _say(gathering: Gathering, part: Part, gone: list[str]) -> None:
    shown = gone[:MOST] + ([f"and {len(gone) - MOST} more"] if len(gone) > MOST else [])
    for each in shown:
        told = {"name": LEFT_OUT, "value": f"part {part.number}: {each}"}
        gathering.put(("properties",), told)
