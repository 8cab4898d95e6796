"""`aibom formats`: what is told apart by its content, and what of it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from .console import Console


@click.command("formats")
@click.pass_obj
def command(console: Console) -> None:
    """List every format by the id that policies and reports know it by.

    A file is told by its content; a name that promises another format is a finding. A format that
    is known and not read makes a scan incomplete (exit 3). Anything else is listed and hashed.
    """
    from ..scanners.formats import FORMATS
    from ..scanners.formats.opaque import UNREAD

    width = max(len(each.id) for each in FORMATS)
    title = max(len(each.title) for each in FORMATS)
    for each in FORMATS:
        state = "not read" if each.id in UNREAD else "read"
        line = f"{each.id:{width}}  {state:8}  {each.title:{title}}  {' '.join(each.suffixes)}"
        console.result(line.rstrip() + "\n")
