"""Each citation points at the value that it is about, and says where in the files that stands."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aibom import bom
from aibom.bom.cited import Told, citations, place_of, settle
from aibom.bom.model import Claim, Evidence, Field, Status
from aibom.scanners.shapes import is_list

from .examples import small

MOMENT = datetime(2026, 1, 2, tzinfo=UTC)


def claim(value: str) -> Claim:
    return Claim(Field.TASK, value, Status.DECLARED, (Evidence("README.md", key=value),))


def at(document: Any, pointer: str) -> Any:  # noqa: ANN401 - any JSON
    """Follow a JSON Pointer as RFC 6901 says."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        document = document[int(key)] if is_list(document) else document[key]
    return document


def told(value: str) -> Told:
    return Told(value, (claim(value),))


trees = st.recursive(
    st.text().map(told) | st.integers(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("a~/ü"), inner, max_size=4),
)


@given(trees)
def test_every_pointer_leads_to_what_its_claims_say(tree: Any) -> None:  # noqa: ANN401 - any JSON
    plain, said = settle(tree)
    json.dumps(plain)
    assert [at(plain, pointer) for pointer, _ in said] == [claims[0].value for _, claims in said]


def test_what_stands_around_a_told_value_is_cited_too() -> None:
    outer = Told({"a": Told("b", (claim("b"),))}, (claim("x"),))
    assert settle([outer]) == ([{"a": "b"}], [("/0", (claim("x"),)), ("/0/a", (claim("b"),))])


def test_a_place_is_cited_once_for_all_that_rests_on_it() -> None:
    said = [("/a", (claim("x"), claim("x"))), ("/b", (claim("x"), claim("y")))]
    assert list(citations(said, "now", "us")) == [
        {
            "pointers": ["/a", "/b"],
            "timestamp": "now",
            "attributedTo": "us",
            "note": "declared: README.md, key 'x'",
        },
        {
            "pointers": ["/b"],
            "timestamp": "now",
            "attributedTo": "us",
            "note": "declared: README.md, key 'y'",
        },
    ]


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (Evidence("a"), "a"),
        (Evidence("a", offset=0), "a, byte 0"),
        (
            Evidence("m.pt", ("x.zip", "data.pkl"), 7, "b"),
            "m.pt > x.zip > data.pkl, byte 7, key 'b'",
        ),
    ],
    ids=["a file", "an offset", "a member"],
)
def test_a_place_reads_as(evidence: Evidence, expected: str) -> None:
    assert place_of(evidence) == expected


def test_a_bom_with_a_time_cites_every_claim_that_stands_in_it() -> None:
    found = bom.parse(bom.to_json(bom.build(small()), MOMENT))
    cited = {
        (pointer, each["note"]): at(found, pointer)
        for each in found["citations"]
        for pointer in each["pointers"]
    }
    parameters = "/metadata/component/modelCard/modelParameters"
    assert (
        cited[f"{parameters}/architectureFamily", "declared: config.json, byte 4, key 'model_type'"]
        == "llama"
    )
    assert cited["/metadata/component/licenses/0", "declared: README.md, key 'license'"] == {
        "license": {"id": "Apache-2.0", "acknowledgement": "declared"}
    }
    assert {each["timestamp"] for each in found["citations"]} == {"2026-01-02T00:00:00Z"}
    assert {each["attributedTo"] for each in found["citations"]} == {"tool:aibom"}


@pytest.mark.parametrize("version", ["1.6", "1.7"])
def test_without_a_time_or_in_an_older_version_the_occurrences_stand_alone(version: str) -> None:
    moment = MOMENT if version == "1.6" else None
    found = bom.parse(bom.to_json(bom.build(small()), moment, version))
    assert "citations" not in found
    assert found["metadata"]["component"]["evidence"]["occurrences"][0]["symbol"] == "model_type"
