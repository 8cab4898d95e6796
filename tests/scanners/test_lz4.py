"""LZ4 frames against the reference library, and what breaks them."""

from __future__ import annotations

import itertools
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aibom.scanners.archives.codecs import LZ4
from aibom.scanners.archives.inflate import Inflated
from aibom.scanners.archives.lz4 import LEGACY, SKIPPABLE
from aibom.scanners.limits import MIB, Budget, Exceeded, Limits
from aibom.scanners.source import BytesSource, Malformed
from tests.helpers.packing import lz4_block, lz4_frame

WORDS = (b"weight ", b"bias", b"\0\0\0\0", b"layer.", b"0123456789abcdef")
TEXT = b"".join(random.Random(1).choices(WORDS, k=40_000))
NOISE = random.Random(2).randbytes(200_000)
SKIPPED = SKIPPABLE[7] + (5).to_bytes(4, "little") + b"other"


def opened(data: bytes, limits: Limits | None = None) -> tuple[bytes, str]:
    """Return the content, and what stopped the reading."""
    budget = Budget(limits or Limits(ratio=1 << 20))
    run, stop = Inflated.measured(BytesSource(data), LZ4, budget, "content")
    return run.read_at(0, run.size), str(stop or "")


def legacy(*contents: bytes) -> bytes:
    """Return a frame as `lz4 -l` writes it."""
    blocks = [lz4_block(each) for each in contents]
    return LEGACY + b"".join(len(block).to_bytes(4, "little") + block for block in blocks)


def framed(*blocks: bytes, code: int = 4) -> bytes:
    """Return a frame with independent blocks as they are given, and no checksums."""
    lengths = [len(block).to_bytes(4, "little") + block for block in blocks]
    return b"\x04\x22\x4d\x18\x60" + bytes([code << 4]) + b"?" + b"".join(lengths) + bytes(4)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=3000) | st.binary(min_size=1, max_size=9).map(lambda b: b * 20_000),
       st.sampled_from((0, 4, 5, 6, 7)), st.sampled_from((-5, 0, 3, 12)),
       st.booleans(), st.booleans())  # fmt: skip
def test_reads_what_the_library_writes(
    data: bytes, block: int, level: int, linked: bool, summed: bool
) -> None:
    packed = lz4_frame(data, level, block, is_summed=summed, is_linked=linked)
    assert opened(packed) == (data, "")


@pytest.mark.parametrize(
    ("data", "linked"), [*itertools.product((TEXT * 3, NOISE * 2), (True, False))]
)
def test_reads_many_blocks(data: bytes, linked: bool) -> None:
    packed = lz4_frame(data, block=4, is_linked=linked)
    assert opened(packed) == (data, "")


def test_frames_in_a_row_are_one_content() -> None:
    packed = lz4_frame(TEXT)
    row = SKIPPED + packed + SKIPPED + legacy(b"one", b"two") + SKIPPED + packed + legacy(b"three")
    assert opened(row) == (TEXT + b"onetwo" + TEXT + b"three", "")


def test_what_is_no_frame_ends_the_content() -> None:
    packed = lz4_frame(b"text")
    for end in (packed, legacy(b"text")):
        run, stop = Inflated.measured(BytesSource(end + b"more"), LZ4, Budget(Limits()), "content")
        assert (run.read_at(0, run.size), stop) == (b"text", None)
        assert (run.trailing.start, run.trailing.length) == (len(end), 4)


@pytest.mark.parametrize(
    ("data", "content", "why"),
    [
        (framed(b"\x40abcd\x09\x00"), b"abcd", "reaches 9 bytes back, there are 4"),
        (framed(b"\x40abcd\x00\x00"), b"abcd", "reaches 0 bytes back"),
        (framed(b"\x50abcd"), b"abcd", "block ends early"),
        (framed(b"\x44abcd\x01"), b"abcd", "block ends early"),
        (framed(b"\x1fa\x01\x00" + b"\xff" * 300 + b"\0"), b"a", "expands to more than"),
        (framed(b"\xf0" + b"\xff" * 258), b"", "block ends early"),
        (framed(bytes(70_000)), b"", "a block of 70000 bytes in a frame of blocks of 65536"),
        (framed(code=3), b"", "3 is no code of a block size"),
        (b"\x04\x22\x4d\x18\x20\x40?", b"", "version 0 of the frame format"),
        (lz4_frame(b"text")[:-1], b"text", "ends early"),
        (SKIPPED + b"junk", b"", ""),
        (SKIPPED[:-1], b"", "ends early"),
        (legacy(b"text")[:-1], b"", "ends early"),
    ],
    ids=[
        "too far back", "nowhere back", "no literals", "no offset", "too long", "no length",
        "long block", "size code", "version", "no end", "only skipped", "skipped too far",
        "legacy cut short",
    ],
)  # fmt: skip
def test_a_break_keeps_what_came_before_it(data: bytes, content: bytes, why: str) -> None:
    assert opened(data)[0] == content
    assert why in opened(data)[1]
    assert bool(why) == bool(opened(data)[1])


def test_stored_blocks_are_history_too() -> None:
    first, second = b"abcdefgh", b"\x00\x08\x00\x10!"  # eight bytes again, and one more
    data = (
        b"\x04\x22\x4d\x18\x40\x40?"
        + (len(first) | 1 << 31).to_bytes(4, "little") + first
        + len(second).to_bytes(4, "little") + second
        + bytes(4)
    )  # fmt: skip
    assert opened(data)[0] == b"abcdefghabcd!"


def test_a_bomb_stops_at_the_ratio() -> None:
    packed = lz4_frame(bytes(20 * MIB))
    began = time.process_time()
    run, stop = Inflated.measured(
        BytesSource(packed), LZ4, Budget(Limits(ratio=50, ratio_floor=MIB)), "zeros"
    )
    assert isinstance(stop, Exceeded)
    assert run.size < 8 * MIB
    assert time.process_time() - began < 10


def test_empty_blocks_cost_little() -> None:
    """A million blocks of nothing, which a loop without end would be for a careless reader."""
    began = time.process_time()
    assert opened(framed(*[b"\0"] * 500_000)) == (b"", "")
    assert time.process_time() - began < 20


def test_any_read_gives_the_same() -> None:
    packed = lz4_frame(TEXT * 40, block=7)
    run, _ = Inflated.measured(BytesSource(packed), LZ4, Budget(Limits()), "content")
    for start in (len(TEXT) * 39, 0, 4 * MIB - 3, 70_000):
        assert run.read_at(start, 9) == (TEXT * 40)[start : start + 9]


@pytest.mark.parametrize("seed", range(30))
def test_damage_is_refused_as_it_should_be(seed: int) -> None:
    dice = random.Random(seed)
    data = bytearray(lz4_frame(TEXT[:20_000], block=4) + legacy(TEXT[:5000]))
    for _ in range(20):
        data[dice.randrange(len(data))] = dice.randrange(256)
        try:
            opened(bytes(data))
        except (Malformed, Exceeded) as error:
            assert str(error)  # noqa: PT017 - these two, and no other, may come out
