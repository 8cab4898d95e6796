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
    from ..folder import VERSION_CONTROL
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
    for name in found.not_covered:
        why = "version control" if name in VERSION_CONTROL else "a result of signing, not this one"
        console.result(f"  not covered {safe(name)} ({why})\n")
    _tell_what_is_held(console, found.bom)
    return 0


def _tell_what_is_held(console: Console, bom: dict[str, object]) -> None:
    """A good signature does not make a good model: say what the signed BOM holds against it."""
    from ..signed_bom import SHOWN, held_against

    held = held_against(bom)
    if held.findings:
        counts = ", ".join(f"{count} {safe(level)}" for level, count in held.counts.items())
        console.result(f"  findings    {counts}, stated in the signed BOM:\n")
        rules = dict.fromkeys(f"{level}[{rule}]" for level, rule in held.findings)
        for rule in list(rules)[:SHOWN]:
            console.result(f"              {safe(rule)}\n")
    for path, why in held.unread[:SHOWN]:
        told = f"{safe(path)}: {safe(why)}" if why else safe(path)
        console.result(f"  not read    {told}\n")
    if len(held.unread) > SHOWN:
        console.result(f"  not read    and {len(held.unread) - SHOWN} more\n")
