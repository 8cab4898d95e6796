"""Archives whose members share bytes: their length bounds what they cost, not the clock."""

from __future__ import annotations

import io
import struct
import tarfile
import time
import zipfile

from aibom.scanners.dissect import dissect
from aibom.scanners.facts import Conflict, Import, Reason, Unread
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.source import BytesSource
from tests.helpers.reading import LIMITS
from tests.helpers.zips import archive, dissected, every_fact

ATTACK = b"cos\nsystem\n(S'id'\ntR."
LONG = b"K\x01" * 400_000 + b"."  # a pickle that takes a while to read


def sharing(content: bytes, times: int, *, step: int = 0) -> bytes:
    """Return a zip of `times` members on the same stored bytes, each `step` further on."""
    one = archive({"a.pkl": content})
    at = one.rindex(b"PK\x01\x02")
    record = bytearray(one[at : one.rindex(b"PK\x05\x06")])
    directory = b""
    for number in range(times):
        record[20:28] = struct.pack("<2I", *[len(content) - number * step] * 2)
        name = b"%05d" % number
        record[46 : 46 + len(name)] = name
        directory += record
    end = struct.pack("<4H2IH", 0, 0, times, times, len(directory), at, 0)
    return one[:at] + directory + b"PK\x05\x06" + end


def test_members_on_the_same_bytes_end_with_the_work() -> None:
    began = time.process_time()
    found = dissected(sharing(LONG, 5000))
    assert time.process_time() - began < 60  # seconds; each of 5000 takes a good part of one
    (unread,) = [f for f in every_fact(found) if isinstance(f, Unread)]
    assert unread.reason is Reason.LIMIT
    assert unread.detail.startswith("bytes that several members claim: more than the limit shared")
    assert [f for f in every_fact(found) if isinstance(f, Conflict)]


def test_members_on_nearly_the_same_bytes_end_with_the_work() -> None:
    began = time.process_time()
    found = dissected(sharing(LONG, 5000, step=3))
    assert time.process_time() - began < 60
    assert not found.is_complete


def test_a_few_small_members_on_the_same_bytes_are_all_read() -> None:
    found = dissected(sharing(ATTACK, 50))
    assert found.is_complete
    read = {each.path[1] for each in found.parts if any(isinstance(f, Import) for f in each.facts)}
    assert read == {"a.pkl", *(f"{number:05}" for number in range(50))}


def test_archives_in_such_archives_do_not_multiply_it() -> None:
    data = sharing(LONG, 20)
    for _ in range(5):
        data = sharing(data, 20)
    began = time.process_time()
    found = dissected(data)
    assert time.process_time() - began < 100
    assert not found.is_complete


def test_honest_archives_share_nothing() -> None:
    members = {str(number): LONG[-50_001:] for number in range(200)}
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        assert dissected(archive(members, method)).is_complete


def test_a_tar_of_two_readings_at_every_header_ends_with_the_work() -> None:
    """Readers that take other sizes find other members, behind each header: a tree without end."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as opened:
        for number in range(400):
            member = tarfile.TarInfo(f"{number}")
            member.pax_headers = {"size": "512"}
            member.size = 512
            opened.addfile(member, io.BytesIO(bytes(512)))
    data = bytearray(out.getvalue())
    for at in range(0, len(data), 512):
        if data.startswith(b"ustar", at + 257) and data.startswith(b"0", at + 156):
            data[at + 124 : at + 136] = b"00000000000\0"
            data[at + 148 : at + 156] = b" " * 8
            data[at + 148 : at + 156] = b"%06o\0 " % sum(data[at : at + 512])
    began = time.process_time()
    found = dissect(BytesSource(bytes(data)), ("a.tar",), Budget(LIMITS))
    assert time.process_time() - began < 60
    assert found.path == ("a.tar",)


def test_a_larger_limit_of_time_changes_nothing() -> None:
    data = sharing(LONG, 50)
    assert dissected(data, limits=Limits(seconds=3000)) == dissected(data)
