"""`aibom attest`: scan, write the BOM and sign it, in one step."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import PolicyError
from ..folder import readable
from ..scanners.record import fields
from .options import Reading, reading_options, target_argument
from .releasing import release_from, release_options, spec_version_option
from .signing import Signing, signing_options, tell_what_was_written

if TYPE_CHECKING:
    from ..policy import Verdict
    from ..report import Report
    from .console import Console
    from .options import Judging


NOT_SIGNED = "not signed: the policy is not met. --allow-failing signs all the same."


def _there(context: click.Context, option: click.Parameter, folder: Path | None) -> Path | None:
    if folder is not None and not folder.exists():
        shown = readable(str(folder))
        told = f"there is no folder {shown!r}. Make it first, or name another."
        raise click.BadParameter(told, context, option)
    return folder


output_dir_option = click.option(
    "--output-dir",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    callback=_there,
    help="Where to write BOM and signature.  [default: in the model's folder]",
)


@click.command("attest")
@target_argument
@output_dir_option
@click.option("--allow-failing", is_flag=True, help="Sign even if the policy is not met.")
@click.option(
    "--no-fingerprints", is_flag=True, help="Do not tell tensors by their values, too: quicker."
)
@signing_options
@spec_version_option
@release_options
@reading_options
@click.pass_obj
def command(
    console: Console,
    /,
    path: str,
    output_dir: Path | None,
    *,
    allow_failing: bool,
    no_fingerprints: bool,
    **options: Any,
) -> int:
    """Scan the model at PATH, write `aibom.cdx.json` and sign it with every file of the model.

    Refuses, and writes nothing, if the policy is not met, something was not read, or a baseline
    alone lets danger pass, unless --allow-failing is given. Findings stand in the BOM either way,
    tensors in `aibom.tensors.json`.
    """
    from .. import attest as steps

    spec_version = options.pop("spec_version")
    release = release_from(options.pop("model_version"), options.pop("commit"), path)
    signing = Signing(**{name: options.pop(name) for name in fields(Signing)})
    reading = Reading.of([path], console, options)
    judging = reading.judging()
    timestamp, wishes = steps.timestamp_from(dict(os.environ)), signing.wishes
    outputs = steps.outputs_of(path, output_dir, fingerprints=not no_fingerprints)
    signer = signing.prepare(console, path, outputs, wishes=wishes, name=reading.name)
    early = steps.import_early()
    report = reading.scan(path, console, fingerprints=not no_fingerprints)
    verdict = _judged(console, path, report, judging, allow_failing=allow_failing)
    early.join()
    done = steps.attest_target(
        path,
        report,
        signer or signing.signer(console, path),
        folder=output_dir,
        timestamp=timestamp,
        release=release,
        wishes=wishes,
        spec_version=spec_version,
        verdict=verdict,
    )
    tell_what_was_written(console, done.published)
    return 0


def _judged(
    console: Console, path: str, report: Report, judging: Judging, *, allow_failing: bool
) -> Verdict:
    """Return the verdict, and tell it; raise if it forbids to sign."""
    from .summary import tell

    verdict = judging.of(report)
    tell(console, path, report, verdict)
    if not verdict.passed and not allow_failing:
        error = PolicyError(NOT_SIGNED)
        error.exit_code = verdict.exit_code
        raise error
    refused = verdict.must_not_be_signed
    if refused and not allow_failing:
        from ..render.words import not_signed

        raise PolicyError(f"{not_signed(refused)} --allow-failing signs all the same.")
    return verdict
