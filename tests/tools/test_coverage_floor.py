"""A coverage floor counts lines and branches of one package, and names the files with a miss."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tools.coverage_floor import Coverage, main, measured

if TYPE_CHECKING:
    from pathlib import Path


def summary(lines: tuple[int, int], branches: tuple[int, int]) -> dict[str, dict[str, int]]:
    counts = (*lines, *branches)
    names = ("covered_lines", "num_statements", "covered_branches", "num_branches")
    return {"summary": dict(zip(names, counts, strict=True))}


FILES = {
    "aibom/cli.py": summary((1, 2), (0, 0)),
    "scanners/pickles/decode.py": summary((10, 10), (3, 4)),
    "scanners/pickles_other.py": summary((0, 5), (0, 0)),
    "signatures\\dsse.py": summary((7, 7), (2, 2)),
}


def report(tmp_path: Path, *, branches: bool = True) -> Path:
    path = tmp_path / "coverage.json"
    path.write_text(json.dumps({"meta": {"branch_coverage": branches}, "files": FILES}))
    return path


@pytest.mark.parametrize(
    "expected",
    [
        Coverage("aibom.signatures", 9, 9, ()),
        Coverage("aibom.scanners.pickles", 13, 14, ("aibom/scanners/pickles/decode.py: 13/14",)),
        Coverage(
            "aibom",
            23,
            30,
            (
                "aibom/cli.py: 1/2",
                "aibom/scanners/pickles/decode.py: 13/14",
                "aibom/scanners/pickles_other.py: 0/5",
            ),
        ),
    ],
    ids=["slashes of Windows", "a linked package", "all"],
)
def test_counts_a_package_and_all_below_it(tmp_path: Path, expected: Coverage) -> None:
    assert measured(report(tmp_path), expected.package) == expected


def test_a_package_with_nothing_to_run_is_covered() -> None:
    assert Coverage("aibom.empty", 0, 0, ()).percent == 100.0


def test_refuses_a_package_that_was_not_measured(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match=r"no file of aibom\.policy was measured"):
        measured(report(tmp_path), "aibom.policy")


def test_refuses_a_report_without_branches(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="measured without branches"):
        measured(report(tmp_path, branches=False), "aibom")


def test_exits_1_below_a_floor_and_names_the_gaps(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(report(tmp_path)), "aibom.signatures=100", "aibom.scanners.pickles=95"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "coverage of aibom.signatures: 100.00 %, the floor is 100 %",
        "coverage of aibom.scanners.pickles: 92.86 %, the floor is 95 %",
        "  aibom/scanners/pickles/decode.py: 13/14",
    ]


def test_exits_0_at_the_floor(tmp_path: Path) -> None:
    assert main([str(report(tmp_path)), "aibom.signatures=100"]) == 0
