"""The command line, run as a user runs it or inside the test."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.helpers.checkout import ROOT

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = [sys.executable, "-m", "aibom"]


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


def environment(**more: str) -> dict[str, str]:
    """Return an environment in which this checkout is importable and nothing is coloured."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("AIBOM")}
    kept.pop("FORCE_COLOR", None)
    return {**kept, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **more}


def aibom(*arguments: str | Path, cwd: Path | None = None, **more: str) -> Ended:
    """Run `aibom` as a process of its own."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=cwd,
        env=environment(**more),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        stdin=subprocess.DEVNULL,
    )
    return Ended(done.returncode, done.stdout, done.stderr)
