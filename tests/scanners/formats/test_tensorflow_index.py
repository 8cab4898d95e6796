"""The index of a TensorFlow checkpoint, and Snappy, in which older ones are written."""

from __future__ import annotations

import random
import time
from contextlib import suppress

import pytest

from aibom.scanners.archives.snappy import decompressed
from aibom.scanners.facts import Tensor
from aibom.scanners.format import Match
from aibom.scanners.formats.tensorflow_index import FORMAT
from aibom.scanners.limits import Exceeded, Limits
from aibom.scanners.source import Malformed, Span
from fixtures.onnx import field
from fixtures.tensorflow import block, bundle_entry, table
from tests.helpers.reading import damage, facts, read, recognised

HEADER = (0, "", field(1, 2))
ENTRIES = [
    HEADER,
    (0, "layer/bias", bundle_entry(1, [4], 64)),
    (6, "kernel", bundle_entry(1, [3, 4], 80, shard=1)),
    (0, "names", bundle_entry(7, [], 0)),
]
INDEX = table(block(ENTRIES))
# Ten texts "ab", then a copy of eight bytes: what a block of an old index is made of.
SNAPPY = b"\x0a\x04ab\x11\x02"


def test_tells_each_tensor_and_the_file_that_holds_it() -> None:
    assert recognised(FORMAT, INDEX) is Match.CERTAIN
    at = Span(0, len(block(ENTRIES)))
    shards = ("variables.data-00000-of-00002", "variables.data-00001-of-00002")
    assert read(FORMAT, INDEX, "variables.index") == [
        Tensor(at=at, name="layer/bias", dtype="float32", shape=(4,), storage=shards[0], offset=64),
        Tensor(
            at=at, name="layer/kernel", dtype="float32", shape=(3, 4), storage=shards[1], offset=80
        ),
        Tensor(at=at, name="names", dtype="string", shape=(), storage=shards[0], is_plain=False),
    ]


def test_a_compressed_block_is_read() -> None:
    raw = block(ENTRIES)
    packed = bytes([len(raw) & 0x7F | 0x80, len(raw) >> 7, 60 << 2, len(raw) - 1]) + raw
    found = facts(FORMAT, table(packed, kind=1), Tensor, "variables.index")
    assert [each.name for each in found] == ["layer/bias", "layer/kernel", "names"]
    with pytest.raises(Malformed, match="method 4"):
        read(FORMAT, table(raw, kind=4))


def test_other_bytes_are_none() -> None:
    for data in (b"", bytes(100), INDEX[:-1], b"x" * 9 + INDEX):
        assert recognised(FORMAT, data) is Match.NO


def test_damage_is_malformed_at_most() -> None:
    damage(FORMAT, INDEX, times=1500)
    for bad in (
        table(block([(5, "a", b"")])),
        table(block([(0, "a", b"")])[:3]),
        table(b"\0\7\0ab" + bytes(8)),
    ):
        with pytest.raises(Malformed):
            read(FORMAT, bad)


def test_limits_hold() -> None:
    many = table(block([HEADER, *((0, f"t{n}", b"") for n in range(50))]))
    with pytest.raises(Exceeded, match="tensors"):
        read(FORMAT, many, limits=Limits(facts=20))
    first = block([HEADER])
    twice = table(first, first).replace(
        bytes([len(first) + 5, len(first)]), bytes([0, len(first)]), 1
    )
    with pytest.raises(Malformed, match="before the last one"):
        read(FORMAT, twice)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"\0", b""),
        (b"\3\x08abc", b"abc"),
        (SNAPPY, b"ab" * 5),
        (b"\4\0a\x0a\1\0", b"aaaa"),
        (b"\4\0a\x0b\1\0\0\0", b"aaaa"),
        (b"\xc8\1\xf0\xc7" + b"x" * 200, b"x" * 200),
    ],
    ids=["nothing", "a literal", "a short copy", "a copy", "a far copy", "a long literal"],
)
def test_snappy_is_decompressed(raw: bytes, expected: bytes) -> None:
    assert decompressed(raw, 1000) == expected


@pytest.mark.parametrize(
    "raw",
    [b"", b"\xff\xff\xff\x7f", b"\3\x08ab", b"\2\x08abc", b"\4\x11\2", b"\4\0a\x0a\0\0", b"\4\0a"],
    ids=["nothing", "too long", "cut", "more", "from before", "from itself", "less"],
)
def test_snappy_that_breaks_its_layout_is_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed):
        decompressed(raw, 1000)


def test_damaged_snappy_is_malformed_at_most() -> None:
    dice = random.Random(1)
    started = time.process_time()
    for _ in range(5000):
        raw = bytearray(SNAPPY)
        raw[dice.randrange(len(raw))] = dice.randrange(256)
        with suppress(Malformed):
            decompressed(bytes(raw), 1 << 20)
    assert time.process_time() - started < 10
