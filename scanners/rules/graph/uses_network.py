"""Rule: a graph that calls other machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Operation
from ...graph_operators import Reach, reaching
from ...rule import Rule, Severity
from . import naming

if TYPE_CHECKING:
    from collections.abc import Iterator

ADDRESS = "://"  # of a name that file systems of TensorFlow take for another machine
HERE = ("file://", *("memmapped_package://", "ram://", "local://", "bytes://"))


def check(operation: Operation) -> Iterator[str]:
    """A graph that calls another machine can take its orders there, and hand on what it is asked.

    What to do: do not load it, and do not serve it. Ask its author for a model without.
    """
    known = reaching(operation.operator)
    if known is None:
        return
    remote = [name for name in operation.given if ADDRESS in name and not name.startswith(HERE)]
    if known.reach is Reach.NETWORK:
        yield naming.spoken(operation, known, operation.given)
    elif remote:
        yield naming.spoken(operation, known, remote)


RULE = Rule(
    id="graph-uses-network",
    title="The graph calls other machines",
    severity=Severity.HIGH,
    on=Operation,
    check=check,
    refs=("CWE-506", "CWE-918"),
    flags=(
        Operation(graph="saved-model", operator="RpcClient", given=("203.0.113.7:80",)),
        Operation(graph="graph", operator="DataServiceDatasetV4", is_computed=True),
        Operation(graph="saved-model", operator="ReadFile", given=("gs://bucket/x",)),
        Operation(graph="saved-model", operator="DebugIdentity", given=("grpc://203.0.113.7:1",)),
    ),
    passes=(
        Operation(graph="saved-model", operator="ReadFile", given=("file:///etc/passwd",)),
        Operation(graph="saved-model", operator="SaveV2", is_fed=True),
    ),
)
