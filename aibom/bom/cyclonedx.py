"""The model of a BOM as CycloneDX JSON, the same bytes for the same model and time.

One function makes one object of the specification, with its keys in a fixed order. 1.6 and 1.7
differ in two places: how licences may stand together, and the citations, which only 1.7 has.
"""

from __future__ import annotations

import json
import uuid
from datetime import UTC
from hashlib import sha256
from typing import TYPE_CHECKING

from . import owasp
from .cited import citations, settle
from .component_json import component_json
from .model import Kind
from .sparse import Json, any_of, items, prop, text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from .model import Bom, Composition, Vulnerability

SPEC_VERSION = "1.7"  # unless another is asked for
SPEC_VERSIONS = ("1.6", "1.7")
CITING = frozenset({"1.7"})  # versions that have citations
TOOL = "aibom"
TOOL_REF = "tool:aibom"
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:aibom:bom")


def to_bytes(document: Json) -> bytes:
    """Return the document as ASCII: whoever prints the file sees no control or bidi character."""
    text = json.dumps(document, ensure_ascii=True, allow_nan=False, indent=1)
    return text.replace("\x7f", "\\u007f").encode("ascii") + b"\n"


def document(bom: Bom, timestamp: datetime | None = None, version: str = SPEC_VERSION) -> Json:
    """Return `bom` as a CycloneDX document of a `version`. `timestamp` is the only time in it.

    The serial number is a digest of everything else, so equal documents have equal numbers.
    """
    when = _moment(timestamp)
    settled, told = settle(_body(bom, when, version))
    body: Json = settled
    if when and version in CITING:  # the schema takes none without a time, and a BOM has no clock
        body |= items("citations", citations(told, when, TOOL_REF))
    digest = sha256(json.dumps(body).encode()).hexdigest()
    head = {
        "$schema": f"http://cyclonedx.org/schema/bom-{version}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": version,
        "serialNumber": uuid.uuid5(NAMESPACE, digest).urn,
        "version": 1,
    }
    return head | body


def _moment(timestamp: datetime | None) -> str:
    if timestamp is None:
        return ""
    # A reader cannot tell a time without a zone; `astimezone` would ask this machine for its own.
    if timestamp.tzinfo is None:
        raise ValueError("the timestamp of a BOM needs a time zone")
    return timestamp.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _body(bom: Bom, when: str, version: str) -> Json:
    return {
        "metadata": {
            **text("timestamp", when),
            "lifecycles": [{"phase": "post-build"}],
            "tools": {"components": [_tool(bom)]},
            "component": _subject(bom, version),
            **items("properties", owasp.of_whole(bom.subject.claims)),
        },
        "components": [component_json(component, version) for component in bom.components],
        "dependencies": list(_dependencies(bom)),
        "compositions": [_composition(each) for each in bom.compositions],
        **items("vulnerabilities", map(_vulnerability, bom.vulnerabilities)),
    }


def _dependencies(bom: Bom) -> Iterator[Json]:
    """Yield what the subject consists of, and what each model needs.

    That there is nothing is said, too: some readers take a missing list for an error.
    """
    yield {"ref": bom.subject.ref, "dependsOn": [each.ref for each in bom.components]}
    for each in bom.components:
        if each.kind is Kind.MODEL or each.depends_on:
            yield {"ref": each.ref, "dependsOn": list(each.depends_on)}


def _tool(bom: Bom) -> Json:
    return {
        "type": "application",
        "bom-ref": TOOL_REF,
        "name": TOOL,
        "version": bom.tool_version,
        "properties": [prop("rules:sha256", bom.rules_digest), *_policy(bom)],
    }


def _policy(bom: Bom) -> Iterator[Json]:
    name, digest = bom.policy
    if name:
        yield prop("policy:name", name)
    if digest:
        yield prop("policy:sha256", digest)


# --- The subject ----------------------------------------------------------------------------------


def _subject(bom: Bom, version: str) -> Json:
    component = component_json(bom.subject, version)
    told = [
        *(prop("left-out", name) for name in bom.left_out),
        *(prop("not-covered", f"{each.name} ({each.why})") for each in bom.not_covered),
    ]
    commits = [{"uid": bom.commit}] if bom.commit else []
    return (
        _named(component, bom.version)
        | any_of("pedigree", component.get("pedigree", {}) | items("commits", commits))
        | items("properties", [*component.get("properties", ()), *told])
    )


def _named(component: Json, version: str) -> Json:
    """Return the component with its version behind its name, as the specification orders them."""
    named: Json = {}
    for key, value in component.items():
        named |= {key: value} | (text("version", version) if key == "name" else {})
    return named


# --- Findings and completeness --------------------------------------------------------------------


def _vulnerability(found: Vulnerability) -> Json:
    source = {"name": TOOL}
    return {
        "bom-ref": found.ref,
        "id": found.rule,
        "source": source,
        "ratings": [{"source": source, "severity": found.severity, "method": "other"}],
        **items("cwes", found.cwes),
        "description": found.message,
        **text("detail", found.why),
        **text("recommendation", found.advice),
        "analysis": _analysis(found),
        "affects": [{"ref": found.affects}],
        **items("properties", _place(found)),
    }


def _analysis(found: Vulnerability) -> Json:
    """Return how the finding stands. Whoever waives one accepts it, and shows nothing of it."""
    waiver = found.waiver
    if waiver is None:
        return {"state": "in_triage"}
    until = f" until {waiver.expires}" if waiver.expires else ""
    detail = f"waived by {waiver.owner}{until}: {waiver.reason}"
    return {"state": "in_triage", "response": ["will_not_fix"], "detail": detail}


def _place(found: Vulnerability) -> Iterator[Json]:
    if found.title:
        yield prop("finding:title", found.title)
    if found.family:
        yield prop("finding:family", found.family)
    for name, kind in zip(found.path, ("file", *["member"] * len(found.path)), strict=False):
        yield prop(f"finding:{kind}", name)
    if found.offset is not None:
        yield prop("finding:offset", str(found.offset))
    if found.length is not None:
        yield prop("finding:length", str(found.length))
    for reference in found.references:
        yield prop("finding:reference", reference)
    if found.waiver is not None:
        yield prop("waiver:owner", found.waiver.owner)
        yield prop("waiver:reason", found.waiver.reason)
        if found.waiver.expires:
            yield prop("waiver:expires", found.waiver.expires)


def _composition(composition: Composition) -> Json:
    return {
        "aggregate": composition.aggregate.value,
        **items("assemblies", composition.assemblies),
        **items("dependencies", composition.dependencies),
    }
