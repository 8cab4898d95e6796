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

import re
from itertools import islice
from typing import TYPE_CHECKING

from ..facts import TEXT, Fact, Licence, Metadata, shorten
from ..format import Format, Match, Subject
from ..source import Malformed, Span
from ..wireformat import LENGTH, VARINT, Field, Wire, signed
from .onnx_graph import Graphs, pair
from .onnx_schema import GRAPH_KINDS, MODEL_KINDS, MODEL_PARTS, Message
from .onnx_values import value_info

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
ENDS = {11: "input", 12: "output"}
GRAPH, OPSET, PROPERTY, FUNCTION = 7, 8, 14, 25
NODE = 1  # in a graph
OP_TYPE = (4, LENGTH)  # in a node
OPERATOR = re.compile(r"[A-Za-z_][\w.:-]{0,255}")


# --- Recognition ----------------------------------------------------------------------------------


def recognise(subject: Subject) -> Match:
    """Tell a model by its fields: all known, with a version and a node that names its operator.

    Unknown fields, which readers skip, or a message that breaks off leave it possible.
    """
    wire = Wire(subject.source)
    whole = islice(wire.fields(Span(0, subject.source.size)), LOOKED_AT)
    version = surprise = parts = broken = False
    graph = Span(0, 0)
    try:
        for count, field in enumerate(whole, 1):
            known = MODEL_KINDS.get(field.number) == field.kind
            surprise = surprise or not known or count == LOOKED_AT
            version = version or (known and field.number == 1 and 1 <= field.value <= LAST_IR)
            parts = parts or (known and field.number in MODEL_PARTS)
            graph = field.span if known and field.number == GRAPH else graph
    except Malformed:
        broken = True
    plausible = version and not surprise
    if broken or not parts:
        return Match.POSSIBLE if broken and plausible else Match.NO
    fits, named = _looks(wire, graph)
    return Match((plausible and fits) + named)  # each is half of a signature


def _looks(wire: Wire, graph: Span) -> tuple[bool, bool]:
    """Return whether a graph has only known fields, and whether a node names its operator."""
    fits, named = True, False
    try:
        for field in islice(wire.fields(graph), GRAPH_LOOKED_AT):
            known = GRAPH_KINDS.get(field.number) == field.kind
            fits = fits and known
            named = named or (known and field.number == NODE and _names_operator(wire, field.span))
    except Malformed:
        fits = False
    return fits, named


def _names_operator(wire: Wire, node: Span) -> bool:
    types = (f for f in islice(wire.fields(node), LOOKED_AT) if (f.number, f.kind) == OP_TYPE)
    return any(OPERATOR.fullmatch(wire.text(field, NAME)) for field in types)


# --- Facts ----------------------------------------------------------------------------------------


def parse(subject: Subject, budget: Budget) -> Iterator[Fact]:
    """Yield metadata, initializers, references to other files, and how often operators are used.

    Raises:
        Malformed: It is no protobuf message, holds no graph, or a tensor has an impossible shape.
        Exceeded: It nests deeper, or holds more, than the limits allow.
    """
    wire = Wire(subject.source, budget.check_time)
    graphs, is_empty = Graphs(wire, budget), True
    for field in wire.fields(Span(0, subject.source.size)):
        yield from _metadata(wire, field)
        part = MODEL_PARTS.get(field.number) if field.kind == LENGTH else None
        if part is Message.GRAPH:
            yield from _graph(wire, graphs, field.span)
        elif part:
            yield from graphs.walk(part, field.span)
        is_empty = is_empty and not part
    if is_empty:
        raise Malformed("ONNX model", offset=0, why="it has no graph and no function")
    yield from graphs.operators()


def _metadata(wire: Wire, field: Field) -> Iterator[Fact]:
    """Yield what a field of the model says about the model."""
    at, number = field.span, field.number
    if field.kind == VARINT and number in NUMBERS:
        yield Metadata(at=at, key=NUMBERS[number], value=str(signed(field.value)))
    elif field.kind != LENGTH:
        return
    elif number in TEXTS:
        yield Metadata(at=at, key=TEXTS[number], value=wire.text(field, TEXT))
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
    for field in wire.fields(span):
        if field.kind == LENGTH and field.number in GRAPH_TEXTS:
            key = GRAPH_TEXTS[field.number]
            yield Metadata(at=field.span, key=key, value=wire.text(field, TEXT))
        elif field.kind == LENGTH and field.number in ENDS:
            name, type_ = value_info(wire, field.span)
            yield Metadata(at=field.span, key=f"{ENDS[field.number]} {name}", value=type_)
        else:
            yield from graphs.child(Message.GRAPH, field)


def _opset(wire: Wire, span: Span) -> tuple[str, int]:
    domain, version = "", 0
    for field in wire.fields(span):
        if field.kind == LENGTH and field.number == 1:
            domain = wire.text(field, NAME)
        elif field.kind == VARINT and field.number == 2:  # noqa: PLR2004 - version
            version = signed(field.value)
    return domain, version


def _function(wire: Wire, span: Span) -> str:
    """Return the full name of a function, such as "my.domain.Gelu"."""
    name = domain = ""
    for field in wire.fields(span):
        if field.kind == LENGTH and field.number == 1:
            name = wire.text(field, NAME)
        elif field.kind == LENGTH and field.number == 10:  # noqa: PLR2004 - domain
            domain = wire.text(field, NAME)
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
