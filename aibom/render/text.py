"""A report for a person at a terminal: findings worst last, what was not read, the verdict."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import click

from ..errors import Exit
from ..scanners.facts import Reference, Refers
from ..scanners.media_types import MODELS
from ..scanners.rule import Severity
from .escape import counted, place, safe, size
from .words import explained, judged, known_to_baseline, waived_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..outcome import Outcome
    from ..policy import Verdict
    from ..report import Report
    from ..scanners.artifact import Artifact
    from ..scanners.facts import Unread
    from ..scanners.rule import Finding
    from .words import Explained

COLOURS = {
    Severity.CRITICAL: "bright_red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
    Severity.INFO: "blue",
}
VERDICTS = {Exit.OK: "green", Exit.FINDINGS: "red", Exit.INCOMPLETE: "yellow"}
PLACES = 8  # of one rule that are shown; the JSON report has all
UNREAD = 12  # lines about what was not read
UNKNOWN = 6  # names of files that no format claimed


def document(outcomes: Sequence[Outcome]) -> str:
    """Return the screen without colours, for a file."""
    return click.unstyle(screen(outcomes))


def screen(outcomes: Sequence[Outcome], *, quiet: bool = False) -> str:
    """Return what a terminal shows of all outcomes, each under its path if there are several."""
    return "".join(
        (click.style(f"{safe(each.path)}\n", bold=True) if len(outcomes) > 1 else "")
        + render(each.report, each.verdict, prefix=each.prefix, quiet=quiet)
        for each in outcomes
    )


def render(report: Report, verdict: Verdict, *, prefix: str = "", quiet: bool = False) -> str:
    """Return the whole screen. `prefix` leads from where the user stands to the target."""
    prefix = safe(prefix)
    lines: list[str] = []
    if not quiet:
        told = [found for found in verdict.findings if found.severity > Severity.INFO]
        rules = explained({found.rule for found in told}, (verdict.policy,)) if told else {}
        alike: dict[tuple[Severity, str], list[Finding]] = {}
        for found in told:
            alike.setdefault((found.severity, found.rule), []).append(found)
        for (_, rule), group in alike.items():
            lines += [*_findings(group, rules[rule], prefix), ""]
        unread = list(_unread(report, prefix))
        lines += [*unread, ""] if unread else []
        lines += [*_waived(verdict, prefix), *_unknown(report, prefix)]
    lines += [_coverage(report), _verdict(verdict)]
    return "\n".join(lines) + "\n"


def _findings(findings: list[Finding], rule: Explained, prefix: str) -> Iterator[str]:
    """Yield one block for all findings of one rule."""
    level = findings[0].severity
    label = click.style(level.name.lower(), fg=COLOURS[level], bold=True)
    yield f"{label}[{rule.id}] {click.style(safe(rule.title), bold=True)}"
    for path, group in groupby(findings[:PLACES], key=lambda f: f.path):
        for finding in group:
            at = f", byte {finding.at.start}" if finding.at.length or finding.at.start else ""
            yield f"  --> {prefix}{place(path)}{at}" if path else "  --> the target as a whole"
            yield f"   |  {safe(finding.message)}"
    if len(findings) > PLACES:
        yield f"   |  … and {len(findings) - PLACES} more; `--format json` has all"
    yield f"   = why: {safe(rule.why)}"
    yield f"   = do:  {safe(rule.what)}"
    if rule.is_ours:
        yield f"   = see: aibom explain {rule.id}"


def _unread(report: Report, prefix: str) -> Iterator[str]:
    shown = report.unread[:UNREAD]
    for artifact, fact in shown:
        label = click.style("not read", fg="yellow", bold=True)
        yield f"{label} {prefix}{place(artifact.path)}: {_why(fact)}"
    if len(report.unread) > len(shown):
        yield f"  … and {len(report.unread) - len(shown)} more; `--format json` has all"


def _waived(verdict: Verdict, prefix: str) -> Iterator[str]:
    """Name what does not count, and who answers for it; the baseline in one line."""
    if not verdict.waived:
        return
    from ..waiver import BASELINE  # noqa: PLC0415 - imported already where anything is waived

    for finding, waiver in ((each.finding, each.waiver) for each in verdict.waived):
        if waiver.owner != BASELINE:
            label = click.style("waived", fg="blue", bold=True)
            at = f"{prefix}{place(finding.path)}" if finding.path else "the target as a whole"
            yield f"{label} {finding.severity.name.lower()}[{finding.rule}] {at}: " + safe(
                waived_by(waiver)
            )
    if verdict.known:
        yield f"{known_to_baseline(verdict)}, not shown"


def _unknown(report: Report, prefix: str) -> list[str]:
    """Name what no format claimed, in one line."""
    unknown = [each for each in report.artifacts if not each.formats and each.is_complete]
    if not unknown:
        return []
    names = (f"{prefix}{safe(each.path[0])}{_link(each)}" for each in unknown[:UNKNOWN])
    shown = ", ".join(names)
    more = f" and {len(unknown) - UNKNOWN} more" if len(unknown) > UNKNOWN else ""
    return [f"not a model format I know: {shown}{more}"]


def _link(artifact: Artifact) -> str:
    """Say of a symbolic link that it is one, and was not followed."""
    found = (f for f in artifact.facts if isinstance(f, Reference) and f.kind is Refers.LINK)
    return next((f" (a link to {safe(fact.target)})" for fact in found), "")


def _why(fact: Unread) -> str:
    at = f" (byte {fact.at.start})" if fact.at.start else ""
    return f"{safe(fact.detail)}{at} [{fact.reason}]"


def _coverage(report: Report) -> str:
    seen = report.coverage
    parts = [
        (seen.clean, "clean"),
        (seen.flagged, "flagged"),
        (seen.unread, "not fully read"),
        (seen.unknown, "not a model format"),
    ]
    outcome = ", ".join(f"{count:,} {what}" for count, what in parts if count)
    ignored = "".join(f"; {safe(each.name)} left out ({each.why})" for each in report.ignored)
    files = counted(seen.files, "file")
    lock = "" if report.isolation.is_full else f"; parsers {isolation(report)}"
    none = "" if seen.flagged or has_model(report) else "; no model file among them"
    return f"{files}, {size(seen.size)}: {outcome}{none}{_noted(report)}{ignored}{lock}"


def has_model(report: Report) -> bool:
    """Return whether a file, or a part of one, carries weights or a graph, or may: it was not read.

    Who named the wrong folder should hear of it.
    """
    if report.unread:
        return True
    read = (each for artifact in report.artifacts for each in artifact.walk())
    return any(not MODELS.isdisjoint(each.formats) for each in read)


def _noted(report: Report) -> str:
    """Name the rules with findings that are only for information; `rules show` tells the rest."""
    names = {found.rule for found in report.findings if found.severity is Severity.INFO}
    return f"; noted: {', '.join(sorted(names))}" if names else ""


def isolation(report: Report) -> str:
    """Return in words how far the parsers were locked in."""
    if report.isolation.mode == "none":
        return "ran without isolation"
    open_ = [p for p in ("files", "network", "processes") if p not in report.isolation.shut]
    return f"were locked in, but could reach {' and '.join(open_)}" if open_ else "were locked in"


def _verdict(verdict: Verdict) -> str:
    label, why = judged(verdict)
    return f"{click.style(label, fg=VERDICTS[verdict.exit_code], bold=True)}: {why}"
