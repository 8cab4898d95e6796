"""`aibom export`: a bill of materials in another format."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from ..errors import Exit
from .options import refuse_empty
from .writing import result_option, write_result

if TYPE_CHECKING:
    from .console import Console


@click.command("export")
@click.argument("bom", metavar="BOM", type=click.Path(readable=False))
@click.option("--to", "form", type=click.Choice(["spdx3"]), required=True, help="SPDX 3.0.1.")
@result_option
@click.pass_obj
def command(console: Console, /, bom: str, form: str, output: str | None) -> int:
    """Write the CycloneDX document BOM in another format.

    spdx3 is SPDX 3.0.1 in JSON-LD: models as AI packages, data sets as dataset packages, files with
    their hashes, licences, and what was trained on, tested on and derived from what. SPDX demands a
    time: that of SOURCE_DATE_EPOCH, or else the BOM's own. What has no place in it is counted.
    """
    from ..attest import timestamp_from
    from ..bom.file import read
    from ..bom.spdx import export
    from ..errors import BomError
    from ..folder import readable
    from ..render.escape import safe
    from .replacing import refuse_others

    refuse_empty(click.get_current_context())
    refuse_others([(form, output)], [bom])
    data = read(bom)
    try:
        exported = export(data, timestamp_from(dict(os.environ)))
    except BomError as error:
        raise BomError(f"{readable(bom)}: {error}") from error
    write_result(console, output, exported.data)
    if exported.left_out:
        told = ", ".join(f"{count:,} {what}" for what, count in exported.left_out)
        console.note(f"left out, since SPDX's AI and Dataset profiles have no place: {safe(told)}")
    return Exit.OK
