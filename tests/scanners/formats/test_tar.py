"""Tar archives: what tarfile writes, and what attacks do to it."""

from __future__ import annotations

import io
import tarfile
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aibom.scanners.dissect import dissect
from aibom.scanners.facts import (
    Conflict,
    Fact,
    Import,
    Kind,
    Member,
    Reason,
    Unclaimed,
    Unread,
)
from aibom.scanners.format import Match, Part
from aibom.scanners.formats.tar import FORMAT
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.source import BytesSource, Malformed, Span
from tests.helpers.reading import damage, facts, read, recognised

ATTACK = b"cos\nsystem\n(S'id'\ntR."
FORMS = {"ustar": tarfile.USTAR_FORMAT, "GNU": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}


def archive(members: list[tuple[tarfile.TarInfo, bytes]], form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as opened:
        for info, content in members:
            info.size = len(content)
            opened.addfile(info, io.BytesIO(content))
    return out.getvalue()


def one(name: str, content: bytes = b"", **fields: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    for key, value in fields.items():
        setattr(info, key, value)
    return info, content


def parts(data: bytes) -> list[tuple[str, bytes]]:
    found = [item for item in read(FORMAT, data) if isinstance(item, Part)]
    return [(part.name, part.source.read_at(0, part.source.size)) for part in found]


def signed(header: bytes) -> bytes:
    """Return the header with a checksum that fits."""
    blank = header[:148] + b" " * 8 + header[156:]
    return blank[:148] + b"%06o\0 " % sum(blank) + blank[156:]


def header(name: bytes, size: bytes, kind: bytes = b"0") -> bytes:
    block = name.ljust(124, b"\0") + size.ljust(12, b"\0") + bytes(20) + kind
    return signed(block.ljust(257, b"\0") + b"ustar\x0000".ljust(255, b"\0"))


names = st.text("ab/é", min_size=1, max_size=150).map(lambda text: "x" + text + "x")

members_ = st.lists(st.tuples(names, st.binary(max_size=1500)), max_size=5)


@settings(max_examples=60, deadline=None)
@given(members_, st.sampled_from(sorted(FORMS)))
def test_reads_what_tarfile_writes(members: list[tuple[str, bytes]], form: str) -> None:
    wanted = [(n, c) for n, c in members if form != "ustar" or len(n.encode()) < 90]
    data = archive([one(name, content) for name, content in wanted], FORMS[form])
    assert parts(data) == wanted
    assert not wanted or recognised(FORMAT, data) is Match.CERTAIN
    assert facts(FORMAT, data, Fact) == []


def test_reads_a_long_name_of_ustar() -> None:
    name = "/".join(["folder"] * 20) + "/file"
    assert parts(archive([one(name, b"content")], tarfile.USTAR_FORMAT)) == [(name, b"content")]


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_odd_members_are_facts(form: int) -> None:
    data = archive(
        [
            one("../up", b"content"),
            one("ln", type=tarfile.SYMTYPE, linkname="/etc/" + "x" * 90),
            one("hard", type=tarfile.LNKTYPE, linkname="../other"),
            one("dev", type=tarfile.CHRTYPE),
            one("pipe", type=tarfile.FIFOTYPE),
            one("folder", type=tarfile.DIRTYPE),
        ],
        form,
    )
    found = [(m.name, m.kind, m.target) for m in facts(FORMAT, data, Member)]
    assert found == [
        ("../up", Kind.FILE, ""),
        ("ln", Kind.SYMLINK, "/etc/" + "x" * 90),
        ("hard", Kind.HARDLINK, "../other"),
        ("dev", Kind.OTHER, ""),
        ("pipe", Kind.OTHER, ""),
    ]
    assert parts(data) == [("../up", b"content")]


def test_reads_sizes_in_base_256() -> None:
    data = header(b"a", b"\x80" + bytes(10) + b"\x03") + b"abc".ljust(512, b"\0") + bytes(1024)
    assert parts(data) == [("a", b"abc")]


@pytest.mark.parametrize("size", [b"\xff" * 12, b"99999999", b"-1"], ids=["negative", "8", "sign"])
def test_refuses_sizes_that_are_no_numbers(size: bytes) -> None:
    with pytest.raises(Malformed, match="size at byte 124"):
        read(FORMAT, header(b"a", size) + bytes(1024))


def test_a_member_that_leaves_the_file_is_read_as_far_as_it_goes() -> None:
    data = header(b"a.pkl", b"77777777777") + ATTACK
    (unread,) = facts(FORMAT, data, Unread)
    assert unread.reason is Reason.MALFORMED
    assert parts(data) == [("a.pkl", ATTACK)]


def test_a_sparse_member_without_a_map_is_unread() -> None:
    data = archive([one("a", b"abc", pax_headers={"GNU.sparse.major": "1"})])
    (unread,) = facts(FORMAT, data, Unread)
    assert unread.reason is Reason.UNSUPPORTED
    assert parts(data) == [("a", b"abc")]


def test_skips_the_map_of_a_sparse_member() -> None:
    first = header(b"a", b"3", b"S")
    first = signed(first[:482] + b"\1" + first[483:])
    more = bytes(504) + b"\1" + bytes(7) + bytes(512)
    data = first + more + b"abc".ljust(512, b"\0") + bytes(1024)
    assert parts(data) == [("a", b""), ("(bytes of no run)", b"abc")]


def test_a_length_that_only_pax_gives_is_a_conflict() -> None:
    """Readers without pax find other members: CVE-2025-62518."""
    record = b"11 size=22\n"
    data = header(b"pax", b"%o" % len(record), b"x") + record.ljust(512, b"\0")
    data += header(b"a.pkl", b"0") + ATTACK.ljust(512, b"\0") + bytes(1024)
    (conflict,) = facts(FORMAT, data, Conflict)
    assert conflict.detail == "'a.pkl': 22 bytes in its pax header, 0 in its plain one"
    assert parts(data) == [("a.pkl", ATTACK.ljust(22, b"\0"))]


@pytest.mark.parametrize("record", [b"99 path=x\n", b"5 path=x\n", b"path=x\n", b"0 path=x\n"])
def test_refuses_pax_records_that_lie(record: bytes) -> None:
    data = header(b"pax", b"%o" % len(record), b"x") + record.ljust(512, b"\0") + bytes(1024)
    with pytest.raises(Malformed, match="pax record"):
        read(FORMAT, data)


def test_refuses_extension_headers_without_measure() -> None:
    with pytest.raises(Malformed, match="extension header"):
        read(FORMAT, header(b"pax", b"%o" % (2 << 20), b"x") + bytes(2 << 20))


def test_a_global_record_counts_for_all_that_follow() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", pax_headers={"path": "g"}) as opened:
        opened.addfile(tarfile.TarInfo("a"))
    assert [name for name, _ in parts(out.getvalue())] == ["g"]


def test_content_of_a_link_is_read_if_no_header_stands_there() -> None:
    data = header(b"ln", b"25", b"1") + ATTACK.ljust(512, b"\0") + bytes(1024)
    assert [content for _, content in parts(data)] == [ATTACK]


def test_bytes_after_the_end_are_unclaimed_and_read() -> None:
    first, second = archive([one("a", b"x")]), archive([one("b.pkl", ATTACK)])
    data = first + second
    assert facts(FORMAT, data, Unclaimed) == [Unclaimed(at=Span(len(first), len(second)))]
    found = dissect(BytesSource(data), ("a.tar",), Budget(Limits()))
    assert [f for each in found.walk() for f in each.facts if isinstance(f, Import)]


def test_a_broken_header_stops_the_reading_but_not_the_looking() -> None:
    data = header(b"a", b"0") + ATTACK.ljust(1024, b"\0")
    found = dissect(BytesSource(data), ("a.tar",), Budget(Limits()))
    assert not found.is_complete
    assert [f for each in found.walk() for f in each.facts if isinstance(f, Import)]


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_damage_is_refused_as_it_should_be(form: int) -> None:
    is_short = form == tarfile.USTAR_FORMAT
    members = [
        one("a/" * 60 + "n", ATTACK),
        one("ln", type=tarfile.SYMTYPE, linkname="t" * (9 if is_short else 120)),
        one("b", b"x" * 700),
    ]
    damage(FORMAT, archive(members, form))


def test_other_files_are_no_archives() -> None:
    for data in (b"", bytes(2048), b"text " * 200, b"\xff" * 1024):
        assert recognised(FORMAT, data) is Match.NO


def block(content: bytes) -> bytes:
    return content.ljust(-(-len(content) // 512) * 512, b"\0")


def summed(head: bytes, checksum: bytes) -> bytes:
    """Return the header with its checksum in another spelling; ``%d`` in it stands for the sum."""
    total = sum(head[:148] + b" " * 8 + head[156:512])
    text = total.to_bytes(8, "big") if checksum == b"wide" else checksum % total
    return (
        head[:148]
        + (b"\x80" + text[1:] if checksum == b"wide" else text.ljust(8, b"\0"))
        + head[156:]
    )


def pax(*records: bytes, kind: bytes = b"x") -> bytes:
    data = b"".join(b"%d %s\n" % (len(r) + 2 + len(str(len(r) + 4)), r) for r in records)
    return header(b"pax", b"%o" % len(data), kind) + block(data)


LAST = header(b"last.pkl", b"%o" % len(ATTACK)) + block(ATTACK)
INNER = header(b"in.pkl", b"%o" % len(ATTACK)) + block(ATTACK)
BIG = header(b"big", b"2000") + INNER  # 1024 bytes of content that look like a member
LAX = {
    "checksum in base 256": summed(LAST, b"wide"),
    "checksum with a prefix": summed(LAST, b"0o%o"),
    "checksum with a sign": summed(LAST, b"+%o"),
    "checksum with an underscore": summed(LAST, b"0_%o"),
    "size with a prefix": header(b"a", b"0o2000") + INNER + LAST,
    "size with a sign": header(b"a", b"+2000") + INNER + LAST,
    "size with an underscore": header(b"a", b"2_000") + INNER + LAST,
    "pax size with a sign": pax(b"size=+512") + header(b"a", b"0") + bytes(512) + LAST,
    "pax size with an underscore": pax(b"size=1_0") + header(b"a", b"0") + block(b"text") + LAST,
    "pax size that is no number": pax(b"size=abc") + header(b"a", b"2000") + LAST,
    "pax size that is empty": pax(b"size=") + header(b"a", b"2000") + LAST,
    "a negative size": pax(b"size=512") + header(b"a", b"-1") + INNER[:512] + LAST,
    "two pax sizes": pax(b"size=0") + pax(b"size=512") + header(b"a", b"0") + LAST,
    "a global size": pax(b"size=%d" % len(ATTACK), kind=b"g") + BIG + LAST,
    "a file named as a folder": header(b"a/", b"2000") + INNER + LAST,
}  # fmt: skip


@pytest.mark.parametrize("data", LAX.values(), ids=LAX)
def test_reads_what_tarfile_reads(data: bytes) -> None:
    data += bytes(1024)
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as oracle:
        members = [member for member in oracle if member.isreg()]
        wanted = [file.read() for member in members if (file := oracle.extractfile(member))]
    assert any(content.startswith(ATTACK) or ATTACK in content for content in wanted)
    found = [content for _, content in parts(data)]
    assert [content for content in wanted if content not in found] == []
    assert recognised(FORMAT, data) is Match.CERTAIN
    assert facts(FORMAT, data, Conflict)


def test_goes_on_where_other_readers_do() -> None:
    data = pax(b"size=1024") + header(b"a", b"0") + INNER + LAST + bytes(1024)
    assert [name for name, _ in parts(data)] == ["a", "(as other readers go on)", "last.pkl"]


def test_records_in_the_padding_of_a_pax_header_count() -> None:
    hidden = header(b"pax", b"13", b"x") + block(b"13 comment=x\n11 size=22\n")
    assert parts(hidden + header(b"a", b"0") + block(ATTACK))[0] == ("a", ATTACK.ljust(22, b"\0"))


@pytest.mark.parametrize(
    "broken",
    [header(b"a", b"8"), header(b"a", b"-1"), pax(b"size=-512") + header(b"a", b"0"),
     header(b"p", b"4", b"x") + block(b"lies")],
    ids=["size", "negative", "negative in pax", "record"],
)  # fmt: skip
def test_what_stands_behind_a_refused_header_is_looked_at(broken: bytes) -> None:
    found = dissect(BytesSource(broken + LAST), ("a.tar",), Budget(Limits()))
    assert not found.is_complete
    assert [f for each in found.walk() for f in each.facts if isinstance(f, Import)]


def test_many_members_are_read_fast() -> None:
    data = header(b"a", b"0") * 20_000
    began = time.process_time()
    assert len(read(FORMAT, data)) == 20_000
    assert time.process_time() - began < 20
