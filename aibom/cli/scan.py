"""`aibom scan`: read, judge, tell."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import click

from ..errors import Exit
from ..render import FORMS
from .options import Reading, cache_option, reading_options
from .replacing import refuse_others
from .summary import tell_not_here
from .writing import output_option, write_outputs

if TYPE_CHECKING:
    from ..errors import TargetError
    from ..outcome import Outcome
    from ..policy import Policy
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
@click.option(
    "--write-baseline",
    metavar="FILE",
    help="Record all findings: with --baseline FILE they do not count.",
)
@click.option("-q", "--quiet", is_flag=True, help="Show coverage and verdict only.")
@cache_option
@reading_options
@click.pass_obj
def command(  # noqa: PLR0913 - one for each option
    console: Console,
    /,
    paths: tuple[str, ...],
    form: str,
    outputs: tuple[tuple[str, str], ...],
    write_baseline: str | None,
    *,
    quiet: bool,
    **reading: Any,
) -> int:
    """Read the folders and files at PATH... without loading them.

    Says what loading them would run, fetch or overwrite, and what could not be read. Fails (exit 1)
    on a finding at or above the threshold, else (exit 3) if anything was not read, or one of PATHs
    cannot be opened. With --format json, one PATH gives one document; several give one line each.
    """
    from ..render import renderer, text
    from ..several import outcomes_of

    console.is_quiet = quiet
    refuse_others([*outputs, ("baseline", write_baseline)], paths)
    options = Reading.of(paths, console, reading)
    if options.name and len(paths) > 1:
        raise click.UsageError("--name names one model, and there are several PATHs.")
    judging = options.judging(write_baseline)
    outcomes, errors = outcomes_of(
        paths, partial(options.scan, console=console), judging.policy, judging.accepted
    )
    write_outputs(outputs, outcomes)
    if write_baseline and not errors:
        _write_baseline(console, write_baseline, outcomes, judging.policy)
    if form == "text":
        console.result(text.screen(outcomes, quiet=quiet))
    else:
        console.document(renderer(form)(outcomes))
    _tell(console, outcomes, errors, write_baseline)
    return worst(each.verdict.exit_code for each in outcomes)


def _tell(
    console: Console, outcomes: list[Outcome], errors: list[TargetError], write_baseline: str | None
) -> None:
    """Say which waivers are about other files, and which PATHs could not be opened."""
    tell_not_here(console, outcomes[0].verdict)
    for error in errors:
        console.fail(str(error))
    if write_baseline and errors:
        console.fail(f"{write_baseline} is not written, since not every PATH could be opened.")


def _write_baseline(console: Console, path: str, outcomes: list[Outcome], policy: Policy) -> None:
    from ..output import write_atomic
    from ..render.escape import counted, safe
    from ..waiver import Baseline, baseline_of
    from ..waiver_file import baseline_bytes

    known = [pair for each in outcomes for pair in baseline_of(each.report, policy).known]
    write_atomic(path, baseline_bytes(Baseline(tuple(known))))
    console.tell(
        f"{counted(len(known), 'finding')} recorded in {safe(path)}; scan with --baseline and only "
        "new ones count. A dangerous one counts again as soon as its file changes, and one about "
        "code as soon as any code does."
    )


def worst(codes: Any) -> int:
    """Return the code that speaks for all: findings before incompleteness before success."""
    found = set(codes)
    return next((c for c in (Exit.FINDINGS, Exit.INCOMPLETE) if c in found), Exit.OK)
