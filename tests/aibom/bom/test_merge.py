"""Merging: whatever the parts refer to, they refer to still, and nothing goes in silence."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aibom import bom
from aibom.bom.lint import lint
from aibom.bom.merge import merge
from aibom.bom.merge_gather import leads_somewhere
from aibom.bom.merge_references import UNTYPED, USES, defined, used
from aibom.errors import BomError
from aibom.scanners.shapes import is_list, is_object
from aibom.signatures.components import listed_files

from . import random_boms
from .examples import faults, file, report, small
from .merging import WHEN, Json, cdx, left_out, merged, model
from .random_boms import raw

if TYPE_CHECKING:
    from collections.abc import Iterator


def ours(*names: str, name: str) -> bytes:
    return bom.to_json(bom.build(report(*map(file, names), name=name)))


# --- What holds for all ---------------------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(st.lists(random_boms.boms(), min_size=1, max_size=3, unique_by=raw))
def test_every_reference_and_pointer_leads_to_what_it_did(parts: list[Json]) -> None:
    whole = merged(*parts)
    assert faults(raw(whole)) == []
    refs = list(defined(whole))
    assert len(refs) == len(set(refs))
    assert set(used(whole)) <= set(refs)
    names = dict(named(whole))
    for number, part in enumerate(parts, 1):
        for ref, name in named(part):
            assert names[f"{number}/{ref}"] == name
    pointers = [pointer for each in whole.get("citations", []) for pointer in each["pointers"]]
    before = [p for part in parts for each in part.get("citations", []) for p in each["pointers"]]
    assert len(pointers) == len(before)
    assert all(leads_somewhere(whole, pointer) for pointer in pointers)


def named(value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON
    """Yield the reference and name of everything that has both."""
    if is_list(value):
        for item in value:
            yield from named(item)
    elif is_object(value):
        if "bom-ref" in value and "name" in value:
            yield value["bom-ref"], value["name"]
        for item in value.values():
            yield from named(item)


@settings(max_examples=5, deadline=None)
@given(random_boms.boms(), random_boms.boms(), random_boms.boms())
def test_what_was_merged_merges_again(one: Json, two: Json, three: Json) -> None:
    one["components"].append(model("only in one"))
    two["components"].append(model("only in two"))
    three["components"].append(model("only in three"))
    again = merged(merged(one, two), three)
    assert faults(raw(again)) == []
    assert set(used(again)) <= set(defined(again))


def test_the_table_of_references_is_the_schema_s() -> None:
    resources = files("cyclonedx.schema") / "_res"
    typed: set[tuple[str, str]] = set()
    for version in ("1.6", "1.7"):
        schema = json.loads((resources / f"bom-{version}.SNAPSHOT.schema.json").read_text())
        typed |= references_in(schema)
    assert typed | UNTYPED == USES


def references_in(schema: Json) -> set[tuple[str, str]]:
    """Return the enclosing key and the key of each value that the schema calls a reference."""
    found: set[tuple[str, str]] = set()
    seen: set[tuple[str, str, str]] = set()

    def walk(part: Any, holder: str, key: str) -> None:  # noqa: ANN401 - any JSON
        if not is_object(part):
            return
        name: str = part.get("$ref", "").removeprefix("#/definitions/")
        if name in {"refType", "refLinkType"}:
            found.update({(holder, key)} if key != "bom-ref" else ())
        elif name in schema["definitions"] and (name, holder, key) not in seen:
            seen.add((name, holder, key))
            walk(schema["definitions"][name], holder, key)
        for inner, value in part.get("properties", {}).items():
            walk(value, key, inner)
        items = part.get("items", [])
        choices: list[Any] = [e for kind in ("oneOf", "anyOf") for e in part.get(kind, [])]
        for each in [*choices, *(items if is_list(items) else [items])]:
            walk(each, holder, key)

    walk(schema, "", "")
    return found


# --- Two of ours ----------------------------------------------------------------------------------


def test_two_models_of_ours_become_one_bom_that_can_be_signed() -> None:
    one, two = ours("config.json", "w.bin", name="encoder"), ours("config.json", name="decoder")
    whole = json.loads(merge([("a", one), ("b", two)], "pair", version="3"))
    assert whole["metadata"]["component"] == {
        "type": "application",
        "bom-ref": "subject",
        "name": "pair",
        "version": "3",
    }
    assert whole["dependencies"][0] == {
        "ref": "subject",
        "dependsOn": ["1/subject", "2/subject"],
    }
    assert whole["compositions"][0] == {"aggregate": "unknown", "assemblies": ["subject"]}
    assert list(listed_files(whole)) == [
        "encoder/config.json",
        "encoder/w.bin",
        "decoder/config.json",
    ]
    serials = [json.loads(each)["serialNumber"] for each in (one, two)]
    assert whole["externalReferences"] == [
        {
            "url": serial.replace("urn:uuid:", "urn:cdx:") + "/1",
            "comment": f"part {number}, {name}, as it was before merging; a signature over it does "
            "not cover this document",
            "type": "bom",
            "hashes": [{"alg": "SHA-256", "content": sha256(data).hexdigest()}],
        }
        for number, name, serial, data in zip(
            (1, 2), ("encoder", "decoder"), serials, (one, two), strict=True
        )
    ]
    assert left_out(whole) == []


def test_one_with_everything_keeps_its_findings_and_says_that_it_is_incomplete() -> None:
    whole = json.loads(merge([("a", bom.to_json(bom.build(small())))], "only"))
    assert [each["id"] for each in whole["vulnerabilities"]] == ["has-no-card", "spawns"]
    assert whole["compositions"][0]["aggregate"] == "incomplete"
    evidence = whole["components"][0]["evidence"]["occurrences"]
    assert {each["location"] for each in evidence} == {
        "m/config.json",
        "m/README.md",
        "m/LICENSE",
    }


def test_the_bytes_depend_on_the_parts_their_order_and_the_options_alone() -> None:
    one, two = ("a", ours("x", name="one")), ("b", ours("y", name="two"))
    first = merge([one, two], "n")
    assert first == merge([("elsewhere", one[1]), two], "n")
    serials = {
        json.loads(each)["serialNumber"]
        for each in (
            first,
            merge([two, one], "n"),
            merge([one, two], "other"),
            merge([one, two], "n", version="1"),
            merge([one, two], "n", timestamp=datetime(2026, 1, 2, tzinfo=UTC)),
        )
    }
    assert len(serials) == 5


def test_a_time_stands_in_it_only_if_one_is_given() -> None:
    when = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    document = ("a", ours("x", name="one"))
    assert json.loads(merge([document], "n", timestamp=when))["metadata"]["timestamp"] == WHEN
    assert "timestamp" not in json.loads(merge([document], "n"))["metadata"]


# --- What is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ({}, "1.json: this is JSON, but no CycloneDX document"),
        (cdx(specVersion="1.5"), "1.json: CycloneDX version '1.5'"),
        (cdx(components=[{"type": "file"}]), "1.json is not valid, so it is not merged"),
        (
            cdx(dependencies=[{"ref": "x"}, {"ref": "y"}]),
            "the reference 'x' leads nowhere; the reference 'y' leads nowhere",
        ),
        (
            cdx(components=[model(**{"bom-ref": "x"}), model("n", **{"bom-ref": "x"})]),
            "the bom-ref 'x' stands twice",
        ),
    ],
    ids=["no bom", "old", "no name", "dangling", "twice"],
)
def test_what_is_not_valid_is_not_merged(part: Json, told: str) -> None:
    with pytest.raises(BomError, match=told):
        merged(part)


def test_the_same_document_twice_is_refused() -> None:
    with pytest.raises(BomError, match=r"1.json and 2.json are the same. Name each document once."):
        merged(cdx(), cdx())


def test_a_reference_to_what_has_no_place_is_refused() -> None:
    part = cdx(
        metadata={"licenses": [{"license": {"id": "CC0-1.0", "bom-ref": "l"}}]},
        compositions=[{"aggregate": "unknown", "assemblies": ["l"]}],
    )
    with pytest.raises(BomError, match="'1/l' is referred to"):
        merged(part)


def test_links_to_other_documents_stay() -> None:
    link = "urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1#x"
    part = cdx(vulnerabilities=[{"id": "v", "affects": [{"ref": link}]}])
    assert merged(part)["vulnerabilities"][0]["affects"] == [{"ref": link}]


def test_citations_of_dated_boms_lead_to_the_values_that_they_did() -> None:
    when = datetime(2026, 1, 2, tzinfo=UTC)
    dated = [
        bom.to_json(bom.build(small()), when),
        bom.to_json(bom.build(report(file("a.bin"), name="other")), when),
    ]
    before = json.loads(dated[0])
    whole = json.loads(merge([("a", dated[1]), ("b", dated[0])], "both"))
    cited = [at(whole, p) for each in whole["citations"] for p in each["pointers"]]
    expected = [at(before, p) for each in before["citations"] for p in each["pointers"]]
    assert json.dumps(cited).replace("m/", "").replace("2/", "") == json.dumps(expected)
    assert left_out(whole) == []


def at(value: Any, pointer: str) -> Any:  # noqa: ANN401 - any JSON
    """Return what a pointer leads to; no key of ours needs unescaping."""
    for step in pointer.split("/")[1:]:
        value = value[int(step)] if is_list(value) else value[step]
    return value


def test_what_is_merged_of_ours_has_no_problem_for_lint() -> None:
    parts = [
        bom.to_json(bom.build(report(file("a.bin"), name="one"))),
        bom.to_json(bom.build(report(file("a.bin"), file("b.bin"), name="two"))),
    ]
    named_parts = list(zip(("one.json", "two.json"), parts, strict=True))
    found = {problem.rule for problem in lint(merge(named_parts, "both")).problems}
    assert found <= {problem.rule for part in parts for problem in lint(part).problems}
