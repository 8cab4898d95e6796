"""`aibom verify`: is this the model that was signed, and by whom."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..render.escape import counted, safe, size
from .options import key_option, target_argument

if TYPE_CHECKING:
    from .console import Console


@click.command("verify")
@target_argument
@key_option("Public key of the signer: a PEM file that you got by another way.")
@click.option("--bom", metavar="FILE", help="The BOM.  [default: beside the model]")
@click.option("--bundle", metavar="FILE", help="The signature.  [default: beside the BOM]")
@click.option("--allow-key-inside", is_flag=True, help="Accept a key that lies in the model.")
@click.pass_obj
def command(  # noqa: PLR0913 - one for each option
    console: Console,
    path: str,
    key: str,
    bom: str | None,
    bundle: str | None,
    *,
    allow_key_inside: bool,
) -> int:
    """Verify that the model at PATH is, file for file, the one that was signed with its BOM.

    Any difference fails (exit 4): a changed, missing or additional file, a link, another BOM,
    another signer. Works offline. Says nothing about files at the top that belong to git.
    """
    from ..layout import BUNDLE_SUFFIX, Outputs
    from ..verify import key_trust, verify_target

    default = Outputs.of(Path(path))
    bom_path = Path(bom) if bom else default.bom
    beside = bom_path.with_name(bom_path.name + BUNDLE_SUFFIX)
    outputs = Outputs(bom_path, Path(bundle) if bundle else beside)
    trust = key_trust(key, path, allow_inside=allow_key_inside)
    for warning in trust.warnings:
        console.note(f"warning: {warning}")
    with console.progress(path, "hashing") as progress:
        found = verify_target(path, trust, outputs=outputs, progress=progress)
    files = f"{counted(found.files, 'file')}, {size(found.size)}"
    console.result(
        f"{click.style('VERIFIED', fg='green', bold=True)}: {safe(found.model)} ({files})\n"
        f"  signed by   {safe(found.signed_by)}\n"
        f"  checked     signature, statement, BOM, and every file byte for byte\n"
    )
    if found.not_covered:
        names = ", ".join(map(safe, found.not_covered))
        console.result(f"  not covered {names} (version control)\n")
    _tell_findings(console, found.bom)
    return 0


def _tell_findings(console: Console, bom: dict[str, object]) -> None:
    """A good signature does not make a good model: say what the signed BOM holds against it."""
    from ..scanners.shapes import is_list  # not for --help

    found = bom.get("vulnerabilities")
    if is_list(found) and found:
        console.result(f"  findings    the signed BOM lists {len(found)}: read them\n")
