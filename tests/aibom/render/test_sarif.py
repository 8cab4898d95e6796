"""SARIF that code scanning takes whole: Microsoft's own validator has nothing against it."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aibom.render import renderer, sarif
from aibom.scanners.record import replace
from aibom.scanners.rule import Finding
from aibom.scanners.rules import RULES
from aibom.scanners.source import Span
from tests.helpers import npm
from tests.helpers.checkout import ROOT
from tests.helpers.outcomes import (
    HOSTILE,
    LICENCE,
    clean,
    everything,
    one_is_missing,
    outcome_of,
    remote_code,
    template,
    unread,
)
from tests.helpers.reports import report_of

if TYPE_CHECKING:
    from pathlib import Path

    from aibom.outcome import Outcome


def run_of(*outcomes: Outcome) -> dict[str, Any]:
    (run,) = json.loads(sarif.document(outcomes))["runs"]
    return dict(run)


@pytest.fixture(scope="module")
def multitool() -> Path:
    """Return Microsoft's validator."""
    modules = npm.installed(ROOT / "tests" / "node" / "sarif") / "node_modules" / "@microsoft"
    program = modules / f"sarif-multitool-{sys.platform}" / "Sarif.Multitool"
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


def test_the_rules_of_code_scanning_hold(multitool: Path, tmp_path: Path) -> None:
    every = replace(clean(), verdict=replace(clean().verdict, findings=_one_of_each_rule()))
    for name, outcomes in {
        "none": [clean()],
        "all": [everything(), outcome_of(report_of(remote_code("config.json")), "other")],
        "hostile": [everything(HOSTILE)],
        "rules": [every],
        "missing": one_is_missing(),
    }.items():
        (tmp_path / f"{name}.sarif").write_text(sarif.document(outcomes))
    done = subprocess.run(
        [multitool, "validate", "*.sarif", "--rule-kind", "Sarif;Ghas", "--output", "said.json"],
        cwd=tmp_path,
        env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "Done. 5 files scanned." in done.stdout, done.stdout + done.stderr
    said = json.loads((tmp_path / "said.json").read_text())
    assert [result for run in said["runs"] for result in run.get("results", [])] == []


def _one_of_each_rule() -> tuple[Any, ...]:
    return tuple(Finding(r.id, r.severity, "is so", ("a",), Span(0, 0)) for r in RULES)


def test_a_finding_has_its_place_inside_beside_the_file() -> None:
    (result,) = run_of(outcome_of(report_of(template("tokenizer.json"), LICENCE)))["results"]
    assert result["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "model/tokenizer.json"},
                "region": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 2},
            },
            "logicalLocations": [
                {
                    "name": "chat_template",
                    "fullyQualifiedName": "tokenizer.json › chat_template",
                    "kind": "member",
                }
            ],
        }
    ]


def test_a_finding_of_the_whole_is_told_of_the_card() -> None:
    report = report_of(remote_code("config.json"), replace(LICENCE, path=("README.md",)))
    whole = replace(report.findings[0], path=())
    (result,) = run_of(outcome_of(replace(report, findings=(whole,))))["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "model/README.md"


def test_bytes_are_told_of_a_file_and_not_of_its_parts() -> None:
    report = report_of(remote_code("config.json"), template("tokenizer.json"), LICENCE)
    findings = tuple(replace(found, at=Span(40, 2)) for found in report.findings)
    run = run_of(outcome_of(replace(report, findings=findings)))
    regions = [r["locations"][0]["physicalLocation"]["region"] for r in run["results"]]
    assert [region.get("byteOffset") for region in regions] == [None, 40]


def test_the_worst_come_first_and_what_is_left_out_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    levels = [result["level"] for result in run_of(everything())["results"]]
    assert levels == ["error", "error", "warning", "warning", "warning"]
    monkeypatch.setattr(sarif, "MAX_RESULTS", 3)
    run = run_of(everything())
    assert [result["level"] for result in run["results"]] == levels[:3]
    (unread_, left_out) = run["invocations"][0]["toolExecutionNotifications"]
    assert unread_["message"]["text"] == "2 things could not be read: the scan is incomplete"
    assert left_out["message"]["text"] == "2 more results of lower severity are left out"


def test_what_was_not_read_is_a_result_and_no_success() -> None:
    run = run_of(outcome_of(report_of(unread("cut.pkl"), LICENCE)))
    assert [result["ruleId"] for result in run["results"]] == ["not-read"]
    assert run["invocations"][0]["executionSuccessful"] is False
    assert "not-read" not in {rule.id for rule in RULES}


def test_a_waived_finding_is_suppressed_and_stays() -> None:
    waived = [r for r in run_of(everything())["results"] if "suppressions" in r]
    assert [(r["ruleId"], r["suppressions"]) for r in waived] == [
        (
            "remote-code",
            [
                {
                    "kind": "external",
                    "status": "accepted",
                    "justification": "read by us x (ml@example.org, until 2027-02-28)",
                }
            ],
        )
    ]


def test_a_finding_keeps_its_mark_when_bytes_move() -> None:
    def marks(start: int) -> list[str]:
        report = report_of(remote_code("config.json"), LICENCE)
        findings = tuple(replace(found, at=Span(start, 3)) for found in report.findings)
        run = run_of(outcome_of(replace(report, findings=findings)))
        return [r["partialFingerprints"]["primaryLocationLineHash"] for r in run["results"]]

    assert marks(4) == marks(4_000)
    assert len(marks(4)) == 1


@given(
    name=st.text(min_size=1).filter(lambda n: n.strip("./") == n and "\0" not in n and "/" not in n)
)
def test_every_name_becomes_an_address_that_leads_back(name: str) -> None:
    name = name.encode("utf-8", "replace").decode()
    (result,) = run_of(outcome_of(report_of(remote_code(name), LICENCE), "."))["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.isascii()
    assert unquote(uri) == os.path.normpath(name)


def test_files_elsewhere_are_named_in_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for path in ("../there", str(tmp_path / "there")):
        (result,) = run_of(outcome_of(report_of(remote_code("a b"), LICENCE), path))["results"]
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert uri == f"{(tmp_path / 'there').as_uri()}/a%20b"


def test_it_is_one_of_the_forms() -> None:
    assert renderer("sarif")([clean()]) == sarif.document([clean()])
