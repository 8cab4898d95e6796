"""A report for the summary of a build, or a comment: Markdown as GitHub renders it.

Whatever a file says stands in code spans, in which nothing is markup. The length is bounded: GitHub
takes a summary of up to 1 MiB, and nobody reads a tenth of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import Exit
from ..scanners.rule import Severity
from .escape import cell, code, counted, cut, place, safe, size
from .words import explained, waived_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..outcome import Outcome
    from ..scanners.rule import Finding

MOST = 50  # rows of a table
PLACES = 5  # of findings that are alike
ROOM = 300  # characters of what a file says
SIGNS = {
    Severity.CRITICAL: "🟥 critical",
    Severity.HIGH: "🟧 high",
    Severity.MEDIUM: "🟨 medium",
    Severity.LOW: "🟦 low",
    Severity.INFO: "⬜ info",
}
VERDICTS = {
    Exit.OK: "✅ PASS",
    Exit.FINDINGS: "❌ FAIL",
    Exit.INCOMPLETE: "⚠️ INCOMPLETE",
}


def document(outcomes: Sequence[Outcome]) -> str:
    """Return a section for each target: verdict, coverage, findings, what was not read."""
    return "\n".join(line for outcome in outcomes for line in _section(outcome)) + "\n"


def _section(outcome: Outcome) -> Iterator[str]:
    verdict, seen = outcome.verdict, outcome.report.coverage
    level = "never" if verdict.fail_on is None else verdict.fail_on.name.lower()
    yield f"## {VERDICTS[verdict.exit_code]} {code(outcome.path)}"
    yield ""
    policy = f" · policy {code(verdict.policy.shown)}" if verdict.policy.shown else ""
    yield (
        f"{counted(verdict.failing, 'finding')} at {level} or above · "
        f"{counted(verdict.unread, 'thing')} not read · {counted(len(verdict.waived), 'finding')} "
        f"waived{policy}"
    )
    yield ""
    yield (
        f"{counted(seen.files, 'file')}, {size(seen.size)}: {seen.clean:,} clean, "
        f"{seen.flagged:,} flagged, {seen.unread:,} not fully read, {seen.unknown:,} not a model "
        "format"
    )
    yield ""
    yield from _findings(outcome)
    yield from _unread(outcome)
    yield from _waived(outcome)


def _findings(outcome: Outcome) -> Iterator[str]:
    findings = [found for found in reversed(outcome.findings) if found.severity > Severity.INFO]
    if not findings:
        return
    rules = explained({found.rule for found in findings}, (outcome.verdict.policy,))
    alike: dict[tuple[Severity, str, str], list[Finding]] = {}
    for found in findings:
        alike.setdefault((found.severity, found.rule, found.message), []).append(found)
    yield from _table(
        ("severity", "rule", "where", "what"),
        [
            (SIGNS[severity], code(rule), _places(outcome, group), cell(cut(message, ROOM)))
            for (severity, rule, message), group in alike.items()
        ],
    )
    for name in dict.fromkeys(found.rule for found in findings):
        rule = rules[name]
        yield f"<details><summary>{rule.id}: what to do</summary>"
        yield ""
        yield f"{_plain(rule.title)}. {_plain(rule.why)} **Do:** {_plain(rule.what)}"
        yield ""
        yield "</details>"
    yield ""


def _places(outcome: Outcome, alike: list[Finding]) -> str:
    """Return where equal findings are, in one cell."""
    shown = [_where(outcome, each) for each in alike[:PLACES]]
    more = len(alike) - len(shown)
    return "<br>".join([*shown, f"and {more:,} more"] if more else shown)


def _where(outcome: Outcome, finding: Finding) -> str:
    if not finding.path:
        return "the target as a whole"
    at = f", byte {finding.at.start}" if finding.at.start or finding.at.length else ""
    return cell(cut(f"{safe(outcome.prefix)}{place(finding.path)}", ROOM)) + at


def _plain(text: str) -> str:
    """Return what a rule says of itself: ours, or the owner's of the policy."""
    return safe(text).replace("&", "&amp;").replace("<", "&lt;")


def _unread(outcome: Outcome) -> Iterator[str]:
    if outcome.report.unread:
        yield "### Not read"
        yield ""
        yield from _table(
            ("where", "why"),
            [
                (cell(cut(place(a.path), ROOM)), cell(cut(f"{f.detail} [{f.reason}]", ROOM)))
                for a, f in outcome.report.unread
            ],
        )


def _waived(outcome: Outcome) -> Iterator[str]:
    if outcome.verdict.waived:
        yield "### Waived"
        yield ""
        yield from _table(
            ("severity", "rule", "where", "why"),
            [
                (
                    SIGNS[each.finding.severity],
                    code(each.finding.rule),
                    _where(outcome, each.finding),
                    cell(cut(waived_by(each.waiver), ROOM)),
                )
                for each in outcome.verdict.waived
            ],
        )


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows[:MOST]:
        yield f"| {' | '.join(row)} |"
    if len(rows) > MOST:
        yield f"| … and {len(rows) - MOST:,} more {'| ' * len(head)}"
    yield ""
