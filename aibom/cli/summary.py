"""What `bom` and `attest` say about the scan that they made on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..outcome import prefix
from ..render import text
from ..render.words import not_here

if TYPE_CHECKING:
    from ..policy import Verdict
    from ..report import Report
    from .console import Console


def tell(console: Console, path: str, report: Report, verdict: Verdict) -> None:
    """Show the scan on standard error; all of it if anything was found or not read.

    Who wants no notes is told of a verdict that fails, and of nothing else.
    """
    if console.is_quiet and verdict.passed:
        return
    is_short = console.is_quiet or (not report.findings and verdict.passed)
    screen = text.render(report, verdict, prefix=prefix(path, report), quiet=is_short)
    console.tell(screen.rstrip("\n"))
    tell_not_here(console, verdict)


def tell_not_here(console: Console, verdict: Verdict) -> None:
    """Name the waivers that are about files that were not scanned: of another model, or gone."""
    if verdict.not_here:
        console.note(f"note: {not_here(verdict)}")
