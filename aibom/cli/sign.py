"""`aibom sign`: sign a bill of materials that exists, with the model it is about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..render.escape import safe
from .options import key_option, password_from

if TYPE_CHECKING:
    from .console import Console


@click.command("sign")
@click.argument("bom", type=click.Path())
@click.option(
    "--model",
    metavar="PATH",
    type=click.Path(),
    help="The model's folder or file.  [default: where the BOM lies]",
)
@key_option("Private key: a PEM file, or env://NAME for a variable that holds one.")
@click.pass_obj
def command(console: Console, bom: str, model: str | None, key: str) -> int:
    """Sign the bill of materials BOM, and every file of the model with it.

    The files are hashed again and must be those that the BOM lists. Nothing is scanned: `aibom
    attest` scans and signs in one step. The password of an encrypted key comes from
    AIBOM_KEY_PASSWORD or from a prompt.
    """
    from ..layout import BOM_NAME, BUNDLE_SUFFIX, Outputs
    from ..signatures import signer_from_uri
    from ..verify import sign_existing

    path = Path(bom)
    if model is None:
        single = path.name.removesuffix(f".{BOM_NAME}")
        model = str(path.parent if single == path.name else path.with_name(single))
    outputs = Outputs(path, path.with_name(path.name + BUNDLE_SUFFIX))
    signer = signer_from_uri(key, password_from(console))
    for warning in signer.warnings:
        console.note(f"warning: {warning}")
    console.note(f"signing {safe(bom)} with the model {safe(model)} (--model names another)")
    with console.progress(model, "hashing") as progress:
        replaced = sign_existing(model, signer, outputs=outputs, progress=progress)
    if replaced:
        console.note(f"replaced the signature that was there: {outputs.bundle}")
    console.result(f"{outputs.bundle}\n")
    return 0
