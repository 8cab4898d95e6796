"""Walk a journey: run its commands, one after the other, and record what a person sees."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.helpers.command import aibom

HERE = Path(__file__).parent
DAY = "1764115200"  # 2025-11-26: for waivers, and for what is written down
HEXADECIMAL = re.compile(r"(?<=[@:\s])[0-9a-f]{12,}\b")  # digests, which change with every rule


@dataclass(frozen=True)
class Journey:
    """What somebody does in a folder, step by step; a step that is no command changes a file."""

    name: str
    steps: tuple[str | Callable[[Path], None], ...]

    @property
    def screen(self) -> Path:
        """The file with what is to be seen."""
        return HERE / f"{self.name}.txt"


def walk(journey: Journey, place: Path) -> str:
    """Do every step in `place`; return commands, what they said, and their exit codes."""
    told: list[str] = []
    for step in journey.steps:
        if not isinstance(step, str):
            step(place)
            told.append(f"# {step.__doc__}\n")
            continue
        program, *arguments = shlex.split(step)
        if program != "aibom":
            raise ValueError(f"{step!r} is no command of aibom")
        ended = aibom(*arguments, cwd=place, SOURCE_DATE_EPOCH=DAY)
        said = HEXADECIMAL.sub("…", ended.err + ended.out)
        told.append(f"$ {step}\n{said}[exit {ended.code}]\n")
    return "\n".join(told)
