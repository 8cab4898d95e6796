"""Pickles that joblib compressed."""

from __future__ import annotations

import lzma
import pickle
import random
import zlib
from typing import TYPE_CHECKING

import pytest

from aibom.scanners.dissect import dissect
from aibom.scanners.facts import Fact, Import, Unclaimed, Unread
from aibom.scanners.format import Match, Subject
from aibom.scanners.formats.zlib_stream import recognise_lzma, recognise_zlib
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.source import BytesSource

if TYPE_CHECKING:
    from collections.abc import Callable

ATTACK = b"\x80\x04cposix\nsystem\n\x8c\2id\x85R."


def alone(data: bytes) -> bytes:
    return lzma.compress(data, lzma.FORMAT_ALONE)


def facts(data: bytes) -> list[Fact]:
    artifact = dissect(BytesSource(data), ("model.joblib",), Budget(Limits()))
    return [fact for each in artifact.walk() for fact in each.facts]


@pytest.mark.parametrize("pack", [zlib.compress, alone], ids=["zlib", "LZMA"])
def test_finds_the_attack_inside(pack: Callable[[bytes], bytes]) -> None:
    imported = [fact.dotted for fact in facts(pack(ATTACK)) if isinstance(fact, Import)]
    assert imported == ["posix.system"]


@pytest.mark.parametrize("pack", [zlib.compress, alone], ids=["zlib", "LZMA"])
def test_a_stream_cut_short_was_not_read(pack: Callable[[bytes], bytes]) -> None:
    packed = pack(pickle.dumps(list(range(5000)), 4))
    assert [type(fact) for fact in facts(packed[: len(packed) // 2]) if isinstance(fact, Unread)]


def test_places_bytes_after_the_stream() -> None:
    assert any(isinstance(fact, Unclaimed) for fact in facts(zlib.compress(ATTACK) + b"more"))


def alone_with(dictionary: int, data: bytes) -> bytes:
    packed = alone(data)
    return packed[:1] + dictionary.to_bytes(4, "little") + packed[5:]


def alone_of(*, lc: int, lp: int, pb: int, dictionary: int = 1 << 16) -> bytes:
    chain = [{"id": lzma.FILTER_LZMA1, "lc": lc, "lp": lp, "pb": pb, "dict_size": 1 << 16}]
    packed = lzma.compress(ATTACK, lzma.FORMAT_ALONE, filters=chain)
    return packed[:1] + dictionary.to_bytes(4, "little") + packed[5:]


def xz_with(dictionary: int) -> bytes:
    """Return an xz stream that asks for a dictionary by its code."""
    packed = lzma.compress(ATTACK, preset=0)
    end = 12 + 4 * (packed[12] + 1)
    block = packed[12 : end - 4].replace(b"\x21\x01\x0c", bytes([0x21, 1, dictionary]))
    return packed[:12] + block + zlib.crc32(block).to_bytes(4, "little") + packed[end:]


NOTHING = b"\x00\x00\x00\xff\xff" * 1000  # empty blocks of deflate
HIDDEN = {
    "nothing at first": b"\x78\x9c" + NOTHING + zlib.compress(ATTACK)[2:],
    "a large dictionary": alone_with(1 << 27, ATTACK),
    "a huge dictionary": alone_with(1 << 31, ATTACK),
    "a small dictionary": alone_with(256, ATTACK),
    "in a row": alone(ATTACK[:9]) + alone(ATTACK[9:]),
    "as xz after it": alone(ATTACK[:9]) + lzma.compress(ATTACK[9:]),
    "as LZMA after xz": lzma.compress(ATTACK[:9]) + alone(ATTACK[9:]),
    "after the stream": zlib.compress(b"text") + ATTACK,
    "other properties": alone_of(lc=0, lp=4, pb=4),
    "other properties, no limit": alone_of(lc=0, lp=0, pb=0, dictionary=(1 << 32) - 1),
    "xz with a huge dictionary": xz_with(40),
    "the same after an empty stream": lzma.compress(b"") + xz_with(39),
}


@pytest.mark.parametrize("data", HIDDEN.values(), ids=HIDDEN)
def test_finds_what_hides_from_a_look(data: bytes) -> None:
    assert [fact.dotted for fact in facts(data) if isinstance(fact, Import)] == ["posix.system"]


@pytest.mark.parametrize(
    "head", [b"", b"\x78", b"\x78\x9c", b"\x78\x9cxxxx", b"\x5d\0\0", b"]\0\0x"]
)
def test_leaves_other_bytes_alone(head: bytes) -> None:
    subject = Subject.of(BytesSource(head))
    assert recognise_zlib(subject) is Match.NO
    assert recognise_lzma(subject) is Match.NO


@pytest.mark.parametrize("seed", range(20))
def test_damage_raises_nothing(seed: int) -> None:
    roll = random.Random(seed)
    for packed in (zlib.compress(ATTACK * 50), alone(ATTACK * 50)):
        data = bytearray(packed)
        data[roll.randrange(2, len(data))] = roll.randrange(256)
        facts(bytes(data))
