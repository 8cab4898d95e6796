"""What the command line has against a command, without running it."""

from __future__ import annotations

import click

from aibom.cli import group


def _is_any(word: str) -> bool:
    """Say whether `word` stands for whatever the reader wants."""
    return word.isupper() or word == "…"


def problem_of(words: list[str]) -> str:
    """Return what the command line has against these words, missing arguments apart."""
    command: click.Command = group
    context = click.Context(group, info_name="aibom")
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        if _is_any(words[0]):
            return ""
        found = command.get_command(context, words[0])
        if found is None:
            return "there is no such command"
        command, context = found, click.Context(found, context, words[0])
        words = words[1:]
    try:
        given, _, _ = command.make_parser(context).parse_args([*words])
        for parameter in command.params:
            value = given.get(parameter.name or "")
            if (
                isinstance(parameter.type, click.Choice)
                and isinstance(value, str)
                and not _is_any(value)
            ):
                parameter.type_cast_value(context, value)
    except click.UsageError as error:
        return error.format_message()
    return ""
