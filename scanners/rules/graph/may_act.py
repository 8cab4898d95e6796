"""Rule: a graph that touches files or calls Python as programs that train do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Operation
from ...graph_operators import Reach, Reaching, reaching
from ...rule import Rule, Severity
from . import naming

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(operation: Operation) -> Iterator[str]:
    """Programs that train read examples and write logs; a model that is only used has no need to.

    A graph that was written by such a program still holds these nodes. They do nothing unless
    somebody runs them, and then with the rights of that person, on files whose names are not told
    here.

    What to do: use a model that was exported for use, without the nodes of its training.
    """
    known = reaching(operation.operator)
    if known is None or naming.touching(operation):
        return
    is_python = known.reach is Reach.PYTHON and operation.graph == naming.META_GRAPH
    if is_python or (known.reach in naming.FILES and _is_open(operation, known)):
        yield naming.spoken(operation, known, filter(None, operation.given))


def _is_open(operation: Operation, known: Reaching) -> bool:
    """Whether files are touched whose names do not come from the loader, or from the model."""
    if not (known.inputs or known.attributes):
        return True
    named = any(not naming.HARMLESS.fullmatch(name) for name in operation.given)
    if operation.operator in naming.RESTORING:
        return operation.is_computed
    return named or operation.is_fed or operation.is_computed


RULE = Rule(
    id="graph-may-act",
    title="The graph holds nodes that touch files or call Python if they are run",
    severity=Severity.MEDIUM,
    on=Operation,
    check=check,
    refs=("CWE-73",),
    flags=(
        Operation(graph="meta-graph", operator="ReadFile", is_fed=True),
        Operation(graph="meta-graph", operator="PyFunc", given=("pyfunc_0",)),
        Operation(graph="meta-graph", operator="TFRecordDataset", given=("/data/a",)),
        Operation(graph="meta-graph", operator="WholeFileReaderV2"),
        Operation(graph="saved-model", operator="TFRecordDatasetV2", is_fed=True),
        Operation(graph="saved-model", operator="RestoreV2", is_computed=True),
    ),
    passes=(
        Operation(graph="saved-model", operator="ReadFile", is_fed=True),  # told by another rule
        Operation(graph="saved-model", operator="RestoreV2", is_fed=True),
        Operation(graph="saved-model", operator="SaveV2", given=("…/part",), is_fed=True),
        Operation(graph="saved-model", operator="PrintV2", given=("stderr",)),
        Operation(graph="saved-model", operator="CacheDatasetV2", given=("",)),
    ),
)
