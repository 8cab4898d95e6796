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
@click.option("--full", is_flag=True, help="Every value, not a line for each subject.")
@click.option("--all", "uncut", is_flag=True, help="The same, and cut no list and no text short.")
@click.pass_obj
def command(  # noqa: PLR0913 - one for each option
    console: Console, /, bom: str, form: str, *, evidence: bool, full: bool, uncut: bool
) -> int:
    """Show the CycloneDX BOM, by anybody, as a model card: in short, or with --full.

    What the model is, what was found in it, its files, parameters, data, base models, licences,
    metrics and limits, each with how it is known (observed in the bytes, declared, inferred), and
    what is not known. Everything as the BOM has it: nothing is scanned or verified.
    """
    from ..bom.diff import parse
    from ..bom.file import read
    from ..bom.show import card

    sections = card(parse(read(bom), bom))
    if form == "markdown":
        from ..render.card_markdown import render as markdown

        console.document(markdown(sections, is_full=uncut, evidence=evidence))
    elif full or uncut or evidence:
        from ..render.card import render as whole

        console.result(whole(sections, is_full=uncut, evidence=evidence))
    else:
        from ..render.card_short import render as short

        console.result(short(sections))
    return int(Exit.OK)
