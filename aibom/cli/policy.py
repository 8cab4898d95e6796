"""`aibom policy`: what a policy demands, why it is met or not, and whether it is right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..errors import Exit
from .options import Reading, cache_option, reading_options, target_argument
from .summary import tell_not_here

if TYPE_CHECKING:
    from .console import Console


@click.group("policy")
def command() -> None:
    """Show a policy, explain its verdict, or test it."""


@command.command("show")
@click.argument("name", metavar="NAME|FILE")
@click.pass_obj
def show(console: Console, /, name: str) -> int:
    """Print what the policy NAME demands, defaults included: baseline, release or a file."""
    from ..policy_file import policy_named
    from ..policy_text import demands

    console.result(demands(policy_named(name)))
    return 0


@command.command("explain")
@target_argument
@click.option("--all", "everything", is_flag=True, help="Print all that a rule was asked of.")
@cache_option
@reading_options
@click.pass_obj
def explain(console: Console, /, path: str, *, everything: bool, **reading: Any) -> int:
    """Scan PATH and print each demand of the policy, whether it is met, and by which values.

    A rule of its own that was asked of many files is shown for the first of those that break it.
    `below` marks what is broken and less severe than what fails.
    """
    from ..policy_explained import explanation

    options = Reading.of([path], console, reading)
    judging = options.judging()
    report = options.scan(path, console)
    verdict = judging.of(report)
    console.result(explanation(report, verdict, everything=everything))
    tell_not_here(console, verdict)
    return int(verdict.exit_code)


@command.command("test")
@click.argument("file", metavar="CASES")
@click.pass_obj
def test(console: Console, /, file: str) -> int:
    """Judge the reports that CASES names, and compare with the verdicts that it expects.

    CASES is a YAML file: `policy: NAME|FILE` and `cases:`, a list with `report` (a file that
    `aibom scan --format json` wrote), `expect` (pass, fail or incomplete) and, if wanted, `rules`:
    those that must be found. Paths are relative to CASES.
    """
    from ..policy_cases import outcomes
    from ..render.escape import safe

    failed = 0
    for case in outcomes(file):
        failed += bool(case.problem)
        mark = click.style("FAIL", fg="red") if case.problem else click.style("ok", fg="green")
        console.result(f"{mark} {safe(case.name)}{safe(case.problem)}\n")
    if failed:
        look = "`aibom policy explain MODEL --policy FILE` shows each demand and the values it used"
        console.note(f"note: {look}")
    return int(Exit.FINDINGS if failed else Exit.OK)
