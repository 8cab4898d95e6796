"""`aibom doctor` as users meet it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from aibom.version import VERSION
from tests.helpers.command import aibom

if TYPE_CHECKING:
    from pathlib import Path


def test_each_check_is_a_line_with_its_state(tmp_path: Path) -> None:
    ended = aibom("doctor", cwd=tmp_path)
    lines = ended.out.splitlines()
    assert (ended.code, ended.err) == (0, "")
    assert lines[0] == f"ok       aibom            {VERSION}"
    assert re.fullmatch(r"ok       rules            sha256:[0-9a-f]{64}", lines[1])
    wrong = [line for line in lines if not re.match(r"(ok|note|missing|broken) +\S| +-> ", line)]
    assert wrong == []


def test_what_helps_is_told_and_the_exit_code_says_that_something_is_broken(tmp_path: Path) -> None:
    (tmp_path / "aibom.toml").write_text("x\x1b[2J = 1")
    ended = aibom("doctor", cwd=tmp_path)
    assert ended.code == 2
    assert "broken   settings" in ended.out
    assert "-> mend it, or name another with --config" in ended.out
    assert "\x1b" not in ended.out


def test_programs_get_json(tmp_path: Path) -> None:
    (tmp_path / "aibom.toml").write_text("jobs = 1")
    ended = aibom("doctor", ".", "--format", "json", cwd=tmp_path)
    document = json.loads(ended.out)
    assert (ended.code, document["schema_version"], document["exit_code"]) == (0, 1, 0)
    (settings,) = (check for check in document["checks"] if check["name"] == "settings")
    assert settings == {
        "name": "settings",
        "state": "note",
        "detail": "aibom.toml lies in what is scanned, so it is not obeyed",
        "do": "--config aibom.toml, if it is yours",
    }
