"""`aibom explain`: rules, refusals, and the words of results, at length and offline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..render.escape import safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .console import Console

NEAR = 0.8  # of two names, how alike they are for one to be meant by the other: a slip or two


@click.command("explain")
@click.argument("name", metavar="ID")
@click.pass_obj
def command(console: Console, /, name: str) -> int:
    """Explain ID: a rule, a word of a result, or a Python name.

    A rule of `scan` or `lint`, why a verification was refused, why something was not read, a kind
    or grade of change of `diff`, a format, or a bundled policy; for instance
    `pickle-spawns-process`, `digest-mismatch`, `malformed`, `review-required` or `os.system`.
    """
    told = (_rule(name), _lint_rule(name), _refusal(name), *_words(name))
    found = [lines for lines in told if lines]
    if found:
        console.result("\n\n".join("\n".join(lines) for lines in found) + "\n")
        return 0
    if "." in name:
        from .explain_global import page

        console.result(page(name))
        return 0
    raise click.UsageError(f"there is nothing called {safe(name)!r}.{_meant(name)}")


def _rule(name: str) -> list[str]:
    from ..render.words import explained

    rule = explained({name}).get(name)
    if rule is None:
        return []
    refs = [f"References: {', '.join(rule.refs)}"] if rule.refs else []
    title = f"{click.style(rule.id, bold=True)} ({rule.severity.name.lower()}): {rule.title}"
    return [title, "", rule.why, "", f"What to do: {rule.what}", *([""] if refs else []), *refs]


def _lint_rule(name: str) -> list[str]:
    from ..bom.lint import RULES

    found = [rule for rule in RULES if rule.id == name]
    return [f"{click.style(r.id, bold=True)} (lint): {r.title}\n\n{r.help}" for r in found]


def _refusal(name: str) -> list[str]:
    from ..signatures.errors import CODES

    return [f"{click.style(name, bold=True)} (verify): {CODES[name]}"] if name in CODES else []


def _words(name: str) -> Iterator[list[str]]:
    from .explain_words import KINDS_OF_WORDS

    for explained in KINDS_OF_WORDS:
        text = explained(name)
        yield [f"{click.style(name, bold=True)} ({text.replace(':', '):', 1)}"] if text else []


def _meant(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, list(names()), n=1, cutoff=NEAR)
    return f" Did you mean {near[0]!r}?" if near else " `aibom rules` lists the rules."


def names() -> Iterator[str]:
    """Yield all that can be explained but names of Python."""
    from ..bom.lint import RULES as LINTED
    from ..render.words import OWN
    from ..scanners.rules import RULES
    from ..signatures.errors import CODES
    from . import explain_words

    yield from sorted(explain_words.names())
    yield from (rule.id for rule in RULES)
    yield from (rule.id for rule in LINTED)
    yield from (*OWN, *CODES)
