"""A progress bar over bytes."""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING, Self

import click

from ..render.escape import size

if TYPE_CHECKING:
    from types import TracebackType

WIDTH = 30  # characters
EVERY = 0.1  # seconds between two drawings
PATIENCE = 1.0  # seconds before the first


class Bar:
    """A bar with bytes, rate and time left on standard error; several threads may advance it."""

    def __init__(self, total: int, label: str) -> None:
        """Expect `total` bytes."""
        self._total, self._label = total, label
        self._done, self._started = 0, time.monotonic()
        self._next, self._drawn = self._started + PATIENCE, False
        self._guard = threading.Lock()

    def __enter__(self) -> Self:
        """Return this very bar."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Wipe the bar away."""
        if self._drawn:
            click.echo("\r\x1b[K", nl=False, err=True)

    def advance(self, count: int) -> None:
        """Count `count` bytes more, and draw now and then."""
        with self._guard:
            self._done += count
            now = time.monotonic()
            if now >= self._next:
                self._next = now + EVERY
                self._draw(now - self._started)

    def _draw(self, seconds: float) -> None:
        self._drawn = True
        part = min(1.0, self._done / self._total)
        bar = ("━" * round(part * WIDTH)).ljust(WIDTH, "·")
        rate = max(1, int(self._done / seconds))
        line = f"{self._label} {bar} {size(self._done)} of {size(self._total)}, {size(rate)}/s"
        line += f", {clock(max(0, self._total - self._done) // rate)} left"
        click.echo(f"\r{line}\x1b[K", nl=False, err=True, color=True)
        sys.stderr.flush()


def clock(seconds: int) -> str:
    """Return a time as on a clock, such as ``1:05`` or ``2:00:09``."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
