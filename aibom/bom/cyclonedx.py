"""The model of a BOM as CycloneDX JSON, the same bytes for the same model and time.

One function makes one object of the specification, with its keys in a fixed order. What stands here
is in 1.6 and 1.7 alike; a writer of one version adds what only that version has to `_body`.
"""

from __future__ import annotations

import json
import uuid
from datetime import UTC
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeAlias

from .licences import choices as licences
from .model import Field, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from .model import Bom, Claim, Component, Composition, Evidence, Unread, Vulnerability

Json: TypeAlias = dict[str, Any]

SPEC_VERSION = "1.7"
TOOL = "aibom"
TOOL_REF = "tool:aibom"
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:aibom:bom")
EXACT = (1 << 53) - 1  # greater integers are not read alike everywhere (RFC 8259, section 6)

PARAMETERS = {  # fields that the model card has a place for, in the order of the specification
    Field.TASK: "task",
    Field.ARCHITECTURE_FAMILY: "architectureFamily",
    Field.ARCHITECTURE: "modelArchitecture",
}


def to_bytes(document: Json) -> bytes:
    """Return the document as ASCII: whoever prints the file sees no control or bidi character."""
    text = json.dumps(document, ensure_ascii=True, allow_nan=False, indent=1)
    return text.replace("\x7f", "\\u007f").encode("ascii") + b"\n"


def document(bom: Bom, timestamp: datetime | None = None) -> Json:
    """Return `bom` as a CycloneDX document. `timestamp` is the only time in it.

    The serial number is a digest of everything else, so equal documents have equal numbers.
    """
    body = _body(bom, timestamp)
    digest = sha256(json.dumps(body).encode()).hexdigest()
    head = {
        "$schema": f"http://cyclonedx.org/schema/bom-{SPEC_VERSION}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": SPEC_VERSION,
        "serialNumber": uuid.uuid5(NAMESPACE, digest).urn,
        "version": 1,
    }
    return head | body


def _body(bom: Bom, timestamp: datetime | None) -> Json:
    files = [component.ref for component in bom.components]
    return {
        "metadata": _metadata(bom, timestamp),
        "components": [_component(component) for component in bom.components],
        "dependencies": [{"ref": bom.subject.ref, "dependsOn": files}],
        "compositions": [_composition(each) for each in bom.compositions],
        **_list("vulnerabilities", map(_vulnerability, bom.vulnerabilities)),
    }


def _metadata(bom: Bom, timestamp: datetime | None) -> Json:
    # A reader cannot tell a time without a zone; `astimezone` would ask this machine for its own.
    if timestamp is not None and timestamp.tzinfo is None:
        raise ValueError("the timestamp of a BOM needs a time zone")
    when = timestamp.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if timestamp else ""
    return {
        **_text("timestamp", when),
        "lifecycles": [{"phase": "post-build"}],
        "tools": {"components": [_tool(bom)]},
        "component": _subject(bom),
    }


def _tool(bom: Bom) -> Json:
    return {
        "type": "application",
        "bom-ref": TOOL_REF,
        "name": TOOL,
        "version": bom.tool_version,
        "properties": [_property("rules:sha256", bom.rules_digest)],
    }


# --- Components -----------------------------------------------------------------------------------


def _subject(bom: Bom) -> Json:
    component = _named(_component(bom.subject), bom.version)
    told = [
        *(_property("left-out", name) for name in bom.left_out),
        *(_property("not-covered", f"{each.name} ({each.why})") for each in bom.not_covered),
    ]
    commits = _list("commits", ({"uid": uid} for uid in (bom.commit,) if uid))
    return (
        component
        | _object("pedigree", commits)
        | _list("properties", [*component.get("properties", ()), *told])
    )


def _named(component: Json, version: str) -> Json:
    """Return the component with its version behind its name, as the specification orders them."""
    named: Json = {}
    for key, value in component.items():
        named |= {key: value} | (_text("version", version) if key == "name" else {})
    return named


def _component(component: Component) -> Json:
    is_model = component.kind is Kind.MODEL
    return {
        "type": component.kind.value,
        "bom-ref": component.ref,
        **_text("mime-type", component.media_type),
        "name": component.name,
        **_list("hashes", ({"alg": alg, "content": text} for alg, text in component.hashes)),
        **_list("licenses", licences(component.claims)),
        **(_object("modelCard", _model_card(component.claims)) if is_model else {}),
        **_object("evidence", _list("occurrences", _occurrences(component.claims))),
        **_list("properties", _properties(component)),
    }


def _properties(component: Component) -> Iterator[Json]:
    if component.path:
        yield _property("path", component.path)
    if component.size is not None:
        yield _property("size", str(component.size))
    for name in component.formats:
        yield _property("format", name)
    for unread in component.unread:
        yield _property("unread", _why(unread))
    if component.kind is not Kind.MODEL:
        yield from _claims(component.claims)


def _why(unread: Unread) -> str:
    where = f" (in {' > '.join(unread.member)})" if unread.member else ""
    return f"{unread.reason}: {unread.detail}{where}"


def _model_card(claims: tuple[Claim, ...]) -> Json:
    placed = {field: value for field in PARAMETERS if (value := _only(claims, field))}
    rest = [claim for claim in claims if claim.field not in placed]
    return {
        **_object("modelParameters", {PARAMETERS[field]: placed[field] for field in placed}),
        **_list("properties", _claims(rest)),
    }


def _only(claims: Iterable[Claim], field: Field) -> str | None:
    """Return the value if there is exactly one: of two that differ neither is the truth."""
    values = {claim.value for claim in claims if claim.field is field}
    return values.pop() if len(values) == 1 else None


def _claims(claims: Iterable[Claim]) -> Iterator[Json]:
    for claim in claims:
        if claim.field is not Field.LICENCE:
            yield _property(claim.field.value, claim.value)


def _occurrences(claims: Iterable[Claim]) -> Iterator[Json]:
    """Yield each place once, with the status and the names of what rests on it."""
    resting: dict[Evidence, dict[str, list[str]]] = {}
    for claim in claims:
        for evidence in claim.evidence:
            names = resting.setdefault(evidence, {}).setdefault(claim.status.value, [])
            if claim.field.value not in names:
                names.append(claim.field.value)
    for evidence, by_status in resting.items():
        context = [f"{status}: {', '.join(names)}" for status, names in by_status.items()]
        if evidence.member:
            context.append(f"in {' > '.join(evidence.member)}")
        yield {
            "location": evidence.file,
            **_integer("offset", evidence.offset),
            **_text("symbol", evidence.key),
            "additionalContext": "; ".join(context),
        }


# --- Findings and completeness --------------------------------------------------------------------


def _vulnerability(found: Vulnerability) -> Json:
    source = {"name": TOOL}
    return {
        "bom-ref": found.ref,
        "id": found.rule,
        "source": source,
        "ratings": [{"source": source, "severity": found.severity, "method": "other"}],
        **_list("cwes", found.cwes),
        "description": found.message,
        **_text("detail", found.why),
        **_text("recommendation", found.advice),
        "analysis": {"state": "in_triage"},
        "affects": [{"ref": found.affects}],
        **_list("properties", _place(found)),
    }


def _place(found: Vulnerability) -> Iterator[Json]:
    if found.title:
        yield _property("finding:title", found.title)
    for name, kind in zip(found.path, ("file", *["member"] * len(found.path)), strict=False):
        yield _property(f"finding:{kind}", name)
    if found.offset is not None:
        yield _property("finding:offset", str(found.offset))
    if found.length is not None:
        yield _property("finding:length", str(found.length))
    for reference in found.references:
        yield _property("finding:reference", reference)


def _composition(composition: Composition) -> Json:
    return {
        "aggregate": composition.aggregate.value,
        **_list("assemblies", composition.assemblies),
        **_list("dependencies", composition.dependencies),
    }


# --- Parts that are left out when there is nothing to say -----------------------------------------


def _property(name: str, value: str) -> Json:
    return {"name": f"aibom:{name}", "value": value}


def _text(key: str, value: str | None) -> Json:
    return {key: value} if value else {}


def _integer(key: str, value: int | None) -> Json:
    return {key: value} if value is not None and value <= EXACT else {}


def _object(key: str, value: Json) -> Json:
    return {key: value} if value else {}


def _list(key: str, values: Iterable[Any]) -> Json:
    items = list(values)
    return {key: items} if items else {}
