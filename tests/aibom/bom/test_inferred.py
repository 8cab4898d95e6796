"""What follows by a rule is called inferred, and what was not found is called unknown."""

from __future__ import annotations

from typing import Any

import pytest

from aibom.scanners.artifact import Artifact
from aibom.scanners.facts import Dataset, Direction, Metadata, Operator, Port, Role, Tensor
from aibom.scanners.source import Span

from .examples import card, file, properties, report, written


def subject(*files: Artifact) -> dict[str, Any]:
    found: dict[str, Any] = written(report(*files))["metadata"]["component"]
    return found


def meta(**pairs: str) -> list[Metadata]:
    return [Metadata(key=key, value=value) for key, value in pairs.items()]


@pytest.mark.parametrize(
    ("architecture", "task"),
    [
        ("LlamaForCausalLM", "text-generation"),
        ("GPT2LMHeadModel", "text-generation"),
        ("BertForMaskedLM", "fill-mask"),
        ("ViTForImageClassification", "image-classification"),
        ("Wav2Vec2ForCTC", "automatic-speech-recognition"),
        ("T5ForConditionalGeneration", None),
        ("LlamaModel", None),
    ],
)
def test_a_head_tells_the_task(architecture: str, task: str | None) -> None:
    found = subject(file("config.json", *meta(architectures=architecture)))
    assert found["modelCard"]["modelParameters"].get("task") == task


def test_what_a_card_declares_is_not_inferred_over() -> None:
    config = file("config.json", *meta(architectures="LlamaForCausalLM"))
    found = subject(config, file("README.md", *meta(pipeline_tag="text-classification")))
    assert found["modelCard"]["modelParameters"]["task"] == "text-classification"


def test_tags_tell_how_it_was_trained() -> None:
    facts = [Metadata(key=f"tags[{n}]", value=tag) for n, tag in enumerate(("trl", "SFT"))]
    found = subject(file("README.md", *facts))
    assert found["modelCard"]["modelParameters"]["approach"] == {"type": "supervised"}
    assert card(found)["cdx:ai-ml:model:parameter:tune_method"] == ["sft"]


def test_two_methods_that_are_not_one_approach_are_both_told() -> None:
    facts = [Metadata(key=f"tags[{n}]", value=tag) for n, tag in enumerate(("grpo", "sft"))]
    found = subject(file("README.md", *facts))
    assert "modelParameters" not in found["modelCard"]
    assert card(found)["approach"] == ["reinforcement-learning", "supervised"]


def test_an_adapter_tells_its_method_and_task() -> None:
    found = subject(
        file("adapter_config.json", *meta(peft_type="LORA", task_type="SEQ_CLS", r="8"))
    )
    assert found["modelCard"]["modelParameters"]["task"] == "text-classification"
    assert card(found)["cdx:ai-ml:model:parameter:tune_method"] == ["lora"]
    assert card(found)["cdx:ai-ml:model:hyperparameter:r"] == ["8"]


@pytest.mark.parametrize(
    ("tags", "task"),
    [
        (("timm", "image-classification"), "image-classification"),
        (("summarization", "translation"), None),
        (("trl", "Text-Generation"), None),
    ],
    ids=["one task", "two tasks", "other spelling"],
)
def test_a_card_without_a_task_has_it_among_its_tags(
    tags: tuple[str, ...], task: str | None
) -> None:
    facts = [Metadata(key=f"tags[{n}]", value=tag) for n, tag in enumerate(tags)]
    found = subject(file("README.md", *facts))
    assert found["modelCard"].get("modelParameters", {}).get("task") == task
    config = file("config.json", *meta(architectures="LlamaForCausalLM"))
    both = subject(config, file("README.md", *facts))
    assert both["modelCard"]["modelParameters"]["task"] == "text-generation"


@pytest.mark.parametrize(
    ("file_name", "keys", "kind"),
    [
        ("preprocessor_config.json", {"image_processor_type": "ViTImageProcessor"}, "image"),
        (
            "preprocessor_config.json",
            {"feature_extractor_type": "WhisperFeatureExtractor", "sampling_rate": "16000"},
            "audio",
        ),
        (
            "preprocessor_config.json",
            {"feature_extractor_type": "CLIPFeatureExtractor", "do_resize": "true"},
            "image",
        ),
        ("preprocessor_config.json", {"feature_extractor_type": "MarkupLMFeatureExtractor"}, None),
        ("tokenizer_config.json", {"tokenizer_class": "LlamaTokenizer"}, "text"),
        ("config.json", {"tokenizer_class": "LlamaTokenizer"}, None),
    ],
    ids=["image", "sound", "image as features", "neither", "text", "another file"],
)
def test_a_processor_tells_what_goes_in(
    file_name: str, keys: dict[str, str], kind: str | None
) -> None:
    found = subject(file(file_name, *meta(**keys)))
    inputs = found["modelCard"].get("modelParameters", {}).get("inputs")
    value = next(iter(keys.values()))
    assert inputs == ([{"format": f"{kind} ({value})"}] if kind else None)
    assert card(found).get("cdx:ai-ml:model:modality") == ([kind] if kind else None)


def test_the_labels_of_a_classifier_are_its_output() -> None:
    facts = [
        Metadata(key=f"id2label.{n}", value=label) for n, label in ((10, "c"), (0, "a"), (2, "b"))
    ]
    found = subject(file("config.json", *facts))
    assert found["modelCard"]["modelParameters"]["outputs"] == [{"format": "labels: a, b, c"}]
    many = [Metadata(key=f"id2label.{n}", value=str(n)) for n in range(1000)]
    (output,) = subject(file("config.json", *many))["modelCard"]["modelParameters"]["outputs"]
    assert output["format"].endswith(", 48, 49, and 950 more")


def test_a_trainer_s_arguments_are_no_model_but_what_the_model_was_made_with() -> None:
    fact = Metadata(key="training_args.learning_rate", value="0.1")
    inside = Artifact(("training_args.bin", "data.pkl"), 1, formats=("pickle",), facts=(fact,))
    found = written(report(file("training_args.bin", parts=(inside,), formats="torch-zip")))
    assert [each["type"] for each in found["components"]] == ["file"]
    name = "cdx:ai-ml:model:hyperparameter:learning_rate"
    assert card(found["metadata"]["component"])[name] == ["0.1"]


def test_chat_templates_are_found_in_documents_weights_and_files_of_their_own() -> None:
    template = Artifact(("tokenizer_config.json", "chat_template.tools"), 1, formats=("jinja",))
    inside = Artifact(("m.gguf", "tokenizer.chat_template"), 1, formats=("jinja",))
    weight = Tensor(name="w", dtype="F32", shape=(1,))
    found = written(
        report(
            file("tokenizer_config.json", parts=(template,)),
            file("chat_template.jinja", formats="jinja"),
            file("m.gguf", weight, parts=(inside,)),
        )
    )
    key = "cdx:ai-ml:model:template:chat"
    assert card(found["metadata"]["component"])[key] == [
        "chat_template.jinja",
        "tokenizer_config.json#chat_template.tools",
    ]
    assert card(found["components"][0])[key] == ["m.gguf#tokenizer.chat_template"]


def test_a_graph_tells_its_inputs_outputs_and_operators() -> None:
    facts = [
        Port(
            direction=Direction.INPUT,
            name="ids",
            dtype="INT64",
            shape=("batch", "7", ""),
            at=Span(9, 2),
        ),
        Port(direction=Direction.OUTPUT, name="y", dtype="", is_ranked=False),
        Operator(domain="", name="MatMul", count=3),
        Operator(domain="com.microsoft", name="Gelu", at=Span(5, 1)),
        Operator(domain="com.microsoft", name="Gelu", count=2, at=Span(7, 1)),
    ]
    weight = Tensor(name="w", dtype="F32", shape=(1,))
    (model,) = written(report(file("m.onnx", weight, *facts)))["components"]
    assert model["modelCard"]["modelParameters"] == {
        "inputs": [{"format": "ids: INT64[batch, 7, ?]"}],
        "outputs": [{"format": "y: ?[...]"}],
    }
    assert card(model)["operator"] == ["MatMul=3", "com.microsoft.Gelu=3"]


def test_more_operators_than_any_graph_has_are_not_listed() -> None:
    facts = [Operator(domain="", name=f"op{n}") for n in range(101)]
    (model,) = written(report(file("m.onnx", Tensor(name="", dtype="", shape=()), *facts)))[
        "components"
    ]
    assert "operator" not in card(model)


def test_what_was_looked_for_and_not_found_is_said() -> None:
    assert properties(subject()["modelCard"])["unknown"] == [
        "architecture:family",
        "base-model",
        "card:limitations",
        "card:use-cases",
        "dataset:evaluation",
        "dataset:training",
        "description",
        "licence",
        "metric",
        "supplier",
        "task",
        "version",
    ]


def test_what_weights_tell_themselves_was_found() -> None:
    told = meta(**{"general.architecture": "llama", "general.license": "mit"})
    found = subject(file("a.gguf", Tensor(name="w", dtype="F32", shape=(2,)), *told), file("b"))
    unknown = [each["value"] for each in found["modelCard"]["properties"]]
    assert "description" in unknown
    assert "architecture:family" not in unknown


def test_what_was_found_is_not_unknown() -> None:
    found = subject(
        file(
            "README.md",
            *meta(pipeline_tag="x"),
            Metadata(key="body.first-paragraph", value="A model."),
            Dataset(key="datasets[0]", name="a/b", role=Role.TRAINING),
        )
    )
    assert found["description"] == "A model."
    assert not {"task", "description", "dataset:training"} & set(card(found)["unknown"])
