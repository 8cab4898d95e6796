"""A program that calls the API wrongly hears so at once."""

from __future__ import annotations

import multiprocessing
import os
from typing import TYPE_CHECKING, Any

import pytest

import aibom

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "options", [{"jobs": -1}, {"algorithms": ("nope",)}], ids=["jobs", "algorithm"]
)
def test_a_number_or_algorithm_that_there_is_not(options: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no such"):
        aibom.scan_target(tmp_path, **options)


def test_a_path_may_be_bytes(tmp_path: Path) -> None:
    (tmp_path / "m.txt").write_bytes(b"x")
    report = aibom.scan_target(os.fsencode(tmp_path))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    assert [artifact.path for artifact in report.artifacts] == [("m.txt",)]


def test_worker_processes_hand_reports_back(tmp_path: Path) -> None:
    (tmp_path / "m.pkl").write_bytes(b"cos\nsystem\n(S'x'\ntR.")
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        (report,) = pool.map(aibom.scan_target, [str(tmp_path)])
    assert report == aibom.scan_target(tmp_path)
    assert report.findings
