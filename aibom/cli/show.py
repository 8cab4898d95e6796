"""`aibom show`: a bill of materials as a model card for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..errors import Exit

if TYPE_CHECKING:
    from .console import Console


@click.command("show")
@click.argument("bom", type=click.Path())
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "markdown")),
    default="text",
    show_default=True,
    help="For a terminal, or for a page.",
)
@click.option("--evidence", is_flag=True, help="Name the file, offset and key of each value.")
@click.option("--all", "is_full", is_flag=True, help="Cut no list and no text short.")
@click.pass_obj
def command(console: Console, /, bom: str, form: str, *, evidence: bool, is_full: bool) -> int:
    """Show the CycloneDX BOM, by anybody, as a model card.

    What the model is, what was found in it, its files, parameters, data, base models, licences,
    metrics and limits, each with how it is known (observed in the bytes, declared, inferred), and
    what is not known. Everything as the BOM has it: nothing is scanned or verified.
    """
    from ..bom.diff import parse
    from ..bom.file import read
    from ..bom.show import card

    sections = card(parse(read(bom), bom))
    if form == "markdown":
        from ..render.card_markdown import render
    else:
        from ..render.card import render
    console.result(render(sections, is_full=is_full, evidence=evidence))
    return int(Exit.OK)
