"""Protobuf fields without a schema, held against Google's reader."""

from __future__ import annotations

import random

import pytest
from google.protobuf import message  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st
from onnx import StringStringEntryProto

from aibom.scanners.limits import Budget, Exceeded, Limits
from aibom.scanners.source import BytesSource, Malformed, Span
from aibom.scanners.wireformat import GROUP, I32, I64, LENGTH, VARINT, Field, Wire, signed
from fixtures.onnx import FIXED32, FIXED64, GROUP_END, field, key, varint

OPEN, CLOSE = key(3, GROUP), key(3, GROUP_END)


def fields(data: bytes) -> list[Field]:
    return list(Wire(BytesSource(data)).fields(Span(0, len(data))))


def test_reads_every_kind_of_field() -> None:
    data = (
        field(1, 300)
        + field(2, b"text")
        + key(3, FIXED64) + bytes(8)
        + key(4, FIXED32) + bytes(4)
        + key(3, GROUP) + field(1, 1) + CLOSE
        + field((1 << 29) - 1, 0)
    )  # fmt: skip
    assert fields(data) == [
        Field(1, VARINT, 300, 1, 3),
        Field(2, LENGTH, 4, 5, 9),
        Field(3, I64, 0, 10, 18),
        Field(4, I32, 0, 19, 23),
        Field(3, GROUP, 0, 24, 27),
        Field((1 << 29) - 1, VARINT, 0, 32, 33),
    ]
    assert fields(data)[1].span == Span(5, 4)


def test_reads_no_further_than_its_message() -> None:
    data = field(1, 5) + field(2, b"next")
    wire = Wire(BytesSource(data))
    assert list(wire.fields(Span(0, 2))) == [Field(1, VARINT, 5, 1, 2)]
    with pytest.raises(Malformed, match="4 bytes, 3 are left in the message"):
        list(wire.fields(Span(2, 5)))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\0\0", "0 is no key"),
        (b"\xff\xff\xff\xff\x7f\0", "is no key"),
        (b"\x08", "ends inside it"),
        (b"\x08\x80", "ends inside it"),
        (b"\x80", "ends inside it"),
        (b"\x08" + b"\x80" * 10 + b"\0", "a number is too long"),
        (b"\x0e", "kind 6"),
        (b"\x0f", "kind 7"),
        (b"\x0a\x05abcd", "5 bytes, 4 are left"),
        (b"\x0a" + varint(1 << 60), "1152921504606846976 bytes, 0 are left"),
        (key(1, FIXED64) + bytes(7), "8 bytes, 7 are left"),
        (key(1, FIXED32) + bytes(3), "4 bytes, 3 are left"),
        (CLOSE, "none is open"),
        (OPEN, "never closed"),
        (OPEN + key(4, GROUP_END), "another group is closed"),
        (OPEN * 101 + CLOSE * 101, "never closed"),
    ],
)
def test_refuses_what_is_no_field(data: bytes, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        fields(data)


def test_steps_over_groups_inside_groups() -> None:
    data = OPEN * 100 + CLOSE * 100
    assert fields(data + field(1, 1)) == [
        Field(3, GROUP, 0, 1, 200),
        Field(1, VARINT, 1, 201, 202),
    ]


def test_looks_at_the_clock() -> None:
    data = field(1, 1) * 5000
    wire = Wire(BytesSource(data), Budget(Limits(seconds=-1)).check_time)
    with pytest.raises(Exceeded, match="seconds"):
        list(wire.fields(Span(0, len(data))))


@pytest.mark.parametrize(
    ("data", "numbers"),
    [
        (field(1, 7), [7]),
        (field(1, -1), [-1]),
        (field(1, varint(1) + varint(-2) + varint(300)), [1, -2, 300]),
        (field(1, bytes(99)), [0] * 10),
        (field(1, b""), []),
    ],
    ids=["one", "negative", "packed", "too many", "none"],
)
def test_reads_numbers_packed_or_not(data: bytes, numbers: list[int]) -> None:
    (only,) = fields(data)
    assert Wire(BytesSource(data)).integers(only, 10) == numbers


def test_reads_the_start_of_a_text() -> None:
    data = field(1, "é" * 5) + field(1, b"\xff") + field(1, "a" * 30)
    short, broken, long = fields(data)
    wire = Wire(BytesSource(data))
    assert wire.text(short, 5) == "é" * 5
    assert wire.text(short, 4) == "éééé… (10 bytes in all)"
    assert wire.text(broken, 5) == r"\xff"
    assert wire.text(long, 5) == "aaaaa… (30 bytes in all)"


@given(st.integers(-(1 << 63), (1 << 63) - 1))
def test_knows_negative_numbers(number: int) -> None:
    (only,) = fields(field(9, number))
    assert signed(only.value) == number


# --- Against Google's reader ----------------------------------------------------------------------


@given(st.binary(max_size=40) | st.builds(field, st.integers(1, 40), st.binary()))
def test_reads_all_that_google_reads(data: bytes) -> None:
    assert_no_stricter_than_google(data)


def test_reads_all_that_google_reads_of_damaged_messages() -> None:
    dice = random.Random(3)
    seed = (OPEN + field(1, b"ab") + CLOSE + field(1, 300) + key(2, FIXED32) + bytes(4)) * 2
    for _ in range(5000):
        data = bytearray(seed)
        for _ in range(dice.randint(1, 3)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        assert_no_stricter_than_google(bytes(data[: dice.randint(0, len(data))]))


def assert_no_stricter_than_google(data: bytes) -> None:
    """Whatever a loader can read, we must be able to read: else a payload could hide there."""
    for each in (data, OPEN + data + CLOSE):
        try:
            StringStringEntryProto().ParseFromString(each)  # it knows two texts, and skips the rest
        except message.DecodeError:
            continue
        fields(each)


def test_can_end_a_payload_with_its_message_and_say_so() -> None:
    data = field(1, b"ab") + field(2, b"cdef")
    wire = Wire(BytesSource(data[:-2]), clips=True)
    assert [wire.text(each, 9) for each in wire.fields(Span(0, len(data) - 2))] == ["ab", "cd"]
    assert str(wire.clipped) == "protobuf field at byte 4: 4 bytes, 2 are left in the message"
    with pytest.raises(Malformed):
        list(wire.fields(Span(0, 5)))


def test_follows_a_path_of_messages() -> None:
    data = field(1, field(2, b"a") + field(3, b"b")) + field(2, b"c") + field(1, field(2, b"d"))
    wire = Wire(BytesSource(data))
    found = list(wire.inside(Span(0, len(data)), (1, 2)))
    assert [data[each.start : each.end] for each in found] == [b"a", b"d"]
