"""PyTorch checkpoints from before 0.2."""

from __future__ import annotations

import contextlib
import io
import random
import struct
import tarfile
from typing import TYPE_CHECKING

import pytest

from aibom.scanners.dissect import dissect
from aibom.scanners.facts import Call, Conflict, Import, Unread
from aibom.scanners.format import Match, Part, Subject
from aibom.scanners.formats.torch_tar import FORMAT, parse
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.source import BytesSource, Malformed

if TYPE_CHECKING:
    from aibom.scanners.artifact import Artifact

ATTACK = b"\x80\x02cposix\nsystem\nX\2\0\0\0id\x85R."


def number(value: int) -> bytes:
    return b"\x80\x02K" + bytes([value]) + b"."


def entry(kind: bytes = b"ctorch\nFloatStorage\n") -> bytes:
    return b"\x80\x02K\1X\3\0\0\0cpu" + kind + b"\x87."


VALUES = struct.pack("<q", 3) + bytes(12)
SHAPE = struct.pack("<iiqqqqq", 2, 0, 3, 4, 4, 1, 0)
VIEWS = b"\x80\x02]."
STORAGES = number(2) + entry() + VALUES + entry() + VALUES + VIEWS
TENSORS = number(2) + entry() + SHAPE + entry() + SHAPE


def read(data: bytes, name: str) -> list[object]:
    return list(parse(Subject.of(BytesSource(data), name), Budget(Limits())))


def archive(**members: bytes) -> Artifact:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return dissect(BytesSource(out.getvalue()), ("model.pt",), Budget(Limits()))


@pytest.mark.parametrize(
    ("name", "data"), [("storages", STORAGES), ("tensors", TENSORS)], ids=["storages", "tensors"]
)
def test_reads_to_the_end(name: str, data: bytes) -> None:
    found = read(data, name)
    assert {type(each) for each in found} <= {Import}
    (rest,) = [each for each in read(data + b"more", name) if isinstance(each, Part)]
    assert (rest.source.size, rest.name) == (4, "(bytes after the checkpoint)")


@pytest.mark.parametrize(
    ("storages", "tensors"),
    [
        (number(2) + entry() + VALUES + ATTACK, TENSORS),
        (number(1) + entry() + VALUES + ATTACK, TENSORS),
        (STORAGES, number(2) + entry() + SHAPE + ATTACK),
        (STORAGES, TENSORS + ATTACK),
        (ATTACK, TENSORS),
    ],
    ids=["among storages", "for views", "among tensors", "after tensors", "for a count"],
)
def test_finds_a_pickle_between_the_numbers(storages: bytes, tensors: bytes) -> None:
    found = archive(storages=storages, tensors=tensors, pickle=b"\x80\x02}.")
    facts = [fact for each in found.walk() for fact in each.facts]
    assert "posix.system" in [fact.dotted for fact in facts if isinstance(fact, Import)]
    assert any(isinstance(fact, Call) for fact in facts)


def test_an_honest_archive_is_read_whole() -> None:
    found = archive(storages=STORAGES, tensors=TENSORS, pickle=b"\x80\x02}.")
    facts = [fact for each in found.walk() for fact in each.facts]
    assert [fact for fact in facts if isinstance(fact, Unread)] == []
    assert {fact.kind for fact in facts if isinstance(fact, Conflict)} <= {"name"}


def test_members_of_other_archives_are_left_alone() -> None:
    found = archive(storages=b"a list of places\n", tensors=b"\0" * 40)
    assert [fact for each in found.walk() for fact in each.facts if isinstance(fact, Unread)] == []
    assert FORMAT.recognise(Subject.of(BytesSource(STORAGES))) is Match.NO


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("storages", number(1) + entry(b"cmodels\nStorage\n") + VALUES),
        ("storages", number(1) + entry() + struct.pack("<q", -3) + VIEWS),
        ("storages", number(1) + b"\x80\x02N."),
        ("storages", number(1) + entry() + struct.pack("<q", 1 << 60) + VIEWS),
        ("tensors", number(1) + entry() + struct.pack("<i", 1 << 30)),
    ],
    ids=["unknown class", "negative count", "no entry", "too many", "cut"],
)
def test_says_where_the_loader_stops(name: str, data: bytes) -> None:
    with pytest.raises(Malformed):
        read(data, name)


@pytest.mark.parametrize("seed", range(20))
def test_damage_raises_nothing_but_malformed(seed: int) -> None:
    roll = random.Random(seed)
    for name, original in (("storages", STORAGES), ("tensors", TENSORS)):
        data = bytearray(original)
        for _ in range(3):
            data[roll.randrange(len(data))] = roll.randrange(256)
        with contextlib.suppress(Malformed):
            read(bytes(data), name)
