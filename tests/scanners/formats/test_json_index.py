"""The index of a sharded model."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aibom.scanners.facts import Metadata, Reference, Refers
from aibom.scanners.formats.json_index import shards
from aibom.scanners.tensor_names import count, summary

NAMES = st.lists(st.text(max_size=8), max_size=8)


def test_each_file_is_named_with_what_it_should_hold() -> None:
    assert list(shards({"b": "1", "a": "1", "c": "2", "d": 3})) == [
        Reference(kind=Refers.EXTERNAL_DATA, key="weight_map", target="1"),
        Metadata(key="weight_map.1", value=summary(["a", "b"])),
        Reference(kind=Refers.EXTERNAL_DATA, key="weight_map", target="2"),
        Metadata(key="weight_map.2", value=summary(["c"])),
    ]


def test_what_is_no_map_names_nothing() -> None:
    assert list(shards(["a"])) == []


def test_a_summary_tells_how_many_names_it_is_of() -> None:
    assert count(summary(["a", "b", "c"])) == "3 tensors"


def test_a_long_name_counts_as_facts_keep_it() -> None:
    kept = "x" * 1024 + "… (976 more characters)"
    assert summary(["x" * 2000]) == summary([kept])


@given(NAMES, NAMES)
def test_only_the_same_names_have_the_same_summary(one: list[str], other: list[str]) -> None:
    assert (summary(one) == summary(other)) is (sorted(one) == sorted(other))


@given(NAMES)
def test_the_order_of_names_makes_no_difference(names: list[str]) -> None:
    backwards = names[::-1]
    assert summary(backwards) == summary(names)
