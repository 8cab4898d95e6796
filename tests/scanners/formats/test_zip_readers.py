"""Zip archives against Python's own reader: whatever it would hand out is seen."""

from __future__ import annotations

import io
import random
import struct
import tarfile
import warnings
import zipfile
from contextlib import suppress

import pytest

from aibom.scanners.facts import Conflict, Import
from aibom.scanners.format import Match
from aibom.scanners.formats.zip import FORMAT
from tests.helpers.reading import recognised
from tests.helpers.zips import archive, dissected, every_fact, imports, swapped

ATTACK = b"cposix\nsystem\n(S'true # inert'\ntR."  # never unpickled
HONEST = b"\x80\x02}q\x00."
NAMES = ("a/data.pkl", "b.pkl", "a/version", "x.bin")
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
SIGNATURES = (b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06")
FAULTS = (Exception,)  # of whatever kind: `zipfile` raises many on damaged archives
ZIP = archive({"a/data.pkl": ATTACK}, zipfile.ZIP_DEFLATED)


@pytest.mark.parametrize("seed", range(10))
def test_sees_each_pickle_that_zipfile_reads_from_a_damaged_archive(seed: int) -> None:
    dice = random.Random(seed)
    missed = [
        data
        for data in (_changed(dice, _written(dice)) for _ in range(40))
        if _is_read_by_zipfile(data) and not _imports(data)
    ]
    assert missed == []


@pytest.mark.parametrize(
    "data",
    [
        b"junk" + ZIP + b"x",
        b"junk" * 4 + ZIP + b"junk" * 4,
        b"junk" + ZIP[:-2] + b"\x09\x00cut",
        ZIP + b"x",
        b"junk" + swapped(ZIP, b"\x01\x00\x01\x00", bytes(4)),
        ZIP + ZIP + b"x",
        b"BZh" + ZIP + b"x",
        b"\x7fELF" + ZIP + b"x",
        b"\x93NUMPYjunk" + ZIP + b"x",
        bytes(257) + b"ustar" + bytes(250) + ZIP + b"x",
    ],
    ids=[
        "between",
        "amid junk",
        "comment cut short",
        "before",
        "no members announced",
        "twice",
        "as bzip2",
        "as ELF",
        "as npy",
        "as tar",
    ],
)
def test_finds_an_archive_that_does_not_end_with_the_file(data: bytes) -> None:
    assert _is_read_by_zipfile(data)
    assert recognised(FORMAT, data, "model.keras") is Match.CERTAIN
    assert _imports(data) == {"posix.system"}


@pytest.mark.parametrize("before", [b"", b"junk", HONEST, b"\x93NUMPY\1\0junk", b"GGUF junk"])
@pytest.mark.parametrize("after", [b"", b"x", bytes(65_500), b"x" * 65_536, b"x" * 69_000])
def test_finds_an_archive_amid_anything(before: bytes, after: bytes) -> None:
    """Python looks 64 KiB back; the miniz of PyTorch in whole blocks, so a bit further."""
    data = before + ZIP + after
    assert _is_read_by_zipfile(data) or len(after) > 65_536
    found = dissected(data, "m.bin")
    assert _imports(data) == {"posix.system"}
    assert "torch-zip" in found.formats or before == HONEST or before.startswith(b"\x93")


@pytest.mark.parametrize(
    "decoy",
    [
        b"PK\5\6" + bytes(18),
        b"PK\5\6" + struct.pack("<4H2IH", 0, 0, 1, 1, 46, 4, 0),
        b"PK\5\6" + b"\xff" * 18,
        (b"PK\5\6" + b"\xff" * 18) * 900,
        b"PK\5\6",
    ],
    ids=["empty", "to nowhere", "all ones", "many", "cut short"],
)
@pytest.mark.parametrize("before", [b"", b"junk"])
def test_end_records_that_lead_nowhere_hide_nothing(before: bytes, decoy: bytes) -> None:
    assert _imports(before + ZIP + decoy) == {"posix.system"}


@pytest.mark.parametrize("field", range(3), ids=["entries", "length", "offset"])
@pytest.mark.parametrize("prefix", [b"", b"junk"])
def test_a_zip64_record_that_says_otherwise_is_a_conflict(field: int, prefix: bytes) -> None:
    """Readers differ in whether its numbers count where the short ones would do."""
    at = ZIP.rindex(b"PK\5\6")
    numbers = [1, *struct.unpack_from("<2I", ZIP, at + 12)]
    numbers[field] += 1
    wide = b"PK\6\6" + struct.pack("<Q2H2I4Q", 44, 45, 45, 0, 0, numbers[0], *numbers)
    locator = b"PK\6\7" + struct.pack("<IQI", 0, at + len(prefix), 1)
    data = prefix + ZIP[:at] + wide + locator + ZIP[at:]
    assert _imports(data) == {"posix.system"}
    assert [f for f in every_fact(dissected(data)) if isinstance(f, Conflict)]


def test_two_end_records_are_both_followed() -> None:
    """The last one counts for Python; one whose comment reaches the end of the file for others."""
    other = archive({"b.pkl": HONEST})
    first = bytearray(ZIP)
    first[-2:] = struct.pack("<H", len(other))
    found = dissected(bytes(first) + other)
    assert imports(found) == {"posix.system"}
    assert [f for f in every_fact(found) if isinstance(f, Conflict)]


def test_an_archive_that_a_pickle_was_given_as_a_value_is_read_and_no_polyglot() -> None:
    data = b"\x80\x04C" + bytes([len(ZIP)]) + ZIP + b"\x94."
    found = dissected(data, "m.pkl")
    assert found.formats == ("zip-inside", "pickle")
    assert imports(found) == {"posix.system"}
    assert not [f for f in found.facts if isinstance(f, Conflict)]


def test_reads_a_directory_whose_last_record_is_cut_short() -> None:
    data = bytearray(ZIP)
    data[data.rfind(b"PK\x01\x02") + 32] = 200  # length of the record's comment
    assert _is_read_by_zipfile(bytes(data))
    assert _imports(bytes(data)) == {"posix.system"}


def test_takes_no_tar_or_pickle_that_holds_an_archive_for_one() -> None:
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as opened:
        info = tarfile.TarInfo("inner.zip")
        info.size = len(ZIP)
        opened.addfile(info, io.BytesIO(ZIP))
    pickled = b"\x80\x04C" + bytes([len(ZIP)]) + ZIP + b"\x94."
    assert recognised(FORMAT, tar.getvalue()) is Match.NO
    assert recognised(FORMAT, pickled) is Match.NO


def _imports(data: bytes) -> set[str]:
    found = every_fact(dissected(data, "m.bin"))
    return {fact.dotted for fact in found if isinstance(fact, Import)}


def _is_read_by_zipfile(data: bytes) -> bool:
    """Whether `zipfile`, made to ignore checksums and the encryption flag, hands out an attack."""
    with suppress(*FAULTS), warnings.catch_warnings(), zipfile.ZipFile(io.BytesIO(data)) as opened:
        warnings.simplefilter("ignore")
        return any(_starts_attack(opened, info) for info in opened.infolist())
    return False


def _starts_attack(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> bool:
    info.flag_bits &= ~1
    with suppress(*FAULTS), opened.open(info) as member:
        vars(member)["_expected_crc"] = None  # PyTorch compares no checksum
        return member.read(len(ATTACK)) == ATTACK
    return False


def _written(dice: random.Random) -> bytes:
    contents = (ATTACK, HONEST, b"3\n", ATTACK + bytes(2000))
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w") as opened:
        warnings.simplefilter("ignore")  # two members of one name
        for _ in range(dice.randint(1, 4)):
            info = zipfile.ZipInfo(dice.choice(NAMES))
            opened.writestr(info, dice.choice(contents), dice.choice(METHODS))
        opened.comment = dice.randbytes(dice.choice((0, 0, 9)))
    return file.getvalue()


def _changed(dice: random.Random, archive_: bytes) -> bytes:
    """Change fields of records, repeat records, and put other bytes or archives around."""
    data = bytearray(archive_)
    for _ in range(dice.randint(1, 4)):
        places = [at for at in range(len(data)) if data.startswith(SIGNATURES, at)] or [0]
        place = dice.choice(places)
        match dice.randrange(7):
            case 0 | 1 | 2:
                at = min(place + dice.randint(4, 45), len(data) - 1)
                data[at] = dice.choice((0, 1, 2, 8, 9, 255, dice.randrange(256)))
            case 3:
                data = bytearray(dice.randbytes(dice.randint(1, 30))) + data
            case 4:
                data += dice.choice((b"\0", b"x", dice.randbytes(9), _written(dice)))
            case 5:
                data = bytearray(_written(dice)) + data
            case _:
                other = dice.choice(places)
                data[other:other] = data[place : place + dice.choice((30, 46, 60, 120))]
    return bytes(data)
