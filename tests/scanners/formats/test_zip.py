"""Zip archives: what honest writers write, and what attacks do to it."""

from __future__ import annotations

import io
import struct
import time
import warnings
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aibom.scanners.codec import decode, encode
from aibom.scanners.facts import (
    Conflict,
    Expansion,
    Fact,
    Kind,
    Member,
    Reason,
    Unclaimed,
    Unread,
)
from aibom.scanners.format import Match, Part
from aibom.scanners.formats.zip import FORMAT
from aibom.scanners.limits import Limits
from aibom.scanners.source import Malformed, Span
from tests.helpers.packing import zstd
from tests.helpers.reading import damage, facts, read, recognised
from tests.helpers.zips import (
    Unseekable,
    archive,
    dissected,
    doubts,
    every_fact,
    imports,
    parts,
    swapped,
)

ATTACK = b"cos\nsystem\n(S'id'\ntR."
METHODS = {
    "stored": zipfile.ZIP_STORED,
    "deflated": zipfile.ZIP_DEFLATED,
    "bzip2": zipfile.ZIP_BZIP2,
    "LZMA": zipfile.ZIP_LZMA,
}


# --- Honest archives ------------------------------------------------------------------------------

content = st.binary(max_size=300) | st.binary(min_size=1, max_size=4).map(lambda b: b * 40_000)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.text("abc/é", min_size=1, max_size=8).filter(lambda n: n[-1] != "/"), content
    ),
    st.sampled_from(sorted(METHODS)),
    st.binary(max_size=30).filter(lambda c: b"PK" not in c),
)
def test_reads_what_zipfile_writes(members: dict[str, bytes], method: str, comment: bytes) -> None:
    data = archive(members, METHODS[method], comment)
    assert recognised(FORMAT, data) is Match.CERTAIN
    assert parts(data) == members
    odd = [f for f in read(FORMAT, data) if isinstance(f, Fact) and not isinstance(f, Member)]
    assert odd == []


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_reads_members_whose_sizes_follow_the_data(method: int) -> None:
    pipe = Unseekable()
    with zipfile.ZipFile(pipe, "w", method) as opened:
        opened.writestr("a", b"first" * 9)
        with opened.open("b", "w", force_zip64=True) as member:
            member.write(b"second" * 9)
    assert parts(pipe.data) == {"a": b"first" * 9, "b": b"second" * 9}
    assert facts(FORMAT, pipe.data, Fact) == []


def test_reads_zip64_records() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as opened, opened.open("big", "w", force_zip64=True) as member:
        member.write(b"content")
    assert parts(out.getvalue()) == {"big": b"content"}
    assert facts(FORMAT, out.getvalue(), Fact) == []


def test_reads_more_members_than_a_short_end_record_can_count() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as opened:
        for number in range(65_600):
            opened.writestr(str(number), b"")
    found = read(FORMAT, out.getvalue())
    assert len(found) == 65_600
    assert all(isinstance(item, Part) for item in found)


def test_reads_zstandard_as_python_does_since_3_14() -> None:
    data = archive({"a.pkl": zstd(ATTACK)})
    for _ in range(2):
        data = swapped(data, b"\x14\x00\x00\x00\x00\x00", b"\x14\x00\x00\x00\x5d\x00")
    size, expanded = struct.pack("<I", len(zstd(ATTACK))), struct.pack("<I", len(ATTACK))
    for _ in range(2):
        data = swapped(data, size * 2, size + expanded)
    assert imports(dissected(data)) == {"os.system"}


def test_an_empty_archive_holds_nothing() -> None:
    assert read(FORMAT, archive({})) == []


def test_a_folder_is_no_part() -> None:
    assert read(FORMAT, archive({"folder/": b""})) == []


def test_a_program_before_an_archive_with_right_offsets_is_a_part_of_its_own() -> None:
    out = io.BytesIO(b"#!/usr/bin/python\n")
    out.seek(0, io.SEEK_END)
    with zipfile.ZipFile(out, "a") as opened:
        opened.writestr("__main__.py", b"pass")
    data = out.getvalue()
    assert recognised(FORMAT, data) is Match.CERTAIN
    assert parts(data) == {
        "__main__.py": b"pass",
        "(bytes before the archive)": b"#!/usr/bin/python\n",
    }
    assert facts(FORMAT, data, Fact) == [Unclaimed(at=Span(0, 18))]


# --- Readers that disagree ------------------------------------------------------------------------


def test_a_name_that_the_local_header_gives_otherwise() -> None:
    data = swapped(archive({"data.pkl": ATTACK}), b"data.pkl", b"data.txt")
    assert doubts(data) == ["'data.pkl': its local header calls it 'data.txt'"]
    assert parts(data) == {"data.pkl": ATTACK, "data.txt": ATTACK}


def test_a_method_that_the_local_header_gives_otherwise() -> None:
    raw = zlib.compressobj(wbits=-15)
    packed = raw.compress(ATTACK) + raw.flush()
    honest = archive({"a": packed})
    data = swapped(honest, b"\x14\x00\x00\x00\x00\x00", b"\x14\x00\x00\x00\x08\x00")
    assert "method 0 in the central directory, 8 in its local header" in doubts(data)[0]
    assert imports(dissected(data)) == {"os.system"}


def test_sizes_that_the_local_header_gives_otherwise() -> None:
    honest = archive({"a": b"N." + ATTACK})
    sizes = struct.pack("<II", 23, 23)
    data = swapped(honest, sizes, struct.pack("<II", 2, 2))
    assert "sizes (23, 23) in the central directory, (2, 2) in its local header" in doubts(data)[0]


@pytest.mark.parametrize("where", [0, 1], ids=["local header", "central directory"])
@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_a_plain_member_flagged_as_encrypted_is_read(method: int, where: int) -> None:
    data = bytearray(archive({"a.pkl": ATTACK * 9}, method))
    at = (data.index(b"PK\x03\x04") + 6, data.index(b"PK\x01\x02") + 8)[where]
    data[at] |= 1
    found = dissected(bytes(data))
    assert any(isinstance(fact, Conflict) for fact in every_fact(found))
    assert imports(found) == {"os.system"} or method == zipfile.ZIP_LZMA


def test_an_encrypted_member_is_unread() -> None:
    data = bytearray(archive({"a.pkl": bytes(range(200, 250))}, zipfile.ZIP_DEFLATED))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    start = data.index(b"a.pkl") + 5
    data[start : start + 20] = b"\xff" * 20
    (unread,) = facts(FORMAT, bytes(data), Unread)
    assert (unread.reason, unread.detail) == (Reason.ENCRYPTED, "a.pkl")


def test_a_member_twice() -> None:
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w") as opened:
        warnings.simplefilter("ignore")
        opened.writestr("a.pkl", b"N.")
        opened.writestr("a.pkl", ATTACK)
    assert doubts(out.getvalue()) == ["duplicate member 'a.pkl'"]
    assert imports(dissected(out.getvalue())) == {"os.system"}


def test_names_that_differ_in_case_matter_to_pytorch_alone() -> None:
    assert doubts(archive({"m/data.pkl": b"N.", "m/DATA.PKL": b"N."})) == [
        "members that differ in case only: 'm/DATA.PKL'"
    ]
    assert doubts(archive({"m/Data.class": b"N.", "m/DATA.class": b"N."})) == []


def test_a_member_that_the_directory_leaves_out() -> None:
    honest = archive({"a": b"N."})
    hidden = archive({"b.pkl": ATTACK})
    local = hidden[: hidden.index(b"PK\x01\x02")]
    data = honest[: honest.index(b"PK\x01\x02")] + local + honest[honest.index(b"PK\x01\x02") :]
    assert doubts(data)[0] == f"central directories at bytes {len(data)} and 0" or any(
        "'b.pkl' is not in the central directory" in detail for detail in doubts(data)
    )
    assert imports(dissected(data)) == {"os.system"}


def test_a_streamed_member_that_the_directory_leaves_out() -> None:
    pipe = Unseekable()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("b.pkl", ATTACK)
    data = pipe.data[: pipe.data.index(b"PK\x01\x02")] + archive({"a": b"N."})
    assert imports(dissected(data)) == {"os.system"}
    assert any("'b.pkl' is not in" in detail for detail in doubts(data))


def test_an_archive_after_an_archive() -> None:
    data = archive({"a.pkl": ATTACK}) + archive({"b": b"N."})
    found = dissected(data)
    assert [part.path[1:] for part in found.walk() if "pickle" in part.formats]
    assert imports(found) == {"os.system"}


def test_archives_in_a_row_are_read_one_by_one() -> None:
    """As PyTorch's distributed checkpoints hold them: each counts from its own first byte."""
    one = archive({"archive/data.pkl": b"\x80\x02N.", "archive/version": b"3"})
    bad = archive({"archive/data.pkl": ATTACK})
    found = dissected(one * 20 + bad + one)
    assert [part.path[1] for part in found.parts] == [f"(archive {n})" for n in range(1, 23)]
    assert imports(found) == {"os.system"}
    assert doubts(one * 3) == []
    assert doubts(one + b"x" + one) != []


def test_an_archive_in_the_comment_of_another() -> None:
    inner = archive({"a.pkl": ATTACK})
    found = dissected(archive({"b": b"N."}, comment=inner))
    assert imports(found) == {"os.system"}
    assert any("leads elsewhere" in f.detail for f in every_fact(found) if isinstance(f, Conflict))


def test_a_pickle_before_an_archive_is_seen_twice() -> None:
    found = dissected(ATTACK + archive({"a": b"N."}), "model.pkl")
    assert set(found.formats) == {"zip", "pickle"}
    assert [f.detail for f in found.facts if isinstance(f, Conflict)] == [
        "the same bytes are zip archive and pickle"
    ]
    assert imports(found) == {"os.system"}


def test_two_members_on_the_same_bytes() -> None:
    data = bytearray(archive({"a": b"N.", "b": b"N."}))
    second = data.rindex(b"PK\x01\x02")
    data[second + 42 : second + 46] = bytes(4)  # the offset of its local header
    assert any("share bytes" in detail for detail in doubts(bytes(data)))


def test_a_checksum_that_does_not_fit_shows_when_the_member_was_read() -> None:
    data = bytearray(archive({"a.pkl": ATTACK}, zipfile.ZIP_DEFLATED))
    for signature, offset in ((b"PK\x03\x04", 14), (b"PK\x01\x02", 16)):
        data[data.index(signature) + offset] ^= 1
    found = dissected(bytes(data))
    assert any("its checksum is" in f.detail for f in every_fact(found) if isinstance(f, Conflict))
    assert imports(found) == {"os.system"}


def test_a_member_that_breaks_off_is_read_up_to_there() -> None:
    """A loader that reads a stream has run the payload before it meets the break."""
    packed = bytearray(archive({"a.pkl": ATTACK + bytes(range(256)) * 4}, zipfile.ZIP_DEFLATED))
    stop = packed.index(b"PK\x01\x02")
    packed[stop - 40 : stop] = b"\xff" * 40
    found = dissected(bytes(packed))
    assert imports(found) == {"os.system"}
    assert not found.is_complete


def test_no_directory_at_all() -> None:
    data = archive({"a.pkl": ATTACK})
    cut = data[: data.index(b"PK\x01\x02")]
    found = dissected(cut)
    assert imports(found) == {"os.system"}
    assert not found.is_complete


# --- Names, kinds, sizes --------------------------------------------------------------------------


def test_odd_members_are_facts() -> None:
    link = zipfile.ZipInfo("ln")
    link.external_attr = 0o120777 << 16
    device = zipfile.ZipInfo("dev")
    device.external_attr = 0o020666 << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as opened:
        opened.writestr("../up", b"")
        opened.writestr(link, b"/etc/passwd", zipfile.ZIP_DEFLATED)
        opened.writestr(device, b"")
    found = [(m.name, m.kind, m.target) for m in facts(FORMAT, out.getvalue(), Member)]
    assert found == [
        ("../up", Kind.FILE, ""),
        ("ln", Kind.SYMLINK, "/etc/passwd"),
        ("dev", Kind.OTHER, ""),
    ]


@pytest.mark.parametrize("method", [9, 20, 77], ids=["Deflate64", "old Zstandard", "no method"])
def test_a_method_that_is_not_read_is_unread(method: int) -> None:
    data = archive({"a": b"data"})
    for old in (b"\x14\x00\x00\x00\x00\x00", b"\x14\x00\x00\x00\x00\x00"):
        data = swapped(data, old, b"\x14\x00\x00\x00" + struct.pack("<H", method))
    (unread,) = facts(FORMAT, data, Unread)
    assert unread.reason is Reason.UNSUPPORTED


def test_a_bomb_is_told_without_being_read() -> None:
    data = archive({"zeros": bytes(40_000_000)}, zipfile.ZIP_DEFLATED)
    began = time.process_time()
    (found,) = [fact for fact in read(FORMAT, data) if isinstance(fact, Expansion)]
    assert (found.name, found.produced) == ("zeros", 40_000_000)
    assert time.process_time() - began < 20


def test_a_bomb_that_says_nothing_stops_at_the_ratio() -> None:
    inner = archive({"a": bytes(3_000_000)}, zipfile.ZIP_STORED)
    data = archive({"a.zip": inner}, zipfile.ZIP_DEFLATED)
    found = dissected(data, limits=Limits(ratio=100, ratio_floor=100_000))
    assert [fact for fact in every_fact(found) if isinstance(fact, Expansion)]
    assert not found.is_complete


def test_archives_in_archives_end_at_the_limit() -> None:
    data = archive({"bottom": ATTACK})
    for _ in range(20):
        data = archive({"a.zip": data}, zipfile.ZIP_DEFLATED)
    found = dissected(data)
    (unread,) = [fact for fact in every_fact(found) if isinstance(fact, Unread)]
    assert unread.detail == "more than 8 levels of nesting"


def test_members_end_at_the_limit() -> None:
    found = dissected(archive({str(n): b"" for n in range(20)}), limits=Limits(members=10))
    (unread,) = [fact for fact in every_fact(found) if isinstance(fact, Unread)]
    assert unread.reason is Reason.LIMIT


def test_a_thousand_disagreements_are_not_told_one_by_one() -> None:
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w") as opened:
        warnings.simplefilter("ignore")
        for _ in range(1001):
            opened.writestr("a", b"")
    told = doubts(out.getvalue())
    assert (len(told), told[-1]) == (51, "950 further disagreements")


def test_huge_numbers_are_refused_fast() -> None:
    data = bytearray(archive({"a": b"data"}))
    central = data.index(b"PK\x01\x02")
    data[central + 20 : central + 28] = b"\xf0\xff\xff\xff" * 2
    began = time.process_time()
    assert facts(FORMAT, bytes(data), Unread)
    assert time.process_time() - began < 20


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_damage_is_refused_as_it_should_be(method: int) -> None:
    seed = archive({"a/data.pkl": ATTACK, "../b": b"x" * 99, "c/": b""}, method, b"comment")
    damage(FORMAT, seed)


def test_damage_never_breaks_a_dissection() -> None:
    seed = archive({"a/data.pkl": ATTACK, "a/data/0": b"x" * 99}, zipfile.ZIP_DEFLATED)
    for at in range(len(seed)):
        data = seed[:at] + b"\xff" + seed[at + 1 :]
        found = dissected(data, "file.pt")
        assert decode(encode(found), path=("file.pt",), size=len(data)) == found


def test_ten_thousand_members_are_read_fast() -> None:
    members = {f"m/data/{n}": b"\x11" * 64 for n in range(10_000)}
    data = archive({"m/data.pkl": b"N.", **members})
    began = time.process_time()
    found = dissected(data, "model.pt")
    assert (found.formats, found.is_complete) == (("zip", "torch-zip"), True)
    assert time.process_time() - began < 20  # seconds; a runaway takes minutes


def test_malformed_names_the_place() -> None:
    with pytest.raises(Malformed, match="central directory at byte 4"):
        read(FORMAT, b"PK\x03\x04")
