"""What the archive formats share: names, and compressed runs as sources."""

from __future__ import annotations

import lzma
import random
import tracemalloc
import zlib

import pytest

from aibom.scanners.archives.codecs import DEFLATE, Codec, zip_lzma
from aibom.scanners.archives.inflate import Declared, Inflated
from aibom.scanners.archives.names import escapes, is_odd, link_escapes
from aibom.scanners.facts import Conflict, Expansion, Unread
from aibom.scanners.limits import MIB, Budget, Exceeded, Limits
from aibom.scanners.source import BytesSource, Malformed

DATA = random.Random(3).randbytes(300_000)


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def run(
    data: bytes, size: int, *, crc: int | None = None, limits: Limits | None = None
) -> Inflated:
    said = Declared("member", size, crc)
    return Inflated(BytesSource(data), DEFLATE, Budget(limits or Limits()), said)


@pytest.mark.parametrize(
    ("name", "leads_out"),
    [
        ("a/b", False), ("a/../b", False), ("./a", False), ("w:0.npy", False), ("a\\b", False),
        ("..", True), ("a/../../b", True), ("/a", True), ("\\a", True), ("a\\..\\..\\b", True),
        ("C:\\a", True), ("c:/a", True), ("//host/share", True),
    ],
)  # fmt: skip
def test_tells_names_that_lead_outside(name: str, leads_out: bool) -> None:
    assert escapes(name) is leads_out
    assert is_odd(name) or not leads_out


@pytest.mark.parametrize(
    ("name", "target", "from_root", "leads_out"),
    [
        ("a/ln", "../b", False, False),
        ("a/ln", "../../b", False, True),
        ("ln", "/b", False, True),
        ("a/ln", "b", True, False),
        ("a/ln", "../b", True, True),
    ],
)
def test_tells_links_that_lead_outside(
    name: str, target: str, from_root: bool, leads_out: bool
) -> None:
    assert link_escapes(name, target, from_root=from_root) is leads_out


def test_reads_anywhere_in_any_order() -> None:
    source = run(deflated(DATA), len(DATA))
    for start in (299_990, 0, 150_000, 65_530, 299_999):
        assert source.read_at(start, 1) == DATA[start : start + 1]
    assert source.read_at(10, 290_000) == DATA[10:290_010]
    with pytest.raises(Malformed):
        source.read_at(299_999, 2)


def test_a_run_that_holds_less_than_declared_shrinks_to_what_it_holds() -> None:
    source = run(deflated(DATA), len(DATA) + 100)
    with pytest.raises(Malformed, match="after 300000 of 300100 bytes"):
        source.read_at(299_000, 1100)
    assert source.size == len(DATA)
    assert source.read_at(299_000, 1000) == DATA[299_000:]
    assert [type(fact) for fact in source.audit()] == [Unread]


def test_a_run_that_holds_more_than_declared_is_a_conflict() -> None:
    source = run(deflated(DATA), 1000)
    assert source.read_at(0, 1000) == DATA[:1000]
    assert [type(fact) for fact in source.audit()] == [Conflict, Unread]


@pytest.mark.parametrize("crc", [zlib.crc32(DATA), 7], ids=["right", "wrong"])
def test_compares_the_checksum_of_what_was_read_in_full(crc: int) -> None:
    source = run(deflated(DATA), len(DATA), crc=crc)
    source.read_at(0, 100)
    assert list(source.audit()) == []
    source.read_at(0, len(DATA))
    assert [type(fact) for fact in source.audit()] == ([] if crc != 7 else [Conflict])


def test_bytes_after_the_stream_are_a_conflict() -> None:
    source = run(deflated(DATA) + b"hidden", len(DATA))
    source.read_at(0, len(DATA))
    (conflict,) = source.audit()
    assert isinstance(conflict, Conflict)
    assert conflict.detail == "6 bytes follow its compressed data"


def test_tells_how_far_it_expanded_before_it_stops() -> None:
    source = run(deflated(bytes(MIB)), MIB, limits=Limits(ratio=10, ratio_floor=100_000))
    with pytest.raises(Exceeded, match="ratio"):
        source.read_at(0, MIB)
    (expansion,) = source.audit()
    assert isinstance(expansion, Expansion)
    assert 100_000 < expansion.produced < 300_000


def test_pays_for_every_byte_again_when_it_starts_again() -> None:
    limits = Limits(total_bytes=70 * MIB, ratio=10_000)
    source = run(deflated(bytes(40 * MIB)), 40 * MIB, limits=limits)
    source.read_at(40 * MIB - 1, 1)
    source.read_at(0, 1)
    with pytest.raises(Exceeded, match="total_bytes"):
        source.read_at(35 * MIB, 1)  # what was read last is still there


def test_memory_stays_bounded_however_long_the_run() -> None:
    packed = deflated(random.Random(4).randbytes(MIB) * 100)
    tracemalloc.start()
    try:
        source = run(packed, 100 * MIB)
        source.read_at(100 * MIB - 1, 1)
        assert tracemalloc.get_traced_memory()[1] < 48 * MIB
    finally:
        tracemalloc.stop()


def test_two_hundred_thousand_runs_that_nobody_reads_cost_little() -> None:
    tracemalloc.start()
    try:
        runs = [run(b"", 1) for _ in range(2000)]
        assert tracemalloc.get_traced_memory()[0] < 2 * MIB + 2000 * 2000
    finally:
        tracemalloc.stop()
    assert len(runs) == 2000


@pytest.mark.parametrize("properties", [b"\xff\0\0\1\0", b"\x2c\0\0\1\0"], ids=["none", "too many"])
def test_lzma_properties_that_are_none_break_the_run(properties: bytes) -> None:
    def read() -> bytes:
        codec: Codec = zip_lzma(properties, 10)
        said = Declared("member", 10)
        return Inflated(BytesSource(bytes(9)), codec, Budget(Limits()), said).read_at(0, 1)

    with pytest.raises(Malformed):
        read()


def test_an_lzma_dictionary_is_no_larger_than_the_member_needs() -> None:
    raw = {"id": lzma.FILTER_LZMA1, "dict_size": 4096, "lc": 3, "lp": 0, "pb": 2}
    packed = lzma.compress(b"content", lzma.FORMAT_RAW, filters=[raw])
    codec = zip_lzma(b"\x5d\xff\xff\xff\xff", 7)
    source = Inflated(BytesSource(packed), codec, Budget(Limits()), Declared("member", 7))
    assert source.read_at(0, 7) == b"content"
