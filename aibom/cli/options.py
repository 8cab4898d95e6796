"""Options that several verbs share, and the steps behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..policy import Policy
from ..scanners.record import record
from ..scanners.rule import Severity
from ..scanners.shapes import is_tuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..report import Report
    from .console import Console

F = TypeVar("F", bound="Callable[..., Any]")
LEVELS = [*(level.name.lower() for level in Severity), "never"]


def refuse_empty(context: click.Context) -> None:
    """Raise if an option has an empty text: a variable that is not set must not demand less.

    Raises:
        UsageError: It names the option.
    """
    for option in context.command.params:
        value = context.params.get(option.name or "")
        if value == "" or (is_tuple(value) and "" in value):
            raise click.UsageError(f"{option.opts[0]} is empty: give a text, or leave it out.")


def target_argument(function: F) -> F:
    """Add the argument PATH: one folder or file."""
    return click.argument("path", type=click.Path(path_type=str, readable=False))(function)


def reading_options(function: F) -> F:
    """Add the options of every verb that parses files."""
    for option in reversed(
        (
            click.option(
                "--fail-on",
                type=click.Choice(LEVELS, case_sensitive=False),
                default="high",
                show_default=True,
                help="Lowest severity of a finding that fails.",
            ),
            click.option(
                "--require-lock",
                is_flag=True,
                help="Refuse to parse unless files, network and processes are shut to the parsers.",
            ),
            click.option(
                "--no-isolation",
                is_flag=True,
                help="Parse in this very process. For systems where nothing else works.",
            ),
            click.option(
                "--jobs",
                type=click.IntRange(min=0),
                default=0,
                help="Files worked on at the same time.  [default: one for each core]",
            ),
            click.option("--sha512", is_flag=True, help="Take SHA-512 digests as well."),
            click.option(
                "--name",
                metavar="TEXT",
                help="The model's name in the results.  [default: that of its folder or file]",
            ),
        )
    ):
        function = option(function)
    return function


@record
class Reading:
    """The values of `reading_options`."""

    fail_on: str
    require_lock: bool
    no_isolation: bool
    jobs: int
    sha512: bool
    name: str | None = None

    @property
    def policy(self) -> Policy:
        """The policy that they ask for."""
        return Policy(None if self.fail_on == "never" else Severity[self.fail_on.upper()])

    def scan(self, path: str, console: Console) -> Report:
        """Scan `path` as they say, with a progress bar if it takes long."""
        from ..scan import scan_target

        if self.no_isolation and self.require_lock:
            raise click.UsageError("--no-isolation and --require-lock exclude one another.")
        with console.progress(path, "reading") as progress:
            return scan_target(
                path,
                name=self.name,
                sandbox=console.sandbox(isolate=not self.no_isolation),
                require_lock=self.require_lock,
                jobs=self.jobs,
                algorithms=("sha256", "sha512") if self.sha512 else ("sha256",),
                progress=progress,
            )
