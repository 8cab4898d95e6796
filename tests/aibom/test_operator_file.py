"""What an operator names is read whole, or told in a sentence."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from aibom import operator_file
from aibom.errors import TargetError

if TYPE_CHECKING:
    from pathlib import Path


def test_reads_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    assert operator_file.read(tmp_path / "a", "policy") == b"x"


def test_says_what_is_not_there_or_no_file(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="a: the policy cannot be read: no such file"):
        operator_file.read(tmp_path / "a", "policy")
    with pytest.raises(TargetError, match="the policy is a folder, expected a regular file"):
        operator_file.read(tmp_path, "policy")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_waits_for_no_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a")
    with pytest.raises(TargetError, match="expected a regular file"):
        operator_file.read(tmp_path / "a", "policy")


def test_a_file_has_a_length(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operator_file, "MAX_FILE", 1 << 20)
    (tmp_path / "a").write_bytes(bytes((1 << 20) + 1))
    with pytest.raises(TargetError, match="the policy has more than 1 MiB"):
        operator_file.read(tmp_path / "a", "policy")
