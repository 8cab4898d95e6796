"""A model of sentence-transformers says how many numbers it gives, and how many tokens it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from aibom.scanners.facts import Metadata

from .examples import card, file, report, written

if TYPE_CHECKING:
    from aibom.scanners.artifact import Artifact

MODULES = file("modules.json")


def config(path: str, **pairs: str) -> Artifact:
    return file(path, *(Metadata(key=key, value=value) for key, value in pairs.items()))


def subject(*files: Artifact) -> dict[str, Any]:
    found: dict[str, Any] = written(report(*files))["metadata"]["component"]
    return found


def outputs(*files: Artifact) -> list[str]:
    parameters = subject(*files).get("modelCard", {}).get("modelParameters", {})
    return [each["format"] for each in parameters.get("outputs", [])]


POOLING = config("1_Pooling/config.json", embedding_dimension="32", pooling_mode="mean")
DENSE = config("2_Dense/config.json", in_features="32", out_features="16")
OLD = config(
    "1_Pooling/config.json",
    word_embedding_dimension="384",
    pooling_mode_max_tokens="False",
    pooling_mode_mean_tokens="true",
)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param([POOLING], "32 numbers, pooled by mean", id="of its pooling"),
        pytest.param([DENSE, POOLING], "16 numbers, pooled by mean", id="of the last module"),
        pytest.param([OLD], "384 numbers, pooled by mean", id="as older versions wrote it"),
        pytest.param(
            [
                config("10_Dense/config.json", out_features="8"),
                config("2_Dense/config.json", out_features="16"),
            ],
            "8 numbers",
            id="of the tenth module, which is behind the second",
        ),
    ],
)
def test_a_sentence_has_as_many_numbers_as_the_last_module_gives(
    files: list[Artifact], expected: str
) -> None:
    assert outputs(MODULES, *files) == [f"sentence embedding: {expected}"]


def test_the_size_and_its_pooling_are_declared_where_they_stand() -> None:
    found = subject(MODULES, POOLING)
    assert card(found)["embedding:size"] == ["32"]
    assert card(found)["embedding:pooling"] == ["mean"]
    places = found["evidence"]["occurrences"]
    assert [each["additionalContext"] for each in places if each["symbol"].startswith("embed")] == [
        "declared: embedding:size; inferred: output"
    ]


@pytest.mark.parametrize(
    "files",
    [
        pytest.param([POOLING], id="no list of modules"),
        pytest.param([MODULES, config("1_Pooling/config.json", out_features="many")], id="a word"),
        pytest.param([MODULES, config("a/1_Pooling/config.json", out_features="4")], id="deeper"),
    ],
)
def test_folders_that_are_no_modules_say_nothing_of_a_sentence(files: list[Artifact]) -> None:
    assert outputs(*files) == []


@pytest.mark.parametrize(
    ("name", "key", "value", "expected"),
    [
        ("sentence_bert_config.json", "max_seq_length", "256", ["256"]),
        ("tokenizer_config.json", "model_max_length", "512", ["512"]),
        ("tokenizer_config.json", "model_max_length", "1000000000000000019884624838656", None),
        ("tokenizer_config.json", "model_max_length", "-1", None),
    ],
)
def test_how_much_of_an_input_is_read_is_told_unless_there_is_no_limit(
    name: str, key: str, value: str, expected: list[str] | None
) -> None:
    assert card(subject(config(name, **{key: value}))).get("input:length") == expected


def test_a_length_that_says_nothing_is_counted_as_not_mapped() -> None:
    config_ = config("tokenizer_config.json", model_max_length="1" + "0" * 30)
    (found,) = written(report(config_))["components"]
    told = {each["name"]: each["value"] for each in found["properties"]}
    assert told["aibom:metadata:unmapped"] == "1"
