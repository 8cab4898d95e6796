"""`aibom inspect`: everything that is known of a file, for the analyst who got an alert."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..errors import Exit
from .options import Reading

if TYPE_CHECKING:
    from .console import Console


@click.command("inspect")
@click.argument("path", metavar="FILE", type=click.Path())
@click.option("--all", "is_full", is_flag=True, help="Cut no list and no value short.")
@click.option(
    "--require-lock",
    is_flag=True,
    help="Refuse to parse unless files, network and processes are shut to the parsers.",
)
@click.option("--no-isolation", is_flag=True, help="Parse in this very process.")
@click.pass_obj
def command(
    console: Console, /, path: str, *, is_full: bool, require_lock: bool, no_isolation: bool
) -> int:
    """List what FILE would do to whoever loads it, and what it holds, without loading it.

    Imports, calls with their arguments, state, tensors, metadata, references and what a template
    looks up, each with its place, for FILE and for everything inside it. Judges nothing: that is
    what `aibom scan` does. Ends with 3 if anything could not be read.
    """
    from ..outcome import prefix
    from ..render import listing

    reading = Reading(
        fail_on="never", require_lock=require_lock, no_isolation=no_isolation, jobs=0, sha512=False
    )
    report = reading.scan(path, console)
    console.result(listing.render(report, prefix=prefix(path, report), is_full=is_full))
    return int(Exit.OK if report.is_complete else Exit.INCOMPLETE)
