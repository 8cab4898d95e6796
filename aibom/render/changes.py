"""A comparison of two BOMs for a person at a terminal: the worst last, and a verdict."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import click

from ..bom.diff_kinds import Grade
from .escape import counted, cut, safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..bom.diff import Comparison
    from ..bom.diff_kinds import Change

COLOURS = {Grade.EXPECTED: "blue", Grade.REVIEW_REQUIRED: "yellow", Grade.RELEASE_BLOCKING: "red"}
PLACES = 12  # of one kind that are shown; the JSON form has all
VALUES = 6  # of one side of a change
ROOM = 200  # characters of a value
UNVERIFIED = "Neither BOM was verified here: that is what `aibom verify` does."


def render(comparison: Comparison, fail_on: Grade | None, old: str, new: str) -> str:
    """Return the whole screen; `old` and `new` are what the user calls the two."""
    lines: list[str] = []
    for _, group in groupby(reversed(comparison.changes), key=lambda change: change.kind):
        lines += [*_kind(list(group)[::-1]), ""]
    lines.append(f"{safe(old)} -> {safe(new)}: {summary(comparison)}. {UNVERIFIED}")
    lines.append(_verdict(comparison, fail_on))
    return "\n".join(lines) + "\n"


def summary(comparison: Comparison) -> str:
    """Return how many changes there are of each grade, worst first."""
    counts = ((len(comparison.of(grade)), grade.word) for grade in reversed(Grade))
    told = ", ".join(f"{count:,} {word}" for count, word in counts if count)
    return told or "no change"


def named(change: Change) -> str:
    """Return what a change is of, on both sides if it is called differently there."""
    names = [name for name in (change.before, change.after) if name]
    shown = " -> ".join(safe(cut(name, ROOM)) for name in dict.fromkeys(names))
    return f"{shown or 'the model'}{f', {safe(change.field)}' if change.field else ''}"


def _kind(changes: list[Change]) -> Iterator[str]:
    rule = changes[0].rule
    label = click.style(rule.grade.word, fg=COLOURS[rule.grade], bold=True)
    yield f"{label}[{rule.id}] {click.style(rule.title, bold=True)}"
    for change in changes[:PLACES]:
        yield f"  --> {named(change)}"
        yield from _values("-", change.old)
        yield from _values("+", change.new)
    if len(changes) > PLACES:
        yield f"   |  … and {len(changes) - PLACES:,} more; `--format json` has all"
    yield f"   = why: {rule.why}"


def _values(sign: str, values: tuple[str, ...]) -> Iterator[str]:
    for value in values[:VALUES]:
        yield f"   {sign}  {safe(cut(value, ROOM))}"
    if len(values) > VALUES:
        yield f"   {sign}  … and {len(values) - VALUES:,} more"


def _verdict(comparison: Comparison, fail_on: Grade | None) -> str:
    if fail_on is None:
        return f"{click.style('PASS', fg='green', bold=True)}: changes do not fail here"
    failing = sum(change.grade >= fail_on for change in comparison.changes)
    if failing:
        label = click.style("FAIL", fg="red", bold=True)
        return f"{label}: {counted(failing, 'change')} at {fail_on.word} or above"
    return f"{click.style('PASS', fg='green', bold=True)}: no change at {fail_on.word} or above"
