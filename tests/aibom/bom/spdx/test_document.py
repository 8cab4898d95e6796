"""An SPDX document as a whole: its time, its elements, what has no place in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings

from aibom import bom
from aibom.bom.spdx import export
from aibom.errors import BomError
from tests.aibom.bom.examples import small
from tests.aibom.bom.spdx.reading import (
    MODEL,
    PREFIX,
    WHEN,
    elements,
    written,
)
from tests.aibom.bom.test_same_bytes import reports

if TYPE_CHECKING:
    from aibom.report import Report


def test_the_document_names_every_element_and_the_time() -> None:
    document = json.loads(export(written({}), WHEN).data)
    assert document["@context"] == "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"
    creation, program, whole, sbom, *rest = document["@graph"]
    assert creation == {
        "type": "CreationInfo",
        "@id": "_:creation",
        "specVersion": "3.0.1",
        "created": "2026-01-02T03:04:05Z",
        "createdBy": [program["spdxId"]],
    }
    ids = [each["spdxId"] for each in rest]
    assert (sbom["element"], sbom["rootElement"]) == (ids, [f"{PREFIX}m"])
    assert whole["element"] == [program["spdxId"], sbom["spdxId"], *ids]


def test_the_time_is_the_callers_or_else_the_boms() -> None:
    ours = json.loads(written({}))
    ours["metadata"]["timestamp"] = "2025-06-01T12:00:00.5+02:00"
    data = json.dumps(ours).encode()
    for created, wanted in ((None, "2025-06-01T10:00:00Z"), (WHEN, "2026-01-02T03:04:05Z")):
        assert json.loads(export(data, created).data)["@graph"][0]["created"] == wanted


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({}, "SPDX demands a time, and the BOM has none. Set SOURCE_DATE_EPOCH"),
        ({"specVersion": "1.4"}, "version '1.4', expected 1.5 or 1.6 or 1.7"),
        ({"bogus": 1}, "no valid BOM: : Additional properties are not allowed"),
        ({"properties": [{"name": "\ud800"}]}, "half a surrogate pair"),
        ({"metadata": {}}, "no serialNumber or no metadata.component"),
        (
            {
                "metadata": {
                    "component": {"type": MODEL, "name": "m"},
                    "timestamp": "0001-01-01T00:00:00+14:00",
                }
            },
            "'0001-01-01T00:00:00.14:00', which is no instant",
        ),
    ],
    ids=[
        *("no time", "an old version", "an invalid one", "half a character", "no subject"),
        "no instant",
    ],
)
def test_refuses(change: dict[str, Any], why: str) -> None:
    with pytest.raises(BomError, match=why):
        export(json.dumps({**json.loads(written({})), **change}).encode())


def test_what_has_no_place_is_counted() -> None:
    data = written({}, vulnerabilities=[{"id": "a"}, {"id": "b"}], declarations={"claims": []})
    assert export(data, WHEN).left_out == (("vulnerabilities", 2), ("declarations", 1))


@settings(max_examples=40, deadline=None)
@given(reports)
def test_any_bom_of_ours_becomes_spdx_the_same_each_time(report: Report) -> None:
    data = bom.to_json(bom.build(report))
    once = export(data, WHEN)
    assert elements(once.data)
    assert export(data, WHEN) == once
    assert once.data.isascii()


def test_a_report_with_one_of_everything() -> None:
    found = elements(export(bom.to_json(bom.build(small())), WHEN).data)
    files = {each["name"] for each in found.values() if each["type"] == "software_File"}
    listed = {"config.json", "README.md", "LICENSE", "notes.bin", "model.pt"}
    assert files == listed | {"weights/model.safetensors"}
