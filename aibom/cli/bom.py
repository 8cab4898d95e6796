"""`aibom bom`: the bill of materials of a model."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from .options import Reading, cache_option, reading_options, target_argument
from .releasing import release_from, release_options, spec_version_option
from .writing import result_option, write_result

if TYPE_CHECKING:
    from .console import Console


@click.command("bom")
@target_argument
@result_option
@click.option(
    "--fingerprints",
    metavar="FILE",
    help="Tell tensors by their values, too, and write each into FILE.",
)
@spec_version_option
@release_options
@cache_option
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
    fingerprints: str | None,
    spec_version: str,
    **reading: Any,
) -> int:
    """Scan the model at PATH and write its CycloneDX bill of materials.

    The BOM lists every file with its digests, and what was found or not read. It is the same for
    the same bytes and rules; a time stands in it only if SOURCE_DATE_EPOCH is set.
    """
    from pathlib import Path

    from ..attest import bom_of, fingerprints_of, timestamp_from
    from ..layout import FINGERPRINTS_SUFFIX
    from ..output import write_atomic
    from .replacing import refuse_others
    from .summary import tell

    if fingerprints is not None and not fingerprints.endswith(FINGERPRINTS_SUFFIX):
        raise click.UsageError(
            f"--fingerprints must end in {FINGERPRINTS_SUFFIX}: by that verifying knows it."
        )

    places = ("bom", output), ("fingerprints", fingerprints)
    refuse_others(places, [path])
    options = Reading.of([path], console, reading)
    judging = options.judging()
    timestamp = timestamp_from(dict(os.environ))
    release = release_from(model_version, commit, path)
    report = options.scan(path, console, fingerprints=fingerprints is not None)
    told = fingerprints_of(report, Path(fingerprints).name) if fingerprints else None
    verdict = judging.of(report)
    document = bom_of(report, timestamp, release, spec_version, told, verdict)
    if told is not None and fingerprints is not None:
        write_atomic(Path(fingerprints), told.content)
    _write(console, output, document)
    tell(console, path, report, verdict)
    return int(verdict.exit_code)


def _write(console: Console, output: str | None, document: bytes) -> None:
    """Write a BOM, and warn of what the one that it replaces states and it does not."""
    from pathlib import Path

    from ..earlier_release import no_longer_stated
    from ..errors import OutputError
    from ..hashed import read_ours
    from ..render.escape import safe
    from .replacing import STDOUT

    place = None if output in {None, STDOUT} else Path(str(output))
    is_there = place is not None and place.exists()
    before = read_ours(place, "earlier BOM", OutputError) if place and is_there else None
    write_result(console, output, document)
    for each in no_longer_stated(before, document):
        console.warn(f"{safe(each)}, as it was in the BOM that was replaced")
