"""`aibom sign`: sign a bill of materials that exists, with the model it is about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import PolicyError
from ..render.escape import safe
from .signing import Signing, signing_options, tell_what_was_written

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..publish import Wishes
    from .console import Console


@click.command("sign")
@click.argument("bom", type=click.Path())
@click.option(
    "--model",
    metavar="PATH",
    type=click.Path(),
    help="The model's folder or file.  [default: where the BOM lies]",
)
@click.option(
    "--policy",
    metavar="NAME|FILE",
    help="Do not sign a BOM that `aibom verify --policy` would refuse.",
)
@signing_options
@click.pass_obj
def command(
    console: Console, /, bom: str, model: str | None, policy: str | None, **options: Any
) -> int:
    """Sign the bill of materials BOM, and every file of the model with it.

    The files are hashed again and must be those that the BOM lists. Nothing is scanned: `aibom
    attest` scans and signs in one step. What the BOM says against the model is told, and signed all
    the same unless --policy forbids it. The password of an encrypted key comes from
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
    look = _look(console, policy, model, wishes)
    signer = signing.prepare(console, model, outputs, wishes=wishes, keeps_bom=True)
    signer = signer or signing.signer(console, model)
    console.note(f"signing {safe(bom)} with the model {safe(model)} (--model names another)")
    with console.progress(model, "hashing") as progress:
        done = sign_existing(
            model, signer, outputs=outputs, progress=progress, wishes=wishes, look=look
        )
    tell_what_was_written(console, done)
    return 0


def _look(
    console: Console, policy: str | None, model: str, wishes: Wishes
) -> Callable[[dict[str, Any]], None]:
    """Return what warns of all that a BOM says against its model, or refuses it by `policy`.

    Raises:
        TargetError: The policy cannot be read, or says something that is not understood.
    """
    from ..expect_file import read_policy
    from ..signatures import SignatureError
    from ..signed_bom import warnings_of

    expected = read_policy(policy, model) if policy is not None else None

    def look(document: dict[str, Any]) -> None:
        for warning in warnings_of(document):
            console.warn(safe(warning))
        if expected is None:
            return
        try:
            expected.check_before_signing(document, wishes.further)
        except SignatureError as error:
            raise PolicyError(f"not signed, as {policy} demands: {error}.") from error

    return look
