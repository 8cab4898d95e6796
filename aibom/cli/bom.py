"""`aibom bom`: the bill of materials of a model."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from .options import Reading, reading_options, target_argument
from .releasing import release_from, release_options, spec_version_option

if TYPE_CHECKING:
    from .console import Console


@click.command("bom")
@target_argument
@click.option("-o", "--output", metavar="FILE", help="Where to write it.  [default: stdout]")
@spec_version_option
@release_options
@reading_options
@click.pass_obj
def command(  # noqa: PLR0913 - one for each option
    console: Console,
    /,
    path: str,
    output: str | None,
    model_version: str | None,
    commit: str | None,
    *,
    spec_version: str,
    **reading: Any,
) -> int:
    """Scan the model at PATH and write its CycloneDX bill of materials.

    The BOM lists every file with its digests, and what was found or not read. It is the same for
    the same bytes and rules; a time stands in it only if SOURCE_DATE_EPOCH is set.
    """
    from pathlib import Path

    from ..attest import bom_of, timestamp_from
    from ..output import write_atomic
    from .summary import tell

    options = Reading(**reading)
    timestamp = timestamp_from(dict(os.environ))
    release = release_from(model_version, commit)
    report = options.scan(path, console)
    document = bom_of(report, timestamp, release, spec_version)
    if output is None:
        console.result(document.decode())
    else:
        write_atomic(Path(output), document)
    verdict = options.policy.apply(report)
    tell(console, path, report, verdict)
    return int(verdict.exit_code)
