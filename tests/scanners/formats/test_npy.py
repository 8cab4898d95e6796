"""NumPy arrays."""

from __future__ import annotations

import contextlib
import io
import random
from typing import Any

import numpy as np
import pytest

from aibom.scanners.dissect import dissect
from aibom.scanners.facts import Import, Tensor, Unclaimed
from aibom.scanners.format import Match, Part, Subject
from aibom.scanners.formats.npy import parse, recognise
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.source import BytesSource, Malformed, Span

ATTACK = b"cposix\nsystem\n(Vecho pwned\ntR."


def written(array: Any, version: tuple[int, int] | None = None) -> bytes:  # noqa: ANN401
    out = io.BytesIO()
    np.lib.format.write_array(out, np.asanyarray(array), version=version, allow_pickle=True)
    return out.getvalue()


def header(text: str, values: bytes = b"") -> bytes:
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode() + values


def read(data: bytes) -> list[object]:
    return list(parse(Subject.of(BytesSource(data)), Budget(Limits())))


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_reads_what_numpy_writes(version: tuple[int, int]) -> None:
    data = written(np.zeros((2, 3), "f4"), version)
    assert recognise(Subject.of(BytesSource(data))) is Match.CERTAIN
    assert read(data) == [Tensor(at=Span(128, 24), name="", dtype="F32", shape=(2, 3))]


@pytest.mark.parametrize(
    ("array", "is_plain"),
    [
        (np.zeros((2, 3), "<f4"), True), (np.zeros((2, 3), ">f4"), False),
        (np.zeros((2, 3), "<f4", order="F"), False), (np.zeros(3, "u1"), True),
    ],
    ids=["little", "big", "columns", "bytes"],
)  # fmt: skip
def test_values_are_plain_row_by_row_in_little_endian(array: Any, is_plain: bool) -> None:  # noqa: ANN401
    (tensor,) = read(written(array))
    assert isinstance(tensor, Tensor)
    assert tensor.is_plain is is_plain


def test_the_byte_order_of_the_reader_is_no_promise() -> None:
    text = "{'descr': '=f4', 'fortran_order': False, 'shape': (2,)}"
    (tensor,) = read(header(text, bytes(8)))
    assert isinstance(tensor, Tensor)
    assert not tensor.is_plain


@pytest.mark.parametrize(
    ("array", "dtype"),
    [
        (np.zeros(3, "?"), "BOOL"), (np.zeros((), "i8"), "I64"), (np.zeros(2, "U5"), "U5"),
        (np.zeros(2, "M8[s]"), "M8[s]"), (np.zeros(2, "f4,i2"), "structured"),
        (np.zeros(2, [("a", "f4", (2, 2)), ("b", [("c", "u1")])]), "structured"),
    ],
    ids=["bool", "scalar", "text", "time", "fields", "nested"],
)  # fmt: skip
def test_knows_the_length_of_every_dtype(array: Any, dtype: str) -> None:  # noqa: ANN401
    (tensor,) = read(written(array))
    assert isinstance(tensor, Tensor)
    assert (tensor.dtype, tensor.shape, tensor.at.length) == (dtype, array.shape, array.nbytes)


@pytest.mark.parametrize(
    "array",
    [np.array([1, "a"], object), np.zeros(1, [("a", "O")]), np.zeros(1, [("a", [("b", "O")])])],
    ids=["objects", "a field", "a nested field"],
)
def test_hands_on_the_pickle_of_objects(array: Any) -> None:  # noqa: ANN401
    (part,) = read(written(array))
    assert isinstance(part, Part)
    assert part.formats == ("pickle",)
    assert part.source.read_at(0, 1) == b"\x80"


def test_places_bytes_after_the_values() -> None:
    data = written(np.zeros(2, "u1"))
    _, unclaimed, part = read(data + ATTACK)
    assert unclaimed == Unclaimed(at=Span(len(data), len(ATTACK)))
    assert isinstance(part, Part)
    assert part.source.read_at(0, part.source.size) == ATTACK


@pytest.mark.parametrize(
    "descr",
    ["'i4,O'", "'object'", "'(1,)O'", "('|O', (1,))", "[('a', ('|O', (1,)))]", "[('a', 'O', 1)]",
     "['aO']", "{'aO': 1}", "('i8', 'O')", "('i8', [('a', 'O')])", "'|' 'O'", r"'\x4f'", "'T'"],
)  # fmt: skip
def test_hands_on_what_numpy_may_unpickle(descr: str) -> None:
    text = "{'descr': " + descr + ", 'fortran_order': False, 'shape': (1,), }"
    found = dissect(BytesSource(header(text, ATTACK)), ("a.npy",), Budget(Limits()))
    imports = [f.dotted for each in found.walk() for f in each.facts if isinstance(f, Import)]
    assert imports == ["posix.system"]


def test_hands_on_what_follows_a_shape_or_header_that_only_numpy_reads() -> None:
    odd = header("{'descr': 'O', 'fortran_order': False, 'shape': (-1,), }", ATTACK)
    long = "{'descr': 'O', 'fortran_order': False, 'shape': (1,), }".ljust(2 << 20)
    wide = b"\x93NUMPY\x02\x00" + len(long).to_bytes(4, "little") + long.encode() + ATTACK
    for data in (odd, wide):
        found = dissect(BytesSource(data), ("a.npy",), Budget(Limits()))
        assert [f for each in found.walk() for f in each.facts if isinstance(f, Import)]


@pytest.mark.parametrize(
    ("descr", "size"),
    [("('<f4', (2, 3))", 24), ("('<f4', 2)", 8), ("[('a', ('<f4', (2,))), ('', '|V4')]", 12),
     ("'S'", 0), ("'d'", 8)],
    ids=["subarray", "count", "field", "empty", "letter"],
)  # fmt: skip
def test_knows_the_length_of_dtypes_inside_dtypes(descr: str, size: int) -> None:
    text = "{'descr': " + descr + ", 'fortran_order': False, 'shape': (1,), }"
    (tensor,) = read(header(text, bytes(size)))
    assert isinstance(tensor, Tensor)
    assert tensor.at.length == size


@pytest.mark.parametrize(
    "text",
    ["", "{", "{}", "[1]", "{'descr': 1 + 1}", "{'descr': '<f4', 'shape': (-1,)}", "(" * 100,
     "{'descr': '<f4', 'shape': (999999999,)}", "{'descr': __import__('os'), 'shape': ()}",
     "{'descr': '<f4', 'shape': ()} {}", "{1: 2}", "{'a' 'b'}", "{'shape': (1 2)}"],
)  # fmt: skip
def test_refuses_a_header_that_is_no_literal(text: str) -> None:
    with pytest.raises(Malformed):
        read(header(text))


def test_refuses_a_header_longer_than_any() -> None:
    with pytest.raises(Malformed):
        read(b"\x93NUMPY\x02\x00\xff\xff\xff\x7f")


@pytest.mark.parametrize("seed", range(60))
def test_damage_raises_nothing_but_malformed(seed: int) -> None:
    roll = random.Random(seed)
    data = bytearray(written(np.zeros(4, [("a", "f4", (2,)), ("b", "U3")])))
    for _ in range(roll.randrange(1, 5)):
        data[roll.randrange(6, len(data))] = roll.randrange(256)
    subject = Subject.of(BytesSource(bytes(data)))
    if recognise(subject):
        with contextlib.suppress(Malformed):
            list(parse(subject, Budget(Limits())))
