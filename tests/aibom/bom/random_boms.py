"""Valid CycloneDX documents at random: components in components, and references of every kind."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]

WHEN = "2026-01-02T03:04:05Z"
NAMES = st.text("abcxyz-é", min_size=1, max_size=4)
DIGESTS = st.integers(0, 9).map(lambda number: f"{number:064x}")
SEVERITIES = ("critical", "high", "medium", "low", "info")


def texts(*words: str) -> st.SearchStrategy[str]:
    return st.sampled_from(words)


@st.composite
def licences(draw: st.DrawFn) -> list[Json]:
    chosen = draw(st.lists(texts("MIT", "Apache-2.0", "GPL-3.0-only"), max_size=2, unique=True))
    how = draw(texts("declared", "concluded"))
    return [{"license": {"id": each, "acknowledgement": how}} for each in chosen]


@st.composite
def components(draw: st.DrawFn, depth: int = 1) -> Json:
    """Return a component without a reference; nested ones have none either."""
    kind = draw(texts("machine-learning-model", "file", "data", "library"))
    path = draw(NAMES)
    found: Json = {"type": kind, "name": path, "hashes": [{"alg": "SHA-256", "content": ""}]}
    found["hashes"][0]["content"] = draw(DIGESTS)
    found["licenses"] = draw(licences())
    told = draw(st.dictionaries(texts("format", "size", "unread", "tensor:dtype"), NAMES))
    found["properties"] = [
        {"name": f"aibom:{name}", "value": value} for name, value in told.items()
    ]
    if draw(st.booleans()):
        found["properties"].append({"name": "aibom:path", "value": path})
        found["evidence"] = {"occurrences": [{"location": path, "offset": 3}]}
    if kind == "machine-learning-model":
        shape = draw(st.dictionaries(texts("vocabSize", "blockCount", "hyperparameter"), NAMES))
        told = {f"genai:aibom:modelcard:{name}": value for name, value in shape.items()}
        found["modelCard"] = {
            "properties": [{"name": name, "value": value} for name, value in told.items()]
        }
    if depth and draw(st.booleans()):
        found["components"] = unlike(draw(st.lists(components(depth - 1), max_size=2)))
    return found


def unlike(items: list[Json]) -> list[Json]:
    """Return the items without those that are equal to an earlier one."""
    kept: dict[str, Json] = {}
    for item in items:
        kept.setdefault(json.dumps(item, sort_keys=True), item)
    return list(kept.values())


@st.composite
def boms(draw: st.DrawFn) -> Json:
    """Return a document whose references are unique and lead somewhere."""
    listed = draw(st.lists(components(), max_size=4))
    has_subject = draw(st.booleans())
    version = draw(texts("1.6", "1.7"))
    bom: Json = {"bomFormat": "CycloneDX", "specVersion": version, "version": 1}
    about = draw(components(0)) | {"type": "machine-learning-model"}
    bom["metadata"] = {"component": about} if has_subject else {}
    purposes = draw(st.lists(NAMES, max_size=2, unique=True))
    if purposes:
        told: list[Json] = [{"name": "primaryPurpose", "value": each} for each in purposes]
        bom["metadata"] |= {"properties": told}
    bom["components"] = listed
    pointers = name_all(bom)
    refs = list(pointers)
    if refs:
        some = st.lists(st.sampled_from(refs), min_size=1, max_size=3, unique=True)
        bom["dependencies"] = [
            {"ref": ref, "dependsOn": [each for each in draw(some) if each != ref]}
            for ref in draw(some)
        ]
        bom["compositions"] = [
            {"aggregate": draw(texts("complete", "incomplete")), "assemblies": draw(some)}
        ]
        bom["vulnerabilities"] = draw(vulnerabilities(refs))
        bom["annotations"] = [
            {
                "subjects": draw(some),
                "annotator": {"component": {"type": "application", "name": "a"}},
                "timestamp": WHEN,
                "text": draw(NAMES),
            }
        ]
        if version == "1.7":
            bom["citations"] = [
                {
                    "pointers": [pointers[ref] for ref in draw(some)],
                    "timestamp": WHEN,
                    "attributedTo": draw(st.sampled_from(refs)),
                }
            ]
    return bom


@st.composite
def vulnerabilities(draw: st.DrawFn, refs: list[str]) -> list[Json]:
    found = draw(st.lists(st.tuples(NAMES, texts(*SEVERITIES), st.sampled_from(refs)), max_size=3))
    return [
        {
            "bom-ref": f"finding {number}",
            "id": rule,
            "ratings": [{"severity": severity}],
            "affects": [{"ref": ref}],
        }
        for number, (rule, severity, ref) in enumerate(found)
    ]


def name_all(bom: Json) -> dict[str, str]:
    """Give every component a reference, and return them with the pointers that lead there."""
    pointers: dict[str, str] = {}

    def name(component: Json, pointer: str) -> None:
        component["bom-ref"] = f"ref {len(pointers)}"
        pointers[component["bom-ref"]] = pointer
        for number, inner in enumerate(component.get("components", [])):
            name(inner, f"{pointer}/components/{number}")

    if "component" in bom["metadata"]:
        name(bom["metadata"]["component"], "/metadata/component")
    for number, component in enumerate(bom["components"]):
        name(component, f"/components/{number}")
    return pointers


def raw(bom: Json) -> bytes:
    return json.dumps(bom).encode()
