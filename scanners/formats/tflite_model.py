"""What a TensorFlow Lite model holds: operators, tensors, metadata, and TensorFlow's own nodes."""

from __future__ import annotations

from itertools import islice, pairwise
from typing import TYPE_CHECKING

from ..facts import (
    TEXT,
    Direction,
    Fact,
    Licence,
    Metadata,
    Operation,
    Operator,
    Port,
    Reference,
    Refers,
    Tensor,
)
from ..flatbuffer import Buffer, Table
from ..flexbuffer import vector
from ..graph_operators import reaching
from ..limits import Exceeded
from ..record import record, replace
from ..source import Malformed, Span, Window
from ..wireformat import Wire
from . import tflite_schema as schema
from .tensorflow_nodes import UNKNOWN, Nodes, Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..format import Parsed, Subject
    from ..limits import Budget
    from ..source import Source

NAME = 1024  # characters of a name
MOST_AXES = 64
MOST_INPUTS = 64  # of an operator that are looked at
MOST_TEXTS = 16  # of one tensor
MOST_OPTIONS = 1 << 20  # bytes of an operator's options
ABOUT = "TFLITE_METADATA"  # name of the buffer with what its authors say
RUNTIME = "min_runtime_version"
CUSTOM, TENSORFLOW = "custom", "tensorflow"  # domains of operators


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield operators, what those of TensorFlow reach, tensors, and what is said of the model.

    Raises:
        Malformed: An offset leaves the file, or a table is none.
        Exceeded: It holds more than the limits allow.
    """
    yield from _Model(subject.source, budget).read()


@record
class _Code:
    """An operator as the file's list has it."""

    at: int
    name: str
    domain: str


class _Model:
    def __init__(self, source: Source, budget: Budget) -> None:
        self._source, self._budget = source, budget
        self._buffer = Buffer(source, budget)
        self._root = self._buffer.root()
        self._buffers: list[Table] = []
        self._operations: dict[Operation, tuple[Span, int]] = {}  # alike but for their place

    def read(self) -> Iterator[Fact]:
        root = self._root
        yield Metadata(at=_at(root), key="version", value=str(root.number(schema.VERSION, 4)))
        if description := root.text(schema.DESCRIPTION, TEXT):
            yield Metadata(at=_at(root), key="description", value=description)
        self._buffers = self._listed(root, schema.BUFFERS)
        codes = [_code(each) for each in self._listed(root, schema.CODES)]
        counts = dict.fromkeys(range(len(codes)), 0)
        for number, subgraph in enumerate(root.tables(schema.SUBGRAPHS)):
            yield from self._subgraph(subgraph, number, codes, counts)
        for index, code in enumerate(codes):
            at, count = Span(code.at, 4), counts[index]
            yield Operator(at=at, domain=code.domain, name=code.name, count=max(1, count))
            if not count and code.domain == TENSORFLOW and reaching(code.name):
                self._add(Operation(graph="lite", operator=code.name), at)
        for operation, (at, count) in self._operations.items():
            yield replace(operation, at=at, count=count)
        yield from self._said()

    def _subgraph(
        self, subgraph: Table, number: int, codes: list[_Code], counts: dict[int, int]
    ) -> Iterator[Fact]:
        """Yield a subgraph's tensors and ends, and take note of its operators."""
        tensors = self._listed(subgraph, schema.TENSORS)
        yield from self._tensors(tensors)
        yield from _ports(subgraph, tensors, number)
        for each in subgraph.tables(schema.OPERATORS):
            index = each.number(schema.CODE_INDEX, 4)
            if index < len(codes):
                counts[index] += 1
                for operation in self._reached(codes[index], each, tensors):
                    self._add(operation, Span(each.at, 4))

    def _add(self, operation: Operation, at: Span) -> None:
        first, count = self._operations.get(operation, (at, 0))
        self._operations[operation] = first, count + 1
        self._bound(len(self._operations), "kinds of operations")

    def _listed(self, table: Table, field: int) -> list[Table]:
        found = list(islice(table.tables(field), self._budget.limits.facts + 1))
        self._bound(len(found), "tables of a list")
        return found

    def _bound(self, count: int, what: str) -> None:
        if count > self._budget.limits.facts:
            raise Exceeded("facts", self._budget.limits.facts, what)

    # --- Operators --------------------------------------------------------------------------------

    def _reached(self, code: _Code, operator: Table, tensors: list[Table]) -> Iterator[Operation]:
        """Yield what TensorFlow's nodes of an operator reach, by its name and by its options."""
        if not code.domain:
            return
        found = {code.name: Operation(graph="lite", operator=code.name)}
        found |= {each.operator: each for each in self._nodes(operator)}
        for name, operation in found.items():
            known = reaching(name)
            if known and (code.domain == TENSORFLOW or name != code.name):
                yield self._given(operation, operator, known.inputs, tensors)

    def _given(
        self, operation: Operation, operator: Table, which: tuple[int, ...], tensors: list[Table]
    ) -> Operation:
        """Return the operation with the texts that constant tensors give it."""
        inputs = operator.numbers(schema.OPERATOR_INPUTS, 4, MOST_INPUTS)
        texts: list[str] = []
        is_fed = False
        for each in which:
            tensor = inputs[each] if each < len(inputs) else -1
            constant = self._texts(tensors[tensor]) if 0 <= tensor < len(tensors) else []
            texts += constant
            is_fed = is_fed or not constant
        given = tuple(dict.fromkeys((*operation.given, *texts)))[:MOST_TEXTS]
        return replace(operation, given=given, is_fed=is_fed)

    def _nodes(self, operator: Table) -> Iterator[Operation]:
        """Yield the node that the options of an operator hold: a name, and a NodeDef."""
        span = self._options(operator)
        if span is None or not span.length:
            return
        for start, length in vector(Window(self._source, span)):
            part = Span(span.start + start, length)
            wire = Wire(self._source, self._budget.check_time)
            nodes, scope = Nodes(wire, self._budget), Scope()
            try:
                nodes.add(scope, part)
            except Malformed:
                continue
            for node in scope.acting:
                known = reaching(node.op)
                attributes = known.attributes if known else ()
                texts = [text for each in attributes for text in nodes.texts(node, each) if text]
                yield Operation(graph="lite", operator=node.op, given=tuple(texts)[:MOST_TEXTS])

    def _options(self, operator: Table) -> Span | None:
        large = operator.number(schema.LARGE_OPTIONS, 8)
        if large:
            length = operator.number(schema.LARGE_LENGTH, 8)
            self._source.read_at(large + length, 0)  # raises if they leave the file
            return Span(large, min(length, MOST_OPTIONS))
        span = operator.span(schema.CUSTOM_OPTIONS)
        return span and Span(span.start, min(span.length, MOST_OPTIONS))

    def _texts(self, tensor: Table) -> list[str]:
        """Return a tensor's constant texts: first their count, and where they begin and end."""
        span = self._data(tensor.number(schema.BUFFER, 4))
        is_text = tensor.number(schema.TYPE, 1) == schema.STRING
        if not is_text or span is None or span.length < 4:  # noqa: PLR2004 - the count
            return []
        count = self._buffer.number(span.start, 4)
        starts = [
            self._buffer.number(span.start + 4 + 4 * index, 4)
            for index in range(min(count, MOST_TEXTS) + 1)
            if 8 + 4 * index <= span.length
        ]
        found: list[str] = []
        for start, end in pairwise(starts):
            if start <= end <= span.length:
                raw = self._source.read_at(span.start + start, min(end - start, TEXT))
                found.append(raw.decode("utf-8", "backslashreplace"))
        return found if count <= MOST_TEXTS else [*found, UNKNOWN]

    # --- Tensors ----------------------------------------------------------------------------------

    def _data(self, index: int) -> Span | None:
        """Return where the bytes of a buffer lie; None for one without."""
        if not 0 < index < len(self._buffers):
            return None
        table = self._buffers[index]
        if table.place(schema.DATA):
            return table.span(schema.DATA)
        offset = table.number(schema.DATA_OFFSET, 8)
        if offset <= 1:  # 1 marks one whose bytes are still to be written
            return None
        span = Span(offset, table.number(schema.DATA_LENGTH, 8))
        if span.end > self._source.size:
            why = f"{span.length} bytes from {span.start}, the file has {self._source.size}"
            raise Malformed(f"buffer {index}", offset=table.at, why=why)
        return span

    def _tensors(self, tensors: list[Table]) -> Iterator[Tensor]:
        """Yield every tensor that has its values in the file."""
        for each in tensors:
            span = self._data(each.number(schema.BUFFER, 4))
            if span is None or not span.length:
                continue
            yield Tensor(
                at=span,
                name=each.text(schema.NAME, NAME),
                dtype=schema.type_name(each.number(schema.TYPE, 1)),
                shape=tuple(each.numbers(schema.SHAPE, 4, MOST_AXES)),
                is_plain=not each.place(schema.SPARSITY),
            )

    # --- What is said of it -----------------------------------------------------------------------

    def _said(self) -> Iterator[Fact]:
        for each in islice(self._root.tables(schema.METADATA), self._budget.limits.facts):
            name = each.text(schema.METADATA_NAME, NAME)
            span = self._data(each.number(schema.METADATA_BUFFER, 4))
            if span and name == ABOUT:
                yield from self._about(span)
            elif span and name == RUNTIME:
                raw = self._source.read_at(span.start, min(span.length, 64)).rstrip(b"\0")
                value = raw.decode("utf-8", "backslashreplace")
                if value:
                    yield Metadata(at=span, key=RUNTIME, value=value)
        for each in islice(self._root.tables(schema.SIGNATURES), MOST_INPUTS):
            value = each.text(schema.SIGNATURE_KEY, NAME)
            yield Metadata(at=_at(each), key="signature", value=value)
        for each in self._root.tables(schema.BUFFER_GROUPS):
            target = each.text(0, TEXT)
            yield Reference(
                at=_at(each), kind=Refers.EXTERNAL_DATA, key="external buffers", target=target
            )

    def _about(self, span: Span) -> Iterator[Fact]:
        about = Buffer(Window(self._source, span), self._budget).root()
        keys = {
            schema.ABOUT_NAME: "metadata.name",
            schema.ABOUT_DESCRIPTION: "metadata.description",
            schema.ABOUT_VERSION: "metadata.version",
            schema.ABOUT_AUTHOR: "metadata.author",
        }
        for field, key in keys.items():
            if value := about.text(field, TEXT):
                yield Metadata(at=span, key=key, value=value)
        if licence := about.text(schema.ABOUT_LICENCE, TEXT):
            yield Licence(at=span, key="license", value=licence)


def _code(table: Table) -> _Code:
    """Return an operator code; the older field holds small codes, the newer all."""
    code = max(
        table.number(schema.DEPRECATED_CODE, 1, signed=True),
        table.number(schema.CODE, 4, signed=True),
    )
    if code != schema.CUSTOM:
        return _Code(table.at, schema.operator_name(code), "")
    name = table.text(schema.CUSTOM_NAME, NAME)
    if name.startswith(schema.FLEX):
        return _Code(table.at, name.removeprefix(schema.FLEX), TENSORFLOW)
    return _Code(table.at, name, CUSTOM)


def _ports(subgraph: Table, tensors: list[Table], number: int) -> Iterator[Port]:
    """Yield the inputs and outputs of the first subgraph; others are called by it."""
    ends = ((schema.INPUTS, Direction.INPUT), (schema.OUTPUTS, Direction.OUTPUT))
    for field, direction in ends if not number else ():
        for index in subgraph.numbers(field, 4, MOST_INPUTS):
            if 0 <= index < len(tensors):
                tensor = tensors[index]
                shape = tuple(str(axis) if axis >= 0 else "" for axis in _shape(tensor))
                yield Port(
                    at=_at(tensor),
                    direction=direction,
                    name=tensor.text(schema.NAME, NAME),
                    dtype=schema.type_name(tensor.number(schema.TYPE, 1)),
                    shape=shape,
                )


def _shape(tensor: Table) -> tuple[int, ...]:
    field = schema.SHAPE_SIGNATURE if tensor.count(schema.SHAPE_SIGNATURE) else schema.SHAPE
    return tuple(tensor.numbers(field, 4, MOST_AXES))


def _at(table: Table) -> Span:
    return Span(table.at, 4)
