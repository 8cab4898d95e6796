"""Each key of a configuration, a card or a file of weights says one thing, or is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aibom.bom import claims, keys
from aibom.bom.model import Field
from aibom.scanners.facts import Metadata

from .examples import file as file_of

if TYPE_CHECKING:
    from aibom.bom.keys import Meaning


@pytest.mark.parametrize(
    ("file", "key", "meant"),
    [
        ("README.md", "pipeline_tag", (Field.TASK, "")),
        ("README.md", "language[3]", (Field.LANGUAGE, "")),
        ("README.md", "co2_eq_emissions", (Field.EMISSIONS, "")),
        ("README.md", "co2_eq_emissions.source", (Field.EMISSIONS, "source")),
        ("README.md", "model-index[1].name", (Field.MODEL_NAME, "")),
        ("README.md", "model-index[1].results[0].source.url", None),
        ("README.md", "thumbnail", None),
        ("config.json", "architectures[0]", (Field.ARCHITECTURE, "")),
        ("config.json", "_class_name", (Field.ARCHITECTURE, "")),
        ("config.json", "architecture", (Field.ARCHITECTURE, "")),
        ("config.json", "sklearn.task", (Field.TASK, "")),
        ("config.json", "sklearn.columns[0]", None),
        ("meta.json", "lang", (Field.LANGUAGE, "")),
        ("meta.json", "pipeline[0]", None),
        ("README.md", "body.developed-by", (Field.AUTHOR, "")),
        ("config.json", "n_positions", (Field.CONTEXT_LENGTH, "")),
        ("config.json", "text_config.max_position_embeddings", (Field.CONTEXT_LENGTH, "")),
        ("config.json", "text_config.model_type", None),
        (
            "config.json",
            "vision_config.hidden_size",
            (Field.HYPERPARAMETER, "vision_config.hidden_size"),
        ),
        ("config.json", "quantization_config.bits", (Field.QUANTISATION, "bits")),
        ("config.json", "rope_scaling.factor", (Field.HYPERPARAMETER, "rope_scaling.factor")),
        ("config.json", "_name_or_path", None),
        ("config.json", "eos_token_id", None),
        ("config.json", "id2label.0", None),
        ("config.json", "layer_types[7]", None),
        ("adapter_config.json", "peft_type", (Field.TUNE_METHOD, "")),
        ("adapter_config.json", "r", (Field.HYPERPARAMETER, "r")),
        ("adapter_config.json", "target_modules[1]", (Field.HYPERPARAMETER, "target_modules")),
        ("adapter_config.json", "base_model_name_or_path", None),
        ("tokenizer_config.json", "tokenizer_class", (Field.TOKENIZER, "")),
        ("tokenizer_config.json", "model_max_length", (Field.INPUT_LENGTH, "")),
        ("tokenizer_config.json", "legacy", None),
        ("sentence_bert_config.json", "max_seq_length", (Field.INPUT_LENGTH, "")),
        ("sentence_bert_config.json", "do_lower_case", (Field.HYPERPARAMETER, "do_lower_case")),
        ("generation_config.json", "top_p", (Field.GENERATION, "top_p")),
        ("generation_config.json", "_from_model_config", None),
        ("generation_config.json", "transformers_version", None),
        ("trainer_state.json", "global_step", (Field.HYPERPARAMETER, "global_step")),
        ("trainer_state.json", "best_metric", None),
        ("training_args.bin", "training_args.seed", (Field.HYPERPARAMETER, "seed")),
        ("training_args.bin", "training_args.cut", None),
        ("training_args.bin", "version", None),
        ("else.json", "pipeline_tag", None),
    ],
)
def test_a_key_of_a_file_means(file: str, key: str, meant: Meaning | None) -> None:
    assert keys.of_file(file)(key) == meant


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("general.architecture", (Field.ARCHITECTURE_FAMILY, "")),
        ("general.tags[0]", (Field.TAG, "")),
        ("general.file_type", (Field.QUANTISATION, "file_type")),
        ("qwen2moe.expert_used_count", (Field.EXPERTS_USED, "")),
        ("phi-3.attention.head_count_kv", (Field.KEY_VALUE_HEADS, "")),
        ("tokenizer.context_length", None),
        ("context_length", None),
        ("modelspec.title", (Field.MODEL_NAME, "")),
        ("ss_network_dim", (Field.HYPERPARAMETER, "network_dim")),
        ("ss_tag_frequency", None),
        ("opset ai.onnx", (Field.OPSET, "ai.onnx")),
        ("doc_string", (Field.DESCRIPTION, "")),
        ("format", (Field.PRODUCER, "framework")),
        ("producer_name", (Field.PRODUCER, "")),
        ("producer_version", (Field.PRODUCER, "version")),
        ("keras_version", (Field.PRODUCER, "keras_version")),
        ("class_name", (Field.ARCHITECTURE, "")),
        ("graph.name", None),
    ],
)
def test_a_key_inside_weights_means(key: str, meant: Meaning | None) -> None:
    assert keys.of_weights(key) == meant


@given(st.text())
def test_any_key_is_taken_or_counted(key: str) -> None:
    for meaning in (*keys.BY_FILE.values(), keys.of_weights, keys.of_file("x")):
        meant = meaning(key)
        assert meant is None or isinstance(meant[0], Field)


@pytest.mark.parametrize("value", ["Unknown", "n/a", " none "])
def test_a_word_for_that_there_is_no_name_says_nothing(value: str) -> None:
    assert keys.says((Field.AUTHOR, ""), value) is None
    assert keys.says((Field.HYPERPARAMETER, "bias"), value) == (Field.HYPERPARAMETER, "bias")


@pytest.mark.parametrize(
    ("key", "value", "number"),
    [
        ("unheard-of", "1", 1),
        ("pipeline_tag", "", 1),
        ("pipeline_tag", "x", 0),
        ("library_name", "transformers", 0),
        ("front-matter.unmapped", "12 keys: a, b", 12),
        ("body.cut", "many", 1),
    ],
)
def test_keys_that_became_no_claim_are_counted(key: str, value: str, number: int) -> None:
    assert keys.unmapped(keys.of_card, key, value) == number


def test_what_a_parser_left_out_is_no_hyper_parameter() -> None:
    config = file_of("config.json", Metadata(key="config.unmapped", value="1 key: a"))
    assert list(claims.of_folder(config)) == []
