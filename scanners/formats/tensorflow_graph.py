"""TensorFlow's graphs: SavedModel, MetaGraphDef and GraphDef, from the outermost message inwards.

A message that stands twice is one to readers, so each level is collected whole before the next is
read. Only what names of files can flow through is kept of a node.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..facts import TEXT, Direction, Fact, Metadata, Port, Reference, Refers
from ..format import Part
from ..limits import Exceeded
from ..source import Malformed, Span, Window
from ..wireformat import LENGTH, VARINT, Field, Wire, signed
from . import tensorflow_schema as schema
from .tensorflow_flow import Flow
from .tensorflow_nodes import NAME, Nodes, Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..format import Parsed, Subject
    from ..limits import Budget

MOST_SIGNATURES = 64  # whose inputs and outputs are told
MOST_TAGS = 64
SERVING = "serving_default"
KERAS = "_tf_keras_"  # begins the identifiers of objects whose metadata is a Keras configuration
SAVED_MODEL, META_GRAPH, GRAPH = "saved-model", "meta-graph", "graph"


def parse_saved_model(subject: Subject, budget: Budget) -> Parsed:
    """Yield what the graphs of a SavedModel say and reach.

    Raises:
        Malformed: It is no protobuf message, or holds no graph.
        Exceeded: It holds more than the limits allow.
    """
    wire = Wire(subject.source, budget.check_time, clips=True)
    nodes = 0
    for each in wire.fields(Span(0, subject.source.size)):
        if each.number == schema.SCHEMA_VERSION and each.kind == VARINT:
            value = str(signed(each.value))
            yield Metadata(at=each.span, key="saved_model_schema_version", value=value)
        elif each.number == schema.META_GRAPH and each.kind == LENGTH:
            graph = _MetaGraph(subject, wire, budget, SAVED_MODEL)
            yield from graph.read(each.span)
            nodes += graph.graph.count
    if not nodes:
        raise Malformed("SavedModel", offset=0, why="it has no node")
    if wire.clipped:
        raise wire.clipped


def parse_meta_graph(subject: Subject, budget: Budget) -> Parsed:
    """Yield what a MetaGraphDef, the graph beside a checkpoint, says and reaches.

    Raises:
        Malformed: It is no protobuf message.
        Exceeded: It holds more than the limits allow.
    """
    wire = Wire(subject.source, budget.check_time, clips=True)
    yield from _MetaGraph(subject, wire, budget, META_GRAPH).read(Span(0, subject.source.size))
    if wire.clipped:
        raise wire.clipped


def parse_graph(subject: Subject, budget: Budget) -> Parsed:
    """Yield what a GraphDef says and reaches.

    Raises:
        Malformed: It is no protobuf message.
        Exceeded: It holds more than the limits allow.
    """
    wire = Wire(subject.source, budget.check_time, clips=True)
    graph = Graph(wire, budget)
    yield from graph.told([Span(0, subject.source.size)], GRAPH)
    if wire.clipped:
        raise wire.clipped


def parse_keras_metadata(subject: Subject, budget: Budget) -> Parsed:
    """Yield the configuration that Keras kept of each of its objects.

    Raises:
        Malformed: It is no protobuf message.
    """
    wire = Wire(subject.source, budget.check_time)
    for each in wire.fields(Span(0, subject.source.size)):
        if each.number == schema.OBJECT and each.kind == LENGTH:
            yield from _kept(subject, wire, each.span)


def _kept(subject: Subject, wire: Wire, span: Span) -> Iterator[Part]:
    name, metadata = "", None
    for each in wire.fields(span):
        if each.kind == LENGTH and each.number == schema.KEPT_PATH:
            name = wire.text(each, NAME)
        elif each.kind == LENGTH and each.number == schema.KEPT_METADATA:
            metadata = each.span
    if metadata and metadata.length:
        yield Part(name, Window(subject.source, metadata), ("json",))


class Graph:
    """One GraphDef with its functions."""

    def __init__(self, wire: Wire, budget: Budget) -> None:
        """Start with no nodes."""
        self._wire, self._budget = wire, budget
        self._nodes = Nodes(wire, budget)
        self.shape = self._nodes.shape
        self.graph = Scope()
        self.functions: dict[str, Scope] = {}
        self.assets: dict[str, str] = {}
        self.bound: dict[str, dict[int, str]] = {}

    def told(self, spans: Iterable[Span], kind: str) -> Iterator[Fact]:
        """Yield what a graph, which may stand in several places, reaches beyond itself.

        What was read stands though the rest is broken.
        """
        broken = None
        try:
            yield from self.read(spans)
        except Malformed as error:
            broken = error
        flow = Flow(self._nodes, self.graph, self.functions, self._budget)
        flow.assets, flow.bound = self.assets, self.bound
        yield from flow.operations(kind)
        yield from self._nodes.operators(self.functions)
        if broken:
            raise broken
        if kind != SAVED_MODEL and not self.count:
            raise Malformed("TensorFlow graph", offset=0, why="it has no node")

    @property
    def count(self) -> int:
        """How many nodes it has."""
        return self._nodes.count

    def read(self, spans: Iterable[Span]) -> Iterator[Fact]:
        """Take in the nodes."""
        for span in spans:
            for each in self._wire.fields(span):
                if each.kind != LENGTH:
                    continue
                if each.number == schema.NODE:
                    self._nodes.add(self.graph, each.span)
                elif each.number == schema.LIBRARY:
                    self._library(each.span)
                elif each.number == schema.VERSIONS:
                    yield from self._versions(each.span)

    def _library(self, span: Span) -> None:
        for each in self._wire.fields(span):
            if each.kind == LENGTH and each.number == schema.FUNCTION:
                scope = self._function(each.span)
                self.functions[scope.name] = scope
                if len(self.functions) > self._budget.limits.facts:
                    raise Exceeded("facts", self._budget.limits.facts, "functions")

    def _function(self, span: Span) -> Scope:
        scope = Scope()
        nodes: list[Span] = []
        for each in self._wire.fields(span):
            if each.kind == LENGTH and each.number == schema.FUNCTION_SIGNATURE:
                self._signature(scope, each.span)
            elif each.kind == LENGTH and each.number == schema.FUNCTION_NODE:
                nodes.append(each.span)
            elif each.kind == LENGTH and each.number == schema.FUNCTION_RETURN:
                scope.returned.append(self._pair(each.span)[1].partition(":")[0])
        for node in nodes:
            self._nodes.add(scope, node)
        return scope

    def _signature(self, scope: Scope, span: Span) -> None:
        for each in self._wire.fields(span):
            if each.kind == LENGTH and each.number == schema.NAME:
                scope.name = self._wire.text(each, NAME)
            elif each.kind == LENGTH and each.number == schema.ARGUMENT:
                for inner in self._wire.fields(each.span):
                    if inner.kind == LENGTH and inner.number == schema.NAME:
                        scope.arguments.append(self._wire.text(inner, NAME))

    def _pair(self, span: Span) -> tuple[str, str]:
        return pair(self._wire, span)

    def _versions(self, span: Span) -> Iterator[Metadata]:
        names = {1: "graph.producer", 2: "graph.min_consumer"}
        for each in self._wire.fields(span):
            if each.kind == VARINT and each.number in names:
                value = str(signed(each.value))
                yield Metadata(at=each.span, key=names[each.number], value=value)


def pair(wire: Wire, span: Span) -> tuple[str, str]:
    """Return key and value of an entry of a map of texts."""
    found = {schema.KEY: "", schema.VALUE: ""}
    for each in wire.fields(span):
        if each.kind == LENGTH and each.number in found:
            found[each.number] = wire.text(each, NAME)
    return found[schema.KEY], found[schema.VALUE]


class _MetaGraph:
    """One MetaGraphDef: a graph, and what the loader is told about it."""

    def __init__(self, subject: Subject, wire: Wire, budget: Budget, kind: str) -> None:
        self._subject, self._wire, self._budget, self._kind = subject, wire, budget, kind
        self.graph = Graph(wire, budget)
        self._files: list[str] = []  # assets, by their number
        self._signatures = self._tags = 0

    def read(self, span: Span) -> Parsed:
        """Yield what it says; operations last, as they depend on all of it."""
        graphs: list[Span] = []
        objects: list[Span] = []
        broken = None
        try:
            yield from self._said(span, graphs, objects)
        except Malformed as error:
            broken = error
        for holder in objects:
            yield from self._objects(holder)
        yield from self.graph.told(graphs, self._kind)
        if broken:
            raise broken

    def _said(self, span: Span, graphs: list[Span], objects: list[Span]) -> Parsed:
        """Yield what it says of itself, and note where graphs and objects stand."""
        for each in self._wire.fields(span):
            if each.kind != LENGTH:
                continue
            match each.number:
                case schema.INFO:
                    yield from self._info(each.span)
                case schema.GRAPH:
                    graphs.append(each.span)
                case schema.SIGNATURE:
                    yield from self._signature(each.span)
                case schema.ASSET:
                    yield from self._asset(each.span, self._files)
                case schema.COLLECTION:
                    yield from self._collection(each.span)
                case schema.OBJECTS:
                    objects.append(each.span)
                case _:
                    pass

    def _info(self, span: Span) -> Iterator[Metadata]:
        keys = {schema.TAGS: "tags", schema.TF_VERSION: "tensorflow_version"}
        for each in self._wire.fields(span):
            if each.kind == LENGTH and each.number in keys:
                self._tags += 1
                if self._tags <= MOST_TAGS:
                    value = self._wire.text(each, TEXT)
                    yield Metadata(at=each.span, key=keys[each.number], value=value)

    def _collection(self, span: Span) -> Iterator[Reference]:
        """Yield the files that a SavedModel of TensorFlow 1 has in a collection."""
        key = ""
        for each in self._wire.fields(span):
            if each.kind == LENGTH and each.number == schema.KEY:
                key = self._wire.text(each, NAME)
        if key == schema.ASSETS:
            for asset in self._wire.inside(span, schema.ASSETS_PATH):
                yield from self._asset(asset, [])

    def _asset(self, span: Span, files: list[str]) -> Iterator[Reference]:
        """Yield the file that the loader feeds to a node of the graph, from its own folder."""
        node = file = ""
        for each in self._wire.fields(span):
            if each.kind == LENGTH and each.number == 1:
                inner = (i for i in self._wire.fields(each.span) if i.kind == LENGTH)
                names = [self._wire.text(i, NAME) for i in inner if i.number == schema.NAME]
                node = names[-1] if names else node
            elif each.kind == LENGTH and each.number == 2:  # noqa: PLR2004 - filename
                file = self._wire.text(each, TEXT)
        files.append(file)
        if len(files) > self._budget.limits.facts:
            raise Exceeded("facts", self._budget.limits.facts, "assets")
        if self._kind == SAVED_MODEL:
            self.graph.assets[node.partition(":")[0]] = file
        target = f"assets/{file}"
        yield Reference(at=span, kind=Refers.EXTERNAL_DATA, key=node, target=target)

    def _signature(self, span: Span) -> Parsed:
        name, inside = "", Span(span.start, 0)
        for each in self._wire.fields(span):
            if each.kind == LENGTH and each.number == schema.KEY:
                name = self._wire.text(each, NAME)
            elif each.kind == LENGTH and each.number == schema.VALUE:
                inside = each.span
        self._signatures += 1
        if self._signatures > MOST_SIGNATURES or name.startswith("__saved_model_"):
            return
        yield Metadata(at=span, key="signature", value=name)
        ends = {1: Direction.INPUT, 2: Direction.OUTPUT}
        for each in self._wire.fields(inside):
            if each.kind == LENGTH and each.number in ends:
                yield self._port(each.span, ends[each.number], "" if name == SERVING else name)

    def _port(self, span: Span, direction: Direction, signature: str) -> Port:
        name, dtype = "", schema.data_type(0)
        shape: tuple[int, ...] | None = None
        for each in self._wire.fields(span):
            if each.kind == LENGTH and each.number == schema.KEY:
                name = self._wire.text(each, NAME)
            elif each.kind == LENGTH and each.number == schema.VALUE:
                for inner in self._wire.fields(each.span):
                    if inner.kind == VARINT and inner.number == schema.INFO_DTYPE:
                        dtype = schema.data_type(inner.value)
                    elif inner.kind == LENGTH and inner.number == schema.INFO_SHAPE:
                        shape = self.graph.shape(inner.span)
        return Port(
            at=span,
            direction=direction,
            name=f"{signature}.{name}" if signature else name,
            dtype=dtype,
            shape=tuple(str(axis) if axis >= 0 else "" for axis in shape or ()),
            is_ranked=shape is not None,
        )

    def _objects(self, span: Span) -> Parsed:
        """Yield configurations of Keras, and note which files are bound to which functions."""
        files: dict[int, str] = {}
        bound: list[Span] = []
        number = 0
        for each in self._wire.fields(span):
            if each.kind == LENGTH and each.number == schema.OBJECT:
                yield from self._object(each.span, number, files)
                number += 1
            elif each.kind == LENGTH and each.number == schema.CONCRETE:
                bound.append(each.span)
        for function in bound:
            self._bind(function, files)

    def _object(self, span: Span, number: int, files: dict[int, str]) -> Parsed:
        for each in self._wire.fields(span):
            if each.kind == LENGTH and each.number == schema.ASSET_OBJECT:
                index = 0
                for inner in self._wire.fields(each.span):
                    if inner.kind == VARINT and inner.number == 1:
                        index = inner.value
                files[number] = self._files[index] if index < len(self._files) else ""
            elif each.kind == LENGTH and each.number == schema.USER_OBJECT:
                yield from configuration(self._subject, self._wire, each, f"object {number}")

    def _bind(self, span: Span, files: dict[int, str]) -> None:
        """Note the files among what a function captures: its last arguments."""
        name, captured = "", list[int]()
        for each in self._wire.fields(span):
            if each.kind == LENGTH and each.number == schema.KEY:
                name = self._wire.text(each, NAME)
            elif each.kind == LENGTH and each.number == schema.VALUE:
                for inner in self._wire.fields(each.span):
                    if inner.number == schema.BOUND_INPUTS:
                        captured += self._wire.integers(inner, schema.MOST_BOUND)
        bound = {
            index - len(captured): files[node]
            for index, node in enumerate(captured)
            if node in files
        }
        if bound and self._kind == SAVED_MODEL:
            self.graph.bound[name] = bound


def configuration(subject: Subject, wire: Wire, holder: Field, name: str) -> Iterator[Part]:
    """Yield the JSON that Keras kept of one of its objects, as a part of its own."""
    identifier, metadata = "", None
    for each in wire.fields(holder.span):
        if each.kind == LENGTH and each.number == schema.IDENTIFIER:
            identifier = wire.text(each, NAME)
        elif each.kind == LENGTH and each.number == schema.METADATA:
            metadata = each.span
    if metadata and metadata.length and identifier.startswith(KERAS):
        yield Part(name, Window(subject.source, metadata), ("json",))
