"""What is wrong with a BOM, for a person at a terminal or for a program."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from ..bom.lint import MOST, RULES
from .escape import counted, safe
from .text import COLOURS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..bom.lint import Linted, LintRule, Problem
    from ..scanners.rule import Severity

PLACES = 8  # of one rule that are shown; JSON has more
LONGEST = 200  # characters of a pointer that is shown

BY_ID = {rule.id: rule for rule in RULES}


def failing(linted: Linted, fail_on: Severity | None) -> int:
    """Return how many problems are at the threshold or above; None lets nothing fail."""
    return sum(fail_on is not None and each.severity >= fail_on for each in linted.problems)


def as_text(path: str, linted: Linted, fail_on: Severity | None) -> str:
    """Return the whole screen about the BOM at `path`, with the worst last."""
    lines: list[str] = []
    for _, group in groupby(linted.problems, key=lambda each: each.rule):
        lines += [*_block(path, list(group), linted), ""]
    by_severity = Counter(each.severity for each in linted.problems)
    counts = [f"{n:,} {level.name.lower()}" for level, n in sorted(by_severity.items())[::-1]]
    told = counted(len(linted.problems), "problem") + (f": {', '.join(counts)}" if counts else "")
    lines += [f"{safe(path)}, CycloneDX {linted.version}: {told}", _verdict(linted, fail_on)]
    return "\n".join(lines) + "\n"


def _block(path: str, problems: list[Problem], linted: Linted) -> Iterator[str]:
    rule = BY_ID[problems[0].rule]
    label = click.style(rule.severity.name.lower(), fg=COLOURS[rule.severity], bold=True)
    yield f"{label}[{rule.id}] {click.style(rule.title, bold=True)}"
    for problem in problems[:PLACES]:
        yield f"  --> {safe(path)} at {_shown(problem.pointer)}"
        yield f"   |  {safe(problem.message)}"
    rest = len(problems) - PLACES
    if rest > 0:
        least, all_ = ("at least ", f"the first {MOST:,}") if rule.id in linted.cut else ("", "all")
        yield f"   |  … and {least}{rest:,} more; `--format json` has {all_}"
    why, what = reasons(rule)
    yield f"   = why: {why}"
    yield f"   = do:  {what}"


def _shown(pointer: str) -> str:
    shown = safe(pointer) or "the document as a whole"
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"


def reasons(rule: LintRule) -> tuple[str, str]:
    """Return the rule's help as two lines: why it matters, and what to do."""
    why, _, what = rule.help.partition("What to do:")
    return " ".join(why.split()), " ".join(what.split())


def _verdict(linted: Linted, fail_on: Severity | None) -> str:
    if fail_on is None:
        return f"{click.style('PASS', fg='green', bold=True)}: problems do not fail here"
    count, level = failing(linted, fail_on), fail_on.name.lower()
    if count:
        label = click.style("FAIL", fg="red", bold=True)
        return f"{label}: {counted(count, 'problem')} at {level} or above"
    return f"{click.style('PASS', fg='green', bold=True)}: no problem at {level} or above"


def as_dict(path: str, linted: Linted, fail_on: Severity | None) -> dict[str, Any]:
    """Return the problems with all that is known of them, as JSON values."""
    count = failing(linted, fail_on)
    return {
        "bom": path,
        "spec_version": linted.version,
        "problems": [
            {
                "rule": each.rule,
                "severity": each.severity.name.lower(),
                "title": BY_ID[each.rule].title,
                "message": each.message,
                "pointer": each.pointer,
            }
            for each in linted.problems
        ],
        "cut": list(linted.cut),
        "verdict": {
            "outcome": "fail" if count else "pass",
            "fail_on": fail_on.name.lower() if fail_on is not None else "never",
            "failing": count,
        },
    }


def listing(rules: Iterable[LintRule]) -> str:
    """Return one line for each rule, the most severe first."""
    ordered = sorted(rules, key=lambda rule: (-rule.severity, rule.id))
    width = max(len(rule.id) for rule in ordered)
    return "".join(
        f"{rule.severity.name.lower():8}  {rule.id:{width}}  {rule.title}\n" for rule in ordered
    )


def page(rule: LintRule) -> str:
    """Return what a rule looks for, why it matters and what to do."""
    head = f"{click.style(rule.id, bold=True)} ({rule.severity.name.lower()}): {rule.title}"
    return f"{head}\n\n{rule.help}\n"
