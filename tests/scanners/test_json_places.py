"""The places of values in JSON, compared with what the standard library reads there."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aibom.scanners.documents import Places, inner
from aibom.scanners.json_places import DEEPEST, spans
from aibom.scanners.source import Span

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda each: (
        st.lists(each, max_size=4) | st.dictionaries(st.text(max_size=6), each, max_size=4)
    ),
)


@given(VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_every_value_stands_where_its_place_says(
    value: object, escaped: bool, indent: int | None
) -> None:
    text = json.dumps(value, ensure_ascii=escaped, indent=indent)
    data = text.encode("utf-8", "surrogatepass")
    found = spans(text)
    places = Places(text, found, base=0, default=Span(0, 0))
    assert () in found
    for key in found:
        at = places.at(key)
        piece = data[at.start : at.end].decode("utf-8", "surrogatepass")
        assert json.loads(piece) == inner(value, key)


def test_of_a_name_that_stands_twice_the_last_value_counts() -> None:
    text = '{"a": 1, "\\u0061": [2]}'
    assert spans(text) == {(): (0, 23), ("a",): (19, 22), ("a", 0): (20, 21)}


def test_deep_values_have_no_place() -> None:
    text = "[" * (DEEPEST + 2) + "]" * (DEEPEST + 2)
    assert max(len(key) for key in spans(text)) == DEEPEST


def test_empty_lists_and_objects_have_one() -> None:
    assert spans("[{}, []]") == {(): (0, 8), (0,): (1, 3), (1,): (5, 7)}
