"""`aibom scan`: read, judge, tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..errors import Exit
from .options import Reading, reading_options

if TYPE_CHECKING:
    from ..policy import Verdict
    from ..report import Report
    from .console import Console


@click.command("scan")
@click.argument(
    "paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(readable=False)
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("-q", "--quiet", is_flag=True, help="Show coverage and verdict only.")
@reading_options
@click.pass_obj
def command(
    console: Console, /, paths: tuple[str, ...], form: str, *, quiet: bool, **reading: Any
) -> int:
    """Read the folders and files at PATH... without loading them.

    Says what loading them would run, fetch or overwrite, and what could not be read. Fails (exit 1)
    on a finding at or above the threshold, else (exit 3) if anything was not read. With --format
    json, one PATH gives one document; several give one line each.
    """
    options = Reading(**reading)
    if options.name and len(paths) > 1:
        raise click.UsageError("--name names one model, and there are several PATHs.")
    outcomes: list[tuple[str, Report, Verdict]] = []
    for path in paths:
        report = options.scan(path, console)
        outcomes.append((path, report, options.policy.apply(report)))
    if form == "json":
        _as_json(console, outcomes)
    else:
        _as_text(console, outcomes, quiet=quiet)
    return worst(verdict.exit_code for _, _, verdict in outcomes)


def worst(codes: Any) -> int:
    """Return the code that speaks for all: findings before incompleteness before success."""
    found = set(codes)
    return next((c for c in (Exit.FINDINGS, Exit.INCOMPLETE) if c in found), Exit.OK)


def _as_json(console: Console, outcomes: list[tuple[str, Report, Verdict]]) -> None:
    """Write one report; several become one JSON document each, on a line of their own."""
    import json

    from ..report import as_dict, to_json

    if len(outcomes) == 1:
        ((_, report, verdict),) = outcomes
        console.result(to_json(report, verdict=verdict.as_dict()))
        return
    for _, report, verdict in outcomes:
        console.result(json.dumps(as_dict(report, verdict=verdict.as_dict())) + "\n")


def _as_text(console: Console, outcomes: list[tuple[str, Report, Verdict]], *, quiet: bool) -> None:
    from ..render import text
    from ..render.escape import safe

    for path, report, verdict in outcomes:
        if len(outcomes) > 1:
            console.result(click.style(f"{safe(path)}\n", bold=True))
        console.result(text.render(report, verdict, prefix=prefix(path, report), quiet=quiet))


def prefix(path: str, report: Report) -> str:
    """Return what leads from where the user stands to the names in `report`."""
    from ..folder import readable
    from ..render.escape import safe

    shown = safe(readable(path)).rstrip("/")
    if report.is_folder:
        return "" if shown in {"", "."} else f"{shown}/"
    return shown[: -len(safe(report.name))] if shown.endswith(safe(report.name)) else ""
