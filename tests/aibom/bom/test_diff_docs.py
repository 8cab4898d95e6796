"""The table of grades in the documentation is the one that grades."""

from __future__ import annotations

from aibom.bom.diff_kinds import KINDS
from tests.helpers.checkout import ROOT


def test_the_documented_table_is_the_one_that_grades() -> None:
    rows = [f"| `{kind.id}` | {kind.grade.word} | {kind.why} |" for kind in KINDS.values()]
    documented = (ROOT / "docs" / "boms.md").read_text("utf-8").splitlines()
    assert [line for line in documented if line.startswith("| `")] == rows
