"""What is wrong with a CycloneDX BOM, anyone's: its schema first, then what no schema can say.

A rule is one function and one `LintRule` in a module of its subject. To add one, write both;
`docs/lint.md` is made of them by ``tools/lint_page.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...scanners.record import record
from . import (
    evidence,
    hashes,
    header,
    json_text,
    licences,
    models,
    purls,
    references,
    schema,
    texts,
)
from .document import Document, read
from .rule import MOST, LintRule, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MOST", "RULES", "Document", "LintRule", "Linted", "Problem", "lint", "read"]

RULES: tuple[LintRule, ...] = (
    schema.RULE,
    *json_text.RULES,
    *references.RULES,
    *evidence.RULES,
    *purls.RULES,
    *licences.RULES,
    *hashes.RULES,
    *models.RULES,
    *texts.RULES,
    *header.RULES,
)


@record
class Linted:
    """What is wrong with a document."""

    version: str  # of CycloneDX
    problems: tuple[Problem, ...]  # least severe first
    cut: tuple[str, ...]  # ids of rules that found too much to list


def lint(data: bytes) -> Linted:
    """Return what is wrong with the CycloneDX JSON document `data`.

    Depends on the bytes alone: no clock, no network. Takes time and memory linear in their number.

    Raises:
        BomError: It is no JSON, more than any BOM needs, or no CycloneDX document that is known.
    """
    document = read(data)
    found = {rule.id: rule.judge(document) for rule in RULES}
    cut = tuple(name for name, problems in found.items() if len(problems) >= MOST)
    return Linted(document.version, tuple(_in_order(found)), cut)


def _in_order(found: dict[str, tuple[Problem, ...]]) -> Iterator[Problem]:
    for rule in sorted(RULES, key=lambda rule: rule.severity):
        yield from found[rule.id]
