"""What is exported is SPDX 3.0.1 by SPDX's own model, and says what the BOM says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from spdx_python_model import v3_0_1 as spdx

from aibom import bom
from aibom.bom.spdx import export
from aibom.errors import BomError
from tests.aibom.bom.examples import small
from tests.aibom.bom.test_same_bytes import reports

if TYPE_CHECKING:
    from aibom.report import Report

WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SERIAL = "0d7b7130-c88b-5b8d-8171-80653da85a55"
PREFIX = f"urn:cdx:{SERIAL}/1#"
MODEL = "machine-learning-model"
DIGEST = "5e" * 32


def written(subject: dict[str, Any], **more: Any) -> bytes:  # noqa: ANN401 - JSON
    """Return a BOM about a model."""
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.7",
        "serialNumber": f"urn:uuid:{SERIAL}",
        "version": 1,
        "metadata": {"component": {"type": MODEL, "bom-ref": "m", "name": "tuned", **subject}},
        **more,
    }
    return json.dumps(document).encode()


def elements(data: bytes) -> dict[str, dict[str, Any]]:
    """Return the elements of an SPDX document by the end of their id, read by SPDX's model too."""
    found = spdx.SHACLObjectSet()
    spdx.JSONLDDeserializer().read(BytesIO(data), found)
    assert not found.missing_ids
    graph: list[dict[str, Any]] = json.loads(data)["@graph"]
    named = [each for each in graph if "spdxId" in each]
    by_id = {each["spdxId"].partition("#")[2]: each for each in named}
    assert len(by_id) == len(named)
    return by_id


def exported(subject: dict[str, Any], **more: Any) -> dict[str, dict[str, Any]]:  # noqa: ANN401 - JSON
    return elements(export(written(subject, **more), WHEN).data)


def related(found: dict[str, dict[str, Any]], kind: str) -> list[tuple[str, list[str], str]]:
    """Return from, to and completeness of the relationships of a kind."""
    return [
        (
            each["from"].partition("#")[2],
            [target.partition("#")[2] for target in each["to"]],
            each.get("completeness", ""),
        )
        for each in found.values()
        if each.get("relationshipType") == kind
    ]


def without_head(element: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in element.items() if k not in {"spdxId", "creationInfo"}}


def test_a_model_is_an_ai_package_with_all_that_its_card_says() -> None:
    card = {
        "modelParameters": {
            "approach": {"type": "supervised"},
            "task": "text-generation",
            "architectureFamily": "llama",
            "modelArchitecture": "LlamaForCausalLM",
        },
        "quantitativeAnalysis": {
            "performanceMetrics": [
                {"type": "accuracy", "value": "0.61", "slice": "mmlu"},
                {"type": "loss"},
            ]
        },
        "considerations": {
            "technicalLimitations": ["None known.", "One."],
            "useCases": ["Chat."],
        },
        "properties": [
            {"name": "aibom:unknown", "value": "version"},
            {"name": "aibom:context:length", "value": "8192"},
            {"name": "cdx:ai-ml:model:parameter:count", "value": "2"},
        ],
    }
    found = exported(
        {
            "group": "acme",
            "version": "1",
            "purl": "pkg:huggingface/acme/tuned",
            "description": "A model.",
            "supplier": {"name": "Acme & Sons"},
            "releaseNotes": {"type": "major", "timestamp": "2026-01-01T01:00:00+01:00"},
            "externalReferences": [
                {"type": "distribution", "url": "weights"},
                {"type": "distribution", "url": "https://h.example/tuned"},
                {"type": "website", "url": "https://h.example"},
            ],
            "hashes": [
                {"alg": "SHA-256", "content": DIGEST},
                {"alg": "Streebog-256", "content": DIGEST},
            ],
            "modelCard": card,
        }
    )
    assert without_head(found["m"]) == {
        "type": "ai_AIPackage",
        "name": "acme/tuned",
        "description": "A model.",
        "verifiedUsing": [{"type": "Hash", "algorithm": "sha256", "hashValue": DIGEST}],
        "software_primaryPurpose": "model",
        "software_packageVersion": "1",
        "software_packageUrl": "pkg:huggingface/acme/tuned",
        "software_downloadLocation": "https://h.example/tuned",
        "software_homePage": "https://h.example",
        "suppliedBy": f"{PREFIX}spdx:organization:Acme%20%26%20Sons",
        "releaseTime": "2026-01-01T00:00:00Z",
        "ai_domain": ["text-generation"],
        "ai_typeOfModel": ["llama", "LlamaForCausalLM"],
        "ai_informationAboutTraining": "supervised",
        "ai_informationAboutApplication": "Chat.",
        "ai_limitation": "None known.\n\nOne.",
        "ai_metric": [
            {"type": "DictionaryEntry", "key": "accuracy (mmlu)", "value": "0.61"},
            {"type": "DictionaryEntry", "key": "loss"},
        ],
        "ai_hyperparameter": [
            {"type": "DictionaryEntry", "key": "context:length", "value": "8192"},
            {"type": "DictionaryEntry", "key": "cdx:ai-ml:model:parameter:count", "value": "2"},
        ],
    }
    assert without_head(found["spdx:organization:Acme%20%26%20Sons"]) == {
        "type": "Organization",
        "name": "Acme & Sons",
    }
    profiles = found["spdx:document"]["profileConformance"]
    assert profiles == ["core", "software", "simpleLicensing", "ai"]


def test_a_profile_whose_demands_are_not_met_is_not_claimed() -> None:
    found = exported({})
    assert found["spdx:document"]["profileConformance"] == ["core", "software", "simpleLicensing"]


def test_a_file_has_its_path_its_hashes_and_its_ids() -> None:
    blob = f"swh:1:cnt:{'94' * 20}"
    found = exported(
        {},
        components=[
            {
                "type": "file",
                "bom-ref": "file:a b",
                "name": "a b",
                "mime-type": "text/plain",
                "swhid": [blob],
                "hashes": [{"alg": "SHA3-512", "content": DIGEST * 2}],
                "properties": [{"name": "aibom:path", "value": "sub/a b"}],
            }
        ],
        compositions=[{"aggregate": "incomplete_first_party_only", "assemblies": ["m"]}],
    )
    assert without_head(found["file:a%20b"]) == {
        "type": "software_File",
        "name": "sub/a b",
        "verifiedUsing": [{"type": "Hash", "algorithm": "sha3_512", "hashValue": DIGEST * 2}],
        "software_primaryPurpose": "file",
        "contentType": "text/plain",
        "software_contentIdentifier": [
            {
                "type": "software_ContentIdentifier",
                "software_contentIdentifierType": "swhid",
                "software_contentIdentifierValue": blob,
            }
        ],
    }
    assert related(found, "contains") == [("m", ["file:a%20b"], "incomplete")]


def test_weights_are_a_package_and_the_file_that_it_comes_as() -> None:
    weights = {
        "type": MODEL,
        "bom-ref": "w",
        "name": "w.gguf",
        "properties": [{"name": "aibom:path", "value": "w.gguf"}],
    }
    found = exported({}, components=[weights])
    assert (found["w"]["type"], found["spdx:file:w"]["type"]) == ("ai_AIPackage", "software_File")
    assert related(found, "hasDistributionArtifact") == [("w", ["spdx:file:w"], "complete")]
    assert related(found, "contains") == [("m", ["w"], "")]


def test_data_for_training_and_for_testing_are_kept_apart() -> None:
    def data(ref: str, role: str) -> dict[str, Any]:
        role_of = [{"name": "aibom:dataset:role", "value": role}] if role else []
        return {"type": "data", "bom-ref": ref, "name": ref, "properties": role_of}

    datasets = [
        {"ref": "d1"},
        {"ref": "d2"},
        {"ref": "d3"},
        {"ref": "gone"},
        {"type": "dataset", "name": "inline", "description": "Some."},
    ]
    found = exported(
        {"modelCard": {"modelParameters": {"datasets": datasets}}},
        components=[data("d1", "training"), data("d2", "evaluation"), data("d3", "")],
        dependencies=[{"ref": "m", "dependsOn": ["d1", "d2"]}],
        compositions=[{"aggregate": "unknown", "dependencies": ["m"]}],
    )
    trained = [("m", ["d1", "d3", "spdx:data:4:m"], "noAssertion")]
    assert related(found, "trainedOn") == trained
    assert related(found, "testedOn") == [("m", ["d2"], "noAssertion")]
    assert related(found, "dependsOn") == []
    assert without_head(found["spdx:data:4:m"]) == {
        "type": "dataset_DatasetPackage",
        "name": "inline",
        "description": "Some.",
        "software_primaryPurpose": "data",
        "dataset_datasetType": ["noAssertion"],
    }


def test_lineage_and_dependencies_become_relationships() -> None:
    base = {
        "type": MODEL,
        "name": "base",
        "pedigree": {"ancestors": [{"type": MODEL, "name": "b"}]},
    }
    pedigree = {"ancestors": [base], "variants": [{"type": MODEL, "bom-ref": "v", "name": "v"}]}
    library = {
        "type": "library",
        "bom-ref": "l",
        "name": "torch",
        "components": [
            {"type": "operating-system", "bom-ref": "o", "name": "o"},
        ],
    }
    found = exported(
        {"pedigree": pedigree},
        components=[library, {"type": "file", "bom-ref": "f", "name": "f"}],
        dependencies=[
            {"ref": "m", "dependsOn": ["l"]},
            {"ref": "m", "dependsOn": ["f", "gone"]},
            {"ref": "gone", "dependsOn": ["l"]},
            {"ref": "f"},
        ],
    )
    at = "spdx:component:metadata/component/pedigree/ancestors/0"
    assert related(found, "descendantOf") == [
        (at, [f"{at}/pedigree/ancestors/0"], ""),
        ("m", [at], ""),
    ]
    assert related(found, "hasVariant") == [("m", ["v"], "")]
    assert related(found, "dependsOn") == [("m", ["l"], "")]
    assert found["l"]["type"] == "software_Package"
    assert found["o"]["software_primaryPurpose"] == "operatingSystem"


def test_licences_are_declared_or_concluded() -> None:
    found = exported(
        {
            "licenses": [
                {"license": {"id": "Apache-2.0", "acknowledgement": "declared"}},
                {
                    "license": {
                        "name": "llama3.1",
                        "acknowledgement": "concluded",
                        "properties": [
                            {
                                "name": "aibom:licence:means",
                                "value": "LicenseRef-scancode-llama-3.1-license-2024",
                            }
                        ],
                    }
                },
                {"license": {"name": "our own, see LICENSE"}},
                {"expression": "mit or 0bsd"},
                {"license": {"name": "?"}},
            ],
            "evidence": {"licenses": [{"expression": "MIT"}]},
        }
    )
    expressions = {
        each["spdxId"]: (each["simplelicensing_licenseExpression"], each.get("name", ""))
        for each in found.values()
        if each["type"] == "simplelicensing_LicenseExpression"
    }
    declared = [
        ("Apache-2.0", ""),
        ("LicenseRef-aibom-our-own-see-LICENSE", "our own, see LICENSE"),
        ("MIT OR 0BSD", ""),
        ("LicenseRef-aibom-unnamed", "?"),
    ]
    concluded = [("LicenseRef-scancode-llama-3.1-license-2024", "llama3.1"), ("MIT", "")]
    for kind, wanted in (("hasDeclaredLicense", declared), ("hasConcludedLicense", concluded)):
        ((_, targets, _),) = related(found, kind)
        assert [expressions[PREFIX + target] for target in targets] == wanted


def test_references_that_look_like_our_own_ids_or_stand_twice_stay_apart() -> None:
    files = [{"type": "file", "bom-ref": ref, "name": ref} for ref in ("spdx:document", "x", "m")]
    found = exported({}, components=files)
    places = [f"spdx:component:components/{at}" for at in (0, 2)]
    assert related(found, "contains") == [("m", [places[0], "x", places[1]], "")]
    assert found["spdx:document"]["type"] == "SpdxDocument"


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
