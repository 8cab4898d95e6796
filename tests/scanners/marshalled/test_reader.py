"""The marshal format, held against Python's own writer, and what it must refuse."""

from __future__ import annotations

import marshal
import random
import time
from typing import Any

import pytest

from aibom.scanners.limits import Budget, Exceeded, Limits
from aibom.scanners.marshalled import reader
from aibom.scanners.marshalled.code import UNKNOWN, Code, Constant, codes_in
from aibom.scanners.marshalled.reader import LAYOUTS, read
from aibom.scanners.source import Malformed
from tests.scanners.marshalled.golden import COMPILED, marshalled


def value(data: bytes) -> Constant:
    (reading,) = read(data, 0, Budget(Limits()), LAYOUTS)
    assert reading.end == len(data)
    return reading.value


def i(number: int) -> bytes:
    return number.to_bytes(4, "little", signed=True)


@pytest.mark.parametrize("version", range(5))
@pytest.mark.parametrize(
    "written",
    [None, True, False, 0, -1, 1 << 31, -(1 << 40), 0.5, "", "ascii", "ü", "x" * 300, b"bytes",
     (), (1, ("a", "a"), None), tuple(range(300)), ("same", "same")],
    ids=repr,
)  # fmt: skip
def test_reads_what_python_writes(written: Any, version: int) -> None:  # noqa: ANN401 - what marshal can write
    expected = UNKNOWN if isinstance(written, float) and version < 2 else written
    assert value(marshal.dumps(written, version)) == expected


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ([1, 2], (1, 2)), ({1}, (1,)), (frozenset({"a"}), ("a",)), ({"k": [2]}, ("k", (2,))),
        (Ellipsis, UNKNOWN), (StopIteration, UNKNOWN), (1j, UNKNOWN), (1 << 90, UNKNOWN), ({}, ()),
        ("\ud800", "\ud800"),
    ],
    ids=[
        "list", "set", "frozenset", "dict", "ellipsis", "StopIteration", "complex", "long", "empty",
        "surrogate",
    ],
)  # fmt: skip
def test_keeps_of_other_values_what_code_needs(written: Any, read_as: Constant) -> None:  # noqa: ANN401 - what marshal can write
    assert value(marshal.dumps(written)) == read_as


@pytest.mark.parametrize(
    ("data", "read_as"),
    [
        (b"I" + bytes(7) + b"\x80", -(1 << 63)),
        (b"f\x030.5", UNKNOWN),
        (b"x\x011\x012", UNKNOWN),
        (b"l" + i(-2) + b"\1\0\2\0", -(1 + (2 << 15))),
        (b"t" + i(2) + b"ab", "ab"),
        (b":NNi" + i(3), (None, None, 3)),
        (b"(" + i(2) + b"\xe9\1\0\0\0r" + i(0), (1, 1)),
        (b"A" + i(1) + b"a", "a"),
        (b"Z\1a", "a"),
    ],
    ids=["long", "text float", "text complex", "digits", "interned", "slice", "reference",
         "interned ascii", "short interned"],
)  # fmt: skip
def test_reads_what_other_pythons_write(data: bytes, read_as: Constant) -> None:
    assert value(data) == read_as


@pytest.mark.parametrize(
    "data",
    [
        b"", b"?", b"0", b"{N", b"{N0", b"\x80", b"i\0", b"s" + i(5) + b"1234", b"s" + i(-1),
        b"c" + i(-1), b"(" + i(2) + b"N", b"(" + i(-1), b"(" + i(1) + b"0",
        b"(" + i(2) + b"NR" + i(0), b"r" + i(0), b"\xa9\1r" + i(0), b"\xb0r" + i(0),
        b"u" + i(1) + b"\xff",
        b"l" + i(9),
    ],
)  # fmt: skip
def test_refuses_what_no_python_reads(data: bytes) -> None:
    with pytest.raises(Malformed):
        read(data, 0, Budget(Limits()), LAYOUTS)


def code(version: str) -> Code:
    (root,) = codes_in(value(marshalled(version)))
    return root


@pytest.mark.parametrize("version", COMPILED)
def test_reads_the_code_of_every_python(version: str) -> None:
    root = code(version)
    assert version in root.pythons
    assert (root.file, root.name, root.start) == ("src.py", "<module>", 0)
    inner = {each.name.rpartition(".")[2]: each for each in codes_in(root.constants)}
    assert inner.keys() == {"go", "A"}
    assert inner["go"].local_names[:2] == ("x", "y")
    assert {"r", "inner", "z"} <= {*inner["go"].local_names}
    assert {"x", "y", "json"} <= {*inner["go"].cell_names}


def test_a_code_object_needs_bytes_a_tuple_and_names() -> None:
    layout = LAYOUTS[-1]
    head = b"c" + bytes(16)
    texts = b"(\0\0\0\0" * 5 + b"s\1\0\0\0f" * 2 + i(1)[:4] + b"s\0\0\0\0"
    assert read(head + b"s\0\0\0\0" + texts, 0, Budget(Limits()), (layout,))
    name = b"(" + i(1) + b"N"
    for body in (b"N" + texts, b"s\0\0\0\0N" + texts[5:], b"s\0\0\0\0(\0\0\0\0N" + texts[10:],
                 b"s\0\0\0\0(\0\0\0\0" + name + texts[10:]):  # fmt: skip
        with pytest.raises(Malformed, match="code"):
            read(head + body, 0, Budget(Limits()), (layout,))


def test_bytes_that_two_layouts_fit_are_read_by_both() -> None:
    both = LAYOUTS[1], LAYOUTS[1]
    assert len(read(marshalled("3.9"), 0, Budget(Limits()), both)) == 2
    assert len(read(b"N", 0, Budget(Limits()), both)) == 1


@pytest.mark.parametrize("version", ["2.7", "3.8", "3.14"])
def test_damage_raises_nothing_but_malformed(version: str) -> None:
    dice = random.Random(version)
    for _ in range(300):
        data = bytearray(marshalled(version))
        for _ in range(dice.randint(1, 4)):
            data[dice.randrange(len(data))] = dice.choice((dice.randrange(256), 0xFF, 0x7F, 0))
        try:
            read(bytes(data[: dice.randint(0, len(data))]), 0, Budget(Limits()), LAYOUTS)
        except (Malformed, Exceeded):
            continue


@pytest.mark.parametrize(
    "data",
    [
        b"(" + i(0x7FFFFFFF), b"s" + i(0x7FFFFFFF), b"l" + i(0x7FFFFFFF), b"l" + i(-0x80000000),
        b"(" + i(1) * 5000, b")\1" * 100_000, b"{" * 10_000, (b"(" + i(4000)) * 1500,
    ],
    ids=["tuple", "bytes", "integer", "negative", "tuples", "deep", "deep dicts", "wide"],
)  # fmt: skip
def test_lengths_that_lie_and_depth_end_at_once(data: bytes) -> None:
    started = time.process_time()
    with pytest.raises((Malformed, Exceeded)):
        read(data, 0, Budget(Limits()), LAYOUTS)
    assert time.process_time() - started < 1


def test_too_many_objects_end_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_OBJECTS", 1000)
    with pytest.raises(Exceeded, match="objects"):
        read(b"(" + i(2000) + b"N" * 2000, 0, Budget(Limits()), LAYOUTS)


def test_the_clock_is_looked_at() -> None:
    with pytest.raises(Exceeded, match="processor time"):
        read(b"(" + i(9000) + b"N" * 9000, 0, Budget(Limits(seconds=-1)), LAYOUTS)


def test_code_in_containers_is_found_once() -> None:
    tree = value(marshal.dumps([compile("1", "a", "exec"), (compile("2", "b", "exec"),)]))
    assert [each.file for each in codes_in((tree, tree))] == ["a", "b"]
