"""ONNX: one protobuf message, `ModelProto`, with a graph of operators and tensors inside.

Layout (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto)::

    1  ir_version        8  opset_import: domain, version
    2  producer_name    14  metadata_props: key, value
    3  producer_version 20  training_info: two graphs
    4  domain           25  functions: nodes, attributes with defaults
    5  model_version
    6  doc_string
    7  graph             1 node, 2 name, 5 initializer, 10 doc_string, 11 input, 12 output,
                         15 sparse_initializer

There is no magic, and fields may come in any order. Values of tensors are stepped over, so the cost
follows the graph and not the weights. Text forms of ONNX are not read.
"""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING

from ..facts import TEXT, Direction, Fact, Licence, Metadata, shorten
from ..format import Format, Match, Subject
from ..patterns import pattern
from ..record import field, record
from ..source import Malformed, Span
from ..wireformat import LENGTH, VARINT, Field, Wire, signed
from .onnx_graph import Graphs, pair
from .onnx_schema import GRAPH_KINDS, MODEL_KINDS, MODEL_PARTS, Message
from .onnx_values import port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..limits import Budget

LAST_IR = 100  # ir_version is 14 in 2026, and grows by one a year
LOOKED_AT = 5000  # fields of a model that are looked at to tell what it is
GRAPH_LOOKED_AT = 200  # and of its graph
NAME = 1024  # characters of a key that a fact keeps
LICENCE_KEYS = frozenset({"license", "licence"})

NUMBERS = {1: "ir_version", 5: "model_version"}
TEXTS = {2: "producer_name", 3: "producer_version", 4: "domain", 6: "doc_string"}
GRAPH_TEXTS = {2: "graph.name", 10: "graph.doc_string"}
ENDS = {11: Direction.INPUT, 12: Direction.OUTPUT}
GRAPH, OPSET, PROPERTY, FUNCTION = 7, 8, 14, 25
NODE, INITIALIZER = 1, 5  # in a graph
OP_TYPE = (4, LENGTH)  # in a node
EXTERNAL_DATA = (13, LENGTH)  # in a tensor
OPERATOR = pattern(r"[A-Za-z_][\w.:-]{0,255}")


# --- Recognition ----------------------------------------------------------------------------------


def recognise(subject: Subject) -> Match:
    """Tell a model by its fields: all known, with a version and a node that names its operator.

    Unknown fields, which readers skip, or a message that breaks off leave it possible. So does
    whatever lies behind the fields that are looked at: readers look at all of them.
    """
    wire = Wire(subject.source)
    model = _look_at(wire, subject.source.size)
    plausible = model.version and not model.surprise
    if model.broken or not model.parts:
        return Match.POSSIBLE if model.cut or (model.broken and plausible) else Match.NO
    graph = _look_into(wire, model.graphs)
    signs = (plausible and graph.fits) + graph.named  # each is half of a signature
    readable = model.version and not graph.broken
    return Match(max(signs, model.cut or graph.cut or graph.external or readable))


@record(frozen=False)
class _Model:
    version: bool = False  # a plausible one
    surprise: bool = False  # a field that the schema lacks
    parts: bool = False  # something that can hold a tensor
    broken: bool = False
    cut: bool = False  # there may be more fields than were looked at
    graphs: list[Span] = field(default_factory=list[Span])  # readers add them up


@record(frozen=False)
class _Graph:
    fits: bool = True  # only known fields
    named: bool = False  # a node names its operator
    external: bool = False  # a tensor lies in another file
    broken: bool = False
    cut: bool = False


def _look_at(wire: Wire, size: int) -> _Model:
    seen = _Model()
    try:
        for count, each in enumerate(islice(wire.fields(Span(0, size)), LOOKED_AT), 1):
            known = MODEL_KINDS.get(each.number) == each.kind
            seen.cut = count == LOOKED_AT
            seen.surprise = seen.surprise or seen.cut or not known
            if known and each.number == 1:
                seen.version = seen.version or 1 <= each.value <= LAST_IR
            seen.parts = seen.parts or (known and each.number in MODEL_PARTS)
            if known and each.number == GRAPH:
                seen.graphs.append(each.span)
    except Malformed:
        seen.broken = True
    return seen


def _look_into(wire: Wire, graphs: list[Span]) -> _Graph:
    seen = _Graph()
    inside = chain.from_iterable(wire.fields(graph) for graph in graphs)
    try:
        for count, each in enumerate(islice(inside, GRAPH_LOOKED_AT), 1):
            known = GRAPH_KINDS.get(each.number) == each.kind
            seen.cut = count == GRAPH_LOOKED_AT
            seen.fits = seen.fits and known
            if known and each.number == NODE:
                seen.named = seen.named or _names_operator(wire, each.span)
            elif known and each.number == INITIALIZER:
                seen.external = seen.external or _is_external(wire, each.span)
    except Malformed:
        seen.fits, seen.broken = False, True
    return seen


def _names_operator(wire: Wire, node: Span) -> bool:
    """Return whether a node names its operator, as far as it is looked at."""
    for count, each in enumerate(islice(wire.fields(node), LOOKED_AT), 1):
        is_type = (each.number, each.kind) == OP_TYPE
        if count == LOOKED_AT or (is_type and OPERATOR.fullmatch(wire.text(each, NAME))):
            return True
    return False


def _is_external(wire: Wire, tensor: Span) -> bool:
    """Return whether a tensor says where its values lie, as far as it is looked at."""
    for count, each in enumerate(islice(wire.fields(tensor), LOOKED_AT), 1):
        if count == LOOKED_AT or (each.number, each.kind) == EXTERNAL_DATA:
            return True
    return False


# --- Facts ----------------------------------------------------------------------------------------


def parse(subject: Subject, budget: Budget) -> Iterator[Fact]:
    """Yield metadata, initializers, references to other files, and how often operators are used.

    Raises:
        Malformed: It is no protobuf message, holds no graph, or a tensor has an impossible shape.
        Exceeded: It nests deeper, or holds more, than the limits allow.
    """
    wire = Wire(subject.source, budget.check_time)
    graphs, is_empty = Graphs(wire, budget), True
    for each in wire.fields(Span(0, subject.source.size)):
        yield from _metadata(wire, each)
        part = MODEL_PARTS.get(each.number) if each.kind == LENGTH else None
        if each.number not in MODEL_KINDS:
            yield from graphs.unknown(each)
        if part is Message.GRAPH:
            yield from _graph(wire, graphs, each.span)
        elif part:
            yield from graphs.walk(part, each.span)
        is_empty = is_empty and not part
    if is_empty:
        raise Malformed("ONNX model", offset=0, why="it has no graph and no function")
    yield from graphs.operators()


def _metadata(wire: Wire, each: Field) -> Iterator[Fact]:
    """Yield what a field of the model says about the model."""
    at, number = each.span, each.number
    if each.kind == VARINT and number in NUMBERS:
        yield Metadata(at=at, key=NUMBERS[number], value=str(signed(each.value)))
    elif each.kind != LENGTH:
        return
    elif number in TEXTS:
        yield Metadata(at=at, key=TEXTS[number], value=wire.text(each, TEXT))
    elif number == OPSET:
        domain, version = _opset(wire, at)
        yield Metadata(at=at, key=f"opset {domain or 'ai.onnx'}", value=str(version))
    elif number == FUNCTION:
        yield Metadata(at=at, key="function", value=_function(wire, at))
    elif number == PROPERTY:
        key, value = pair(wire, at, TEXT)
        yield Metadata(at=at, key=shorten(key, NAME), value=value)
        if key.lower() in LICENCE_KEYS:
            yield Licence(at=at, key=shorten(key, NAME), value=value)


def _graph(wire: Wire, graphs: Graphs, span: Span) -> Iterator[Fact]:
    """Yield what the model's own graph holds, with its name, inputs and outputs."""
    for each in wire.fields(span):
        if each.kind == LENGTH and each.number in GRAPH_TEXTS:
            key = GRAPH_TEXTS[each.number]
            yield Metadata(at=each.span, key=key, value=wire.text(each, TEXT))
        elif each.kind == LENGTH and each.number in ENDS:
            yield port(wire, each.span, ENDS[each.number])
        else:
            yield from graphs.child(Message.GRAPH, each)


def _opset(wire: Wire, span: Span) -> tuple[str, int]:
    domain, version = "", 0
    for each in wire.fields(span):
        if each.kind == LENGTH and each.number == 1:
            domain = wire.text(each, NAME)
        elif each.kind == VARINT and each.number == 2:  # noqa: PLR2004 - version
            version = signed(each.value)
    return domain, version


def _function(wire: Wire, span: Span) -> str:
    """Return the full name of a function, such as "my.domain.Gelu"."""
    name = domain = ""
    for each in wire.fields(span):
        if each.kind == LENGTH and each.number == 1:
            name = wire.text(each, NAME)
        elif each.kind == LENGTH and each.number == 10:  # noqa: PLR2004 - domain
            domain = wire.text(each, NAME)
    return f"{domain}.{name}" if domain else name


FORMAT = Format(
    id="onnx",
    title="ONNX",
    media_type="application/onnx",
    spec="https://github.com/onnx/onnx/blob/main/docs/IR.md",
    suffixes=(".onnx",),
    recognise=recognise,
    parse=parse,
    model=True,
)
