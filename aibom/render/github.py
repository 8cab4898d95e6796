"""Annotations of a workflow run: the worst findings, as commands that GitHub's runner reads.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions: a line
``::error file=…,title=…::message``. GitHub shows ten of a step, so no more are written. Whatever a
file says is escaped twice: for people, and so that no line of it can be a command.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..scanners.rule import Severity
from .escape import cut, place, safe
from .words import NOT_READ, explained, waived_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..outcome import Outcome

MOST = 10  # annotations of one kind that are shown of a step
ROOM = 500  # characters of a message

COMMANDS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
}


def document(outcomes: Sequence[Outcome]) -> str:
    """Return at most ten commands, the worst first, and one that says what is left out."""
    told = sorted((each for outcome in outcomes for each in _told(outcome)), key=lambda t: -t[0])
    shown = [line for _, line in told[:MOST]]
    if len(told) > MOST:
        shown[-1] = f"::notice title=aibom::{len(told) - MOST + 1} more, see the job's summary"
    return "".join(f"{line}\n" for line in shown)


def _told(outcome: Outcome) -> Iterator[tuple[Severity, str]]:
    findings = [found for found in outcome.findings if found.severity in COMMANDS]
    rules = explained({found.rule for found in findings}, (outcome.verdict.policy,))
    for found in findings:
        rule = rules[found.rule]
        inside = f" (in {place(found.path[1:])})" if found.path[1:] else ""
        message = f"{safe(found.message)}{inside}. {safe(rule.what)}"
        title = f"{rule.id}: {rule.title}"
        file = outcome.prefix + found.path[0] if found.path else ""
        yield found.severity, _command(COMMANDS[found.severity], file, title, message)
    for artifact, fact in outcome.report.unread:
        file = outcome.prefix + artifact.path[0]
        message = f"not read: {safe(fact.detail)} [{fact.reason}]"
        yield Severity.MEDIUM, _command("warning", file, NOT_READ, message)
    for each in outcome.verdict.waived:
        file = outcome.prefix + each.finding.path[0] if each.finding.path else ""
        message = f"{safe(each.finding.message)}: {safe(waived_by(each.waiver))}"
        yield Severity.INFO, _command("notice", file, f"waived {each.finding.rule}", message)


def _command(command: str, file: str, title: str, message: str) -> str:
    where = f"file={_property(safe(file))},line=1," if file else ""
    return f"::{command} {where}title={_property(safe(title))}::{data(cut(message, ROOM))}"


def data(text: str) -> str:
    """Return a text as the message of a command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return data(text).replace(":", "%3A").replace(",", "%2C")
