"""`aibom bom`: the bill of materials of a model."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from .options import Reading, reading_options, target_argument

if TYPE_CHECKING:
    from .console import Console


@click.command("bom")
@target_argument
@click.option("-o", "--output", metavar="FILE", help="Where to write it.  [default: stdout]")
@reading_options
@click.pass_obj
def command(console: Console, /, path: str, output: str | None, **reading: Any) -> int:
    """Scan the model at PATH and write its CycloneDX 1.7 bill of materials.

    The BOM lists every file with its digests, and what was found or not read. It is the same for
    the same bytes and rules; a time stands in it only if SOURCE_DATE_EPOCH is set.
    """
    from pathlib import Path

    from ..attest import timestamp_from
    from ..bom import build, to_json
    from ..output import write_atomic
    from .summary import tell

    options = Reading(**reading)
    timestamp = timestamp_from(dict(os.environ))
    report = options.scan(path, console)
    document = to_json(build(report), timestamp)
    if output is None:
        console.result(document.decode())
    else:
        write_atomic(Path(output), document)
    verdict = options.policy.apply(report)
    tell(console, path, report, verdict)
    return int(verdict.exit_code)
