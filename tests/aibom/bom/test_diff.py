"""Comparing: nothing for equal documents, the same both ways, and each change with its grade."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aibom.bom.diff import Comparison, diff, parse
from aibom.bom.diff_kinds import BY_PROPERTY, KINDS, Change, Grade
from aibom.bom.merge_references import renamed
from aibom.errors import BomError
from aibom.scanners.shapes import is_list, is_object

from . import random_boms
from .comparing import file, of, prop, told, weights
from .merging import Json, cdx, model

if TYPE_CHECKING:
    import random

# --- What holds for all ---------------------------------------------------------------------------


@settings(deadline=None, max_examples=40)
@given(random_boms.boms(), st.randoms())
def test_neither_order_nor_references_nor_numbers_are_a_change(
    bom: Json, chance: random.Random
) -> None:
    other = renamed(shuffled(bom, chance), lambda ref: f"another {ref}")
    other |= {"serialNumber": "urn:uuid:f08a6ccd-4dce-4759-bd84-c626675d60a7", "version": 9}
    other["metadata"]["timestamp"] = random_boms.WHEN
    assert diff(bom, bom).changes == ()
    assert diff(bom, other).changes == ()


def shuffled(value: Any, chance: random.Random) -> Any:  # noqa: ANN401 - any JSON
    """Return a copy with all lists and objects in another order."""
    if is_object(value):
        pairs = [(key, shuffled(item, chance)) for key, item in value.items()]
        chance.shuffle(pairs)
        return dict(pairs)
    if is_list(value):
        items = [shuffled(item, chance) for item in value]
        chance.shuffle(items)
        return items
    return value


@settings(deadline=None, max_examples=40)
@given(random_boms.boms(), random_boms.boms())
def test_the_other_way_round_is_the_same_the_other_way_round(one: Json, other: Json) -> None:
    assert sides(diff(one, other)) == sides(diff(other, one), is_turned=True)


def sides(comparison: Comparison, *, is_turned: bool = False) -> list[tuple[object, ...]]:
    """Return what changed, without the kind: a thing that came one way goes the other."""
    turn = -1 if is_turned else 1
    return sorted(
        (*(c.before, c.after)[::turn], c.field, *(c.old, c.new)[::turn]) for c in comparison.changes
    )


@settings(deadline=None, max_examples=40)
@given(random_boms.boms(), st.data())
def test_what_one_document_lacks_is_never_passed_over(bom: Json, data: st.DataObject) -> None:
    listed = bom["components"]
    if not listed:
        return
    number = data.draw(st.integers(0, len(listed) - 1))
    less = copy.deepcopy(bom)
    del less["components"][number]
    assert diff(bom, less).worst is not None


# --- Things ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (of(file("a")), of(file("b", "a")), [("file-renamed", "a", "b")]),
        (of(file("a")), of(file("a", "x")), [("file-changed", "a", "a")]),
        (of(file("a")), of(), [("file-removed", "a", "")]),
        (of(), of(file("a")), [("file-added", "", "a")]),
        (of(weights("w")), of(weights("w", "x")), [("weights-changed", "w", "w")]),
        (of(), of(weights("w")), [("weights-added", "", "w")]),
        (of(weights("w")), of(), [("weights-removed", "w", "")]),
        (
            of(weights("w.bin", root="r")),
            of(weights("w.safetensors", root="r")),
            [("weights-repacked", "w.bin", "w.safetensors")],
        ),
        (
            of(weights("w"), version="1"),
            of(weights("w", "x"), version="1"),
            [("weights-changed-in-place", "w", "w")],
        ),
        (
            of(weights("w"), version="1"),
            of(weights("w", "x"), version="2"),
            [("weights-changed", "w", "w"), ("version-changed", "m", "m")],
        ),
        (
            of(file("a", "1"), file("b", "2")),
            of(file("a", "2"), file("b", "1")),
            [("file-renamed", "b", "a"), ("file-renamed", "a", "b")],
        ),
        (of(file("a"), file("b", "a")), of(file("b", "a")), [("file-removed", "a", "")]),
        (
            of({"type": "library", "name": "l", "version": "1"}),
            of({"type": "library", "name": "l", "version": "2"}),
            [("version-changed", "l", "l")],
        ),
        (of(), of({"type": "library", "name": "l"}), [("component-added", "", "l")]),
        (of({"type": "library", "name": "l"}), of(), [("component-removed", "l", "")]),
    ],
    ids=[
        *("renamed", "changed", "removed", "added", "weights", "weights added", "weights gone"),
        *("repacked", "in place", "new version", "swapped", "copy gone", "library", "new library"),
        "library gone",
    ],
)
def test_things_are_told_apart_by_what_they_hold(
    old: Json, new: Json, expected: list[tuple[str, str, str]]
) -> None:
    assert told(old, new) == expected


def test_sets_of_weights_without_a_file_are_compared_by_their_tensors() -> None:
    def shards(root: str) -> Json:
        return model("model", properties=prop("tensor:root", root))

    assert told(of(shards("1")), of(shards("1"))) == []
    (change,) = diff(of(shards("1")), of(shards("2"))).changes
    assert change == Change("weights-changed", "model", "model", "tensor root", ("1",), ("2",))
    one = of(shards("1"), version="1")
    assert told(one, of(shards("2"), version="1")) == [
        ("weights-changed-in-place", "model", "model")
    ]
    assert diff(of(model("model")), of(shards("1"))).changes[0].old == ()


def test_weights_that_a_part_holds_change_once() -> None:
    def whole(root: str) -> Json:
        return of(weights("w", root, root=root), properties=prop("weights:root", root))

    assert told(whole("1"), whole("2")) == [("weights-changed", "w", "w")]


def test_a_model_that_is_one_file_changes_once() -> None:
    def single(digest: str) -> Json:
        component = weights("m.gguf", digest)
        return of(component, hashes=component["hashes"], name="m.gguf")

    assert told(single("1"), single("2")) == [("weights-changed", "m.gguf", "m.gguf")]


def test_another_algorithm_does_not_show_that_bytes_are_the_same() -> None:
    other = file("a") | {"hashes": [{"alg": "SHA-1", "content": "00" * 20}]}
    assert told(of(file("a")), of(other)) == [("file-changed", "a", "a")]


# --- The table, and documents of others -----------------------------------------------------------


def test_every_kind_in_the_tables_exists_and_has_a_reason() -> None:
    assert {kind for _, kind in BY_PROPERTY} <= KINDS.keys()
    assert all(kind.why and kind.title for kind in KINDS.values())


def test_the_worst_stands_first() -> None:
    old, new = of(file("a"), licenses=[{"license": {"id": "MIT"}}]), of(file("b", "a"), file("c"))
    assert [change.grade for change in diff(old, new).changes] == [
        Grade.RELEASE_BLOCKING,
        Grade.REVIEW_REQUIRED,
        Grade.EXPECTED,
    ]
    assert diff(old, old).worst is None


WRONG: list[Json] = [
    {"components": {"a": 1}, "metadata": [], "vulnerabilities": "x"},
    {"metadata": {"component": [], "tools": {"components": 7}}, "compositions": [1, {}]},
    {"components": [{"hashes": [1], "properties": {}, "modelCard": 3, "licenses": [[]]}]},
    {"components": [{"name": 7, "pedigree": [], "supplier": [{"name": 1}, 2]}]},
]


@pytest.mark.parametrize(
    "document",
    WRONG,
    ids=["sections", "metadata", "component", "names"],
)
def test_wrong_types_are_compared_as_they_stand(document: Json) -> None:
    assert diff(cdx(**document), cdx(**document)).changes == ()
    assert diff(cdx(metadata={"component": model()}, components=[model()]), cdx(**document)).changes


def test_what_is_no_bom_is_named() -> None:
    with pytest.raises(BomError, match=r"^x\.json: this is JSON, but no CycloneDX"):
        parse(b"{}", "x.json")
    with pytest.raises(BomError, match=r"^x\.json: CycloneDX version '1\.4'"):
        parse(json.dumps(cdx(specVersion="1.4")).encode(), "x.json")
    assert parse(json.dumps(cdx(specVersion="1.5")).encode(), "x.json")["specVersion"] == "1.5"
