"""YAML as plain values with their places, compared with what PyYAML makes of it."""

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from aibom.scanners.documents import Key, Places, dotted, inner, leaves, scalar
from aibom.scanners.front_matter import read, read_placed
from aibom.scanners.source import Malformed, Span

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)
VALUES: st.SearchStrategy[Any] = st.recursive(
    TEXTS, lambda each: st.lists(each, max_size=4) | st.dictionaries(TEXTS, each, max_size=4)
)


@given(st.dictionaries(TEXTS, VALUES, min_size=1), st.booleans())
def test_every_value_stands_where_its_place_says(value: dict[str, Any], in_flow: bool) -> None:
    text = yaml.safe_dump(value, allow_unicode=True, default_flow_style=in_flow, sort_keys=False)
    found = read_placed(text)
    places = Places(text, found.spans, base=7, default=Span(0, 0))
    assert found.values == value
    told = list(leaves(found.values))
    assert told == list(leaves(value))
    for key, leaf in told:
        at = places.at(key)
        piece = text.encode()[at.start - 7 : at.end - 7].decode()
        node = yaml.compose(piece)
        assert leaf == (node.value if node else "")
        assert inner(value, key) == leaf


def test_a_long_text_that_aliases_repeat_is_read_fast() -> None:
    text = f"a: &a '{'x' * 400_000}'\nb: [{'*a,' * 90_000}]\n"
    assert len(read_placed(text, follow_aliases=True).values["b"]) == 90_000
    with pytest.raises(Malformed):
        read_placed(text)


def test_a_mark_of_byte_order_leaves_no_place() -> None:
    found = read_placed("\ufeffa: b\n")
    places = Places("\ufeffa: b\n", found.spans, base=0, default=Span(1, 2))
    assert (found.values, places.at(("a",))) == ({"a": "b"}, Span(1, 2))


def test_reads_empty_text_and_empty_values() -> None:
    assert read("") == (None, ())
    assert read("a:\nb: ~\nc: ''\n") == ({"a": None, "b": None, "c": ""}, ())


@pytest.mark.parametrize(
    ("key", "text"),
    [((), ""), (("a",), "a"), (("a", 0, "b"), "a[0].b"), ((1, 2), "[1][2]"), (("a.b",), "a.b")],
    ids=["nothing", "name", "path", "numbers", "dot"],
)
def test_keys_are_written_as_paths(key: Key, text: str) -> None:
    assert dotted(key) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (True, "true"),
        (3, "3"),
        (0.5, "0.5"),
        (1 << 64, "a huge number"),
        (None, None),
        ([], None),
    ],
    ids=["text", "truth", "number", "fraction", "huge", "null", "list"],
)
def test_scalars_are_text(value: object, text: str | None) -> None:
    assert scalar(value) == text


def test_what_is_not_there_is_nothing() -> None:
    value = json.loads('{"a": [1, {"b": 2}]}')
    assert inner(value, ("a", 1, "b")) == 2
    for key in (("a", 2), ("a", "b"), ("c",), ("a", 0, "b"), (0,)):
        assert inner(value, key) is None
