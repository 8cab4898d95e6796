"""A comparison of two BOMs as Markdown, for a pull request or the page of a release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..bom.diff_kinds import Grade
from .changes import UNVERIFIED, VALUES, summary
from .escape import cell, code, counted, cut

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..bom.diff import Comparison
    from ..bom.diff_kinds import Change

ROWS = 100  # of one grade; the JSON form has all
ROOM = 120  # characters of a value
HEAD = "| change | of what | before | after | why it matters |\n|---|---|---|---|---|"


def render(comparison: Comparison, fail_on: Grade | None, old: str, new: str) -> str:
    """Return the comparison, the worst first; every text of a BOM is code, so no markup."""
    lines = [
        f"# {code(old)} → {code(new)}: {summary(comparison)}",
        "",
        _verdict(comparison, fail_on),
    ]
    for grade in reversed(Grade):
        lines += _grade(grade, comparison.of(grade))
    return "\n".join([*lines, "", UNVERIFIED]) + "\n"


def _verdict(comparison: Comparison, fail_on: Grade | None) -> str:
    if fail_on is None:
        return "**PASS**: changes do not fail here."
    failing = sum(change.grade >= fail_on for change in comparison.changes)
    if failing:
        return f"**FAIL**: {counted(failing, 'change')} at {fail_on.word} or above."
    return f"**PASS**: no change at {fail_on.word} or above."


def _grade(grade: Grade, changes: tuple[Change, ...]) -> Iterator[str]:
    if not changes:
        return
    yield from ("", f"## {grade.word}", "", HEAD)
    for change in changes[:ROWS]:
        names = dict.fromkeys(name for name in (change.before, change.after) if name)
        shown = " → ".join(cell(cut(name, ROOM)) for name in names) or "the model"
        what = f"{shown}, {cell(change.field)}" if change.field else shown
        old, new = _values(change.old), _values(change.new)
        yield f"| {change.rule.title} | {what} | {old} | {new} | {change.rule.why} |"
    if len(changes) > ROWS:
        yield from ("", f"… and {len(changes) - ROWS:,} more; `--format json` has all.")


def _values(values: tuple[str, ...]) -> str:
    shown = [cell(cut(value, ROOM)) for value in values[:VALUES]]
    more = [f"and {len(values) - VALUES:,} more"] if len(values) > VALUES else []
    return "<br>".join([*shown, *more])
