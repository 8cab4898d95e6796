"""Our schema check agrees with the library's, and our table of references with its schemas."""

from __future__ import annotations

import json
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aibom.bom import validate
from aibom.bom.lint import lint
from aibom.bom.lint.document import VERSIONS
from aibom.bom.lint.references import REFERRING
from aibom.bom.lint.schema import IRI_REFERENCE
from aibom.scanners.shapes import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator

is_valid_syntax: Any = import_module("rfc3987_syntax").is_valid_syntax  # it has no types

REFERENCES = {"#/definitions/refLinkType", "#/definitions/refType"}

BOMS: list[dict[str, Any]] = [
    {},
    {"bogus": 1},
    {"components": [{"type": "file", "name": "x"}, {"type": "file", "name": "x"}]},
    {"components": [{"type": "file", "name": "x"}, {"name": "x", "type": "file"}]},
    {"components": [{"type": "file"}]},
    {"components": {"type": "file", "name": "x"}},
    {"serialNumber": "urn:uuid:0"},
    {"metadata": {"timestamp": "today"}},
    {"metadata": {"timestamp": "2026-01-02T03:04:05Z"}},
    {"metadata": {"authors": [{"name": "a", "email": "no address"}]}},
    {"externalReferences": [{"type": "vcs", "url": ":// "}]},
    {"externalReferences": [{"type": "vcs", "url": "https://h.example/é?a=b#c"}]},
    {"components": [{"type": "file", "name": "x", "licenses": [{"license": {"id": "x"}}]}]},
    {"components": [{"type": "file", "name": "x", "licenses": [{"license": {"id": "MIT"}}]}]},
    {"version": 1.0},
    {"version": True},
]


@pytest.mark.parametrize("version", VERSIONS)
def test_finds_invalid_what_the_library_does(version: str) -> None:
    for bom in BOMS:
        text = json.dumps({"bomFormat": "CycloneDX", "specVersion": version, "version": 1, **bom})
        errors: Any = validate.load(version).validate_str(text, all_errors=True)
        theirs = sorted(error.data.json_path for error in errors or ())
        ours = [p for p in lint(text.encode()).problems if p.rule == "schema-invalid"]
        assert sorted(_json_path(p.pointer) for p in ours) == theirs, bom


def _json_path(pointer: str) -> str:
    steps = pointer.split("/")[1:]
    return "$" + "".join(f"[{step}]" if step.isdigit() else f".{step}" for step in steps)


def test_equal_items_are_told_by_their_indexes() -> None:
    items = '[{"type": "file", "name": "x"}, {"name": "x", "type": "file"}]'
    (problem,) = [
        each
        for each in lint(
            f'{{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": {items}}}'.encode()
        ).problems
        if each.rule == "schema-invalid"
    ]
    assert problem.message == "items 0 and 1 of this list are the same"


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="aZ1é:/?#[]@!$&'()*+,;=-._~% <>\\^\u202e\ue000", max_size=12))
def test_an_address_is_one_where_the_grammar_of_the_rfc_says_so(text: str) -> None:
    if "[" in text:
        return  # the grammar knows whether it is an address of IPv6; we only look at its letters
    assert (IRI_REFERENCE.fullmatch(text) is not None) is is_valid_syntax("iri_reference", text)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("https://[::1]:80/a", True), ("https://[::1", False), ("a[b]", False)],
    ids=["an address of IPv6", "an open bracket", "brackets in a path"],
)
def test_brackets_hold_addresses(text: str, is_one: bool) -> None:
    assert (IRI_REFERENCE.fullmatch(text) is not None) is is_one


def _referring(schema: Any, owner: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 - JSON
    """Yield the key of each object and each key in it that the schema says refers to something.

    The name of a definition stands for the key of what it describes, where both are one word.
    """
    if is_list(schema):
        for each in schema:
            yield from _referring(each, owner)
    if not is_object(schema):
        return
    for key, value in schema.get("properties", {}).items():
        if key != "bom-ref" and _refers(value):
            yield owner, key
        yield from _referring(value, key)
    for key in ("items", "oneOf", "anyOf", "allOf"):
        yield from _referring(schema.get(key), owner)


def _refers(schema: Any) -> bool:  # noqa: ANN401 - JSON
    if is_list(schema):
        return any(_refers(each) for each in schema)
    if not is_object(schema):
        return False
    return schema.get("$ref") in REFERENCES or any(
        _refers(schema.get(key)) for key in ("items", "oneOf", "anyOf")
    )


AS_KEY = {  # name of a definition -> keys that hold what it describes
    "dependency": {"dependencies"},
    "vulnerability": {"vulnerabilities"},
    "componentIdentityEvidence": {"identity"},
    "resourceReferenceChoice": {"resourceReferences", "resource", "source", "target"},
    "citation": {"citations"},
    "cipherSuite": {"cipherSuites"},
    "ikeV2Enc": {"encr"},
    "ikeV2Prf": {"prf"},
    "ikeV2Integ": {"integ"},
    "ikeV2Ke": {"ke"},
    "ikeV2Auth": {"auth"},
    "relatedCryptographicAsset": {"relatedCryptographicAssets"},
    "modelCard": {"modelCard"},
    "standard": {"standards"},
}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_reference_that_a_schema_knows_is_followed(version: str) -> None:
    strict = "-strict" if version in {"1.2", "1.3"} else ""
    file = files("cyclonedx.schema") / "_res" / f"bom-{version}{strict}.SNAPSHOT.schema.json"
    schema = json.loads(file.read_text("utf-8"))
    found = set(_referring(schema))
    for name, definition in schema["definitions"].items():
        for owner in AS_KEY.get(name, {name}):
            found |= set(_referring(definition, owner))
    followed = {(owner, key) for owner, keys in REFERRING.items() for key in keys}
    assert found - followed == set()
