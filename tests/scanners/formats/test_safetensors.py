"""safetensors, held against the reference reader."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest
import safetensors
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st

from aibom.scanners.dissect import dissect
from aibom.scanners.facts import (
    Call,
    Conflict,
    Fact,
    Licence,
    Metadata,
    Overlap,
    Reason,
    Tensor,
    Unclaimed,
    Unread,
)
from aibom.scanners.format import Match, Part
from aibom.scanners.formats.safetensors import BITS, FORMAT, MAX_HEADER, MAX_PLACED
from aibom.scanners.limits import MIB, Budget, Exceeded, Limits
from aibom.scanners.source import BytesSource, Malformed, Span
from aibom.scanners.values import Global
from fixtures import safetensors as fixtures
from fixtures.safetensors import entry
from tests.helpers.reading import damage, facts, read, recognised

if TYPE_CHECKING:
    from collections.abc import Callable

build = fixtures.safetensors
deserialize = cast(
    "Callable[[bytes], list[tuple[str, dict[str, Any]]]]", vars(safetensors)["deserialize"]
)


def test_reads_metadata_licence_and_tensors() -> None:
    data = fixtures.honest()
    header = Span(8, len(data) - 8 - 30)
    assert recognised(FORMAT, data) is Match.CERTAIN
    assert read(FORMAT, data) == [
        Metadata(at=Span(36, 4), key="format", value="pt"),
        Metadata(at=Span(53, 12), key="license", value="apache-2.0"),
        Licence(at=Span(53, 12), key="license", value="apache-2.0"),
        Tensor(at=Span(header.end, 24), name="weight", dtype="F32", shape=(2, 3)),
        Tensor(at=Span(header.end + 24, 6), name="bias", dtype="BF16", shape=(3,)),
    ]


def raw(header: str) -> bytes:
    text = header.encode()
    return len(text).to_bytes(8, "little") + text


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        ('{ "__metadata__" : {"é": "ü", "a": "b"}}', ['"ü"', '"b"']),
        ('{"__metadata__":{}}', []),
        ('{"w": 1, "__metadata__": {"a": "b"}}', ["all"]),
        ('{"__metadata__": {"a": "b"}, "__metadata__": {"a": "c"}}', ["all"]),
        (f'{{"__metadata__": {{"a": "{"b" * MAX_PLACED}"}}}}', ["all"]),
    ],
    ids=["first", "empty", "later", "twice", "long"],
)
def test_metadata_that_come_first_stand_at_their_values(header: str, shown: list[str]) -> None:
    data = raw(header.replace('"w": 1', '"w": {"dtype":"U8","shape":[0],"data_offsets":[0,0]}'))
    found = facts(FORMAT, data, Metadata)
    texts = [data[fact.at.start : fact.at.end].decode() for fact in found]
    assert texts == [data[8:].decode() if text == "all" else text for text in shown]


@pytest.mark.parametrize(
    ("key", "is_licence"),
    [
        ("license", True),
        ("Licence", True),
        ("modelspec.license", True),
        ("model_license", True),
        ("dataset_license", False),
        ("license_link", False),
    ],
)
def test_keys_that_name_the_licence_of_the_model(key: str, is_licence: bool) -> None:
    found = facts(FORMAT, build({"__metadata__": {key: "mit"}}, b""), Licence)
    assert [(fact.key, fact.value) for fact in found] == [(key, "mit")] * is_licence


@pytest.mark.parametrize(
    ("data", "odd"),
    [
        (fixtures.trailing(b"#!/bin/sh"), Unclaimed(at=Span(82, 9))),
        (fixtures.gapped(b"payload"), Unclaimed(at=Span(149, 7))),
        (fixtures.overlapping(), Overlap(at=Span(144, 4), first="first", second="second")),
        (
            build({"outer": entry(0, 12), "inner": entry(4, 8)}, bytes(12)),
            Overlap(at=Span(143, 4), first="outer", second="inner"),
        ),
        (
            build({"w": entry(0, 4) | {"note": ["x"]}}, bytes(4)),
            Metadata(at=Span(8, 76), key="w.note", value='["x"]'),
        ),
    ],
    ids=["trailing", "gap", "overlap", "one inside another", "unknown field"],
)
def test_reports_what_the_reference_refuses_or_skips(data: bytes, odd: Fact) -> None:
    assert [fact for fact in read(FORMAT, data) if not isinstance(fact, Tensor | Part)] == [odd]


def test_reports_keys_that_stand_twice() -> None:
    once = json.dumps(entry(0, 4))
    twice = once.replace("{", '{"dtype": "F64", ', 1)
    header = f'{{"__metadata__": {{"a": "1", "a": "2"}}, "w": {twice}, "w": {once}}}'
    found = facts(FORMAT, build(header, bytes(4)), Conflict)
    details = [f"the header holds the key {key!r} twice" for key in ("a", "dtype", "w")]
    assert [(conflict.kind, conflict.detail) for conflict in found] == [
        ("duplicate", detail) for detail in details
    ]


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ("[]", "not a JSON object"),
        ('{"w"', "not JSON"),
        ('{"w": NaN}', "not JSON"),
        ('{"w": ' + "[" * 100_000 + "]" * 100_000 + "}", "not JSON"),
        ("{" + '"w": ' + "9" * 5000 + "}", "not JSON"),
        ({"w": []}, "bad dtype, shape or offsets"),
        ({"w": entry(0, 4) | {"dtype": 1}}, "bad dtype, shape or offsets"),
        ({"w": entry(0, 4) | {"shape": None}}, "bad dtype, shape or offsets"),
        ({"w": entry(0, 4) | {"shape": [True]}}, "bad dtype, shape or offsets"),
        ({"w": entry(0, 4) | {"shape": [-1]}}, "bad dtype, shape or offsets"),
        ({"w": entry(0, 4) | {"shape": [1.0]}}, "bad dtype, shape or offsets"),
        ({"w": entry(0, 4) | {"data_offsets": [0]}}, "bad dtype, shape or offsets"),
        ({"w": entry(0, 4) | {"data_offsets": [0, 1 << 64]}}, "bad dtype, shape or offsets"),
        ({"w": entry(0, 4, "F128")}, "unknown dtype 'F128'"),
        ({"w": entry(4, 0, shape=())}, "bytes 4 to 0, there are 4"),
        ({"w": entry(0, 8)}, "bytes 0 to 8, there are 4"),
        ({"w": entry(0, 4, shape=(2,))}, "takes 8 bytes, the offsets give 4"),
        ({"w": entry(0, 4, "F4", (7,))}, "takes 3.5 bytes, the offsets give 4"),
        ({"w": entry(0, 4, shape=(1 << 60, 1 << 60, 0))}, "more bits than 64 bits can count"),
        ({"__metadata__": []}, "not a JSON object"),
        ({"__metadata__": {"a": 1}}, "the value of 'a' is not a text"),
    ],
)  # fmt: skip
def test_refuses_what_no_reader_understands(header: Any, why: str) -> None:  # noqa: ANN401
    data = build(header, bytes(4))
    with pytest.raises(Malformed, match=why.replace("[", r"\[")):
        read(FORMAT, data)
    with pytest.raises(safetensors.SafetensorError):
        deserialize(data)


@pytest.mark.parametrize("length", [MAX_HEADER + 1, 1 << 60, (1 << 64) - 1])
def test_refuses_a_length_that_no_file_has(length: int) -> None:
    data = length.to_bytes(8, "little") + b'{"w":'
    assert recognised(FORMAT, data) is Match.POSSIBLE
    with pytest.raises(Malformed, match=f"{length} bytes, the format allows 100000000"):
        read(FORMAT, data)


def test_keeps_within_its_limits() -> None:
    with pytest.raises(Exceeded, match="text"):
        read(FORMAT, build("{}", padding=2 * MIB), limits=Limits(text=MIB))
    with pytest.raises(Exceeded, match="JSON values"):
        read(FORMAT, build('{"w": [' + "0," * 300 + "0]}"), limits=Limits(facts=10))


def test_refuses_every_shorter_file() -> None:
    whole = fixtures.honest()
    for length in range(len(whole)):
        with pytest.raises(Malformed):
            read(FORMAT, whole[:length])


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"", Match.NO),
        (b"\x02\0\0\0\0\0\0\0{", Match.POSSIBLE),
        (b"\x02\0\0\0\0\0\0\0{}", Match.CERTAIN),
        (b"\x02\0\0\0\0\0\0\0[]", Match.NO),
        (b"\x03\0\0\0\0\0\0\0{x}", Match.POSSIBLE),
        (b'12345678{"a": 1}', Match.POSSIBLE),
        (b"\x80\x04\x95\0\0\0\0\0" + b"}.", Match.NO),
    ],
    ids=["empty", "cut", "least", "a list", "no key", "text", "pickle"],
)
def test_tells_by_content(data: bytes, match: Match) -> None:
    assert recognised(FORMAT, data) is match


def test_the_name_asks_why_a_file_is_none() -> None:
    cut = fixtures.honest()[:100]
    named, unnamed = (
        dissect(BytesSource(cut), (name,), Budget(Limits())) for name in ("m.safetensors", "m")
    )
    why = "safetensors: header length at byte 0: 196 bytes, there are 92"
    assert named.facts == (Unread(reason=Reason.MALFORMED, detail=why),)
    assert (unnamed.formats, unnamed.facts) == ((), ())


# --- Against the reference reader -----------------------------------------------------------------


def reference(data: bytes) -> list[tuple[str, str, tuple[int, ...], int]] | None:
    """Return (name, dtype, shape, bytes) of each tensor, or None for what it refuses."""
    try:
        found = deserialize(data)
    except safetensors.SafetensorError:
        return None
    return sorted((n, t["dtype"], tuple(t["shape"]), len(t["data"])) for n, t in found)


def ours(data: bytes) -> tuple[list[tuple[str, str, tuple[int, ...], int]], list[Fact | Part]]:
    found = read(FORMAT, data)
    tensors = [fact for fact in found if isinstance(fact, Tensor)]
    odd: list[Fact | Part] = [
        fact for fact in found if isinstance(fact, Overlap | Unclaimed | Conflict)
    ]
    return sorted((t.name, t.dtype, t.shape, t.at.length) for t in tensors), odd


def test_agrees_on_what_numpy_saved() -> None:
    arrays = {
        "scalar": np.float32(1.5),
        "empty": np.zeros((0, 3), np.int8),
        "half": np.ones((2, 2), np.float16),
        "complex": np.ones(2, np.complex64),
        "flags": np.array([True, False]),
    }
    data = safetensors.numpy.save({k: np.asarray(v) for k, v in arrays.items()}, {"by": "numpy"})
    assert ours(data) == (reference(data), [])
    assert [(m.key, m.value) for m in facts(FORMAT, data, Metadata)] == [("by", "numpy")]


@pytest.mark.parametrize("dtype", BITS)
def test_agrees_on_every_dtype(dtype: str) -> None:
    data = build({"w": entry(0, 3 * BITS[dtype], dtype, (3, 8))}, bytes(3 * BITS[dtype]))
    known = reference(data)
    if known is None:
        pytest.skip("the installed reference reader does not know it yet")
    assert ours(data) == (known, [])


def test_is_as_strict_as_the_reference_on_damaged_files() -> None:
    dice = random.Random(1)
    seed = fixtures.honest()
    for _ in range(3000):
        data = bytearray(seed)
        for _ in range(dice.randint(1, 3)):
            data[dice.randrange(len(data))] = dice.choice(b'"{}[],:0123456789 FAa\\\0')
        theirs = reference(bytes(data))
        try:
            tensors, odd = ours(bytes(data))
        except Malformed:
            assert theirs is None, bytes(data)
            continue
        if theirs is not None:
            assert tensors == theirs
        else:
            assert odd, bytes(data)


def test_survives_damage() -> None:
    damage(FORMAT, fixtures.honest(), name="m.safetensors")


names = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@given(
    st.dictionaries(
        names.filter(lambda name: name != "__metadata__"),
        st.tuples(st.sampled_from(["F32", "BF16", "I64"]), st.lists(st.integers(0, 3), max_size=3)),
        max_size=5,
    ),
    st.dictionaries(names, names, max_size=3),
    st.integers(0, 9),
)
def test_reads_back_what_was_built(
    layout: dict[str, tuple[str, list[int]]], metadata: dict[str, str], padding: int
) -> None:
    header: dict[str, Any] = {"__metadata__": metadata} if metadata else {}
    expected: list[tuple[str, str, tuple[int, ...], int]] = []
    end = 0
    for name, (dtype, shape) in layout.items():
        length = int(np.prod(shape)) * BITS[dtype] // 8
        header[name] = entry(end, end + length, dtype, tuple(shape))
        expected.append((name, dtype, tuple(shape), length))
        end += length
    data = build(header, bytes(end), padding=padding)
    assert ours(data) == (sorted(expected), [])
    assert reference(data) == sorted(expected)
    assert {m.key: m.value for m in facts(FORMAT, data, Metadata)} == metadata


@pytest.mark.parametrize("before", [b"", bytes(40)], ids=["at once", "after zeros"])
def test_reads_a_pickle_behind_the_tensors(before: bytes) -> None:
    pickle = b"\x80\x04\x8c\2os\x8c\6system\x93\x8c\4true\x85R."
    data = fixtures.trailing(before + pickle)
    artifact = dissect(BytesSource(data), ("w.safetensors",), Budget(Limits()))
    calls = [fact for each in artifact.walk() for fact in each.facts if isinstance(fact, Call)]
    assert [call.callee for call in calls] == [Global("os", "system")]
