"""The policy that judged, and what is waived, stand in the BOM; nothing else of it changes."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from aibom.attest import bom_of
from aibom.policy import Policy
from aibom.sandbox import without_isolation
from aibom.scan import scan_target
from aibom.waiver import Accepted, Waiver, baseline_of
from fixtures.hostile import calling_pickle

if TYPE_CHECKING:
    from pathlib import Path

    from aibom.report import Report

POLICY = Policy(may_waive_danger=True, name="release", digest="a" * 64)
RULE = "pickle-spawns-process"


@pytest.fixture
def report(tmp_path: Path) -> Report:
    (tmp_path / "evil").mkdir()
    (tmp_path / "evil" / "model.pkl").write_bytes(calling_pickle("posix", "system"))
    return scan_target(tmp_path / "evil", sandbox=without_isolation())


def written(report: Report, policy: Policy, accepted: Accepted | None = None) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(
        bom_of(report, None, None, verdict=policy.apply(report, accepted))
    )
    return document


def of_rule(document: dict[str, Any]) -> dict[str, Any]:
    (found,) = [each for each in document["vulnerabilities"] if each["id"] == RULE]
    of_it: dict[str, Any] = found
    return of_it


def told(holder: dict[str, Any], kind: str) -> dict[str, str]:
    prefix = f"aibom:{kind}:"
    return {
        each["name"].removeprefix(prefix): each["value"]
        for each in holder["properties"]
        if each["name"].startswith(prefix)
    }


def test_names_the_policy_and_its_digest(report: Report) -> None:
    (tool,) = written(report, POLICY)["metadata"]["tools"]["components"]
    assert told(tool, "policy") == {"name": "release", "sha256": "a" * 64}


def test_says_nothing_of_the_default_policy(report: Report) -> None:
    plain = json.loads(bom_of(report, None, None))
    assert written(report, Policy()) == plain


def test_says_who_waives_a_finding_and_why_and_until_when(report: Report) -> None:
    waiver = Waiver(RULE, "we read it", "ml@example.org", date(2026, 12, 31))
    found = of_rule(written(report, POLICY, Accepted((waiver,), today=date(2026, 11, 1))))
    assert found["analysis"] == {
        "state": "in_triage",
        "response": ["will_not_fix"],
        "detail": "waived by ml@example.org until 2026-12-31: we read it",
    }
    assert told(found, "waiver") == {
        "owner": "ml@example.org",
        "reason": "we read it",
        "expires": "2026-12-31",
    }


def test_what_a_baseline_knows_does_not_end(report: Report) -> None:
    found = of_rule(written(report, POLICY, Accepted(baseline=baseline_of(report, Policy()))))
    reason = "it was there when the baseline was written"
    assert found["analysis"]["detail"] == f"waived by baseline: {reason}"
    assert told(found, "waiver") == {"owner": "baseline", "reason": reason}


def test_a_waiver_that_the_policy_refuses_is_none(report: Report) -> None:
    waiver = Waiver(RULE, "we read it", "ml@example.org", None)
    assert of_rule(written(report, Policy(), Accepted((waiver,))))["analysis"] == {
        "state": "in_triage"
    }
