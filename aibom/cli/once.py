"""An option that takes one value is given once: of two values, one would not be obeyed."""

from __future__ import annotations

from functools import partial

import click


def with_values_once(command: click.Command) -> click.Command:
    """Have a verb, and each below it, refuse two values where one is obeyed."""
    for below in command.commands.values() if isinstance(command, click.Group) else ():
        with_values_once(below)
    command.parse_args = partial(_parse, command)  # type: ignore[method-assign]
    return command


def _parse(command: click.Command, ctx: click.Context, args: list[str]) -> list[str]:
    """Parse a command line as click does.

    Raises:
        UsageError: An option that takes one value is given twice.
    """
    if not ctx.resilient_parsing:  # not while a shell asks how a line may go on
        _, _, given = command.make_parser(ctx).parse_args(list(args))
        values = [each for each in given if isinstance(each, click.Option) and not each.is_flag]
        for option in values:
            if values.count(option) > 1 and not option.multiple and not option.count:
                name = max(option.opts, key=len)
                raise click.UsageError(f"{name} is given twice, and takes one value.", ctx)
    return type(command).parse_args(command, ctx, args)
