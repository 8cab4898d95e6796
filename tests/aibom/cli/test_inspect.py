"""`aibom inspect` as a user runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.hostile import calling_pickle, torch_zip
from tests.helpers.command import aibom

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    path = tmp_path / "checkpoint.pt"
    path.write_bytes(torch_zip(calling_pickle("posix", "system")))
    return path


def test_lists_what_loading_would_do_and_judges_nothing(checkpoint: Path) -> None:
    ended = aibom("inspect", "checkpoint.pt", cwd=checkpoint.parent)
    assert (ended.code, ended.err) == (0, "")
    lines = [line.strip() for line in ended.out.splitlines()]
    assert lines[0].startswith("checkpoint.pt  ")
    assert any(line.endswith("REDUCE calls posix.system('echo pwned')") for line in lines)
    assert "critical" not in ended.out


def test_what_was_not_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "cut.gguf").write_bytes(b"GGUF\x03")
    ended = aibom("inspect", tmp_path / "cut.gguf")
    assert ended.code == 3
    assert "not read (1)" in ended.out


@pytest.mark.parametrize("option", ["--all", "--no-isolation", "--require-lock"])
def test_takes_the_options_of_reading(checkpoint: Path, option: str) -> None:
    ended = aibom("inspect", option, checkpoint)
    assert ended.code == 0
    assert "posix.system('echo pwned')" in ended.out


def test_a_file_that_is_not_there_is_named() -> None:
    ended = aibom("inspect", "nowhere.pkl")
    assert (ended.code, ended.out) == (2, "")
    assert "nowhere.pkl: no such file" in ended.err


def test_has_help() -> None:
    assert aibom("inspect", "--help").out.startswith("Usage: aibom inspect")
