"""`aibom sign`: sign a bill of materials that exists, with the model it is about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..render.escape import safe
from .signing import Signing, signing_options, tell_what_was_written

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
@signing_options
@click.pass_obj
def command(console: Console, /, bom: str, model: str | None, **options: Any) -> int:
    """Sign the bill of materials BOM, and every file of the model with it.

    The files are hashed again and must be those that the BOM lists. Nothing is scanned: `aibom
    attest` scans and signs in one step. The password of an encrypted key comes from
    AIBOM_KEY_PASSWORD or from a prompt.
    """
    from ..errors import TargetError
    from ..layout import BOM_NAME, Outputs
    from ..verify import sign_existing

    path = Path(bom)
    if not path.exists():
        raise TargetError(
            f"{bom}: there is no BOM. `aibom bom` writes one, `aibom attest` signs too."
        )
    if model is None:
        single = path.name.removesuffix(f".{BOM_NAME}")
        model = str(path.parent if single == path.name else path.with_name(single))
    outputs = Outputs.beside(path, in_folder=Path(model).is_dir())
    signing = Signing(**options)
    wishes = signing.wishes
    signer = signing.prepare(console, model, outputs, wishes=wishes, keeps_bom=True)
    signer = signer or signing.signer(console, model)
    console.note(f"signing {safe(bom)} with the model {safe(model)} (--model names another)")
    with console.progress(model, "hashing") as progress:
        done = sign_existing(model, signer, outputs=outputs, progress=progress, wishes=wishes)
    tell_what_was_written(console, done)
    return 0
