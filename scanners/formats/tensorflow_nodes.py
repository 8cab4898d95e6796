"""The nodes of one TensorFlow graph or function, as far as names of files can flow through them."""

from __future__ import annotations

from itertools import accumulate, islice, pairwise
from math import prod
from typing import TYPE_CHECKING

from ..facts import Operator
from ..graph_operators import is_known, operators, reaching
from ..limits import Exceeded
from ..record import field, record
from ..source import Malformed, Span
from ..wireformat import LENGTH, VARINT, Wire, signed, varint
from . import tensorflow_schema as schema

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ..limits import Budget

operators()  # reads the table now: once the process is locked, no file can be opened

NAME = 1024  # characters of a name
TEXT = 4096  # characters of a text that a fact keeps: no system takes a longer path
MOST_TEXTS = 64  # of one constant
MOST_INPUTS = 1024  # of a node that are kept
MOST_AXES = 254  # of a tensor; TensorFlow's own limit
MOST_PACKED = 1 << 20  # bytes of packed texts that are read
# Nodes that hand on what they are given, and which of their inputs that is.
EVERY = slice(None)
FIRST, SECOND, LATER = slice(1), slice(1, 2), slice(1, None)
SAME: dict[str, slice] = {
    **dict.fromkeys(
        (
            "Identity", "IdentityN", "RefIdentity", "StopGradient", "PreventGradient", "Snapshot",
            "Enter", "RefEnter", "Exit", "RefExit", "NextIteration", "RefNextIteration", "Merge",
            "RefMerge", "Pack", "Concat", "ConcatV2", "DynamicStitch", "PlaceholderWithDefault",
        ),
        EVERY,
    ),
    **dict.fromkeys(
        (
            "Switch", "RefSwitch", "Reshape", "Squeeze", "ExpandDims", "EnsureShape", "Unpack",
            "SplitV", "Gather", "GatherV2", "GatherNd", "StridedSlice", "Slice", "Copy", "CopyHost",
            "DeepCopy", "Tile", "BroadcastTo", "ShardedFilename", "ShardedFilespec", "StringStrip",
            "RandomShuffle", "ReadVariableOp", "Print", "CheckNumerics",
        ),
        FIRST,
    ),
    **dict.fromkeys(("Split", "Fill"), SECOND),
    **dict.fromkeys(("Select", "SelectV2", "RefSelect"), LATER),
}  # fmt: skip
CONSTANTS = frozenset({"Const", "HostConst"})
VARIABLES = frozenset({"VarHandleOp", "Variable", "VariableV2"})
JOIN = "StringJoin"
FED = frozenset(  # what whoever runs the graph gives, now or from a queue or a dataset
    {
        "Placeholder", "PlaceholderV2", "PlaceholderWithDefault", "_Arg", "QueueDequeue",
        "QueueDequeueV2", "QueueDequeueMany", "QueueDequeueManyV2", "QueueDequeueUpTo",
        "QueueDequeueUpToV2", "ReaderRead", "ReaderReadV2", "ReaderReadUpTo", "ReaderReadUpToV2",
        "Iterator", "IteratorV2", "OneShotIterator", "IteratorGetNext", "IteratorGetNextSync",
        "IteratorGetNextAsOptional", "Unstage", "DatasetToSingleElement", "FIFOQueue",
        "FIFOQueueV2", "RandomShuffleQueue", "RandomShuffleQueueV2", "PaddingFIFOQueue",
        "PaddingFIFOQueueV2",
    }
)  # fmt: skip
CALLS = frozenset({"PartitionedCall", "StatefulPartitionedCall", "TPUPartitionedCall"})
BRANCHES = frozenset({"If", "StatelessIf", "Case", "StatelessCase", "While", "StatelessWhile"})
ASSIGNING = frozenset({"Assign", "AssignVariableOp"})
KEPT = frozenset({*SAME, JOIN}) | CONSTANTS | VARIABLES | FED | CALLS | BRANCHES | ASSIGNING
DATASETS = ("Dataset", "DatasetV2", "DatasetV3", "DatasetV4", "BatchFunction")  # ends of names
UNKNOWN = "\N{HORIZONTAL ELLIPSIS}"  # stands in a text for what is not known


@record
class Node:
    """A node through which a name can flow, or one that reaches beyond the graph."""

    name: str
    op: str
    at: Span
    inputs: tuple[str, ...]  # names of nodes or arguments; those that only order are left out
    attributes: tuple[Span, ...]  # entries of a map


@record(frozen=False)
class Scope:
    """A graph or a function: its nodes by name, and the names of its arguments in order."""

    name: str = ""  # of a function
    arguments: list[str] = field(default_factory=list[str])
    nodes: dict[str, Node] = field(default_factory=dict[str, Node])
    acting: list[Node] = field(default_factory=list[Node])
    assigned: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    returned: list[str] = field(default_factory=list[str])  # nodes or arguments


class Nodes:
    """Reads nodes of one file; `operators` tells what was met."""

    def __init__(self, wire: Wire, budget: Budget) -> None:
        """Read from `wire`, within `budget`."""
        self._wire, self._budget = wire, budget
        self._operators: dict[str, tuple[Span, int]] = {}
        self.count = 0  # of nodes

    def operators(self, functions: Collection[str]) -> Iterator[Operator]:
        """Yield each kind of operator that is no function of the graph, as they were first met."""
        for name, (at, count) in self._operators.items():
            if name and name not in functions:
                yield Operator(at=at, domain="", name=name, count=count)

    def add(self, scope: Scope, span: Span) -> None:
        """Read one NodeDef into `scope`."""
        name = op = ""
        inputs: list[str] = []
        attributes: list[Span] = []
        for each in self._wire.fields(span):
            if each.kind != LENGTH:
                continue
            match each.number:
                case schema.OP:
                    op = self._wire.text(each, NAME)
                case schema.NAME:
                    name = self._wire.text(each, NAME)
                case schema.INPUT if len(inputs) < MOST_INPUTS:
                    inputs.append(self._wire.text(each, NAME))
                case schema.ATTR:
                    attributes.append(each.span)
                case _:
                    pass
        self._count(op, span)
        if op in KEPT or op.endswith(DATASETS) or reaching(op) or not is_known(op):
            plain = tuple(each.partition(":")[0] for each in inputs if not each.startswith("^"))
            self._keep(scope, Node(name, op, span, plain, tuple(attributes)))

    def _keep(self, scope: Scope, node: Node) -> None:
        scope.nodes[node.name] = node
        if reaching(node.op):
            scope.acting.append(node)
        if node.op in ASSIGNING and len(node.inputs) > 1:
            scope.assigned.setdefault(node.inputs[0], []).append(node.inputs[1])

    def _count(self, op: str, at: Span) -> None:
        self.count += 1
        first, count = self._operators.get(op, (at, 0))
        self._operators[op] = (first, count + 1)
        if len(self._operators) > self._budget.limits.facts:
            raise Exceeded("facts", self._budget.limits.facts, "kinds of operators")

    def value(self, node: Node, name: str) -> Span | None:
        """Return the AttrValue of one attribute: the last of this name, as readers do."""
        found = None
        for entry in node.attributes:
            key, value = "", None
            for each in self._wire.fields(entry):
                if each.kind == LENGTH and each.number == schema.KEY:
                    key = self._wire.text(each, NAME)
                elif each.kind == LENGTH and each.number == schema.VALUE:
                    value = each.span
            found = value if key == name else found
        return found

    def functions(self, node: Node) -> list[str]:
        """Return the names of all functions that the attributes of a node name."""
        found: list[str] = []
        for entry in node.attributes:
            for each in self._wire.fields(entry):
                if each.kind == LENGTH and each.number == schema.VALUE:
                    found += self._functions(each.span)
        return found

    def _functions(self, value: Span) -> Iterator[str]:
        for each in self._wire.fields(value):
            if each.kind == LENGTH and each.number == schema.FUNC:
                yield from self._listed(each.span, schema.NAME)
            elif each.kind == LENGTH and each.number == schema.LIST:
                for inner in self._wire.fields(each.span):
                    if inner.kind == LENGTH and inner.number == schema.LIST_FUNC:
                        yield from self._listed(inner.span, schema.NAME)

    def texts(self, node: Node, name: str) -> list[str]:
        """Return the texts of an attribute: one, a list, or those of a tensor."""
        value = self.value(node, name)
        found: list[str] = []
        for each in self._wire.fields(value) if value else ():
            if each.kind == LENGTH and each.number == schema.TEXT:
                found = [self._wire.text(each, TEXT)]
            elif each.kind == LENGTH and each.number == schema.LIST:
                found = self._listed(each.span, schema.LIST_TEXT)
            elif each.kind == LENGTH and each.number == schema.TENSOR:
                found = self._listed(each.span, schema.STRINGS) or self._packed(each.span)
        return found

    def _listed(self, span: Span, number: int) -> list[str]:
        inside = (each for each in self._wire.fields(span) if each.kind == LENGTH)
        texts = (self._wire.text(each, TEXT) for each in inside if each.number == number)
        return list(islice(texts, MOST_TEXTS))

    def _packed(self, tensor: Span) -> list[str]:
        """Return the texts of `tensor_content`: all lengths, as varints, and then all bytes."""
        content, count, dtype = b"", 1, 0
        for each in self._wire.fields(tensor):
            if each.kind == LENGTH and each.number == schema.CONTENT:
                length = min(each.end - each.start, MOST_PACKED)
                content = self._wire.source.read_at(each.start, length)
            elif each.kind == LENGTH and each.number == schema.SHAPE:
                count = prod(self.shape(each.span) or (1,))
            elif each.kind == VARINT and each.number == schema.DTYPE:
                dtype = each.value
        if dtype != schema.STRING or not 0 < count <= len(content):
            return []
        lengths: list[int] = []
        at = 0
        for _ in range(min(count, MOST_TEXTS)):
            try:
                length, at = varint(content, at, tensor.start)
            except Malformed:
                return [UNKNOWN]
            lengths.append(length)
        if count > MOST_TEXTS:
            return [UNKNOWN]
        ends = list(accumulate(lengths, initial=at))
        runs = (content[start:end] for start, end in pairwise(ends))
        return [run[:TEXT].decode("utf-8", "backslashreplace") for run in runs]

    def shape(self, span: Span) -> tuple[int, ...] | None:
        """Return what a TensorShapeProto says, -1 for a free axis; None if it has no rank."""
        axes: list[int] = []
        for each in self._wire.fields(span):
            if each.kind == LENGTH and each.number == schema.DIM:
                sizes = [
                    signed(inner.value)
                    for inner in self._wire.fields(each.span)
                    if inner.kind == VARINT and inner.number == 1
                ]
                axes.append(sizes[-1] if sizes else 0)
            elif each.kind == VARINT and each.number == schema.UNKNOWN_RANK and each.value:
                return None
            if len(axes) > MOST_AXES:
                raise Exceeded("axes", MOST_AXES, f"the shape at byte {span.start}")
        return tuple(axes)
