"""One of the documents that are merged, made ready to stand beside others.

Its references get its number in front, and the paths of its files the name of its folder, so that
neither can be taken for another part's. Signatures inside of it are left out: what they covered was
another text.
"""

from __future__ import annotations

import re
from collections import Counter
from hashlib import sha256
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..errors import BomError
from ..scanners.record import record
from ..scanners.shapes import is_list, is_object
from . import merge_references as references
from . import read
from .document import Json, digest_of, each, inside, path_of, subject, words
from .document import parts as components
from .lint import schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SHOWN = 3  # faults that are told
LOCATED = {"occurrences": ("location",), "externalReferences": ("url",)}  # a file's path
NOT_PATH = re.compile(r", byte \d+|, key '| > ")  # ends the path in our citations
PATHS = {  # properties of ours that start with the path of a file
    f"aibom:{name}"
    for name in ("path", "file", "finding:file", "licence:text", "left-out", "not-covered")
}


@record
class Part:
    """A document on its way into another."""

    number: int  # from 1
    source: str  # what its user calls it, for errors
    sha256: str  # of the bytes that were read
    document: Json  # with its references renamed, its paths in their folder, and no signatures
    original: Json
    signatures: int  # that were left out


def part(number: int, source: str, data: bytes, folders: set[str]) -> Part:
    """Return the document in `data` as the part `number`, in a folder that is none of `folders`.

    Raises:
        BomError: It is no valid CycloneDX document of version 1.6 or 1.7, or a reference in it
            leads nowhere or is not unique.
    """
    try:
        original = read.parse(data)
    except BomError as error:
        raise BomError(f"{source}: {error}") from error
    _check(original, source)
    signatures: list[object] = []
    unsigned: Json = _unsigned(original, signatures)
    document = _known(references.renamed(unsigned, f"{number}/{{}}".format), number)
    files = {path for each_ in components(original) if (path := path_of(each_.component))}
    folder = _folder(original, number, folders, files)
    if folder:
        document = _moved(document, folder, files)
    return Part(number, source, sha256(data).hexdigest(), document, original, len(signatures))


def _check(document: Json, source: str) -> None:
    faults = [fault for fault, _ in zip(schema.faults(document), range(SHOWN), strict=False)]
    if not faults:
        faults = _broken(document)[:SHOWN]
    if faults:
        raise BomError(
            f"{source} is not valid, so it is not merged: {'; '.join(faults)}. "
            "`aibom lint` tells all that is wrong with it."
        )


def _known(document: Json, number: int) -> Json:
    """Return the document with a reference for its subject, by which the whole can name it."""
    about = subject(document)
    if about is None or words(about.component, "bom-ref"):
        return document
    taken = set(references.defined(document))
    ref = next(name for name in _names(f"{number}/subject") if name not in taken)
    component = {"bom-ref": ref, **about.component}
    return document | {"metadata": document["metadata"] | {"component": component}}


def _names(first: str) -> Iterator[str]:
    yield first
    yield from (f"{first}-{again}" for again in count(2))


def _broken(document: Json) -> list[str]:
    times = Counter(references.defined(document))
    nowhere = set(references.used(document)) - times.keys()
    return [
        *(f"the bom-ref {ref!r:.200} stands twice" for ref in sorted(times) if times[ref] > 1),
        *(f"the reference {ref!r:.200} leads nowhere" for ref in sorted(nowhere)),
    ]


def _unsigned(value: Any, found: list[object]) -> Any:  # noqa: ANN401 - any JSON
    """Return a copy without enveloped signatures, each of which is added to `found`."""
    if is_list(value):
        return [_unsigned(item, found) for item in value]
    if not is_object(value):
        return value
    kept: Json = {}
    for key, item in value.items():
        if key == "signature" and is_object(item):
            found.append(item)
        else:
            kept[key] = _unsigned(item, found)
    return kept


# --- Paths ----------------------------------------------------------------------------------------


def _folder(document: Json, number: int, folders: set[str], files: set[str]) -> str:
    """Return the folder of a part and add it to `folders`; a single file needs none."""
    about = subject(document)
    if not files or (about and _is_one_file(about.component, document)):
        alone = next(iter(files), "")
        if alone not in folders:
            folders.add(alone)
            return ""
    name = words(about.component, "name") if about else ""
    plain = quote(name, safe=" +,=@()!").strip(".") or "part"  # no "/": it is one step of a path
    folder = plain if plain not in folders else f"{plain}-{number}"
    folders.add(folder)
    return folder


def _is_one_file(component: Json, document: Json) -> bool:
    """Whether a subject is itself the only file that its document lists."""
    digests = {digest_of(each_.component) for each_ in components(document)}
    return digests == {digest_of(component)} != {""}


def _moved(document: Json, folder: str, files: Iterable[str]) -> Json:
    """Return a copy whose paths start with `folder`: those in our properties and of its files."""
    known = frozenset(files)

    def copy(value: Any, holder: str) -> Any:  # noqa: ANN401 - any JSON
        if is_list(value):
            return [copy(item, holder) for item in value]
        if not is_object(value):
            return value
        kept = {key: copy(item, key) for key, item in value.items()}
        if holder == "properties" and kept.get("name") in PATHS and words(kept, "value"):
            kept["value"] = f"{folder}/{kept['value']}"
        for key in LOCATED.get(holder, ()):
            if words(kept, key) in known:
                kept[key] = f"{folder}/{kept[key]}"
        if holder == "citations" and "note" in kept:
            kept["note"] = _cited(kept["note"], folder, known)
        return kept

    whole: Json = copy(document, "")
    return whole


def _cited(note: str, folder: str, files: frozenset[str]) -> str:
    """Return a citation's note, in our form, with the path in the folder."""
    status, colon, place = note.partition(": ")
    file = NOT_PATH.split(place, maxsplit=1)[0]
    return f"{status}: {folder}/{place}" if colon and file in files else note


# --- What is said of it ---------------------------------------------------------------------------


def named(part: Part) -> str:
    """Return the name of what a part describes, or of its file."""
    about = subject(part.original)
    return (words(about.component, "name") if about else "") or part.source


def link(part: Part) -> str:
    """Return a BOM-Link to the document that a part was, or a name of its bytes (RFC 6920)."""
    serial = words(part.original, "serialNumber").removeprefix("urn:uuid:")
    if serial:
        return f"{references.BOM_LINK}{serial}/{words(part.original, 'version') or '1'}"
    return f"ni:///sha-256;{_base64(bytes.fromhex(part.sha256))}"


def _base64(digest: bytes) -> str:
    from base64 import urlsafe_b64encode  # noqa: PLC0415 - few documents lack a number

    return urlsafe_b64encode(digest).decode().rstrip("=")


def roots(part: Part) -> list[str]:
    """Return the references of what a part describes, or of all that it lists at the top."""
    about = subject(part.document)
    listed = [about.component] if about else each(part.document, "components")
    return list(filter(None, (words(component, "bom-ref") for component in listed)))


def written(part: Part) -> str:
    """Return when a part says that it was written, or an empty text."""
    return words(inside(part.original, "metadata"), "timestamp")
