"""A model that has everything fills every row of the profile. `docs/bom.md` names these tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from aibom import bom
from aibom.sandbox import without_isolation
from aibom.scan import scan_target
from tests.helpers.checkout import ROOT

from . import whole
from .examples import card, faults, properties

if TYPE_CHECKING:
    from pathlib import Path

    from aibom.report import Report

Json = dict[str, Any]
MOMENT = datetime(2026, 1, 2, tzinfo=UTC)
PARAMETERS = "cdx:ai-ml:model:parameter:count"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = whole.write(tmp_path_factory.mktemp("models") / "demo")
    return scan_target(folder, sandbox=without_isolation())


@pytest.fixture(scope="module")
def document(report: Report) -> Json:
    return bom.parse(bom.to_json(bom.build(report), MOMENT))


@pytest.fixture(scope="module")
def subject(document: Json) -> Json:
    found: Json = document["metadata"]["component"]
    return found


@pytest.fixture(scope="module")
def parts(document: Json) -> dict[str, Json]:
    return {each["bom-ref"]: each for each in document["components"]}


def test_identity(subject: Json) -> None:
    assert card(subject)["model:name"] == ["demo"]
    assert (subject["group"], subject["name"], subject["version"], subject["purl"]) == (
        "acme",
        "demo",
        whole.COMMIT,
        f"pkg:huggingface/acme/demo@{whole.COMMIT}",
    )
    told = {key: value for key, value in subject.items() if key != "pedigree"}
    assert "somebody/else" not in json.dumps(told)


def test_producer(parts: dict[str, Json]) -> None:
    weights = parts["file:model-q8_0.gguf"]
    assert weights["supplier"] == {"name": "Acme"}
    assert weights["authors"] == [{"name": "A. Author"}]
    assert weights["version"] == "1.2"
    assert card(parts["file:model.onnx"])["producer"] == ["pytorch"]


def test_description(subject: Json, parts: dict[str, Json]) -> None:
    assert subject["description"] == "A model that shows every field."
    assert parts["file:model.onnx"]["description"] == "One layer."


def test_file_hashes_and_identifiers(parts: dict[str, Json]) -> None:
    weights = parts["file:model.onnx"]
    (digest,) = [each["content"] for each in weights["hashes"] if each["alg"] == "SHA-256"]
    assert weights["purl"] == f"pkg:generic/model.onnx?checksum=sha256:{digest}"
    assert all("hashes" in each for ref, each in parts.items() if ref.startswith("file:"))


def test_architecture(subject: Json, parts: dict[str, Json]) -> None:
    parameters = subject["modelCard"]["modelParameters"]
    assert parameters["architectureFamily"] == "llama"
    assert parameters["modelArchitecture"] == "LlamaForCausalLM"
    gguf = parts["file:model-q8_0.gguf"]["modelCard"]["modelParameters"]
    assert gguf["architectureFamily"] == "llama"
    assert card(parts["file:model.onnx"])["operator"] == ["MatMul=1"]


def test_parameter_count(parts: dict[str, Json]) -> None:
    counts = {
        ref: card(each)[PARAMETERS] for ref, each in parts.items() if PARAMETERS in card(each)
    }
    assert counts == {
        "file:model-q8_0.gguf": [str(4 * 64)],
        "file:model.onnx": [str(4 * 2)],
        "weights:model.safetensors": [str(32 * 8 + 16 * 8)],
    }


def test_dtypes_and_quantisation(subject: Json, parts: dict[str, Json]) -> None:
    assert card(parts["weights:model.safetensors"])["tensor:dtype"] == ["F16=1", "F32=1"]
    assert card(parts["file:model-q8_0.gguf"])["tensor:dtype"] == ["Q8_0=1"]
    assert card(parts["file:model-q8_0.gguf"])["quantisation:file_type"] == ["Q8_0"]
    assert card(subject)["dtype"] == ["bfloat16"]


def test_context_length_layers_heads_and_vocabulary(subject: Json, parts: dict[str, Json]) -> None:
    found = card(subject)
    names = ("context:length", "vocabulary:size", "layers", "attention:heads", "hidden:size")
    assert [found[name] for name in names] == [["128"], ["32"], ["1"], ["2"], ["8"]]
    assert found["attention:key-value-heads"] == ["1"]
    assert card(parts["file:model-q8_0.gguf"])["context:length"] == ["128"]


def test_task(subject: Json) -> None:
    assert subject["modelCard"]["modelParameters"]["task"] == "text-generation"


def test_inputs_and_outputs(subject: Json, parts: dict[str, Json]) -> None:
    inputs = subject["modelCard"]["modelParameters"]["inputs"]
    assert inputs == [{"format": "text (LlamaTokenizer)"}]
    graph = parts["file:model.onnx"]["modelCard"]["modelParameters"]
    assert graph["inputs"] == [{"format": "X: FLOAT[N, 4]"}]
    assert graph["outputs"] == [{"format": "Y: FLOAT[N, 2]"}]


def test_training_method(subject: Json) -> None:
    assert subject["modelCard"]["modelParameters"]["approach"] == {"type": "supervised"}
    assert card(subject)["cdx:ai-ml:model:parameter:tune_method"] == ["sft"]


def test_hyper_parameters(subject: Json) -> None:
    assert card(subject)["cdx:ai-ml:model:hyperparameter:rope_theta"] == ["10000.0"]
    assert card(subject)["cdx:ai-ml:model:hyperparameter:global_step"] == ["7"]


def test_training_and_evaluation_datasets(subject: Json, parts: dict[str, Json]) -> None:
    assert subject["modelCard"]["modelParameters"]["datasets"] == [
        {"ref": "dataset:training:tatsu-lab/alpaca"},
    ]
    assert card(subject)["dataset:evaluation"] == ["cais/mmlu"]
    gguf = parts["file:model-q8_0.gguf"]["modelCard"]["modelParameters"]
    assert gguf["datasets"] == [{"ref": "dataset:training:Corpus"}]
    roles = {
        each["name"]: properties(each)["dataset:role"] for each in parts.values() if "data" in each
    }
    assert roles == {
        "Corpus": ["training"],
        "cais/mmlu": ["evaluation"],
        "tatsu-lab/alpaca": ["training"],
    }


def test_base_models(subject: Json, parts: dict[str, Json]) -> None:
    (base,) = subject["pedigree"]["ancestors"]
    assert base["purl"] == "pkg:huggingface/meta-llama/Llama-3.1-8B"
    assert subject["pedigree"]["notes"] == (
        "relation to the base model: finetune; the configuration was loaded from "
        "'somebody/else': this model under another name, or its base model"
    )
    (base,) = parts["file:model-q8_0.gguf"]["pedigree"]["ancestors"]
    assert (base["name"], base["purl"]) == ("Base", "pkg:huggingface/acme/base")


def test_licences(subject: Json, parts: dict[str, Json]) -> None:
    said = [
        (each["license"].get("id") or each["license"]["name"], each["license"]["acknowledgement"])
        for each in subject["licenses"]
    ]
    assert said == [("llama3.1", "declared"), ("Apache-2.0", "concluded")]
    (licence,) = parts["file:model-q8_0.gguf"]["licenses"]
    assert licence["license"]["id"] == "MIT"


def test_metrics(subject: Json) -> None:
    assert subject["modelCard"]["quantitativeAnalysis"]["performanceMetrics"] == [
        {"type": "accuracy", "value": "0.71", "slice": "text-generation, cais/mmlu, test"}
    ]


def test_considerations_word_for_word(subject: Json) -> None:
    found = subject["modelCard"]["considerations"]
    assert found["useCases"] == ["Chat in two languages."]
    assert found["technicalLimitations"] == ["It cannot count."]
    assert found["ethicalConsiderations"] == [{"name": "Ethical considerations"}]
    assert card(subject)["card:ethical-considerations"] == ["It may offend."]
    assert card(subject)["card:out-of-scope-use"] == ["Medicine."]
    places = {each.get("symbol") for each in subject["evidence"]["occurrences"]}
    assert "Demo > Uses > Direct Use" in places


def test_energy_and_emissions(subject: Json) -> None:
    found = subject["modelCard"]["considerations"]["environmentalConsiderations"]
    assert {each["name"]: each["value"] for each in found["properties"]} == {
        "aibom:card:environmental-impact": "A small oven for an hour.",
        "aibom:co2:emissions": "12.3",
        "aibom:co2:source": "CodeCarbon",
    }


def test_software(parts: dict[str, Json]) -> None:
    assert parts["library:transformers"]["purl"] == "pkg:pypi/transformers@4.44.0"


def test_custom_code(parts: dict[str, Json]) -> None:
    assert properties(parts["file:modeling_demo.py"])["role"] == ["custom-code"]
    assert parts["code:other/code"]["purl"] == "pkg:huggingface/other/code"


def test_tokenizer_chat_template_and_generation_defaults(
    subject: Json, parts: dict[str, Json]
) -> None:
    found = card(subject)
    assert found["cdx:ai-ml:model:tokenizer"] == ["LlamaTokenizer"]
    assert found["cdx:ai-ml:model:template:chat"] == ["tokenizer_config.json#chat_template"]
    assert found["generation:temperature"] == ["0.6"]
    assert properties(parts["file:tokenizer_config.json"])["role"] == ["tokenizer"]
    assert properties(parts["file:generation_config.json"])["role"] == ["generation-configuration"]
    gguf = card(parts["file:model-q8_0.gguf"])
    assert gguf["cdx:ai-ml:model:template:chat"] == ["model-q8_0.gguf#tokenizer.chat_template"]


def test_existing_signatures(subject: Json) -> None:
    (found,) = [e for e in subject["externalReferences"] if e["type"] == "digital-signature"]
    assert found["url"] == "weights.sig"


def test_languages_and_modality(subject: Json) -> None:
    assert card(subject)["cdx:ai-ml:model:language"] == ["de", "en"]
    assert card(subject)["cdx:ai-ml:model:modality"] == ["text"]


def test_what_is_not_known_and_what_was_not_mapped(document: Json, parts: dict[str, Json]) -> None:
    assert card(document["metadata"]["component"])["unknown"] == ["supplier"]
    assert properties(parts["file:README.md"])["metadata:unmapped"] == ["1"]
    unknown = next(c for c in document["compositions"] if c["aggregate"] == "unknown")
    assert unknown["dependencies"] == ["subject"]


def test_every_claim_has_evidence_and_every_pointer_leads_to_it(document: Json) -> None:
    pointers = [p for each in document["citations"] for p in each["pointers"]]
    assert len(set(pointers)) > 60
    for pointer in pointers:
        place: Any = document
        for key in pointer.split("/")[1:]:
            name = key.replace("~1", "/").replace("~0", "~")
            place = place[int(name)] if name.isdecimal() else place[name]
        assert place
    sources = {each["note"].partition(":")[0] for each in document["citations"]}
    assert sources == {"observed", "declared", "inferred"}


@pytest.mark.parametrize("version", ["1.6", "1.7"])
def test_it_is_strictly_valid(version: str, report: Report) -> None:
    raw = bom.to_json(bom.build(report), MOMENT, version)
    assert faults(raw, version) == []


EAST = {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LC_ALL": "C"}
WEST = {"PYTHONHASHSEED": "2", "TZ": "America/St_Johns", "LC_ALL": "C.UTF-8"}


def test_other_machines_and_paths_give_the_same_bytes(tmp_path: Path) -> None:
    def run(folder: Path, environment: dict[str, str]) -> bytes:
        ended = subprocess.run(
            [sys.executable, "-P", "-m", "aibom", "bom", str(folder), "--fail-on", "never"],
            env=os.environ | environment | {"PYTHONPATH": str(ROOT), "SOURCE_DATE_EPOCH": "1"},
            cwd=tmp_path,
            capture_output=True,
            check=False,
        )
        return ended.stdout

    here = run(whole.write(tmp_path / "demo"), EAST)
    assert bom.parse(here)["metadata"]["timestamp"] == "1970-01-01T00:00:01Z"
    assert run(whole.write(tmp_path / "far" / "away" / "demo"), WEST) == here
