"""A program that calls the API wrongly hears so at once."""

from __future__ import annotations

import multiprocessing
import os
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

import aibom
from aibom.sandbox import DEFAULT_LIMITS
from aibom.scanners.record import replace
from aibom.waiver_edit import as_yaml
from tests.aibom.test_waiver import WAIVER
from tests.helpers.outcomes import clean

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "options", [{"jobs": -1}, {"algorithms": ("nope",)}], ids=["jobs", "algorithm"]
)
def test_a_number_or_algorithm_that_there_is_not(options: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no such"):
        aibom.scan_target(tmp_path, **options)


def test_a_severity_is_no_text() -> None:
    text: Any = "medium"
    with pytest.raises(TypeError, match=r"^fail_on is 'medium', expected one of aibom\.Severity"):
        aibom.Policy(fail_on=text)
    with pytest.raises(TypeError, match=r"^fail_on is 'medium'"):
        aibom.Policy(text)
    assert aibom.Policy(aibom.Severity.MEDIUM) == aibom.Policy(fail_on=aibom.Severity.MEDIUM)
    assert aibom.Policy(None).fail_on is None


def test_a_cache_is_for_the_limits_of_the_scan_and_lies_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "a.json").write_bytes(b"{}")
    few = aibom.Cache(tmp_path / "c", replace(DEFAULT_LIMITS, file_bytes=1))
    with pytest.raises(ValueError, match="made for other limits"):
        aibom.scan_target(tmp_path / "m", cache=few)
    with pytest.raises(aibom.AibomError, match="the cache lies in what is scanned"):
        aibom.scan_target(tmp_path, cache=aibom.Cache(str(tmp_path / "c")))


def test_a_form_that_there_is_not(tmp_path: Path) -> None:
    outcomes = [clean()]
    with pytest.raises(ValueError, match=r"no form 'pdf'; known are text, json"):
        aibom.write_outcomes(outcomes, {tmp_path / "a.json": "json", tmp_path / "a.pdf": "pdf"})
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match="no outcome"):
        aibom.render_outcomes([])


def test_files_that_are_not_there(tmp_path: Path) -> None:
    place = tmp_path / "x.yaml"
    for load in (
        lambda: aibom.load_policy(place),
        lambda: aibom.load_accepted(waivers=place),
        lambda: aibom.load_accepted(baseline=place),
        lambda: aibom.load_expectations(place, tmp_path / "m"),
        lambda: aibom.load_report(place),
    ):
        with pytest.raises(aibom.AibomError, match=r"x\.yaml: the .* cannot be read: no such file"):
            load()


def test_what_is_accepted_depends_on_policy_and_day(tmp_path: Path) -> None:
    waiver = replace(WAIVER, paths=("a",), fingerprint="ab" * 32, digest="cd" * 32)
    (tmp_path / "w").write_text(as_yaml([waiver]))
    day = waiver.expires
    assert aibom.load_accepted(waivers=tmp_path / "w", today=day).waivers == (waiver,)
    short = aibom.Policy(max_days=1)
    with pytest.raises(aibom.AibomError, match="which the policy forbids"):
        aibom.load_accepted(waivers=tmp_path / "w", policy=short, today=date(2026, 11, 1))


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
