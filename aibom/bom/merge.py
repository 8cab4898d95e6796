"""Several bills of materials as one: nothing of them is judged again, and no reference breaks.

The new subject depends on the old ones, which become components. What has no place in a document
about all of them (a licence of one document, a signature inside one) is named in a property, never
dropped in silence. A signature over a part does not cover the result: that stands in it, beside the
hash of each part.
"""

from __future__ import annotations

import json
import uuid
from datetime import UTC
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING

from ..errors import BomError
from ..version import VERSION
from . import cyclonedx, merge_add, merge_part
from .document import each, inside, words
from .lint import schema
from .merge_gather import Gathering
from .merge_references import defined, used

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from .document import Json
    from .merge_part import Part

SUBJECT = "subject"
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:aibom:merge")
TLP = ("CLEAR", "GREEN", "AMBER", "AMBER_AND_STRICT", "RED")  # who may read it: later is fewer
SHOWN = 3  # faults that are told
ORDER = (  # of the specification
    *("metadata", "components", "services", "externalReferences", "dependencies", "compositions"),
    *("vulnerabilities", "annotations", "formulation", "declarations", "definitions", "citations"),
    "properties",
)
ORDER_IN_METADATA = (
    *("timestamp", "lifecycles", "tools", "authors", "component", "properties"),
    "distributionConstraints",
)


def merge(
    documents: Sequence[tuple[str, bytes]],
    name: str,
    *,
    version: str = "",
    timestamp: datetime | None = None,
) -> bytes:
    """Return one CycloneDX document about `name`, which consists of what `documents` describe.

    Each document is given with what its user calls it. `version` is that of the new subject,
    `timestamp` the time, with a zone, at which the result says that it was written, if any. The
    result depends on the bytes, their order and these alone; its version of CycloneDX is the newest
    among theirs.

    Raises:
        BomError: A document is no valid CycloneDX 1.6 or 1.7, two are the same, or something in
            one is referred to for which there is no place.
    """
    when = timestamp.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if timestamp else ""
    parts = _parts(documents)
    gathering = Gathering()
    _begin(gathering, parts)
    places = [merge_add.add(gathering, part) for part in parts]
    for part, moved in zip(parts, places, strict=True):
        merge_add.cite(gathering, part, moved)
        merge_add.confess(gathering, part)
    document = _finished(gathering.document, parts, _subject(name, version), when)
    _check(document)
    return cyclonedx.to_bytes(document)


def _parts(documents: Sequence[tuple[str, bytes]]) -> list[Part]:
    folders: set[str] = set()
    parts: list[Part] = []
    for number, (source, data) in enumerate(documents, 1):
        part = merge_part.part(number, source, data, folders)
        same = next((other for other in parts if other.sha256 == part.sha256), None)
        if same is not None:
            raise BomError(f"{same.source} and {source} are the same. Name each document once.")
        parts.append(part)
    return parts


def _subject(name: str, version: str) -> Json:
    named = {"type": "application", "bom-ref": SUBJECT, "name": name}
    return named | ({"version": version} if version else {})


def _begin(gathering: Gathering, parts: Sequence[Part]) -> None:
    """Put what is said of the whole in front, so that no part's item moves for it."""
    tool = {"type": "application", "bom-ref": "tool:aibom", "name": "aibom", "version": VERSION}
    gathering.put(("metadata", "tools", "components"), tool)
    roots = [root for part in parts for root in merge_part.roots(part)]
    gathering.put(("dependencies",), {"ref": SUBJECT, "dependsOn": roots})
    gathering.put(("compositions",), {"aggregate": _known(parts), "assemblies": [SUBJECT]})
    for part in parts:
        gathering.put(("externalReferences",), _reference(part))


def _known(parts: Sequence[Part]) -> str:
    """Return how much of the whole is known: that it has no more parts, nobody said."""
    said = (
        words(item, "aggregate") for part in parts for item in each(part.original, "compositions")
    )
    return "incomplete" if any(word.startswith("incomplete") for word in said) else "unknown"


def _reference(part: Part) -> Json:
    when = merge_part.written(part)
    told = f", written {when}" if when else ""
    return {
        "url": merge_part.link(part),
        "comment": f"part {part.number}, {merge_part.named(part)}{told}, as it was before merging; "
        "a signature over it does not cover this document",
        "type": "bom",
        "hashes": [{"alg": "SHA-256", "content": part.sha256}],
    }


def _finished(body: Json, parts: Sequence[Part], about: Json, when: str) -> Json:
    """Return the whole document with its keys in order and a number that is a digest of it."""
    tlp = _tlp(parts)
    metadata = {
        **body["metadata"],
        **({"timestamp": when} if when else {}),
        "component": about,
        **({"distributionConstraints": {"tlp": tlp}} if tlp else {}),
    }
    ordered = body | {"metadata": {k: metadata[k] for k in ORDER_IN_METADATA if k in metadata}}
    rest = {key: ordered[key] for key in ORDER if key in ordered}
    version = max(words(part.original, "specVersion") for part in parts)
    digest = sha256(json.dumps([version, rest], sort_keys=True).encode()).hexdigest()
    return {
        "$schema": f"http://cyclonedx.org/schema/bom-{version}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": version,
        "serialNumber": uuid.uuid5(NAMESPACE, digest).urn,
        "version": 1,
        **rest,
    }


def _tlp(parts: Sequence[Part]) -> str:
    """Return the strictest of the parts' limits on who may read them, if any has one."""
    metadata = (inside(part.original, "metadata") for part in parts)
    said = [words(inside(each_, "distributionConstraints"), "tlp") for each_ in metadata]
    return max((word for word in said if word in TLP), key=TLP.index, default="")


def _check(document: Json) -> None:
    """Return if the result is valid and every reference leads to the one thing that it did."""
    nowhere = sorted(set(used(document)) - set(defined(document)))
    if nowhere:
        raise BomError(
            f"{nowhere[0]!r:.200} is referred to (the number is that of the document), but stands "
            "in a place that has no room for several. Remove it or the reference before merging."
        )
    faults = list(islice(schema.faults(document), SHOWN))
    if faults:
        raise BomError(
            f"the merged document would not be valid CycloneDX {document['specVersion']}, so it "
            f"was not written: {'; '.join(faults)}."
        )
