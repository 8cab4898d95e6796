"""7z archives: what their writers write, and what breaks them.

`fixtures.seven_zip` builds what 7-Zip 26.01 was seen to read; the archives in GOLDEN were written
by it and by py7zr 1.1.4.
"""

from __future__ import annotations

import base64
import random
import struct
import time
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aibom.scanners.archives.seven_zip_records import Cursor
from aibom.scanners.dissect import dissect
from aibom.scanners.facts import (
    Conflict,
    Expansion,
    Fact,
    Import,
    Kind,
    Member,
    Reason,
    Unclaimed,
    Unread,
)
from aibom.scanners.format import Match, Part
from aibom.scanners.formats.seven_zip import FORMAT
from aibom.scanners.limits import MIB, Budget, Limits
from aibom.scanners.source import BytesSource, Malformed, Span
from fixtures.seven_zip import CODERS, Folder, archive, enclosed, files, number, packed, streams
from tests.helpers.checkout import ROOT
from tests.helpers.reading import LIMITS, damage, facts, read, recognised
from tests.helpers.zips import every_fact, imports

ATTACK = b"cos\nsystem\n(S'id'\ntR."
DICE = random.Random(4)
PROGRAM = bytes(DICE.choices(b"\xe8\xe9\0\1\2\xff\x8b", k=70_000))
MEMBERS = {"m/data.pkl": ATTACK, "code.bin": PROGRAM, "é\U0001f40d.txt": b"text" * 4000}
READ = [name for name in CODERS if name not in {"ppmd", "aes", "unheard"}]
GOLDEN = dict(
    line.split("\t") for line in (ROOT / "tests/data/seven_zip.tsv").read_text("ascii").splitlines()
)
NOT_READ = {"7-Zip, BCJ2": "a.pkl: BCJ2: known, not read yet", "py7zr, a password": "a.pkl: AES"}


def parts(data: bytes) -> dict[str, bytes]:
    found = [item for item in read(FORMAT, data) if isinstance(item, Part)]
    return {part.name: part.source.read_at(0, part.source.size) for part in found}


def unread(data: bytes) -> list[str]:
    return [fact.detail for fact in facts(FORMAT, data, Unread)]


def all_facts(data: bytes, limits: Limits = LIMITS) -> list[Fact]:
    return every_fact(dissect(BytesSource(data), ("model.7z",), Budget(limits)))


# --- Honest archives ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in GOLDEN if name not in NOT_READ])
def test_reads_what_others_write(name: str) -> None:
    data = base64.b64decode(GOLDEN[name])
    assert recognised(FORMAT, data) is Match.CERTAIN
    found = parts(data)
    assert (found["a.pkl"], found["b.txt"]) == (ATTACK, b"text" * 10)
    odd = [(m.name, m.kind, m.target) for m in facts(FORMAT, data, Fact) if isinstance(m, Member)]
    assert odd == ([("ln", Kind.SYMLINK, "/etc/passwd")] if "ln" in found else [])
    assert unread(data) == []


@pytest.mark.parametrize("name", NOT_READ)
def test_what_it_cannot_read_of_others_it_names(name: str) -> None:
    assert NOT_READ[name] in unread(base64.b64decode(GOLDEN[name]))


@pytest.mark.parametrize("header", ["", "lzma", "lzma2", "copy"])
@pytest.mark.parametrize("coders", READ)
def test_reads_every_coder(coders: str, header: str) -> None:
    data = archive(Folder(MEMBERS, coders), Folder({"last": b"z"}, "copy"), header=header)
    assert parts(data) == {**MEMBERS, "last": b"z"}
    assert facts(FORMAT, data, Fact) == []
    assert imports(dissect(BytesSource(data), ("m.7z",), Budget(LIMITS))) == {"os.system"}


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.text("ab/é ", min_size=1, max_size=9), st.binary(max_size=200)),
       st.sampled_from(READ))  # fmt: skip
def test_reads_any_members(members: dict[str, bytes], coders: str) -> None:
    data = archive(*([Folder(members, coders)] if members else []))
    assert parts(data) == members


def test_an_archive_of_nothing_holds_nothing() -> None:
    assert read(FORMAT, enclosed(b"", b"")) == []
    assert read(FORMAT, archive(empty=["folder"])) == []


@pytest.mark.parametrize(
    "value", [0, 0x7F, 0x80, 0x3FFF, 0x4000, (1 << 35) - 1, 1 << 55, (1 << 64) - 1]
)
def test_reads_numbers_of_any_length(value: int) -> None:
    cursor = Cursor(number(value) + b"\x07", 10)
    assert (cursor.number(), cursor.number()) == (value, 7)


def test_links_and_devices_are_facts() -> None:
    members = {"ln": b"../../etc", "dev": b"", "../up": b"", "plain": b"x"}
    modes = {"ln": 0o120777, "dev": 0o020666, "plain": 0o100644}
    attributes = {name: mode << 16 | 0x8000 for name, mode in modes.items()}
    found = facts(FORMAT, archive(Folder(members), attributes=attributes), Member)
    assert [(m.name, m.kind, m.target) for m in found] == [
        ("ln", Kind.SYMLINK, "../../etc"),
        ("dev", Kind.OTHER, ""),
        ("../up", Kind.FILE, ""),
    ]
    windows = facts(FORMAT, archive(Folder({"ln": b"C:\\x"}), attributes={"ln": 0x400}), Member)
    assert [(m.kind, m.target) for m in windows] == [(Kind.SYMLINK, "C:\\x")]


# --- What is not read -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("coders", "reason", "how"),
    [
        ("ppmd", Reason.UNSUPPORTED, "PPMd: known, not read yet"),
        ("unheard", Reason.UNSUPPORTED, "method 7f7f"),
        ("aes", Reason.ENCRYPTED, "AES"),
    ],
)
def test_members_of_other_coders_are_unread_by_name(coders: str, reason: Reason, how: str) -> None:
    data = archive(Folder({"a.pkl": ATTACK, "b": b"b"}, coders), Folder({"c": b"c"}))
    assert facts(FORMAT, data, Unread) == [
        Unread(reason=reason, detail=f"{name}: {how}") for name in ("a.pkl", "b")
    ]
    assert parts(data) == {"c": b"c"}


def test_a_header_of_other_coders_is_unread() -> None:
    assert unread(archive(Folder(MEMBERS), header="aes")) == ["its header: AES"]


def test_a_folder_that_breaks_is_read_up_to_there() -> None:
    letters = bytes(DICE.choices(b"abcdefgh", k=60_000))
    data = bytearray(archive(Folder({"a.pkl": ATTACK, "b.pkl": ATTACK + letters, "c": b"c"})))
    data[15_000:15_100] = b"\xff" * 100
    found = dissect(BytesSource(bytes(data)), ("m.7z",), Budget(LIMITS))
    assert imports(found) == {"os.system"}
    assert {part.path[1] for part in found.parts if "pickle" in part.formats} == {"a.pkl", "b.pkl"}
    assert not found.is_complete


def test_a_checksum_of_members_that_does_not_fit_shows_when_they_were_read() -> None:
    data = archive(Folder({"a.pkl": ATTACK}, "deflate"), header="")
    data = data.replace(struct.pack("<I", zlib.crc32(ATTACK)), b"\1\2\3\4")
    (conflict,) = [fact for fact in all_facts(data) if isinstance(fact, Conflict)]
    assert conflict.detail.startswith("its checksum is")


@pytest.mark.parametrize(("at", "what"), [(8, "its first 32 bytes"), (28, "its header")])
def test_a_wrong_checksum_of_the_archive_is_told_and_the_archive_read(at: int, what: str) -> None:
    data = bytearray(archive(Folder({"a.pkl": ATTACK})))
    data[at] ^= 1
    if at > 12:
        data[8:12] = struct.pack("<I", zlib.crc32(data[12:32]))
    assert unread(bytes(data)) == [f"the checksum of {what} is wrong"]
    assert parts(bytes(data)) == {"a.pkl": ATTACK}


def test_bytes_that_belong_to_nothing_are_read_too() -> None:
    body = packed(b"text", "copy")
    said = b"\x01\x04" + streams([Folder({"a": b"text"}, "copy")], 40) + files(["a"]) + b"\0"
    data = enclosed(ATTACK.ljust(40, b"\n") + body, said) + ATTACK
    assert facts(FORMAT, data, Unclaimed) == [
        Unclaimed(at=Span(32, 40)), Unclaimed(at=Span(len(data) - len(ATTACK), len(ATTACK)))
    ]  # fmt: skip
    assert len([fact for fact in all_facts(data) if isinstance(fact, Import)]) == 2


def test_a_member_twice() -> None:
    data = archive(Folder({"a": b"1"}), Folder({"a": b"2"}), empty=["d", "d"])
    assert [fact.detail for fact in facts(FORMAT, data, Conflict)] == ["duplicate member 'a'"]


def test_names_and_contents_that_do_not_pair_up() -> None:
    one = Folder({"a": b"1", "b": b"2"}, "copy")
    fewer = enclosed(b"12", b"\x01\x04" + streams([one]) + files(["a"]) + b"\0")
    assert parts(fewer) == {"a": b"1", "(without a name)": b"2"}
    more = enclosed(b"12", b"\x01\x04" + streams([one]) + files(["a", "b", "c"]) + b"\0")
    assert unread(more) == ["c: the archive has no content for it"]


def test_stored_content_that_is_cut_short() -> None:
    said = b"\x01\x04" + streams([Folder({"a": ATTACK + bytes(999)}, "copy")], 0) + files(["a"])
    data = enclosed(b"", said + b"\0")
    (detail,) = unread(data)
    assert detail.startswith("a: 1020 bytes, of which the file has ")


BODY = streams([Folder({"a": b"1"}, "copy")])
BROKEN = {
    "no id": b"\x02\x00",
    "ends early": b"\x01\x04" + BODY[:-6],
    "id in the header": b"\x01\x09",
    "id among streams": b"\x01\x04\x01",
    "id among packed streams": b"\x01\x04\x06\x00\x01\x05",
    "id for folders": b"\x01\x04\x07\x0c",
    "id among folders": b"\x01\x04\x07\x0b\x00\x00\x01",
    "id among contents": b"\x01\x04\x08\x01",
    "elsewhere": b"\x01\x04\x07\x0b\x01\x01",
    "no coder": b"\x01\x04\x07\x0b\x01\x00\x00",
    "too many coders": b"\x01\x04\x07\x0b\x01\x00\x7f",
    "odd coder": b"\x01\x04\x07\x0b\x01\x00\x01\x80",
    "many inputs": b"\x01\x04\x07\x0b\x01\x00\x01\x11\x00\x7f\x01",
    "many files": b"\x01\x05" + number(1 << 40),
    "many contents": b"\x01\x04" + BODY.replace(b"\x08\x0d\x01", b"\x08\x0d" + number(1 << 30)),
    "few names": b"\x01\x05\x02\x11\x03\x00a\0\0",
    "names elsewhere": b"\x01\x05\x01\x11\x01\x01\0\0",
    "no packed stream": b"\x01\x04" + BODY[BODY.index(b"\x07") :] + files(["a"]) + b"\0",
    "no sizes": b"\x01\x04\x07\x0b\x01\x00\x01\x01\x00\x00\x00",
    "headers for ever": b"\x17" + streams([Folder({"": b"\x17" * 9}, "copy")]),
}


@pytest.mark.parametrize("header", BROKEN.values(), ids=BROKEN)
def test_a_broken_header_is_unread(header: bytes) -> None:
    with pytest.raises(Malformed, match=r"7z header"):
        read(FORMAT, enclosed(b"1", header))
    assert [f for f in all_facts(enclosed(b"1", header)) if isinstance(f, Unread)]


CHAINS = {
    "a coder left over": b"\x02\x01\x00\x01\x00\x00\x00",
    "a coder that gets itself": b"\x03\x01\x00\x01\x00\x01\x00\x00\x01\x01\x01",
    "several streams": b"\x01\x11\x00\x02\x01\x00\x01",
    "five in a row": b"\x05" + b"\x01\x00" * 5 + b"\0\1\1\2\2\3\3\4",
}


@pytest.mark.parametrize("coders", CHAINS.values(), ids=CHAINS)
def test_coders_that_make_no_chain_are_unread(coders: bytes) -> None:
    said = BODY.replace(b"\x01\x01\x00\x0c\x01", coders + b"\x0c" + b"\x01" * coders[0])
    said = said.replace(b"\x06\x00\x01\x09\x01", b"\x06\x00\x02\x09\x01\x00")
    data = enclosed(b"1", b"\x01\x04" + said + files(["a"]) + b"\0")
    assert [detail for detail in unread(data) if detail.startswith("a: ")]


@pytest.mark.parametrize(
    ("method", "properties"),
    [
        (b"\x03\x01\x01", b"\xff\0\0\0\0"),
        (b"\x03\x01\x01", b"\x5d"),
        (b"\x21", b"\x29"),
        (b"\x21", b""),
    ],
    ids=["LZMA", "LZMA, short", "LZMA2", "LZMA2, none"],
)  # fmt: skip
def test_properties_that_are_none_are_unread(method: bytes, properties: bytes) -> None:
    coder = b"\x01" + bytes([0x20 | len(method)]) + method + number(len(properties)) + properties
    said = BODY.replace(b"\x01\x01\x00\x0c", coder + b"\x0c")
    data = enclosed(b"1", b"\x01\x04" + said + files(["a"]) + b"\0")
    assert [detail for detail in unread(data) if detail.startswith("a: LZMA")]


# --- Limits ---------------------------------------------------------------------------------------


def test_a_bomb_is_told_without_being_read() -> None:
    data = archive(Folder({"zeros": bytes(40 * MIB)}))
    began = time.process_time()
    (found,) = facts(FORMAT, data, Expansion)
    assert (found.name, found.produced) == ("zeros", 40 * MIB)
    assert time.process_time() - began < 10


def test_a_bomb_stops_at_the_ratio() -> None:
    limits = Limits(ratio=100, ratio_floor=MIB)
    found = all_facts(archive(Folder({"zeros": bytes(20 * MIB)})), limits)
    assert [f for f in found if isinstance(f, Unread) and f.reason is Reason.LIMIT]
    assert [f for f in found if isinstance(f, Expansion) and f.produced < 3 * MIB]


def test_a_header_that_expands_without_measure_is_refused() -> None:
    data = archive(Folder({f"{n:0900}": b"" for n in range(400)}))
    assert [
        fact
        for fact in all_facts(data, Limits(text=100_000))
        if isinstance(fact, Unread) and fact.reason is Reason.LIMIT
    ]


def test_small_members_of_a_long_folder_are_read_in_one_go() -> None:
    """Each would start again from the first byte, if what came out last were not kept."""
    members = {f"{n}.bin": (b"%d is no format. " % n) * 5000 for n in range(450)}
    limits = Limits(total_bytes=sum(map(len, members.values())) + 2 * MIB, ratio=100_000)
    found = dissect(BytesSource(archive(Folder(members, "deflate"))), ("m.7z",), Budget(limits))
    assert found.is_complete


@pytest.mark.parametrize("coders", ["lzma", "x86 delta lzma2", "copy"])
@pytest.mark.parametrize("header", ["", "lzma"])
def test_damage_is_refused_as_it_should_be(coders: str, header: str) -> None:
    small = {"a.pkl": ATTACK, "b": b"text" * 20, "c": PROGRAM[:99]}
    damage(FORMAT, archive(Folder(small, coders), empty=["d"], header=header))


def test_damage_never_breaks_a_dissection() -> None:
    seed = archive(Folder({"a.pkl": ATTACK, "b": b"text"}, "deflate"), header="")
    for at in range(len(seed)):
        all_facts(seed[:at] + b"\xff" + seed[at + 1 :])
