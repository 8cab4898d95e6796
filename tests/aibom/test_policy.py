"""From a report to an exit code."""

import pytest

from aibom.errors import Exit
from aibom.policy import Policy
from aibom.scanners.artifact import Artifact
from aibom.scanners.facts import Reason, Unread
from aibom.scanners.record import replace
from aibom.scanners.rule import Finding, Severity
from aibom.scanners.source import Span
from tests.helpers.reports import report_of

CLEAN = Artifact(("a",), 1)
HALF_READ = Artifact(("b",), 1, facts=(Unread(reason=Reason.MALFORMED, detail="x"),))


@pytest.mark.parametrize(
    ("severity", "threshold", "code"),
    [
        (Severity.CRITICAL, Severity.HIGH, Exit.FINDINGS),
        (Severity.HIGH, Severity.HIGH, Exit.FINDINGS),
        (Severity.MEDIUM, Severity.HIGH, Exit.OK),
        (Severity.INFO, Severity.INFO, Exit.FINDINGS),
        (Severity.CRITICAL, None, Exit.OK),
        (None, Severity.INFO, Exit.OK),
    ],
)
def test_the_threshold_decides(
    severity: Severity | None, threshold: Severity | None, code: Exit
) -> None:
    findings = () if severity is None else (Finding("x", severity, "x", ("a",), Span(0, 0)),)
    report = replace(report_of(CLEAN), findings=findings)
    assert Policy(threshold).apply(report).exit_code is code


def test_what_was_not_read_is_never_clean() -> None:
    verdict = Policy().apply(report_of(CLEAN, HALF_READ))
    assert verdict.as_dict() == {
        "outcome": "incomplete",
        "fail_on": "high",
        "failing": 0,
        "exit_code": 3,
    }


def test_findings_win_over_incompleteness() -> None:
    finding = Finding("x", Severity.HIGH, "x", ("a",), Span(0, 0))
    report = replace(report_of(HALF_READ), findings=(finding,))
    assert Policy().apply(report).exit_code is Exit.FINDINGS
