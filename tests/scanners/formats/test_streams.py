"""Compressed streams: gzip, bzip2, xz, LZ4, Zstandard, and joblib's old form."""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
import time
import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aibom.scanners.dissect import dissect
from aibom.scanners.facts import Conflict, Expansion, Fact, Import, Reason, Unclaimed, Unread
from aibom.scanners.format import Match, Part
from aibom.scanners.formats.streams import FORMATS
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.source import BytesSource, Span
from tests.helpers.packing import lz4_frame, zstd
from tests.helpers.reading import LIMITS, damage, read, recognised

if TYPE_CHECKING:
    from collections.abc import Callable

    from aibom.scanners.artifact import Artifact

ATTACK = b"cos\nsystem\n(S'id'\ntR."
BY_ID = {format_.id: format_ for format_ in FORMATS}


def old_joblib(data: bytes) -> bytes:
    return b"ZF" + hex(len(data)).encode().ljust(19) + zlib.compress(data)


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "lz4": lz4_frame,
    "zstd": zstd,
    "joblib-zf": old_joblib,
}
MANY = [id_ for id_ in PACKERS if id_ != "joblib-zf"]  # those of which several can stand in a row
every_kind = pytest.mark.parametrize("id_", PACKERS)


def content(id_: str, data: bytes) -> bytes:
    (part,) = [item for item in read(BY_ID[id_], data) if isinstance(item, Part)]
    return part.source.read_at(0, part.source.size)


def dissected(data: bytes, name: str = "m.joblib", limits: Limits = LIMITS) -> Artifact:
    return dissect(BytesSource(data), (name,), Budget(limits))


def every_fact(artifact: Artifact) -> list[Fact]:
    return [fact for each in artifact.walk() for fact in each.facts]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=2000) | st.binary(min_size=1, max_size=3).map(lambda b: b * 60_000),
       st.sampled_from(sorted(PACKERS)))  # fmt: skip
def test_reads_what_the_library_writes(data: bytes, id_: str) -> None:
    packed = PACKERS[id_](data)
    assert recognised(BY_ID[id_], packed) is Match.CERTAIN
    assert content(id_, packed) == data


@pytest.mark.parametrize("id_", MANY)
def test_streams_in_a_row_are_one_content(id_: str) -> None:
    pack = PACKERS[id_]
    assert content(id_, pack(b"first") + pack(b"") + pack(b"second")) == b"firstsecond"
    assert content(id_, pack(b"first") + bytes(16) + pack(b"second")) == b"firstsecond"


@every_kind
def test_finds_the_attack_inside(id_: str) -> None:
    found = dissected(PACKERS[id_](ATTACK))
    assert [f.dotted for f in every_fact(found) if isinstance(f, Import)] == ["os.system"]
    assert not [f for f in every_fact(found) if isinstance(f, Conflict | Unread)]


@every_kind
def test_bytes_after_the_stream_are_unclaimed_and_read(id_: str) -> None:
    packed = PACKERS[id_](b"plain text")
    found = dissected(packed + ATTACK, "text.gz" if id_ == "gzip" else "text")
    assert Unclaimed(at=Span(len(packed), len(ATTACK))) in found.facts
    assert [f for f in every_fact(found) if isinstance(f, Import)]


@every_kind
def test_a_stream_cut_short_is_read_up_to_there(id_: str) -> None:
    """A loader that reads on the fly has run the payload before it meets the end."""
    noise = random.Random(1).randbytes(3000)
    packed = PACKERS[id_](ATTACK + noise)
    found = dissected(packed[:-40])
    assert not found.is_complete
    if id_ not in {"bzip2", "lz4", "zstd"}:  # their only block comes out whole or not at all
        assert [f for f in every_fact(found) if isinstance(f, Import)]


@pytest.mark.parametrize("id_", ["gzip", "xz", "joblib-zf"])
@pytest.mark.parametrize("before", [0, 200_000], ids=["at once", "late"])
def test_a_break_soon_after_the_payload_hides_nothing(id_: str, before: int) -> None:
    """A loader reads a few kilobytes at a time; who reads more at once meets the break first."""
    dice = random.Random(8)
    start = dice.randbytes(before) if before else b""
    letters = bytes(dice.choices(b"abcdefgh", k=20_000))
    content = (
        b"B" + len(start).to_bytes(4, "little") + start + b"0" + ATTACK[:-1] + b"0N." + letters
    )
    packed = bytearray(PACKERS[id_](content))
    packed[-3000:] = dice.randbytes(3000)
    found = dissected(bytes(packed))
    assert not found.is_complete
    if (
        id_ not in {"lz4", "zstd"} or before
    ):  # their first block comes out whole, or as far as it is
        assert [f.dotted for f in every_fact(found) if isinstance(f, Import)] == ["os.system"]


@every_kind
def test_a_bomb_stops_at_the_ratio(id_: str) -> None:
    packed = PACKERS[id_](bytes(4_000_000))
    began = time.process_time()
    found = dissected(packed, "zeros", Limits(ratio=50, ratio_floor=1_000_000))
    (expansion,) = [f for f in every_fact(found) if isinstance(f, Expansion)]
    assert 1_000_000 < expansion.produced < 1_200_000
    assert [f.reason for f in found.facts if isinstance(f, Unread)] == [Reason.LIMIT]
    assert time.process_time() - began < 20


def test_a_file_that_expands_to_itself_for_ever_ends_at_the_depth() -> None:
    data = b"bottom"
    for _ in range(12):
        data = gzip.compress(data)
    found = dissected(data, "a.gz")
    (unread,) = [f for f in every_fact(found) if isinstance(f, Unread)]
    assert unread.detail == "more than 8 levels of nesting"


@pytest.mark.parametrize(
    ("name", "inner"),
    [
        ("a.tar.gz", "a.tar"),
        ("a.tgz", "a.tar"),
        ("a.pkl.lz4", "a.pkl"),
        ("a.tzst", "a.tar"),
        ("a.pkl", "a.pkl"),
        (".gz", ".gz"),
        ("", "content"),
    ],
)
def test_the_content_is_called_after_the_file(name: str, inner: str) -> None:
    (part,) = read(BY_ID["gzip"], gzip.compress(b"x"), name)
    assert isinstance(part, Part)
    assert part.name == inner


def test_a_name_that_the_content_keeps_is_no_conflict() -> None:
    packed = gzip.compress(ATTACK)
    assert not [f for f in dissected(packed, "m.pkl").facts if isinstance(f, Conflict)]
    (conflict,) = [f for f in dissected(packed, "m.gguf").facts if isinstance(f, Conflict)]
    assert conflict.promised == ("gguf",)


@pytest.mark.parametrize("id_", ["lz4", "zstd"])
@pytest.mark.parametrize("frames", [1, 999, 1001])
def test_frames_for_others_to_use_may_stand_first(frames: int, id_: str) -> None:
    packed = b"\x50\x2a\x4d\x18\2\0\0\0ab" * frames + PACKERS[id_](ATTACK)
    assert recognised(BY_ID[id_], packed) is Match.CERTAIN
    found = {f.dotted for f in every_fact(dissected(packed)) if isinstance(f, Import)}
    assert found == {"os.system"}


def test_frames_that_lead_nowhere_are_no_stream() -> None:
    for length in (b"\2\0\0\0", b"\xff\xff\xff\xff"):
        packed = b"\x50\x2a\x4d\x18" + length + b"ab"
        assert not dissected(packed, "file").formats


def test_a_compressed_pickle_that_is_not_read_keeps_its_promise_open() -> None:
    found = dissected(b"\x04\x22\x4d\x18\x64")
    assert not [f for f in found.facts if isinstance(f, Conflict)]
    assert not found.is_complete


def test_a_long_content_can_be_read_again_from_its_start() -> None:
    data = random.Random(2).randbytes(1 << 20) * 40
    (part,) = read(BY_ID["gzip"], gzip.compress(data, 1))
    assert isinstance(part, Part)
    assert part.source.size == len(data)
    for start in (len(data) - 9, 0, 20 << 20, 5):
        assert part.source.read_at(start, 9) == data[start : start + 9]


PACKED = gzip.compress(ATTACK)
LAX = {
    "a reserved flag": PACKED[:3] + b"\x20" + PACKED[4:],
    "a checksum of the header": PACKED[:3] + b"\x02" + PACKED[4:10] + b"??" + PACKED[10:],
    "all fields": PACKED[:3] + b"\xff" + PACKED[4:10] + b"\1\0xn\0c\0??" + PACKED[10:],
    "a wrong checksum": PACKED[:-8] + bytes(8),
    "no end": PACKED[:-8],
    "ZF without 0x": b"ZF" + b"%x" % len(ATTACK) + b" " * 17 + zlib.compress(ATTACK),
    "ZF, signed": b"ZF" + (b" +0X%x" % len(ATTACK)).ljust(19) + zlib.compress(ATTACK),
    "ZF, one wider": b"ZF" + (b"0x%x" % len(ATTACK)).ljust(20) + zlib.compress(ATTACK),
    "ZF, a small window": b"ZF" + (b"0x%x" % len(ATTACK)).ljust(19)
    + zlib.compress(ATTACK, wbits=9),
}  # fmt: skip


@pytest.mark.parametrize("data", LAX.values(), ids=LAX)
def test_reads_what_python_reads(data: bytes) -> None:
    imports = [f.dotted for f in every_fact(dissected(data)) if isinstance(f, Import)]
    assert imports == ["os.system"]


def test_a_wrong_checksum_is_told() -> None:
    assert not dissected(LAX["a wrong checksum"]).is_complete


@every_kind
def test_damage_is_refused_as_it_should_be(id_: str) -> None:
    damage(BY_ID[id_], PACKERS[id_](ATTACK * 3 + bytes(3000)))


@every_kind
def test_other_bytes_are_no_stream(id_: str) -> None:
    for data in (
        b"",
        b"\x1f\x8b",
        b"BZh9text",
        b"\x1f\x8b\x08\xff",
        b"ZF text",
        b"\xfd7z",
        b"\x04\x22",
    ):
        assert recognised(BY_ID[id_], data) is Match.NO
