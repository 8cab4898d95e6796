"""What JSON documents of each kind say, and where they say it."""

import json

import pytest

from aibom.scanners.facts import NOWHERE, Licence, Metadata
from aibom.scanners.formats import json_told
from aibom.scanners.formats.json_text import FORMAT, MAX_PLACED
from tests.helpers.reading import facts, read


def told(document: object, name: str = "x.json") -> dict[str, str]:
    data = json.dumps(document).encode()
    return {fact.key: fact.value for fact in facts(FORMAT, data, Metadata, name)}


CONFIGURATIONS: dict[str, tuple[str, object, dict[str, str]]] = {
    "nested": (
        "config.json",
        {
            "model_type": "llava",
            "text_config": {"hidden_size": 8, "rope_scaling": {"type": "yarn", "factor": 4.0}},
            "vision_config": {"image_size": 224, "depth": {"a": 1}},
            "encoder": {"d_model": 4},
            "layer_types": ["full", "sliding"],
            "eos_token_id": [1, 2],
            "id2label": {"0": "cat", "1": "dog"},
            "other": {"hidden_size": 9},
            "head_dim": None,
        },
        {
            "model_type": "llava",
            "text_config.hidden_size": "8",
            "text_config.rope_scaling.type": "yarn",
            "text_config.rope_scaling.factor": "4.0",
            "vision_config.image_size": "224",
            "encoder.d_model": "4",
            "layer_types[0]": "full",
            "layer_types[1]": "sliding",
            "eos_token_id": "1, 2",
            "id2label.0": "cat",
            "id2label.1": "dog",
            "config.unmapped": "2 keys: other, vision_config.depth",
        },
    ),
    "adapter": (
        "adapter_config.json",
        {"peft_type": "LORA", "r": 8, "target_modules": ["q", "v"], "use_dora": False, "x": None},
        {
            "peft_type": "LORA",
            "r": "8",
            "target_modules[0]": "q",
            "target_modules[1]": "v",
            "use_dora": "false",
        },
    ),
    "trainer": (
        "trainer_state.json",
        {
            "epoch": 2.0,
            "max_steps": 20,
            "log_history": [
                {"loss": 1.0, "step": 1},
                {"eval_loss": 0.9, "step": 5},
                {"eval_loss": 0.5, "step": 10, "x": [1]},
                {"train_loss": 0.4, "step": 20},
                "text",
            ],
            "stateful_callbacks": {},
        },
        {
            "epoch": "2.0",
            "max_steps": "20",
            "log_history[3].train_loss": "0.4",
            "log_history[3].step": "20",
            "log_history[2].eval_loss": "0.5",
            "log_history[2].step": "10",
            "config.unmapped": "1 key: stateful_callbacks",
        },
    ),
    "trainer without history": (
        "trainer_state.json",
        {"log_history": {}, "epoch": 1},
        {"epoch": "1"},
    ),
    "processor": (
        "preprocessor_config.json",
        {
            "image_processor_type": "ViTImageProcessor",
            "size": {"height": 224, "width": 224},
            "image_mean": [0.5, 0.5],
            "mel_filters": [[0.1]],
        },
        {
            "image_processor_type": "ViTImageProcessor",
            "size.height": "224",
            "size.width": "224",
            "image_mean": "0.5, 0.5",
            "config.unmapped": "1 key: mel_filters",
        },
    ),
    "tokenizer": (
        "tokenizer_config.json",
        {"tokenizer_class": "T", "eos_token": {"content": "</s>", "special": True}},
        {"tokenizer_class": "T", "eos_token.content": "</s>", "eos_token.special": "true"},
    ),
    "vocabulary": (
        "tokenizer.json",
        {
            "version": "1.0",
            "model": {"type": "BPE", "vocab": {"a": 0, "b": 1}},
            "normalizer": None,
            "decoder": {"type": "ByteLevel"},
            "added_tokens": [{"id": 0}],
        },
        {
            "version": "1.0",
            "model.type": "BPE",
            "decoder.type": "ByteLevel",
            "model.vocab.count": "2",
            "added_tokens.count": "1",
        },
    ),
    "dataset": (
        "dataset_info.json",
        {"builder_name": "csv", "splits": {"train": {"num_examples": 9}}, "features": {}},
        {
            "builder_name": "csv",
            "splits.train.num_examples": "9",
            "config.unmapped": "1 key: features",
        },
    ),
    "pipeline": (
        "model_index.json",
        {"_class_name": "P", "_diffusers_version": "0.30", "unet": ["diffusers", "U"]},
        {
            "_class_name": "P",
            "_diffusers_version": "0.30",
            "unet[0]": "diffusers",
            "unet[1]": "U",
        },
    ),
    "results": ("all_results.json", {"eval_accuracy": 0.5}, {"eval_accuracy": "0.5"}),
    "sentences": (
        "config_sentence_transformers.json",
        {"__version__": {"pytorch": "2.0"}, "prompts": {"query": "q: "}},
        {"__version__.pytorch": "2.0", "prompts.query": "q: "},
    ),
    "image model": (
        "config.json",
        {"architecture": "resnet50", "pretrained_cfg": {"input_size": [3, 8, 8]}},
        {"architecture": "resnet50", "pretrained_cfg.input_size": "3, 8, 8"},
    ),
    "parameters": (
        "params.json",
        {"dim": 4096, "n_layers": 32, "rms": 1},
        {"dim": "4096", "n_layers": "32", "config.unmapped": "1 key: rms"},
    ),
}


@pytest.mark.parametrize("case", CONFIGURATIONS)
def test_each_kind_of_document_says_what_it_holds(case: str) -> None:
    name, document, found = CONFIGURATIONS[case]
    assert told(document, name) == found


def test_each_value_stands_at_its_bytes() -> None:
    data = '\ufeff{"x": "é", "model_type": "bért", "rope_scaling": {"factor": 4.0}}'.encode()
    found = facts(FORMAT, data, Metadata)
    assert [(fact.key, data[fact.at.start : fact.at.end].decode()) for fact in found] == [
        ("model_type", '"bért"'),
        ("rope_scaling.factor", "4.0"),
        ("config.unmapped", ""),
    ]


def test_a_long_document_has_no_places() -> None:
    data = json.dumps({"model_type": "x", "a": "b" * MAX_PLACED}).encode()
    assert {fact.at for fact in facts(FORMAT, data, Metadata)} == {NOWHERE}


def test_the_licence_of_a_dataset_is_not_the_model_s() -> None:
    data = b'{"builder_name": "csv", "license": "mit"}'
    assert facts(FORMAT, data, Licence) == []
    assert len(facts(FORMAT, data.replace(b"{", b'{"model_type": "x", '), Licence)) == 1


def test_parts_of_a_sentence_model_are_told() -> None:
    module = {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.X"}
    found = read(FORMAT, json.dumps([module, {"idx": 1}]).encode())
    assert [(fact.key, fact.value) for fact in found if isinstance(fact, Metadata)] == [
        ("[0].name", "0"),
        ("[0].type", "sentence_transformers.models.X"),
    ]


def test_huge_numbers_and_lists_stay_small() -> None:
    deep: object = "a"
    for _ in range(9):
        deep = {"a": deep}
    values = {
        "model_type": 1 << 70,
        "architectures": [str(n) for n in range(150)],
        "eos_token_id": list(range(30)),
        "rope_scaling": deep,
    }
    assert told(values) == {
        "model_type": "a huge number",
        **{f"architectures[{n}]": str(n) for n in range(100)},
        "eos_token_id": f"{', '.join(map(str, range(20)))}, and 10 more",
        "config.cut": "50 items of architectures; 1 items of rope_scaling.a.a.a.a",
    }


def test_says_where_it_stopped_telling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_told, "MAX_TOLD", 2)
    assert told({"peft_type": "LORA", "a": 1, "b": 2}) == {
        "peft_type": "LORA",
        "a": "1",
        "config.cut": "everything after 2 values",
    }
