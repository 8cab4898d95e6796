"""Judge a report by a policy: may the target be used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import Exit
from .scanners.record import record
from .scanners.rule import Severity

if TYPE_CHECKING:
    from .report import Report
    from .scanners.rule import Finding
    from .waiver import Waived


@record
class Policy:
    """What must hold for a target to pass."""

    fail_on: Severity | None = Severity.HIGH  # findings at or above it fail; None: none does

    def apply(self, report: Report) -> Verdict:
        """Return what this policy says of `report`."""
        level = self.fail_on
        failing = sum(level is not None and found.severity >= level for found in report.findings)
        code = Exit.FINDINGS if failing else Exit.OK if report.is_complete else Exit.INCOMPLETE
        return Verdict(code, level, failing, len(report.unread))


@record
class Verdict:
    """The outcome of a policy. Findings win over incompleteness: a known danger comes first."""

    exit_code: Exit
    fail_on: Severity | None
    failing: int  # findings at or above the threshold
    unread: int  # things that were not read
    waived: tuple[Waived, ...] = ()  # findings of the report that do not count
    added: tuple[Finding, ...] = ()  # findings of the policy itself, worst last

    @property
    def passed(self) -> bool:
        """Whether the policy is met."""
        return self.exit_code is Exit.OK

    def as_dict(self) -> dict[str, Any]:
        """Return the verdict as JSON-shaped values."""
        outcome = {Exit.OK: "pass", Exit.FINDINGS: "fail", Exit.INCOMPLETE: "incomplete"}
        return {
            "outcome": outcome[self.exit_code],
            "fail_on": "never" if self.fail_on is None else self.fail_on.name.lower(),
            "failing": self.failing,
            "exit_code": int(self.exit_code),
        }
