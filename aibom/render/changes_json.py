"""A comparison of two BOMs for programs: the form that ``docs/diff-schema.json`` describes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..bom.diff_kinds import Grade
from ..bom.document import subject, words

if TYPE_CHECKING:
    from ..bom.diff import Comparison
    from ..bom.diff_kinds import Change
    from ..bom.document import Json

SCHEMA_VERSION = 1


def render(
    comparison: Comparison, fail_on: Grade | None, old: tuple[str, Json], new: tuple[str, Json]
) -> str:
    """Return the comparison as JSON. Each side is its SHA-256 and the document."""
    failing = [] if fail_on is None else [c for c in comparison.changes if c.grade >= fail_on]
    document = {
        "schema_version": SCHEMA_VERSION,
        "old": _side(*old),
        "new": _side(*new),
        "verified": False,  # for whoever reads this alone; `aibom verify` verifies
        "fail_on": "never" if fail_on is None else fail_on.word,
        "passed": not failing,
        "counts": {grade.word: len(comparison.of(grade)) for grade in reversed(Grade)},
        "changes": [_change(change) for change in comparison.changes],
    }
    return json.dumps(document, indent=1) + "\n"


def _side(digest: str, document: Json) -> dict[str, Any]:
    about = subject(document)
    return {
        "name": words(about.component, "name") if about else "",
        "version": words(about.component, "version") if about else "",
        "serial_number": words(document, "serialNumber"),
        "sha256": digest,
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "grade": change.grade.word,
        "why": change.rule.why,
        "before": change.before,
        "after": change.after,
        "field": change.field,
        "old": list(change.old),
        "new": list(change.new),
    }
