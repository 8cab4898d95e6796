"""One page for each verb of the command line, from what `--help` says; and one that lists them."""

from __future__ import annotations

from inspect import cleandoc
from typing import TYPE_CHECKING

import click

from aibom.cli import SECTIONS, VERBS, group

from .pages import block, paragraphs, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = """\
# Commands

What each ends with is on [one page](../exit-codes.md). Results go to standard output, everything
else to standard error.
`aibom COMMAND --help` shows the same as these pages.
"""
FOOT = "[All commands](index.md) · [exit codes](../exit-codes.md)\n"


def pages() -> dict[str, str]:
    """Return the pages by their names."""
    top = click.Context(group, info_name="aibom")
    made = {"commands/index.md": _index()}
    for verb in VERBS:
        command = group.get_command(top, verb)
        if command is not None:
            text = "\n".join(_command(command, top, verb, level=1))
            made[f"commands/{verb}.md"] = text + "\n" + FOOT
    return made


def _index() -> str:
    parts = [HEAD]
    for title, verbs in SECTIONS.items():
        parts.append(f"\n## {title}\n\n| command | does |\n|---|---|\n")
        parts += [f"| [`aibom {verb}`]({verb}.md) | {plain(verbs[verb])} |\n" for verb in verbs]
    return "".join(parts)


def _command(command: click.Command, above: click.Context, name: str, level: int) -> Iterator[str]:
    context = click.Context(command, info_name=name, parent=above)
    yield f"{'#' * level} `{context.command_path}`"
    yield ""
    yield paragraphs(cleandoc(command.help or ""))
    yield ""
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    yield block(usage)
    yield ""
    yield from _options(command, context)
    if isinstance(command, click.Group):
        for each in command.list_commands(context):
            found = command.get_command(context, each)
            if found is not None:
                yield from _command(found, context, each, level + 1)


def _options(command: click.Command, context: click.Context) -> Iterator[str]:
    for parameter in command.params:
        told = parameter.get_help_record(context)
        if told is not None and told[1]:  # what an argument is, the sentences above say
            yield f"`{told[0]}`"
            yield f":   {plain(told[1])}"
            yield ""
