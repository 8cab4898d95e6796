"""One page for each rule, with what it flags and what it lets pass; and one that lists them."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from aibom.render.words import OWN, explained
from aibom.scanners.rules import RULES

from .example import lines
from .pages import block, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aibom.render.words import Explained
    from aibom.scanners.rule import Rule

FAMILIES = {
    "pickle": "Pickles",
    "keras": "Keras models",
    "document": "Configurations that name code",
    "r": "Objects of R",
    "graph": "Graphs of TensorFlow",
    "compiled": "Compiled Python",
    "archive": "Archives",
    "identity": "What a file is",
    "template": "Chat templates",
    "provenance": "Where it is from",
    "source": "Python source",
    "declared": "What it says against what it holds",
    "layout": "Layout of bytes",
    "reference": "References to other files",
    "licence": "Licences",
}
HEAD = """\
# Rules

What `aibom scan` looks for. Each rule has a page with an example that it flags and one that it lets
pass; both are tests of the rule. `aibom rules` lists the same on the command line, and
`aibom explain ID` explains one.

The severity says how bad it is if it is true. A scan fails from `high` on, unless
[you say otherwise](../policy.md). What a rule is about can be [waived](../policy.md#waivers), by
name and until a day.
"""
HOW_TO_READ = (
    "Parsers turn bytes into facts, and a rule judges facts: the examples are such facts, with the "
    "fields that matter. Both are tests of the rule."
)


def pages() -> dict[str, str]:
    """Return the pages by their names."""
    told = explained({rule.id for rule in RULES})
    made = {f"rules/{rule.id}.md": _page(rule, told[rule.id]) for rule in RULES}
    made |= {f"rules/{name}.md": _own_page(each) for name, each in OWN.items()}
    return {**made, "rules/index.md": _index()}


def _index() -> str:
    parts = [HEAD]
    for family, rules in groupby(RULES, key=_family):
        parts.append(f"\n## {FAMILIES[family]}\n\n| rule | severity | finds |\n|---|---|---|\n")
        parts += sorted((_row(each) for each in rules), key=lambda row: row.split("|")[1])
    parts.append("\n## Policies and waivers\n\n| rule | severity | finds |\n|---|---|---|\n")
    parts += [_row(each) for each in OWN.values()]
    return "".join(parts)


def _family(rule: Rule[Any]) -> str:
    return rule.check.__module__.split(".")[-2]


def _row(rule: Rule[Any] | Explained) -> str:
    severity = rule.severity.name.lower()
    return f"| [`{rule.id}`]({rule.id}.md) | {severity} | {plain(rule.title)} |\n"


def _page(rule: Rule[Any], told: Explained) -> str:
    return "\n".join(
        [
            *_top(told, _family(rule)),
            "## Examples",
            "",
            HOW_TO_READ,
            "",
            "### Flagged",
            "",
            *_example(rule.flags),
            *_sentences(rule),
            "### Passes",
            "",
            *_example(rule.passes),
        ]
    )


def _own_page(told: Explained) -> str:
    return "\n".join(_top(told, "policy"))


def _top(told: Explained, family: str) -> Iterator[str]:
    yield f"# {plain(told.title)}"
    yield ""
    about = [
        "[All rules](index.md)",
        f"`{told.id}`",
        told.severity.name.lower(),
        f"family: {family}",
        *told.refs,
    ]
    yield " · ".join(about)
    yield ""
    yield f"**Why it matters.** {plain(told.why)}"
    yield ""
    yield f"**What to do.** {plain(told.what[:1].upper() + told.what[1:])}"
    yield ""


def _example(subjects: tuple[Any, ...]) -> Iterator[str]:
    if subjects:
        yield block("\n".join(lines(subjects[0])))
    else:
        yield "Nothing of this kind passes: that it is there is what the rule says."
    yield ""


def _sentences(rule: Rule[Any]) -> Iterator[str]:
    yield "What is said of it:"
    yield ""
    yield block("\n".join(found.message for found in rule.judge(rule.flags[0], ("file",))))
    yield ""
