"""Git LFS pointers."""

from __future__ import annotations

import pytest

from aibom.scanners.dissect import dissect
from aibom.scanners.facts import Reason, Reference, Refers, Unread
from aibom.scanners.format import Match
from aibom.scanners.formats.lfs import FORMAT
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.source import BytesSource, Malformed, Span
from tests.helpers.reading import damage, read, recognised

FIRST = b"version https://git-lfs.github.com/spec/v1\n"
OID = b"oid sha256:" + b"a1" * 32 + b"\n"
SIZE = b"size 12345\n"
POINTER = FIRST + OID + SIZE
AT = Span(0, len(POINTER))
FACTS = (
    Reference(at=AT, kind=Refers.LFS, key="oid", target="sha256:" + "a1" * 32),
    Unread(
        at=AT,
        reason=Reason.ABSENT,
        detail="a Git LFS pointer stands in place of 12345 bytes; fetch the file with git lfs pull",
    ),
)


@pytest.mark.parametrize("name", ["model.safetensors", "m.gguf", "m.onnx", "m.pkl", "config.json"])
def test_says_that_the_weights_are_absent_and_nothing_else(name: str) -> None:
    artifact = dissect(BytesSource(POINTER), (name,), Budget(Limits()))
    assert (artifact.formats, artifact.facts) == (("git-lfs-pointer",), FACTS)
    assert not artifact.is_complete


def test_reads_lines_in_any_order_and_of_any_system() -> None:
    data = FIRST.replace(b"\n", b"\r\n") + b"ext-0-foo sha256:00\r\nsize 7\r\noid md5:0f\r\n"
    reference, unread = read(FORMAT, data)
    assert isinstance(reference, Reference)
    assert reference.target == "md5:0f"
    assert isinstance(unread, Unread)
    assert "in place of 7 bytes" in unread.detail


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (FIRST + SIZE, "no oid or no size"),
        (FIRST + OID, "no oid or no size"),
        (POINTER + bytes(2000), "a pointer is shorter than 1024"),
    ],
    ids=["no oid", "no size", "too long"],
)
def test_refuses_what_points_to_nothing(data: bytes, why: str) -> None:
    assert recognised(FORMAT, data) is Match.CERTAIN
    with pytest.raises(Malformed, match=why):
        read(FORMAT, data)


def test_refuses_every_shorter_file() -> None:
    whole = POINTER
    for length in range(len(FIRST + OID + b"size ")):
        with pytest.raises(Malformed):
            read(FORMAT, whole[:length])


def test_tells_by_the_first_line() -> None:
    assert recognised(FORMAT, b"version 1\n") is Match.NO


def test_survives_damage() -> None:
    damage(FORMAT, POINTER)
