"""`aibom scan`: read, judge, tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..errors import Exit
from ..render import FORMS
from .options import Reading, reading_options
from .writing import output_option, write_outputs

if TYPE_CHECKING:
    from .console import Console


@click.command("scan")
@click.argument(
    "paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(readable=False)
)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMS)),
    default="text",
    show_default=True,
    help="The form of what goes to standard output.",
)
@output_option
@click.option("-q", "--quiet", is_flag=True, help="Show coverage and verdict only.")
@reading_options
@click.pass_obj
def command(
    console: Console,
    /,
    paths: tuple[str, ...],
    form: str,
    outputs: tuple[tuple[str, str], ...],
    *,
    quiet: bool,
    **reading: Any,
) -> int:
    """Read the folders and files at PATH... without loading them.

    Says what loading them would run, fetch or overwrite, and what could not be read. Fails (exit 1)
    on a finding at or above the threshold, else (exit 3) if anything was not read. With --format
    json, one PATH gives one document; several give one line each.
    """
    from ..outcome import Outcome

    options = Reading(**reading)
    if options.name and len(paths) > 1:
        raise click.UsageError("--name names one model, and there are several PATHs.")
    outcomes: list[Outcome] = []
    for path in paths:
        report = options.scan(path, console)
        outcomes.append(Outcome(path, report, options.policy.apply(report)))
    write_outputs(outputs, outcomes)
    console.result(_shown(form, outcomes, quiet=quiet))
    return worst(each.verdict.exit_code for each in outcomes)


def _shown(form: str, outcomes: list[Any], *, quiet: bool) -> str:
    from ..render import renderer, text

    return text.screen(outcomes, quiet=quiet) if form == "text" else renderer(form)(outcomes)


def worst(codes: Any) -> int:
    """Return the code that speaks for all: findings before incompleteness before success."""
    found = set(codes)
    return next((c for c in (Exit.FINDINGS, Exit.INCOMPLETE) if c in found), Exit.OK)
