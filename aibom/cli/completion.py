"""`aibom completion`: what a shell runs to complete a line of `aibom`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from .console import Console

VARIABLE = "_AIBOM_COMPLETE"  # click's name for it: the shell sets it when it asks


@click.command("completion", short_help="Print what makes bash, zsh or fish complete aibom.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print a script for SHELL, which then completes verbs, options and their values.

    \b
    bash:  eval "$(aibom completion bash)"      in ~/.bashrc
    zsh:   eval "$(aibom completion zsh)"       in ~/.zshrc
    fish:  aibom completion fish | source       in ~/.config/fish/config.fish
    """  # noqa: D301 - \b is click's: do not wrap
    from click.shell_completion import get_completion_class

    console: Console = ctx.obj
    found = get_completion_class(shell)
    if found is None:  # pragma: no cover - click has these three
        raise click.UsageError(f"click knows no completion for {shell}.")
    console.result(found(ctx.find_root().command, {}, "aibom", VARIABLE).source())
