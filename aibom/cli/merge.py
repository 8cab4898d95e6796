"""`aibom merge`: one bill of materials of several."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from ..errors import Exit
from ..render.escape import counted
from .options import refuse_empty
from .writing import result_option, write_result

if TYPE_CHECKING:
    from .console import Console


@click.command("merge")
@click.argument("boms", nargs=-1, required=True, metavar="BOM...", type=click.Path())
@result_option
@click.option("--name", required=True, help="What consists of all that the BOMs describe.")
@click.option("--model-version", metavar="TEXT", default=None, help="The version of that.")
@click.pass_obj
def command(
    console: Console,
    /,
    boms: tuple[str, ...],
    output: str | None,
    name: str,
    model_version: str | None,
) -> int:
    """Write one CycloneDX BOM about NAME that holds what every BOM says.

    References, pointers of citations and paths of files are rewritten, so that they still lead to
    what they did: each part's files stand in a folder of its name. Nothing is scanned or verified.
    A signature over a part does not cover the result, which names each part by its hash: verify the
    parts first, and sign the result anew. It is the same for the same BOMs in the same order.
    """
    from ..attest import timestamp_from
    from ..bom import merge
    from ..bom.file import read
    from .replacing import refuse_others

    refuse_empty(click.get_current_context())
    refuse_others([("bom", output)], boms)
    when = timestamp_from(dict(os.environ))
    document = merge.merge(
        [(path, read(path)) for path in boms], name, version=model_version or "", timestamp=when
    )
    write_result(console, output, document)
    console.note(
        f"{counted(len(boms), 'BOM')} merged. Signatures over them do not cover the result."
    )
    return Exit.OK
