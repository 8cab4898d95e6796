"""Facts as JSON, and back without trust."""

from __future__ import annotations

import json
import typing
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aibom.scanners.artifact import Artifact
from aibom.scanners.codec import (
    COLUMNS,
    KINDS,
    MANY,
    BadShape,
    decode,
    decode_fact,
    encode,
    encode_fact,
)
from aibom.scanners.facts import Fact, Import, Metadata, Tensor, Unclaimed
from aibom.scanners.record import fields
from aibom.scanners.shapes import is_object
from aibom.scanners.source import Span
from aibom.scanners.values import Blob, Global, Group, Made, Opaque, Value

counts = st.integers(0, 1 << 70)
spans = st.builds(Span, counts, counts)
texts = st.text(max_size=20)
numbers = st.integers(-(1 << 80), 1 << 80) | st.floats(allow_nan=False, allow_infinity=False)
scalars: st.SearchStrategy[Value] = st.none() | st.booleans() | texts | numbers
values: st.SearchStrategy[Value] = st.recursive(
    scalars
    | st.builds(Global, texts, texts)
    | st.builds(Blob, spans, texts)
    | st.builds(Opaque, texts),
    lambda inner: (
        st.builds(Made, inner, st.lists(inner, max_size=3).map(tuple))
        | st.builds(Group, texts, st.lists(inner, max_size=3).map(tuple), counts)
    ),
    max_leaves=8,
)
BY_TYPE: dict[Any, st.SearchStrategy[Any]] = {
    str: texts,
    int: st.integers(-(1 << 80), 1 << 80),
    bool: st.booleans(),
    Span: spans,
    Value: values,
    tuple[str, ...]: st.lists(texts, max_size=3).map(tuple),
    tuple[int, ...]: st.lists(counts, max_size=3).map(tuple),
}


def strategy(kind: type[Fact]) -> st.SearchStrategy[Fact]:
    hints = typing.get_type_hints(kind)
    by_field: dict[str, st.SearchStrategy[Any]] = {}
    for name in fields(kind):
        hint = hints[name]
        if isinstance(hint, type) and issubclass(hint, StrEnum):
            by_field[name] = st.sampled_from([*hint])
        else:
            by_field[name] = BY_TYPE[hint]
    return st.builds(kind, **by_field)


facts_ = st.one_of([strategy(kind) for kind in KINDS.values()])
json_ = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(facts_)
def test_every_fact_comes_back_as_it_was(fact: Fact) -> None:
    assert decode_fact(json.loads(json.dumps(encode_fact(fact)))) == fact


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_fact_refuses_a_field_of_another_type(kind: type[Fact]) -> None:
    for name in fields(kind):
        with pytest.raises(BadShape):
            decode_fact({"fact": kind.__name__, name: {"no": ["such"]}})
    with pytest.raises(BadShape):
        decode_fact({"fact": kind.__name__, "no such field": 1})


@settings(max_examples=300, deadline=None)
@given(json_, st.sampled_from(sorted(KINDS)))
def test_hostile_json_raises_bad_shape_alone(value: Any, kind: str) -> None:  # noqa: ANN401
    hostile: list[Any] = [value, {"fact": kind, "at": value}, {"fact": value}]
    if is_object(value):
        hostile.append({**value, "fact": kind})
    for each in hostile:
        try:
            decode_fact(each)
        except BadShape:
            continue
    for each in (value, {"path": value, "size": 1}, {"path": ["a"], "size": 1, "facts": value}):
        try:
            decode(each, path=("a",), size=1)
        except BadShape:
            continue


def artifact(**changes: object) -> Any:  # noqa: ANN401 - JSON
    return {**encode(Artifact(("a",), 10, facts=(Unclaimed(at=Span(2, 3)),))), **changes}


def test_an_artifact_comes_back_as_it_was() -> None:
    inner = Artifact(("a", "b"), 3, formats=("pickle",), facts=(Import(module="os", name="x"),))
    whole = Artifact(("a",), 10, (("sha256", "00"),), ("zip",), parts=(inner,), plain_parts=2)
    assert decode(json.loads(json.dumps(encode(whole))), path=("a",), size=10) == whole


tensors = st.builds(
    Tensor,
    at=st.builds(Span, st.integers(0, 2), st.integers(0, 2)),
    name=texts,
    dtype=st.sampled_from(["F32", "BF16"]),
    shape=st.lists(st.integers(0, 2), max_size=2).map(tuple),
    storage=texts,
    offset=st.integers(-2, 2),
    is_plain=st.booleans(),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(facts_ | st.lists(tensors, min_size=MANY, max_size=2 * MANY), max_size=4))
def test_facts_come_back_as_they_were_from_columns(groups: list[Fact | list[Fact]]) -> None:
    found = tuple(f for each in groups for f in (each if isinstance(each, list) else [each]))
    size = max((fact.at.end for fact in found), default=0)
    inner = Artifact(("a", "b"), size, facts=found)
    whole = Artifact(("a",), size, facts=found, parts=(inner,))
    encoded = json.loads(json.dumps(encode(whole, columns=True)))
    assert decode(encoded, path=("a",), size=size) == whole


def test_only_many_tensors_in_a_row_go_as_columns() -> None:
    row = [Tensor(name=f"w{n}", dtype="F32", shape=(2, 3), storage=f"{n % 2}") for n in range(MANY)]
    other = Metadata(key="k", value="v")
    whole = Artifact(("a",), 1, facts=(*row[1:], other, *row))
    assert encode(whole, columns=True)["facts"] == [
        *(encode_fact(tensor) for tensor in row[1:]),
        encode_fact(other),
        {
            "tensors": {
                "at": {"values": [(0, 0)], "which": [0] * MANY},
                "name": [f"w{n}" for n in range(MANY)],
                "dtype": {"values": ["F32"], "which": [0] * MANY},
                "shape": {"values": [(2, 3)], "which": [0] * MANY},
                "storage": {"values": ["0", "1"], "which": [0, 1] * (MANY // 2)},
                "offset": {"values": [0], "which": [0] * MANY},
                "is_plain": {"values": [True], "which": [0] * MANY},
            }
        },
    ]
    assert all("fact" in each for each in encode(whole)["facts"])


ROW = {
    "at": [[0, 1]], "name": ["w"], "dtype": ["F32"], "shape": [[1]], "storage": [""], "offset": [0],
    "is_plain": [True],
}  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {"at": [[0, 11]]}, {"at": [[0, -1]]}, {"at": [None]}, {"name": [1]}, {"name": "w"},
        {"name": ["v", "w"]}, {"name": []}, {"dtype": {"values": ["F32"], "which": [1]}},
        {"dtype": {"values": ["F32"], "which": [-1]}}, {"dtype": {"values": ["F32"]}},
        {"dtype": {"values": [1], "which": [0]}}, {"dtype": {"values": [], "which": [0]}},
        {"dtype": {"values": ["F32"], "which": [0], "more": 1}}, {"shape": [[-1]]},
        {"shape": [["1"]]}, {"dtype": {"values": ["F32"], "which": [False]}}, {"extra": ["w"]},
        {"offset": ["0"]}, {"is_plain": [1]},
        {"dtype": {"values": ["F32"], "which": [0, 0]}},
    ],
    ids=str,
)  # fmt: skip
def test_columns_of_another_shape_are_refused(changes: dict[str, object]) -> None:
    decode(artifact(facts=[{"tensors": ROW}]), path=("a",), size=10)
    with pytest.raises(BadShape):
        decode(artifact(facts=[{"tensors": {**ROW, **changes}}]), path=("a",), size=10)


@pytest.mark.parametrize("name", ROW)
def test_columns_are_all_there(name: str) -> None:
    columns = {key: column for key, column in ROW.items() if key != name}
    with pytest.raises(BadShape):
        decode(artifact(facts=[{"tensors": columns}]), path=("a",), size=10)


@settings(max_examples=300, deadline=None)
@given(json_, st.sampled_from(COLUMNS))
def test_hostile_columns_raise_bad_shape_alone(value: Any, name: str) -> None:  # noqa: ANN401
    hostile: list[Any] = [value, {**ROW, name: value}, {**ROW, name: [value]}]
    hostile += [{**ROW, name: {"values": value, "which": [0]}}]
    hostile += [{**ROW, name: {"values": ["x"], "which": value}}]
    for each in hostile:
        try:
            decode(artifact(facts=[{"tensors": each}]), path=("a",), size=10)
        except BadShape:
            continue


@pytest.mark.parametrize(
    "changes",
    [
        {"path": ["b"]}, {"size": 11}, {"size": -10}, {"plain_parts": -1}, {"extra": 1},
        {"facts": [{"fact": "Unclaimed", "at": [8, 3]}]}, {"facts": [{"fact": "Format"}]},
        {"parts": [{"path": ["x", "y"], "size": 1}]}, {"parts": [{"path": ["a"], "size": 1}]},
        {"formats": "zip"}, {"digests": {"sha256": 1}},
    ],
    ids=str,
)  # fmt: skip
def test_an_answer_about_something_else_is_refused(changes: dict[str, object]) -> None:
    decode(artifact(), path=("a",), size=10)
    with pytest.raises(BadShape):
        decode(artifact(**changes), path=("a",), size=10)


def test_endless_nesting_is_refused() -> None:
    value: Any = None
    for _ in range(500):
        value = {"made": [value]}
    with pytest.raises(BadShape, match="nests too deeply"):
        decode_fact({"fact": "Call", "callee": value})


def test_numbers_that_json_cannot_hold_become_words() -> None:
    encoded = encode_fact(Metadata(key="k", value="v"))
    assert "at" in encoded
    for number in (float("nan"), float("inf"), 1 << 5000):
        made = Group("list", (number,))
        fact = KINDS["Call"](callee=made)  # type: ignore[call-arg]
        decoded = decode_fact(json.loads(json.dumps(encode_fact(fact), allow_nan=False)))
        assert "opaque" in str(encode_fact(decoded))
