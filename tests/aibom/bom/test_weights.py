"""Weights hold what is observed, and what stands beside them in a folder of their own."""

from __future__ import annotations

from typing import Any

import pytest

from aibom.bom.weights import declared_bits
from aibom.scanners.facts import Dataset, Licence, Metadata, Operator, Passage, Role, Tensor
from aibom.scanners.source import Span

from .examples import card, file, report, written

PARAMETERS = "cdx:ai-ml:model:parameter:count"
WEIGHT = Tensor(name="w", dtype="F32", shape=(3,), at=Span(8, 12))


def models(*files: Any) -> dict[str, dict[str, Any]]:  # noqa: ANN401 - artifacts
    found = written(report(*files))["components"]
    return {each["name"]: each for each in found if each["type"] == "machine-learning-model"}


def test_a_configuration_beside_the_only_weights_of_a_folder_speaks_for_them() -> None:
    config = file("unet/config.json", Metadata(key="_class_name", value="UNet"))
    found = models(config, file("unet/w.safetensors", WEIGHT), file("w.safetensors", WEIGHT))
    assert found["unet/w.safetensors"]["modelCard"]["modelParameters"] == {
        "modelArchitecture": "UNet"
    }
    assert "modelParameters" not in found["w.safetensors"]["modelCard"]


def test_the_only_weights_repeat_what_they_are_and_keep_their_own_word() -> None:
    texts = [
        file("config.json", Metadata(key="model_type", value="llama")),
        file(
            "README.md",
            Metadata(key="pipeline_tag", value="text-generation"),
            Licence(key="license", value="mit"),
            Dataset(key="datasets[0]", name="a", role=Role.TRAINING),
        ),
    ]
    (found,) = models(*texts, file("w.safetensors", WEIGHT)).values()
    assert found["modelCard"]["modelParameters"] == {
        "task": "text-generation",
        "architectureFamily": "llama",
        "datasets": [{"ref": "dataset:training:a"}],
    }
    assert found["licenses"] == [{"license": {"id": "MIT", "acknowledgement": "declared"}}]
    own = Metadata(key="general.architecture", value="gpt2")
    (found,) = models(*texts, file("w.gguf", WEIGHT, own)).values()
    assert found["modelCard"]["modelParameters"]["architectureFamily"] == "gpt2"


def test_of_several_weights_the_first_bear_the_licence_and_those_of_a_known_name_the_rest() -> None:
    texts = [
        file("config.json", Metadata(key="model_type", value="llama")),
        file(
            "README.md",
            Licence(key="license", value="mit"),
            Metadata(key="body.first-paragraph", value="A model."),
            Passage(heading="Limitations", text="It cannot count."),
        ),
    ]
    others = [file(name, WEIGHT) for name in ("a.safetensors", "b/model.safetensors")]
    found = models(*texts, *others)
    licence = [{"license": {"id": "MIT", "acknowledgement": "declared"}}]
    assert [(name, each.get("licenses")) for name, each in found.items()] == [
        ("a.safetensors", licence),
        ("b/model.safetensors", None),
    ]
    assert not any("description" in each for each in found.values())
    found = models(*texts, *others, file("model.safetensors", WEIGHT))
    first, *rest = found.values()
    assert (first["name"], first["licenses"]) == ("model.safetensors", licence)
    assert first["description"] == "A model."
    assert first["modelCard"]["modelParameters"] == {"architectureFamily": "llama"}
    assert first["modelCard"]["considerations"] == {"technicalLimitations": ["It cannot count."]}
    assert not any("licenses" in each or "description" in each for each in rest)


def test_parameters_among_the_constants_of_a_graph_are_not_known() -> None:
    (found,) = models(file("m.onnx", Operator(domain="", name="Constant"), formats="onnx")).values()
    assert {"name": "aibom:unknown", "value": PARAMETERS} in found["modelCard"]["properties"]


def test_a_configuration_beside_several_weights_speaks_for_none_of_them() -> None:
    config = file("a/config.json", Metadata(key="model_type", value="x"))
    found = models(config, file("a/1.safetensors", WEIGHT), file("a/2.safetensors", WEIGHT))
    assert all("modelParameters" not in each["modelCard"] for each in found.values())


def test_a_configuration_beside_weights_of_a_known_name_speaks_for_them() -> None:
    config = file("a/config.json", Metadata(key="model_type", value="x"))
    names = ("model.safetensors", "model.fp16.safetensors", "other.safetensors")
    found = models(config, *(file(f"a/{name}", WEIGHT) for name in names))
    assert {name: each["modelCard"].get("modelParameters") for name, each in found.items()} == {
        "a/model.safetensors": {"architectureFamily": "x"},
        "a/model.fp16.safetensors": {"architectureFamily": "x"},
        "a/other.safetensors": None,
    }


def test_weights_of_one_folder_that_count_alike_are_variants() -> None:
    files = [file(f"{name}.safetensors", WEIGHT, formats="safetensors") for name in "abc"]
    other = Tensor(name="w", dtype="F32", shape=(4,), at=Span(8, 16))
    found = models(
        *files,
        file("d.safetensors", other, formats="safetensors"),
        file("sub/e.safetensors", WEIGHT, formats="safetensors"),
    )
    variants = found["a.safetensors"]["pedigree"]["variants"]
    assert [(each["name"], each["hashes"]) for each in variants] == [
        (f"{name}.safetensors", found[f"{name}.safetensors"]["hashes"]) for name in "bc"
    ]
    assert [name for name, each in found.items() if "pedigree" in each] == ["a.safetensors"]


@pytest.mark.parametrize(
    ("facts", "bits"),
    [
        ({"quantization_config.bits": "4"}, {"": 4}),
        ({"quantization_config.config_groups.group_0.weights.num_bits": "8"}, {"": 8}),
        ({"quantization.bits": "3"}, {"": 3}),
        ({"quantization_config.bits": "4", "quantization.bits": "4"}, {"": 4}),
        ({"quantization_config.bits": "4", "quantization.bits": "8"}, {}),
        ({"quantization_config.bits": "99"}, {}),
        ({"quantization_config.bits": "0"}, {}),
        ({"quantization_config.bits": "four"}, {}),
        ({"bits": "4"}, {}),
    ],
    ids=[
        *("GPTQ", "compressed-tensors", "MLX", "twice the same", "a contradiction", "too many"),
        *("none", "no number", "another key"),
    ],
)
def test_a_configuration_tells_the_bits_of_a_packed_weight(
    facts: dict[str, str], bits: dict[str, int]
) -> None:
    config = file("config.json", *(Metadata(key=k, value=v) for k, v in facts.items()))
    assert declared_bits([config, file("other.json")]) == bits


def test_a_packed_file_is_counted_with_the_bits_of_its_folder() -> None:
    packed = [
        Tensor(name="l.weight", dtype="U32", shape=(32, 8), at=Span(8, 1024)),
        Tensor(name="l.scales", dtype="F16", shape=(32, 1), at=Span(1032, 64)),
    ]
    config = file("mlx/config.json", Metadata(key="quantization.bits", value="4"))
    found = models(
        config,
        file("mlx/w.safetensors", *packed, formats="safetensors"),
        file(
            "w.safetensors",
            *packed,
            Tensor(name="b", dtype="U32", shape=(2048,)),
            formats="safetensors",
        ),
    )
    assert card(found["mlx/w.safetensors"])[PARAMETERS] == ["2048"]
    assert card(found["w.safetensors"])["unknown"] == [PARAMETERS]
