"""`aibom rules`: what is looked for, and why."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

import click

from .console import Console

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..scanners.rule import Rule


@click.group("rules", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """List every rule; `aibom explain ID` explains one."""
    if ctx.invoked_subcommand is None:
        from ..scanners.rules import RULES

        console = ctx.find_object(Console) or Console()
        width = max((len(rule.id) for rule in RULES), default=0)
        for rule in sorted(RULES, key=lambda rule: (-rule.severity, rule.id)):
            console.result(f"{rule.severity.name.lower():8}  {rule.id:{width}}  {rule.title}\n")


@command.command("show", short_help="Explain one rule.")
@click.argument("rule_id", metavar="RULE")
@click.pass_obj
def show(console: Console, rule_id: str) -> None:
    """Say what RULE finds, why it matters and what to do."""
    from ..scanners.rules import RULES

    by_id = {rule.id: rule for rule in RULES}
    if rule_id not in by_id:
        near = get_close_matches(rule_id, by_id, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else " `aibom rules` lists them."
        raise click.UsageError(f"There is no rule {rule_id!r}.{hint}")
    console.result("\n".join(_page(by_id[rule_id])) + "\n")


def _page(rule: Rule[object]) -> Iterator[str]:  # type: ignore[type-var]
    yield f"{click.style(rule.id, bold=True)} ({rule.severity.name.lower()}): {rule.title}"
    yield ""
    yield rule.help
    yield ""
    yield f"References: {', '.join(rule.refs)}"
