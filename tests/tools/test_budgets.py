"""The size budgets say what is over, where, and what is allowed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tools.budgets import main, overruns

if TYPE_CHECKING:
    from pathlib import Path

LONG_FILE = "pass\n" * 401
LONG_FUNCTION = "def slow():\n" + "    pass\n" * 60
DECORATED_FUNCTION = "@decorator\n" * 2 + "async def slow():\n" + "    pass\n" * 58
SHORT_FUNCTIONS = "def quick():\n    pass\n" * 2


def tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({}, [], id="nothing there"),
        pytest.param({"scanners/a.py": "pass\n" * 120}, [], id="a file of the median"),
        pytest.param(
            {"scanners/a.py": LONG_FILE, "aibom/b.py": "", "aibom/c.py": ""},
            ["scanners/a.py: file of 401 lines, the budget is 400"],
            id="a file over",
        ),
        pytest.param(
            {"scanners/a.py": "pass\n" * 121},
            ["the median file has 121 lines, the budget is 120"],
            id="a median file over",
        ),
        pytest.param(
            {"signatures/a.py": LONG_FUNCTION + SHORT_FUNCTIONS},
            ["signatures/a.py:1 slow: function of 61 lines, the budget is 60"],
            id="a function over",
        ),
        pytest.param(
            {"signatures/a.py": DECORATED_FUNCTION + SHORT_FUNCTIONS},
            ["signatures/a.py:3 slow: function of 61 lines, the budget is 60"],
            id="a function counts from its decorator",
        ),
        pytest.param(
            {"aibom/a.py": "class A:\n    def f(self):\n" + "        pass\n" * 10},
            ["the median function has 11 lines, the budget is 10"],
            id="a median method over",
        ),
        pytest.param({"tests/a.py": LONG_FUNCTION}, [], id="a test's function is free"),
        pytest.param(
            {"tests/a.py": LONG_FILE},
            ["tests/a.py: file of 401 lines, the budget is 400"],
            id="a test's file is not",
        ),
        pytest.param({"docs/a.py": LONG_FILE}, [], id="other folders"),
    ],
)
def test_names_each_overrun(tmp_path: Path, files: dict[str, str], expected: list[str]) -> None:
    assert list(overruns(tree(tmp_path, files))) == expected


@pytest.mark.skipif(sys.platform == "win32", reason="making a link needs a privilege there")
def test_counts_a_linked_folder_once(tmp_path: Path) -> None:
    tree(
        tmp_path,
        {"scanners/a.py": LONG_FILE, "scanners/b.py": "", "scanners/c.py": "", "aibom/d.py": ""},
    )
    (tmp_path / "aibom/scanners").symlink_to("../scanners")
    assert list(overruns(tmp_path)) == ["scanners/a.py: file of 401 lines, the budget is 400"]


def test_exits_1_and_prints_what_is_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tree(tmp_path, {"tests/a.py": LONG_FILE}))]) == 1
    assert capsys.readouterr().out == "tests/a.py: file of 401 lines, the budget is 400\n"


def test_exits_0_when_all_are_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 0
    assert capsys.readouterr().out == "size budgets: kept\n"
