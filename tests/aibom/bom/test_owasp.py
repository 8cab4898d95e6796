"""What OWASP's readers look for stands in their names, once more and never alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from aibom import bom
from aibom.bom import owasp
from aibom.bom.diff import diff
from aibom.bom.merge import merge
from aibom.bom.merge_gather import leads_somewhere
from aibom.bom.show import card as shown
from aibom.scanners.facts import Metadata, Passage, Tensor
from aibom.scanners.source import Span

from .comparing import of
from .examples import card, file, report, written
from .merging import Json, cdx, model
from .spdx.reading import exported

WEIGHT = Tensor(name="w", dtype="F32", shape=(3,), at=Span(8, 12))
SHAPE = {"vocab_size": "32", "num_hidden_layers": "2", "intermediate_size": "16"}
WHEN = datetime(2026, 1, 2, tzinfo=UTC)


def config(**keys: str) -> Any:  # noqa: ANN401 - an artifact
    return file("config.json", *(Metadata(key=key, value=value) for key, value in keys.items()))


def in_owasp_names(component: Json) -> dict[str, str]:
    found = card(component)
    return {
        name.removeprefix(owasp.CARD): told[0]
        for name, told in found.items()
        if name.startswith(owasp.CARD)
    }


def parts(document: Json) -> dict[str, Json]:
    return {each["name"]: each for each in document["components"]}


def test_the_weights_that_a_configuration_describes_bear_its_shape() -> None:
    document = written(report(config(**SHAPE), file("model.safetensors", WEIGHT)))
    found = in_owasp_names(document["components"][0])
    assert json.loads(found.pop("hyperparameter")) == {"block_count": 2, "feed_forward_length": 16}
    assert found == {"vocabSize": "32", "blockCount": "2", "feedForwardLength": "16"}


def test_weights_say_it_themselves_before_others_say_it_of_them() -> None:
    own = Metadata(key="llama.block_count", value="3")
    document = written(report(config(**SHAPE), file("w.gguf", WEIGHT, own, formats="gguf")))
    found = in_owasp_names(document["components"][0])
    assert (found["blockCount"], found["vocabSize"]) == ("3", "32")


def test_of_two_values_neither_is_repeated() -> None:
    texts = [config(num_hidden_layers="2", n_layer="3"), file("model.safetensors", WEIGHT)]
    assert in_owasp_names(written(report(*texts))["components"][0]) == {}


def test_only_the_first_of_many_weights_bears_the_names_of_others() -> None:
    own = Metadata(key="llama.block_count", value="3")
    many = [file(f"{n}.gguf", WEIGHT, own, formats="gguf") for n in range(5)]
    found = parts(written(report(config(**SHAPE), *many)))
    assert {name: in_owasp_names(each) for name, each in found.items()} == {
        "0.gguf": {"blockCount": "3", "hyperparameter": '{"block_count": 3}'},
        **{f"{n}.gguf": {} for n in range(1, 5)},
        "config.json": {},
    }


def test_what_the_texts_say_of_the_whole_stands_in_the_metadata_word_for_word() -> None:
    readme = file(
        "README.md",
        Metadata(key="pipeline_tag", value="fill-mask"),
        Passage(heading="Intended uses", text="Fill gaps."),
        Passage(heading="Training data", text="Books."),
        Passage(heading="Training procedure", text="For a day."),
    )
    told = written(report(readme))["metadata"]["properties"]
    assert [(each["name"], each["value"]) for each in told] == [
        ("primaryPurpose", "fill-mask"),
        ("informationAboutApplication", "Fill gaps."),
        ("informationAboutTraining", "For a day."),
        ("informationAboutTraining", "Books."),
    ]
    assert "properties" not in written(report(file("notes.bin")))["metadata"]


# --- Reading --------------------------------------------------------------------------------------


def whole() -> Json:
    readme = file(
        "README.md",
        Metadata(key="pipeline_tag", value="fill-mask"),
        Passage(heading="Limitations", text="It cannot count."),
        Passage(heading="Training data", text="Books."),
    )
    given = report(readme, config(**SHAPE), file("model.safetensors", WEIGHT))
    return bom.parse(bom.to_json(bom.build(given), WHEN))


def test_a_card_shows_nothing_twice() -> None:
    sections = shown(whole())
    lines = [(each.label, each.text) for section in sections for each in section.lines]
    texts = [each.text for section in sections for each in section.passages]
    assert [pair for pair in lines if lines.count(pair) > 1] == []
    assert sorted(texts) == ["Books.", "It cannot count."]
    assert not any("genai" in label or "primaryPurpose" in label for label, _ in lines)


def test_a_card_shows_under_our_labels_what_another_program_says_in_these_names_alone() -> None:
    properties = [
        {"name": f"{owasp.CARD}contextLength", "value": "512"},
        {"name": f"{owasp.CARD}hyperparameter", "value": '{"context_length": 512, "rate": 0.1}'},
        {"name": f"{owasp.CARD}modelCardExplainability", "value": "none"},
    ]
    part = model("w", modelCard={"properties": properties})
    lines = [(x.label, x.text) for each in shown(of(part)) for x in each.lines if x.of == "w"]
    assert lines == [
        ("context length", "512"),
        ("hyperparameter rate", "0.1"),
        ("genai aibom modelcard modelCardExplainability", "none"),
    ]


@pytest.mark.parametrize(
    "value",
    ["", "{", "[1]", "3", '{"a": {}}', "[" * 100_000, '{"a": "' + "x" * 200_000 + '"}'],
    ids=["empty", "cut", "a list", "a number", "nested", "deep", "long"],
)
def test_hyperparameters_that_are_no_flat_object_stay_as_they_are(value: str) -> None:
    name = f"{owasp.CARD}hyperparameter"
    assert owasp.read(name, value) == ((name, value),)


def test_each_change_is_told_once() -> None:
    old = whole()
    text = json.dumps(old)
    for before, after in (("fill-mask", "summarization"), ('"32"', '"64"'), ("Books.", "Films.")):
        text = text.replace(before, after)
    new = json.loads(text)
    assert [(each.kind, each.field, each.old, each.new) for each in diff(old, new).changes] == [
        ("parameters-restated", "vocabulary:size", ("32",), ("64",)),
        ("task-changed", "task", ("fill-mask",), ("summarization",)),
        ("card-changed", "card:training-data", ("Books.",), ("Films.",)),
    ]


def test_what_is_said_in_these_names_alone_is_compared() -> None:
    old, new = of(), of()
    new["metadata"]["properties"] = [{"name": "primaryPurpose", "value": "chat"}]
    (change,) = diff(old, new).changes
    assert (change.kind, change.field) == ("statement-changed", "metadata.properties")


def test_weights_that_say_something_else_than_the_whole_are_compared_for_themselves() -> None:
    def licensed(whole: str, part: str) -> Json:
        said = {"licenses": [{"license": {"id": whole}}]}
        return of(model("w", licenses=[{"license": {"id": part}}]), **said)

    changes = diff(licensed("MIT", "MIT"), licensed("MIT", "Apache-2.0")).changes
    assert [(each.kind, each.after) for each in changes] == [("licence-changed", "w")]


def test_merging_leaves_each_statement_with_its_model() -> None:
    one, other = whole(), cdx(metadata={"component": model("other", **{"bom-ref": "o"})})
    other["metadata"]["properties"] = [{"name": "primaryPurpose", "value": "chat"}]
    data = [(each, json.dumps(each).encode()) for each in (one, other)]
    document = json.loads(merge([(f"{n}.json", raw) for n, (_, raw) in enumerate(data)], "both"))
    assert "properties" not in document["metadata"]
    told = {
        each["name"]: [p["value"] for p in each["properties"] if p["name"] == "primaryPurpose"]
        for each in document["components"]
        if each["name"] in {"m", "other"}
    }
    assert told == {"m": ["fill-mask"], "other": ["chat"]}
    pointers = [p for each in document["citations"] for p in each["pointers"]]
    assert [p for p in pointers if not leads_somewhere(document, p)] == []
    assert len(pointers) == len([p for each in one["citations"] for p in each["pointers"]])


def test_spdx_has_them_as_hyperparameters_under_our_names_once() -> None:
    properties = [
        {"name": f"{owasp.CARD}contextLength", "value": "512"},
        {"name": "aibom:context:length", "value": "512"},
        {"name": f"{owasp.CARD}blockCount", "value": "2"},
    ]
    found = exported({"modelCard": {"properties": properties}})["m"]
    assert [(each["key"], each["value"]) for each in found["ai_hyperparameter"]] == [
        ("context:length", "512"),
        ("layers", "2"),
    ]
