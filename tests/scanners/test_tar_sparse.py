"""Sparse members of tar archives: each way of writing them, against Python's reader."""

from __future__ import annotations

import io
import tarfile

import pytest

from aibom.scanners.archives import tar_sparse
from aibom.scanners.dissect import dissect
from aibom.scanners.facts import Import, Unread
from aibom.scanners.format import Part
from aibom.scanners.formats.tar import FORMAT
from aibom.scanners.limits import Budget, Exceeded, Limits
from aibom.scanners.source import BytesSource
from tests.helpers.reading import damage, facts, read
from tests.scanners.formats.test_tar import archive, one, signed
from tests.scanners.formats.test_tar import pax as records

ATTACK = b"cos\nsystem\n(S'true'\ntR."
RUNS = ((512, 9), (1024, len(ATTACK) - 9))  # where in the content, and how many bytes
SIZE = 1024 + len(ATTACK)
CONTENT = bytes(512) + ATTACK[:9] + bytes(503) + ATTACK[9:] + bytes(9)


def pax(stored: bytes, **records: str) -> bytes:
    headers = {f"GNU.sparse.{key}": value for key, value in records.items()}
    return archive([one("a.pkl", stored, pax_headers=headers)])


def old(*runs: tuple[int, int], size: int = SIZE, more: bytes = b"") -> bytes:
    """Return an archive with an old GNU sparse member; `more` are further blocks of its map."""
    numbers = b"".join(b"%011o\0" % number for run in runs for number in run)
    plain = archive([one("a.pkl", ATTACK)], tarfile.GNU_FORMAT)
    head = plain[:156] + b"S" + plain[157:386] + numbers.ljust(96, b"\0") + plain[482:512]
    head = head[:482] + bytes([bool(more)]) + b"%011o\0" % size + head[495:]
    return signed(head) + more + plain[512:]


IN_FRONT = "\n".join(map(str, [2, *RUNS[0], *RUNS[1]])).encode() + b"\n"
ARCHIVES = {
    "old": old(*RUNS),
    "old, with a second block": old(
        RUNS[0], more=b"".join(b"%011o\0" % each for each in RUNS[1]).ljust(512, b"\0")
    ),
    "pax 0.1": pax(ATTACK, size=str(SIZE), map=",".join(str(n) for run in RUNS for n in run)),
    "pax 0.0": records(
        b"GNU.sparse.size=%d" % SIZE,
        *(
            b"GNU.sparse.%s=%d" % (key, number)
            for run in RUNS
            for key, number in zip((b"offset", b"numbytes"), run, strict=True)
        ),
    )
    + archive([one("a.pkl", ATTACK)]),
    "pax 1.0": pax(IN_FRONT.ljust(512, b"\0") + ATTACK, major="1", minor="0", realsize=str(SIZE)),
}


@pytest.mark.parametrize("data", ARCHIVES.values(), ids=ARCHIVES)
def test_reads_the_content_that_tarfile_reads(data: bytes) -> None:
    with tarfile.open(fileobj=io.BytesIO(data)) as reader:
        member = reader.extractfile("a.pkl")
        assert member is not None
        expected = member.read()
    (part,) = [item for item in read(FORMAT, data) if isinstance(item, Part)]
    assert part.source.read_at(0, part.source.size) == expected == CONTENT[:SIZE]


def test_reads_an_attack_that_only_its_map_puts_together() -> None:
    hole = b"C\x08" + bytes(8) + b"0" + ATTACK
    stored = hole.replace(bytes(8), b"")
    data = pax(stored, size=str(len(hole)), map=f"0,2,10,{len(stored) - 2}")
    found = dissect(BytesSource(data), ("a.tar",), Budget(Limits()))
    imports = [fact for each in found.walk() for fact in each.facts if isinstance(fact, Import)]
    assert [fact.dotted for fact in imports] == ["os.system"]


@pytest.mark.parametrize(
    "data",
    [
        pax(ATTACK, size="99", map="0,9,4,2"),
        pax(ATTACK, size="99", map="0,x"),
        pax(b"x" * 99, major="1", minor="0"),
        pax(b"3\n1\n", major="1", minor="0"),
    ],
    ids=["overlapping", "no number", "no line", "a map that ends early"],
)
def test_a_map_that_no_writer_makes_is_unread_and_its_bytes_are_read(data: bytes) -> None:
    assert facts(FORMAT, data, Unread)
    assert [item.name for item in read(FORMAT, data) if isinstance(item, Part)] == ["a.pkl"]


@pytest.mark.parametrize("data", ARCHIVES.values(), ids=ARCHIVES)
def test_damage_is_refused_as_it_should_be(data: bytes) -> None:
    damage(FORMAT, data, times=150)


def test_a_map_of_ever_more_blocks_ends_at_the_bound() -> None:
    class Endless:
        """A terabyte in which each block of a map names another."""

        size, reads = 1 << 40, 0

        def read_at(self, start: int, length: int) -> bytes:
            del start
            self.reads += 1
            return bytes([1]) * length

    endless = Endless()
    with pytest.raises(Exceeded, match="runs of a sparse member"):
        tar_sparse.after_header(endless, bytes([1]) * 512, 512)
    assert endless.reads <= tar_sparse.MOST // tar_sparse.IN_BLOCK + 2
