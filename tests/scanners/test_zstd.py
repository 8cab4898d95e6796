"""Zstandard frames against the reference library, and what breaks them."""

from __future__ import annotations

import random
import time

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from aibom.scanners.archives.codecs import ZSTD
from aibom.scanners.archives.inflate import Inflated
from aibom.scanners.limits import MIB, Budget, Exceeded, Limits
from aibom.scanners.source import BytesSource, Malformed
from tests.helpers.packing import zstd

MAGIC = b"\x28\xb5\x2f\xfd"
SKIPPED = b"\x5f\x2a\x4d\x18\x05\0\0\0other"
DICE = random.Random(1)
WORDS = (b"weight ", b"bias", b"\0\0\0\0", b"layer.", b"0123456789abcdef")
KINDS = {
    "nothing": b"",
    "a few bytes": b"abcab",
    "text": b"".join(DICE.choices(WORDS, k=30_000)),
    "numbers": b"".join(DICE.randbytes(3) + b"\x3f" for _ in range(40_000)),
    "few letters": bytes(DICE.choice(b"abcdefgh ") for _ in range(50_000)),
    "noise": DICE.randbytes(150_000),
    "one letter": b"a" * 300_000,
    "far repeats": (run := DICE.randbytes(3000)) + DICE.randbytes(140_000) + run * 3,
    "skewed": bytes(min(int(DICE.expovariate(0.3)), 255) for _ in range(60_000)),
}


def opened(data: bytes, limits: Limits | None = None) -> tuple[bytes, str]:
    """Return the content, and what stopped the reading."""
    budget = Budget(limits or Limits(ratio=1 << 20))
    run, stop = Inflated.measured(BytesSource(data), ZSTD, budget, "content")
    return run.read_at(0, run.size), str(stop or "")


def block(kind: int, size: int, data: bytes = b"", *, last: bool = True) -> bytes:
    return (size << 3 | kind << 1 | last).to_bytes(3, "little") + data


def framed(*blocks: bytes, window: int = 0x38) -> bytes:
    """Return a frame with a window of 128 KiB by default, no sizes and no checksum."""
    return MAGIC + b"\0" + bytes([window]) + b"".join(blocks)


def packed(data: bytes, *, last: bool = True) -> bytes:
    return block(2, len(data), data, last=last)


@pytest.mark.parametrize("level", [-7, 1, 3, 6, 10, 16, 19, 22])
@pytest.mark.parametrize("data", KINDS.values(), ids=KINDS)
def test_reads_what_the_library_writes(data: bytes, level: int) -> None:
    assert opened(zstd(data, level, is_summed=True)) == (data, "")
    assert opened(zstd(data, level, is_sized=False)) == (data, "")


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=3000) | st.text("abcd", max_size=3000).map(str.encode),
       st.integers(-5, 22))  # fmt: skip
def test_reads_any_small_content(data: bytes, level: int) -> None:
    assert opened(zstd(data, level)) == (data, "")


def test_reads_blocks_that_are_flushed_one_by_one() -> None:
    """Small blocks in a row repeat the tables of those before them."""
    packer = zstandard.ZstdCompressor(level=9).compressobj()
    pieces = [KINDS["text"][at : at + 700] for at in range(0, 70_000, 700)]
    data = b"".join(
        packer.compress(piece) + packer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK) for piece in pieces
    )
    assert opened(data + packer.flush()) == (b"".join(pieces), "")


def test_frames_in_a_row_are_one_content() -> None:
    one = zstd(KINDS["text"])
    assert opened(SKIPPED + one + SKIPPED + zstd(b"") + one) == (KINDS["text"] * 2, "")


def test_a_long_window_is_read_whatever_it_says() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=27, enable_ldm=True)
    data = run + DICE.randbytes(9 * MIB) + run
    long = zstandard.ZstdCompressor(compression_params=parameters).compress(data)
    assert len(long) < len(data)
    assert opened(long) == (data, "")


def test_a_repeat_beyond_what_is_kept_is_refused() -> None:
    """Single states: 3 literals, then the offset 1 << 26 less 3, of which 8 MiB are kept."""
    far = packed(b"\x18abc\x01\x54\x03\x1a\x00" + bytes(3) + b"\x04")
    data = framed(block(1, 131072, b"a", last=False) * 600, far, window=0)
    assert "reaches 67108861 bytes back" in opened(data)[1]


@pytest.mark.parametrize(
    ("data", "content", "why"),
    [
        (framed(block(0, 3, b"abc")), b"abc", ""),
        (framed(block(1, 3, b"a")), b"aaa", ""),
        (framed(block(0, 3, b"abc", last=False), packed(b"\x18abc\0")), b"abcabc", ""),
        (framed(packed(b"\x19a\0")), b"aaa", ""),
        (framed(block(3, 1, b"a")), b"", "a block of a reserved kind"),
        (framed(block(1, 200_000, b"a")), b"", "a block of 200000 bytes"),
        (framed(packed(b"")), b"", "a block ends early"),
        (framed(packed(b"\x18abc")), b"", "a block ends early"),
        (framed(packed(b"\xfc\xff\xff")), b"", "1048575 literals"),
        (framed(packed(b"\x13\x00\x00\x00")), b"", "no block has told"),
        (framed(packed(b"\x12\xff\xff\x00")), b"", "do not fit into a block"),
        (framed(packed(b"\x18abc\x01\xfc")), b"", "a table is repeated that no block has told"),
        (framed(packed(b"\x18abc\x01\x54\x30\x00\x00\x01")), b"", "symbol 48 stands for no number"),
        (framed(packed(b"\x18abc\x01\x54\x03\x03\x00\x08")), b"abc", "reaches 5 bytes back"),
        (framed(packed(b"\x18abc\x01\x00\x00")), b"", "no end mark"),
        (framed(block(0, 8, b"abcdefgh", last=False), packed(b"\x00\x64\x00\x01")), None,
         "more bits than there are"),
        (MAGIC + b"\x08", b"", "a reserved bit"),
        (MAGIC + b"\x01\x38\x07", b"", "needs the dictionary 7"),
        (MAGIC + b"\x23" + bytes([7, 0, 0, 0, 0]), b"", "needs the dictionary 7"),
        (framed(block(0, 3, b"abc"))[:-1], b"", "ends early"),
        (framed(block(0, 3, b"abc", last=False)), b"abc", "ends early"),
        (MAGIC[:3], b"", "ends early"),
    ],
    ids=[
        "stored", "a run", "literals", "literals of one", "reserved kind", "long block",
        "empty block", "no sequences", "many literals", "no code", "literals too long",
        "no table", "no number", "nothing to repeat", "no end mark", "too few bits",
        "reserved bit", "dictionary", "dictionary, long", "cut in a block", "no last block",
        "cut in the magic",
    ],
)  # fmt: skip
def test_a_break_keeps_what_came_before_it(data: bytes, content: bytes | None, why: str) -> None:
    found, told = opened(data)
    assert bool(why) == bool(told)
    assert why in told
    assert content is None or found == content


def test_whatever_the_library_reads_is_read_the_same() -> None:
    """Of damaged frames the library takes a few; each gives the same bytes here, or is refused.

    Refused are streams of literals that are too short: the library reads on in what is before them.
    """
    dice, agreed = random.Random(5), 0
    seeds = [zstd(data[:4000], level) for data in KINDS.values() for level in (1, 19)]
    for number in range(6000):
        data = bytearray(seeds[number % len(seeds)])
        for _ in range(dice.randint(1, 2)):
            data[dice.randrange(min(60, len(data)))] ^= 1 << dice.randrange(8)
        try:
            theirs = zstandard.ZstdDecompressor().decompress(bytes(data), 1 << 20)
        except (zstandard.ZstdError, MemoryError):
            continue
        if not theirs:  # it looks no further than at a size of 0
            continue
        ours, why = opened(bytes(data))
        if "literals in a stream that should have" in why:
            continue
        assert (ours, why) == (theirs, ""), bytes(data)
        agreed += 1
    assert agreed > 100


def test_a_bomb_stops_at_the_ratio() -> None:
    limits = Limits(ratio=100, ratio_floor=MIB)
    began = time.process_time()
    run_, stop = Inflated.measured(
        BytesSource(zstd(bytes(50 * MIB))), ZSTD, Budget(limits), "zeros"
    )
    assert isinstance(stop, Exceeded)
    assert run_.size < 2 * MIB
    assert time.process_time() - began < 10


def test_blocks_of_nothing_cost_little() -> None:
    began = time.process_time()
    assert opened(framed(block(0, 0, last=False) * 300_000, block(0, 0))) == (b"", "")
    assert time.process_time() - began < 20


def test_costly_blocks_end_with_the_time() -> None:
    data = zstd(KINDS["few letters"] * 200, 1)
    began = time.process_time()
    budget = Budget(Limits(seconds=1, ratio=1 << 20))
    run_, stop = Inflated.measured(BytesSource(data * 50), ZSTD, budget, "content")
    assert run_.size > 0
    assert "processor time" in str(stop)
    assert time.process_time() - began < 10


@pytest.mark.parametrize("seed", range(20))
def test_damage_is_refused_as_it_should_be(seed: int) -> None:
    dice = random.Random(seed)
    for content in KINDS.values():
        data = bytearray(zstd(content[:8000], dice.choice((1, 9, 19))))
        for _ in range(4):
            data[dice.randrange(len(data))] = dice.randrange(256)
        try:
            opened(bytes(data))
        except (Malformed, Exceeded) as error:
            assert str(error)  # noqa: PT017 - these two, and no other, may come out
