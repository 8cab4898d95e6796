"""What the names that reach an operator say, and how an operation is spoken of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...graph_operators import Reach, Reaching, reaching

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...facts import Operation

SHOWN = 3  # names in one sentence
ROOM = 100  # characters of a name
SEPARATOR = re.compile(r"[/\\]")
OUTSIDE = re.compile(r"[/\\~]|[A-Za-z]:|[A-Za-z][A-Za-z0-9+.-]+:/")
HARMLESS = re.compile(  # streams that are no file, what stands in the text itself, in the model
    r"|stdout|stderr|log\(\w+\)|(?:local|bytes|memmapped_package|ram)://.*", re.DOTALL
)
META_GRAPH = "meta-graph"  # the graph of a program that trains
TRAINING = frozenset({META_GRAPH, "graph"})  # kinds of graphs that such programs write
RESTORING = frozenset(  # what each model does when it is loaded or saved
    {
        "Restore", "RestoreSlice", "RestoreV2", "Save", "SaveSlices", "SaveV2",
        "MergeV2Checkpoints", "InitializeTableFromTextFile", "InitializeTableFromTextFileV2",
    }
)  # fmt: skip
FILES = frozenset({Reach.READS, Reach.WRITES})


def leads_outside(name: str) -> bool:
    """Whether a name is that of a file outside any folder that the model could be in."""
    if HARMLESS.fullmatch(name):
        return False
    is_up = any(part.strip() == ".." for part in SEPARATOR.split(name))
    return bool(OUTSIDE.match(name)) or is_up


def touching(operation: Operation) -> tuple[Reaching, tuple[str, ...]] | None:
    """Return what an operation does to files that no honest model does, and the names.

    None if there is nothing of the kind: honest models restore their variables, and fill tables
    from files that they bring along.
    """
    known = reaching(operation.operator)
    if known is None or known.reach not in FILES:
        return None
    named = tuple(name for name in operation.given if not HARMLESS.fullmatch(name))
    outside = tuple(filter(leads_outside, named))
    is_training = operation.graph in TRAINING and known.reach is Reach.READS
    if known.is_usual:
        is_told = outside and not (is_training and known.name not in RESTORING)
        return (known, outside) if is_told else None
    if named or operation.is_computed:
        return known, named
    is_queued = not (known.inputs or known.attributes)  # its names come through a queue
    if operation.is_fed or is_queued:
        return None if is_training else (known, ())
    is_its_own = known.reach is Reach.READS and operation.assets
    return None if is_its_own or operation.given else (known, ())


def spoken(operation: Operation, known: Reaching, names: Iterable[str] = ()) -> str:
    """Return what an operation does, with the names that matter, as a sentence without its end."""
    every = [repr(name if len(name) <= ROOM else f"{name[:ROOM]}…") for name in names]
    more = f" and {len(every) - SHOWN} more" if len(every) > SHOWN else ""
    given = f", given {', '.join(every[:SHOWN])}{more}" if every else ""
    where = f" in the function {operation.function!r}" if operation.function else ""
    times = f", {operation.count} times" if operation.count > 1 else ""
    return f"{operation.operator} {known.why}{given}{where}{times}"
