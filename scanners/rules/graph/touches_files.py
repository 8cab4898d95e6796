"""Rule: a graph that reads or writes files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Operation
from ...rule import Rule, Severity
from . import naming

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(operation: Operation) -> Iterator[str]:
    """A graph is a program: what it reads of your files it can give back as a result, or write.

    It runs with the rights of whoever loads or asks the model; a model needs no files but those it
    brings along.

    What to do: do not load it, and do not serve it. Ask its author why it reaches for files, and
    for a model without.
    """
    found = naming.touching(operation)
    if found:
        yield naming.spoken(operation, *found)


def _made(operator: str, *given: str, fed: bool = False, computed: bool = False) -> Operation:
    return Operation(
        graph="saved-model", operator=operator, given=given, is_fed=fed, is_computed=computed
    )


RULE = Rule(
    id="graph-touches-files",
    title="The graph reads or writes files",
    severity=Severity.HIGH,
    on=Operation,
    check=check,
    refs=("CWE-73", "CWE-506"),
    flags=(
        _made("ReadFile", "/etc/passwd"),
        _made("ReadFile", fed=True),
        _made("WriteFile", computed=True),
        _made("MatchingFiles", "*"),
        _made("ImmutableConst", "/home/me/x"),
        _made("PrintV2", "file:///home/me/.bashrc"),
        _made("RestoreV2", "/home/me/other/model"),
        _made("InitializeTableFromTextFileV2", "../../.ssh/id_ed25519"),
        _made("TextLineDataset", "~/secret"),
        _made("SaveV2", "…/../../x"),
        Operation(graph="saved-model", operator="ReadFile", assets=("a.txt",), is_computed=True),
        Operation(graph="meta-graph", operator="ReadFile", is_fed=True, is_computed=True),
        Operation(graph="meta-graph", operator="RestoreV2", given=("/home/me/x",)),
        Operation(graph="saved-model", operator="WholeFileReaderV2"),
        Operation(graph="lite", operator="ReadFile", function="f", count=2),
    ),
    passes=(
        _made("SaveV2", "…_temp/part", fed=True),
        _made("RestoreV2", fed=True),
        _made("PrintV2", "stderr"),
        _made("ImmutableConst", "memmapped_package://weights"),
        _made("CacheDataset", ""),
        _made("DecodeProtoV2", "local://"),
        Operation(graph="saved-model", operator="ReadFile", assets=("model.spm",)),
        Operation(graph="saved-model", operator="InitializeTableFromTextFileV2", assets=("v",)),
        Operation(graph="meta-graph", operator="ReadFile", is_fed=True),
        Operation(graph="meta-graph", operator="TextLineDataset", given=("/data/a.txt",)),
        Operation(graph="graph", operator="ReadFile", is_fed=True),
        Operation(graph="meta-graph", operator="WholeFileReaderV2"),
        _made("PyFunc", "pyfunc_0"),
    ),
)
