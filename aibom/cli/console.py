"""Where a command writes: results on standard output, everything else on standard error."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING

import click

from ..render.escape import safe

if TYPE_CHECKING:
    from collections.abc import Generator

    from ..scan import Progress
    from ..scanners.isolate import InProcess, Sandbox

LONG = 64 << 20  # bytes; less is hashed before a progress bar would be read


class Console:
    """What one run of the command line shares between its parts."""

    def __init__(self, sandbox: Sandbox | None = None) -> None:
        """Take over the locked process that was started first, if one was."""
        self.started = sandbox
        for stream in (sys.stdout, sys.stderr):  # a terminal that lacks a character gets its number
            reconfigure = getattr(stream, "reconfigure", None)
            if reconfigure:
                reconfigure(errors="backslashreplace")

    @property
    def color(self) -> bool | None:
        """Whether to colour; None lets click look whether the stream is a terminal."""
        if os.environ.get("NO_COLOR"):
            return False
        return True if os.environ.get("FORCE_COLOR") else None

    def result(self, text: str) -> None:
        """Write a result to standard output."""
        click.echo(text, nl=False, color=self.color)

    def note(self, text: str) -> None:
        """Write a line for people to standard error.

        Where there is no room for it, the exit code still says what came of the command.
        """
        try:
            click.echo(text, err=True, color=self.color)
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # also for what Python flushes at its end

    def fail(self, text: str) -> None:
        """Write why the command stopped to standard error."""
        lines = [safe(line) for line in text.splitlines()]
        self.note(click.style("error: ", fg="red", bold=True) + "\n".join(lines))

    def sandbox(self, *, isolate: bool) -> Sandbox | InProcess | None:
        """Return the process that parses, or None to have one started."""
        if isolate:
            return self.started
        from ..sandbox import without_isolation

        warning = "warning: parsers run in this process; a hostile file that breaks one has it all"
        self.note(click.style(warning, fg="yellow"))
        return without_isolation()

    @contextlib.contextmanager
    def progress(self, path: str, label: str) -> Generator[Progress | None]:
        """Show a bar on standard error while bytes are hashed, if that takes long."""
        total = _size(path) if sys.stderr.isatty() else 0
        if total < LONG:
            yield None
            return
        from .progress import Bar

        with Bar(total, label) as bar:
            yield bar


def _size(path: str) -> int:
    """Return the bytes of all files below `path`, without following links."""
    total = 0
    with contextlib.suppress(OSError):
        total = os.lstat(path).st_size
    for folder, _, names in os.walk(path):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(folder, name)).st_size  # noqa: PTH118 - many files
    return total
