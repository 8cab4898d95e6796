"""Witness paths: how a callable can reach a primitive, by file and line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .seeds import DANGERS

if TYPE_CHECKING:
    from .judge import Effects
    from .program import Program
    from .values import Label

LONGEST = 8  # hops
# The effect to tell of first when there are several.
ORDER = (
    "proc", "exec", "native", "unpickle", "import", "resolve", "patch", "fwrite", "net", "kill",
    "env", "module",
)  # fmt: skip


def path(program: Program, effects: Effects) -> str:
    """Return the path to the gravest effect, as ``effect file:line function > … > primitive``."""
    kind = next((each for each in ORDER if each in effects and each in DANGERS), "")
    start = effects.get(kind)
    if start is None:
        return kind
    return " > ".join([kind, *_hops(program, kind, *start)])


def _hops(program: Program, kind: str, function: str, label: Label | None) -> list[str]:
    hops: list[str] = []
    for _ in range(LONGEST):
        summary = program.summaries.get(function)
        step = summary.effects.get(kind, {}).get(label) if summary and label is not None else None
        if step is None:
            break
        where = program.modules[program.module_of[function]].path
        hops.append(f"{where}:{step.line}")
        function, label = step.what, step.label
    return [*hops, function]
