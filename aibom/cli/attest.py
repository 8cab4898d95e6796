"""`aibom attest`: scan, write the BOM and sign it, in one step."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import PolicyError
from .options import Reading, key_option, password_from, reading_options, target_argument

if TYPE_CHECKING:
    from .console import Console


@click.command("attest")
@target_argument
@key_option("Private key: a PEM file, or env://NAME for a variable that holds one.")
@click.option(
    "--output-dir",
    metavar="FOLDER",
    type=click.Path(file_okay=False, exists=True),
    help="Where to write BOM and signature.  [default: in the model's folder]",
)
@click.option("--allow-failing", is_flag=True, help="Sign even if the policy is not met.")
@reading_options
@click.pass_obj
def command(
    console: Console,
    /,
    path: str,
    key: str,
    output_dir: str | None,
    *,
    allow_failing: bool,
    **reading: Any,
) -> int:
    """Scan the model at PATH, write `aibom.cdx.json` and sign it with every file of the model.

    Refuses, and writes nothing, when a finding is at or above the threshold or something could not
    be read, unless --allow-failing is given. The findings stand in the signed BOM either way. The
    password of an encrypted key comes from AIBOM_KEY_PASSWORD or from a prompt.
    """
    from .. import attest as steps
    from ..signatures import look_at_key, signer_from_uri
    from .summary import tell

    options = Reading(**reading)
    timestamp = steps.timestamp_from(dict(os.environ))
    steps.refuse_key_inside(key, path)
    is_encrypted = look_at_key(key)
    signer = signer_from_uri(key, password_from(console)) if is_encrypted else None
    early = steps.import_early()
    report = options.scan(path, console)
    verdict = options.policy.apply(report)
    tell(console, path, report, verdict)
    if not verdict.passed and not allow_failing:
        error = PolicyError(
            "not signed: the policy is not met. --allow-failing signs all the same."
        )
        error.exit_code = verdict.exit_code
        raise error
    early.join()
    signer = signer or signer_from_uri(key)
    for warning in signer.warnings:
        console.note(f"warning: {warning}")
    folder = Path(output_dir) if output_dir else None
    done = steps.attest_target(path, report, signer, folder=folder, timestamp=timestamp)
    if done.replaced:
        console.note(f"replaced the signature that was there: {done.outputs.bundle}")
    console.result(f"{done.outputs.bom}\n{done.outputs.bundle}\n")
    return 0
