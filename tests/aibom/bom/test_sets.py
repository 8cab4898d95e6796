"""The shards of one model are one component, which holds what they add up to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from aibom.bom.sets import Shards, shards
from aibom.scanners.facts import Metadata, Reason, Reference, Refers, Tensor
from aibom.scanners.source import Span

from .examples import card, file, properties, report, unread, written

if TYPE_CHECKING:
    from aibom.scanners.artifact import Artifact
    from aibom.scanners.facts import Fact

SAFETENSORS = "safetensors"


def index(name: str, *targets: str) -> Artifact:
    facts = [Reference(kind=Refers.EXTERNAL_DATA, key="weight_map", target=t) for t in targets]
    return file(name, *facts)


def shard(name: str, *facts: Fact, size: int = 5) -> Artifact:
    weight = Tensor(name=name, dtype="F32", shape=(size,), at=Span(8, 4 * size))
    return file(name, weight, *facts, formats=SAFETENSORS)


def component(found: dict[str, Any], ref: str) -> dict[str, Any]:
    return next(each for each in found["components"] if each["bom-ref"] == ref)


def test_shards_are_known_by_the_index_that_names_them() -> None:
    texts = [
        index("sub/m.safetensors.index.json", "a.safetensors", "b.safetensors", "c.safetensors")
    ]
    models = {"sub/a.safetensors", "sub/b.safetensors", "a.safetensors"}
    assert shards(texts, models) == (
        Shards(
            name="sub/m.safetensors",
            files=("sub/a.safetensors", "sub/b.safetensors"),
            missing=("sub/c.safetensors",),
            index="sub/m.safetensors.index.json",
        ),
    )


def test_shards_are_known_by_their_names() -> None:
    names = {"q-00001-of-00003.gguf", "q-00003-of-00003.gguf", "x-00001-of-00001.gguf", "y.gguf"}
    assert shards([], names) == (
        Shards(
            name="q.gguf",
            files=("q-00001-of-00003.gguf", "q-00003-of-00003.gguf"),
            missing=("q-00002-of-00003.gguf",),
        ),
    )


def test_a_name_that_promises_many_shards_costs_no_more_than_those_there() -> None:
    (found,) = shards([], {"q-00001-of-99999.gguf"})
    assert found.missing == ("q-00002-of-99999.gguf",)


def test_an_index_of_one_file_makes_no_set() -> None:
    assert shards([index("m.index.json", "a", "a")], {"a"}) == ()
    assert shards([index("m.index.json", "a", "b")], {"c"}) == ()


def test_two_indexes_of_the_same_files_make_one_set() -> None:
    texts = [index("n.index.json", "a", "b"), index("m.index.json", "a", "b")]
    assert [each.name for each in shards(texts, {"a", "b"})] == ["m"]


def test_the_set_holds_the_sum_and_what_its_files_declare() -> None:
    files = [
        shard("m-00001-of-00002.safetensors", Metadata(key="modelspec.title", value="Demo")),
        shard("m-00002-of-00002.safetensors", size=7),
    ]
    found = written(report(*files))
    whole = component(found, "weights:m.safetensors")
    assert card(whole) == {
        "cdx:ai-ml:model:parameter:count": ["12"],
        "file": ["m-00001-of-00002.safetensors", "m-00002-of-00002.safetensors"],
        "model:name": ["Demo"],
        "tensor:count": ["2"],
        "tensor:dtype": ["F32=2"],
        "tensor:elements": ["12"],
    }
    parts = ["file:m-00001-of-00002.safetensors", "file:m-00002-of-00002.safetensors"]
    assert {"ref": "weights:m.safetensors", "dependsOn": parts} in found["dependencies"]
    first = component(found, parts[0])
    assert first["type"] == "file"
    assert properties(first)["tensor:elements"] == ["5"]
    assert "cdx:ai-ml:model:parameter:count" not in properties(first)


@pytest.mark.parametrize(
    "files",
    [
        [shard("m-00001-of-00002.safetensors")],
        [
            shard("m-00001-of-00002.safetensors"),
            shard("m-00002-of-00002.safetensors", unread(Reason.MALFORMED, "cut")),
        ],
    ],
    ids=["a shard is missing", "a shard was not read"],
)
def test_no_sum_is_claimed_when(files: list[Artifact]) -> None:
    found = written(report(*files))
    whole = component(found, "weights:m.safetensors")
    assert "cdx:ai-ml:model:parameter:count" not in card(whole)
    incomplete = next(c for c in found["compositions"] if c["aggregate"] == "incomplete")
    assert "weights:m.safetensors" in incomplete["assemblies"]


def test_packed_shards_are_counted_together_with_the_bits_of_their_configuration() -> None:
    files = [
        file("config.json", Metadata(key="quantization_config.bits", value="4")),
        file(
            "m-00001-of-00002.safetensors",
            Tensor(name="l.qweight", dtype="I32", shape=(8, 32), at=Span(8, 1024)),
            formats=SAFETENSORS,
        ),
        file(
            "m-00002-of-00002.safetensors",
            Tensor(name="l.scales", dtype="F16", shape=(2, 32), at=Span(8, 128)),
            formats=SAFETENSORS,
        ),
    ]
    whole = component(written(report(*files)), "weights:m.safetensors")
    assert card(whole)["cdx:ai-ml:model:parameter:count"] == ["2048"]
    assert card(whole)["tensor:around"] == ["64"]


def test_two_sets_of_one_name_keep_references_of_their_own() -> None:
    files = [
        index("m.safetensors.index.json", "a.safetensors", "b.safetensors"),
        shard("a.safetensors"),
        shard("b.safetensors"),
        shard("m-00001-of-00002.safetensors"),
        shard("m-00002-of-00002.safetensors"),
    ]
    refs = [each["bom-ref"] for each in written(report(*files))["components"]]
    assert refs[:2] == ["weights:m.safetensors", "weights:m.safetensors#2"]
