"""Rule: a graph that runs what a text holds, or ends the process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Operation
from ...graph_operators import Reach, reaching
from ...rule import Rule, Severity
from . import naming

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(operation: Operation) -> Iterator[str]:
    """The graph runs another that a text holds, or native code by its name, or ends the process.

    No one can see here what that does, and a model has no need of it.

    What to do: do not load it, and do not serve it.
    """
    known = reaching(operation.operator)
    if known and known.reach in (Reach.CODE, Reach.PROCESS):
        yield naming.spoken(operation, known)


RULE = Rule(
    id="graph-runs-code",
    title="The graph runs hidden code, or ends the process",
    severity=Severity.HIGH,
    on=Operation,
    check=check,
    refs=("CWE-506", "CWE-94"),
    flags=(
        Operation(graph="saved-model", operator="DatasetFromGraph", is_computed=True),
        Operation(graph="graph", operator="Abort", given=("bye",)),
    ),
    passes=(Operation(graph="saved-model", operator="SaveV2", is_fed=True),),
)
