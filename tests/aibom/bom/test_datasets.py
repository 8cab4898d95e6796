"""Datasets of training and of evaluation are components of their own, and never mixed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aibom.bom.lint import lint
from aibom.scanners.facts import Dataset, Metadata, Reference, Refers, Role, Tensor
from aibom.scanners.source import Span

from .examples import file, properties, report, written

if TYPE_CHECKING:
    from aibom.scanners.facts import Fact


def data(*facts: Fact, name: str = "README.md") -> list[dict[str, Any]]:
    found = written(report(file(name, *facts)))["components"]
    return [each for each in found if each["type"] == "data"]


def test_one_dataset_in_two_roles_is_two_components() -> None:
    facts = [
        Dataset(key="datasets[0]", name="a/b", role=Role.TRAINING),
        Dataset(
            key="model-index[0].results[0].dataset",
            name="a/b",
            role=Role.EVALUATION,
            config="en",
            split="test",
            revision="0123456",
            at=Span(7, 1),
        ),
    ]
    found = written(report(file("README.md", *facts)))
    card = found["metadata"]["component"]["modelCard"]
    assert card["modelParameters"]["datasets"] == [{"ref": "dataset:training:a/b"}]
    assert {"name": "aibom:dataset:evaluation", "value": "a/b"} in card["properties"]
    evaluation, training = data(*facts)
    assert properties(evaluation) == {
        "dataset:config": ["en"],
        "dataset:revision": ["0123456"],
        "dataset:role": ["evaluation"],
        "dataset:split": ["test"],
    }
    assert evaluation["data"] == [{"type": "dataset", "name": "a/b"}]
    assert evaluation["evidence"]["occurrences"][0]["offset"] == 7
    assert properties(training) == {"dataset:role": ["training"]}
    assert found["compositions"][1] == {
        "aggregate": "unknown",
        "assemblies": ["dataset:evaluation:a/b", "dataset:training:a/b", "file:README.md"],
        "dependencies": ["subject"],
    }


def test_a_word_for_that_there_is_no_name_names_no_dataset() -> None:
    facts = [Dataset(key="datasets[0]", name=name, role=Role.TRAINING) for name in ("None", " ")]
    assert data(*facts, Dataset(key="d", name="Unknown", role=Role.EVALUATION)) == []


def test_what_is_not_seen_of_a_name_is_spelled_out() -> None:
    facts = [
        Dataset(key="datasets[0]", name="a\u202eb\x1b", role=Role.TRAINING),
        Reference(kind=Refers.BASE_MODEL, key="base_model", target="x/\u200by"),
        Metadata(key="quantized_by", value="me\n\u202e"),
    ]
    document = written(report(file("README.md", *facts)))
    subject = document["metadata"]["component"]
    names = [each["name"] for each in document["components"]]
    assert names == ["a\\u202eb\\x1b", "README.md"]
    assert subject["authors"] == [{"name": "me\\n\\u202e"}]
    assert [each["name"] for each in subject["pedigree"]["ancestors"]] == ["x/\\u200by"]
    assert lint(json.dumps(document).encode()).problems == ()


def test_an_address_is_kept_as_a_reference_and_never_followed() -> None:
    (found,) = data(Dataset(key="datasets[0]", name="https://a.org/b.csv", role=Role.TRAINING))
    assert found["externalReferences"] == [{"url": "https://a.org/b.csv", "type": "distribution"}]
    (odd,) = data(Dataset(key="datasets[0]", name="https://a.org/ b", role=Role.TRAINING))
    assert "externalReferences" not in odd


def test_a_dataset_without_a_name_is_none() -> None:
    assert data(Dataset(key="datasets[0]", name=" ", role=Role.TRAINING)) == []


def test_the_keys_of_one_dataset_in_gguf_make_one_component_of_that_file() -> None:
    def named(key: str, target: str) -> Reference:
        return Reference(kind=Refers.DATASET, key=f"general.dataset.{key}", target=target)

    facts = [
        Tensor(name="w", dtype="F32", shape=(1,)),
        named("0.repo_url", "https://huggingface.co/datasets/a/b"),
        named("0.name", "B"),
        named("1.url", "https://a.org"),
        named("2.name", " "),
    ]
    assert [each["name"] for each in data(*facts, name="m.gguf")] == ["B", "https://a.org"]
    model = written(report(file("m.gguf", *facts)))["components"][0]
    assert model["modelCard"]["modelParameters"]["datasets"] == [
        {"ref": "dataset:training:B"},
        {"ref": "dataset:training:https%3A//a.org"},
    ]
