"""One scanned target, and all that a renderer may say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .folder import readable
from .scanners.record import record

if TYPE_CHECKING:
    from .policy import Verdict
    from .report import Report
    from .scanners.rule import Finding


@record
class Outcome:
    """A report and what the policy says of it."""

    path: str  # of the target, as the user gave it
    report: Report
    verdict: Verdict

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What counts, worst last: what nobody waived, and what the policy found."""
        return self.verdict.findings

    @property
    def prefix(self) -> str:
        """What leads from where the user stands to the names in the report."""
        return prefix(self.path, self.report)


def prefix(path: str, report: Report) -> str:
    """Return what leads from where the user stands to the names in `report`; to be escaped."""
    shown = readable(path).rstrip("/")
    if report.is_folder:
        return "" if shown in {"", "."} else f"{shown}/"
    return shown[: -len(report.name)] if shown.endswith(report.name) else ""
