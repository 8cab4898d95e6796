"""What a shell offers for a value, by what the help calls it: files, policies, rules, forms."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from click.shell_completion import CompletionItem

    Offers = Callable[[], Iterable[str]]


def with_completion(command: click.Command) -> click.Command:
    """Have a shell complete the values of a verb, and of each below it."""
    for below in command.commands.values() if isinstance(command, click.Group) else ():
        with_completion(below)
    for parameter in command.params:
        if parameter.metavar in OFFERED:
            names, kind = OFFERED[parameter.metavar]
            parameter.shell_complete = partial(_complete, names, kind)  # type: ignore[method-assign]
    return command


def _complete(
    names: Offers, kind: str, ctx: click.Context, incomplete: str
) -> list[CompletionItem]:
    """Return the names that go on from `incomplete`; where none does, leave it to the shell."""
    from click.shell_completion import CompletionItem

    del ctx
    found = [CompletionItem(name) for name in names() if name.startswith(incomplete)]
    return found or ([CompletionItem(incomplete, type=kind)] if kind else [])


def _policies() -> Iterable[str]:
    from ..policy_file import BUNDLED

    return BUNDLED


def _explained() -> Iterable[str]:
    from .explain import names

    return dict.fromkeys(names())


def _rules() -> Iterable[str]:
    from ..scanners.rules import RULES

    return sorted(rule.id for rule in RULES)


def _forms() -> Iterable[str]:
    from ..render import FORMS

    return [f"{form}=" for form in FORMS]


FILES: tuple[Offers, str] = (lambda: (), "file")
OFFERED: dict[str, tuple[Offers, str]] = {  # what the help calls a value -> names, or what else
    **dict.fromkeys(("FILE", "KEY", "CASES"), FILES),
    **dict.fromkeys(("DIR", "FOLDER"), (FILES[0], "dir")),
    "NAME|FILE": (_policies, "file"),
    "ID": (_explained, ""),
    "RULE": (_rules, ""),
    "FORM=PATH": (_forms, "file"),
}
