"""What is exported is SPDX 3.0.1 by SPDX's own model, and says what the BOM says."""

from __future__ import annotations

from typing import Any

from tests.aibom.bom.spdx.reading import (
    DIGEST,
    MODEL,
    PREFIX,
    exported,
    related,
)


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


def test_what_a_card_says_stands_where_the_ai_profile_has_a_place_for_it() -> None:
    properties = {
        "cdx:ai-ml:model:parameter:tune_method": "lora",
        "aibom:card:training-data": "Two books.",
        "aibom:card:training-procedure": "Three days.",
        "aibom:card:out-of-scope-use": "Medicine.",
        "aibom:card:ethical-considerations": "It repeats what it read.",
        "aibom:card:evaluation": "On one book.",
        "cdx:ai-ml:model:language": "fr",
        "aibom:tag": "sft",
        "aibom:dataset:evaluation": "mmlu",
        "cdx:ai-ml:model:hyperparameter:learning_rate": "0.1",
    }
    card = {
        "modelParameters": {"approach": {"type": "supervised"}},
        "considerations": {
            "useCases": ["Chat."],
            "users": ["Anybody."],
            "technicalLimitations": ["English."],
            "performanceTradeoffs": ["It is slow."],
            "environmentalConsiderations": {
                "properties": [{"name": "aibom:co2:emissions", "value": "5"}]
            },
        },
        "properties": [{"name": name, "value": value} for name, value in properties.items()],
    }
    found = {k: v for k, v in exported({"modelCard": card})["m"].items() if k[:3] == "ai_"}
    assert found == {
        "ai_informationAboutTraining": "supervised\n\nlora\n\nTwo books.\n\nThree days.",
        "ai_informationAboutApplication": "Chat.\n\nAnybody.\n\nMedicine.",
        "ai_limitation": "English.\n\nIt is slow.\n\nIt repeats what it read.",
        "ai_hyperparameter": [
            {
                "type": "DictionaryEntry",
                "key": "cdx:ai-ml:model:hyperparameter:learning_rate",
                "value": "0.1",
            }
        ],
    }
    assert exported({"modelCard": card})["m"]["comment"] == (
        "card:evaluation: On one book.\n\ncdx:ai-ml:model:language: fr\n\ntag: sft\n\n"
        "co2:emissions: 5"
    )


def test_what_was_measured_of_the_weights_is_no_hyperparameter() -> None:
    measured = ("weights:root", "weights:covered", "weights:leaves", "tensor:count", "tensor:dtype")
    told = [{"name": f"aibom:{name}", "value": "1"} for name in (*measured, "layers", "producer")]
    found = exported({"modelCard": {"properties": told}})["m"]
    assert found["ai_hyperparameter"] == [
        {"type": "DictionaryEntry", "key": "layers", "value": "1"}
    ]
    comment = "\n\n".join(f"{name}: 1" for name in (*measured, "producer"))
    assert found["comment"] == comment


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


def test_data_for_testing_is_told_by_the_names_in_the_model_card() -> None:
    def data(ref: str, name: str, role: str) -> dict[str, Any]:
        role_of = [{"name": "aibom:dataset:role", "value": role}]
        return {"type": "data", "bom-ref": ref, "name": name, "properties": role_of}

    named = [{"name": "aibom:dataset:evaluation", "value": "a"}]
    found = exported(
        {"modelCard": {"properties": named}},
        components=[
            data("d1", "a", "evaluation"),
            data("d2", "a", "training"),
            data("d3", "b", "evaluation"),
        ],
    )
    assert related(found, "testedOn") == [("m", ["d1"], "")]
    assert related(found, "trainedOn") == []


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
