"""Which files Git LFS keeps."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from aibom.scanners.facts import Metadata
from aibom.scanners.format import Match
from aibom.scanners.formats.git_attributes import FORMAT
from aibom.scanners.limits import Exceeded, Limits
from aibom.scanners.source import Span
from tests.helpers.reading import damage, read, recognised

if TYPE_CHECKING:
    from pathlib import Path

NAME = ".gitattributes"
LINES = (
    b"*.safetensors filter=lfs diff=lfs merge=lfs -text\n"
    b"# *.h5 filter=lfs\n"
    b"*.py text\n"
    b"\n"
    b'  "a b.bin"\tfilter=lfs\r\n'
    b"*.txt xfilter=lfs\n"
    b"last filter=lfs"
)


def test_states_each_pattern_that_git_lfs_keeps() -> None:
    assert read(FORMAT, LINES, NAME) == [
        Metadata(at=Span(0, 50), key="git-lfs", value="*.safetensors"),
        Metadata(at=Span(79, 24), key="git-lfs", value='"a b.bin"'),
        Metadata(at=Span(121, 15), key="git-lfs", value="last"),
    ]


def test_git_reads_the_lines_alike(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(LINES)
    names = ["m.safetensors", "m.h5", "m.py", "a b.bin", "m.txt", "last"]
    subprocess.run(["git", "init", "-q", tmp_path], check=True)  # noqa: S607 - git of the machine
    asked = ["git", "-C", str(tmp_path), "check-attr", "filter", "--", *names]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    kept = [line.split(": ")[0] for line in done.stdout.splitlines() if line.endswith(": lfs")]
    assert kept == ["m.safetensors", "a b.bin", "last"]


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (LINES, NAME, Match.CERTAIN),
        (b"", NAME, Match.CERTAIN),
        (LINES, "attributes", Match.NO),
        (b"\0" + LINES, NAME, Match.NO),
    ],
    ids=["attributes", "empty", "another name", "no text"],
)
def test_tells_them_by_name(data: bytes, name: str, expected: Match) -> None:
    assert recognised(FORMAT, data, name) is expected


def test_a_document_may_not_be_too_long() -> None:
    with pytest.raises(Exceeded):
        read(FORMAT, LINES, NAME, Limits(text=8))
    with pytest.raises(Exceeded):
        read(FORMAT, LINES * 10_000, NAME)


def test_survives_damage() -> None:
    damage(FORMAT, LINES, name=NAME)
