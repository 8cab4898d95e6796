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
        self.is_quiet = False  # whether notes and progress are left out
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

    def document(self, data: str | bytes) -> None:
        """Write a document to standard output: UTF-8 wherever it goes, if not on a screen."""
        if isinstance(data, str):
            data = data.encode("utf-8", "backslashreplace")
        if sys.stdout.isatty():
            self.result(data.decode())
        else:
            click.echo(data, nl=False)

    def note(self, text: str) -> None:
        """Write a line for people to standard error, if they want any."""
        if not self.is_quiet:
            self.tell(text)

    def warn(self, text: str) -> None:
        """Write what is unwise to standard error."""
        self.tell(f"warning: {text}")

    def tell(self, text: str) -> None:
        """Write a line to standard error.

        Where there is no room for it, the exit code still says what came of the command.
        """
        try:
            click.echo(text, err=True, color=self.color)
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # also for what Python flushes at its end

    def fail(self, text: str) -> None:
        """Write why the command stopped to standard error."""
        lines = [safe(line) for line in text.splitlines()]
        self.tell(click.style("error: ", fg="red", bold=True) + "\n".join(lines))

    def sandbox(self, *, isolate: bool) -> Sandbox | InProcess | None:
        """Return the process that parses, or None to have one started."""
        if isolate:
            return self.started
        from ..sandbox import without_isolation

        warning = "warning: parsers run in this process; a hostile file that breaks one has it all"
        self.tell(click.style(warning, fg="yellow"))
        return without_isolation()

    @contextlib.contextmanager
    def progress(self, path: str, label: str) -> Generator[Progress | None]:
        """Show a bar on standard error while bytes are hashed, if that takes long."""
        total = _size(path) if sys.stderr.isatty() and not self.is_quiet else 0
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
