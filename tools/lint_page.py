"""Write docs/lint.md, the page of `aibom lint`, from its rules: `python tools/lint_page.py`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # run as a program, not as a module

from aibom.bom.lint import RULES  # noqa: E402
from aibom.bom.lint.document import MAX_DEPTH, MAX_VALUES, VERSIONS  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aibom.bom.lint import LintRule
    from aibom.bom.lint.rule import Example

PAGE = ROOT / "docs" / "lint.md"
HEAD = f"""\
# What `aibom lint` looks for

Written by `tools/lint_page.py` from the rules themselves; do not edit.

    aibom lint BOM...                   every problem, with its place as a JSON Pointer
    aibom lint BOM --format json        for programs
    aibom lint BOM --fail-on medium     fail earlier than at `high`
    aibom lint --explain ID             one rule

It reads anyone's CycloneDX JSON, versions {", ".join(VERSIONS[:-1])} and {VERSIONS[-1]}; XML it
refuses. A BOM may have 64 MiB, {MAX_VALUES:,} values and {MAX_DEPTH} levels. The result depends
on the bytes alone: nothing is fetched, and no clock is asked. Exit codes: 0 no problem at the
threshold or above, 1 there is one, 2 this is no BOM that can be read.

A valid schema says little: the strict validator of cyclonedx-python-lib accepts references to
nothing, package URLs that are none, and licence expressions in prose. The schema is one of the
rules below; the others are what it cannot say.

"""


def page() -> str:
    """Return the page."""
    ordered = sorted(RULES, key=lambda rule: (-rule.severity, rule.id))
    lines = [HEAD + "| severity | rule | |", "|---|---|---|"]
    lines += [f"| {r.severity.name.lower()} | [{r.id}](#{r.id}) | {r.title} |" for r in ordered]
    for rule in ordered:
        lines += _section(rule)
    return "\n".join(lines) + "\n"


def _section(rule: LintRule) -> Iterator[str]:
    yield f"\n## {rule.id}\n"
    yield f"{rule.severity.name.capitalize()}: {rule.title.lower()}.\n"
    yield " ".join(rule.help.partition("What to do:")[0].split()) + "\n"
    yield "What to do: " + " ".join(rule.help.partition("What to do:")[2].split()) + "\n"
    yield f"    {_shown(rule.flags[0])}"


def _shown(example: Example) -> str:
    if isinstance(example, str):
        return example
    text = json.dumps(example)  # ASCII: nothing in it is hidden from who reads the page
    return text if len(text) <= 300 else f"{text[:300]}…"  # noqa: PLR2004 - of a purl too long


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
