"""Path files are told from checkpoints, and every line that Python would run is a fact."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aibom.scanners.dissect import dissect
from aibom.scanners.facts import Metadata, Reason, Unread
from aibom.scanners.formats.python_pth import LONGEST
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.source import BytesSource, Span

if TYPE_CHECKING:
    from aibom.scanners.artifact import Artifact


def read(data: bytes, name: str = "x.pth") -> Artifact:
    return dissect(BytesSource(data), (name,), Budget(Limits()))


def lines(artifact: Artifact) -> list[tuple[int, str]]:
    facts = (f for f in artifact.facts if isinstance(f, Metadata) and f.key == "python-startup")
    return [(fact.at.start, fact.value) for fact in facts]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"import os; os.system('true')\n", [(0, "import os; os.system('true')")]),
        (b"lib\nimport\tx", [(4, "import\tx")]),
        (b"\xef\xbb\xbfimport x\r\n./y\r\nimport z", [(3, "import x"), (18, "import z")]),
        (b"import \xff\n", [(0, "import \\xff")]),
    ],
    ids=["one line", "after a folder", "marked, with CR", "no UTF-8"],
)
def test_lines_that_python_runs_are_facts(data: bytes, expected: list[tuple[int, str]]) -> None:
    artifact = read(data)
    assert artifact.formats == ("python-pth",)
    assert lines(artifact) == expected


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"./lib\n../other\n", "x.pth"),
        (b" import x\n", "x.pth"),
        (b"importlib\n", "x.pth"),
        (b"import x\n", "x.py"),
        (b"import x\n\0", "x.pth"),
        (b"", "x.pth"),
    ],
    ids=["folders", "indented", "a longer word", "another name", "no text", "empty"],
)
def test_what_python_does_not_run_is_no_path_file(data: bytes, name: str) -> None:
    assert "python-pth" not in read(data, name).formats


def test_what_lies_beyond_the_longest_is_not_read_and_said() -> None:
    artifact = read(b"import x\n" + b"a" * LONGEST)
    assert lines(artifact) == [(0, "import x")]
    (unread,) = [fact for fact in artifact.facts if isinstance(fact, Unread)]
    assert unread == Unread(
        at=Span(0, 0),
        reason=Reason.LIMIT,
        detail=f"a path file of {LONGEST + 9} bytes: more than the limit document = {LONGEST}",
    )
