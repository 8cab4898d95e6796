"""Rule: a graph that calls Python functions of the program that runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Operation
from ...graph_operators import Reach, reaching
from ...rule import Rule, Severity
from . import naming

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(operation: Operation) -> Iterator[str]:
    """The graph names a function by a token, and the program that runs it calls what it has for it.

    What that is stands nowhere in the file: it comes with a program of the author's, or it is
    another function that the program happens to have under this token.

    What to do: do not load it. Ask its author for a model whose graph does all by itself.
    """
    known = reaching(operation.operator)
    if known and known.reach is Reach.PYTHON and operation.graph != naming.META_GRAPH:
        yield naming.spoken(operation, known, operation.given)


RULE = Rule(
    id="graph-calls-python",
    title="The graph calls Python functions",
    severity=Severity.HIGH,
    on=Operation,
    check=check,
    refs=("CWE-506", "CWE-470"),
    flags=(
        Operation(graph="saved-model", operator="PyFunc", given=("pyfunc_0",)),
        Operation(graph="lite", operator="EagerPyFunc"),
    ),
    passes=(
        Operation(graph="meta-graph", operator="PyFunc", given=("pyfunc_0",)),
        Operation(graph="saved-model", operator="SaveV2", is_fed=True),
    ),
)
