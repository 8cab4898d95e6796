"""TensorFlow's graphs in protobuf: SavedModel, MetaGraphDef, GraphDef, and what Keras adds.

Layout (https://github.com/tensorflow/tensorflow/tree/master/tensorflow/core/protobuf)::

    SavedModel           1 schema version, 2 MetaGraphDef …
    MetaGraphDef         1 about it, 2 GraphDef, 5 signatures, 6 assets, 7 objects
    GraphDef             1 NodeDef …, 2 library: 1 FunctionDef …, 4 versions
    NodeDef              1 name, 2 operator, 3 inputs, 5 attributes
    FunctionDef          1 signature, 3 NodeDef …, 4 what it returns
    keras_metadata.pb    1 objects: 2 id, 3 path, 4 identifier, 5 configuration in JSON

There is no magic, and fields may come in any order. Here they are told apart; a kit reads them, as
few targets have one.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from ..format import Format, Match, Parsed, Subject
from ..kits import need
from ..patterns import pattern
from ..record import field, record
from ..source import Malformed, Span
from ..wireformat import LENGTH, VARINT, Field, Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..limits import Budget

LOOKED_AT = 20_000  # fields of a message that are looked at; few graphs have as many nodes
NODES_LOOKED_AT = 50
PARTS_LOOKED_AT = 20  # graphs in a graph's message; honest ones have one
NAME = 256  # bytes of a name that are looked at
OPERATOR = pattern(r"_{0,2}[A-Z][A-Za-z0-9_>]*")  # of TensorFlow; functions have any name
KERAS = "_tf_keras_"
COMMON = frozenset(  # operators of which nearly every graph has one
    {
        "Placeholder", "PlaceholderV2", "Const", "NoOp", "Identity", "VarHandleOp", "VariableV2",
        "ReadVariableOp", "MatMul", "Conv2D", "StatefulPartitionedCall", "PartitionedCall",
    }
)  # fmt: skip
META_GRAPH_KINDS = frozenset(range(1, 8))
GRAPH_KINDS = {1: LENGTH, 2: LENGTH, 3: VARINT, 4: LENGTH, 5: LENGTH}
_SPACE = rb"(?>\s+|#[^\n]*\n)*+"
TEXT_HEAD = pattern(  # the first field of a graph as text: the text form knows no other names
    _SPACE
    + rb"(?:(?:saved_model_schema_version|version)\s*:|(?:meta_graphs|meta_info_def|graph_def"
    + rb"|saver_def|collection_def|signature_def|asset_file_def|object_graph_def"
    + rb"|node|library|versions|debug_info)\s*:?\s*[\[{<])"
)
TEXT_SPACE = pattern(_SPACE + rb"(?:#[^\n]*)?")
TEXT_OPERATOR = pattern(rb"""\bop\s*:\s*["']\w|\bsaved_model_schema_version\b""")


@record(frozen=False)
class _Seen:
    """What a look at a message showed."""

    is_plain: bool = True  # only fields that the schema has
    is_cut: bool = False  # there may be more than was looked at
    is_broken: bool = False
    inside: list[Span] = field(default_factory=list[Span])


def _look(wire: Wire, span: Span, kinds: dict[int, int], wanted: int) -> _Seen:
    seen = _Seen()
    try:
        for count, each in enumerate(islice(wire.fields(span), LOOKED_AT), 1):
            seen.is_plain &= kinds.get(each.number) == each.kind
            seen.is_cut = count == LOOKED_AT
            if each.number == wanted and each.kind == LENGTH:
                seen.inside.append(each.span)
                if len(seen.inside) > NODES_LOOKED_AT:
                    break
    except Malformed:
        seen.is_broken = True
    return seen


def _graph(wire: Wire, span: Span) -> Match:
    """Tell a GraphDef by its nodes: names, operators and attributes of a few.

    Those of functions count, too: a graph may do nothing but call them.
    """
    seen = _look(wire, span, GRAPH_KINDS, 1)
    inner = list(islice(_function_nodes(wire, span), NODES_LOOKED_AT + 1))
    looks = [_node(wire, each) for each in (*seen.inside[:NODES_LOOKED_AT], *inner)]
    told = [look for look in looks if look is not None]
    is_broken = len(told) < len(looks)
    if is_broken and not wire.clipped:  # then readers take none of it
        return Match.NO
    if not any(told):
        is_cut = max(len(seen.inside), len(inner)) > NODES_LOOKED_AT
        return Match(seen.is_cut if not told else is_cut)
    is_sure = Match.CERTAIN in told and seen.is_plain and not is_broken
    return Match.CERTAIN if is_sure else Match.POSSIBLE


def _node(wire: Wire, span: Span) -> Match | None:
    """Tell a node by its operator: surely by a common one or attributes; NO if it may be a call.

    None if it is no node at all.
    """
    name = op = ""
    has_attribute = False
    try:
        for each in islice(wire.fields(span), LOOKED_AT):
            if each.kind == LENGTH and each.number == 1:
                name = _start(wire, each)
            elif each.kind == LENGTH and each.number == 2:  # noqa: PLR2004 - op
                op = _start(wire, each)
            elif each.kind == LENGTH and each.number == 5:  # noqa: PLR2004 - attr
                has_attribute = True
    except Malformed:
        return None
    if not op or not (name + op).isprintable():
        return None
    if not OPERATOR.fullmatch(op):
        return Match.NO
    return Match.CERTAIN if op in COMMON or (has_attribute and name) else Match.POSSIBLE


def _start(wire: Wire, each: Field) -> str:
    """Return the start of a text."""
    raw = wire.source.read_at(each.start, min(each.end - each.start, NAME))
    return raw.decode("utf-8", "replace")


def _function_nodes(wire: Wire, graph: Span) -> Iterator[Span]:
    """Yield nodes of a graph's functions, as far as the message can be read."""
    pending: list[tuple[Span, tuple[int, ...]]] = [(graph, (2, 1, 3))]  # library, function, node
    while pending:
        span, (number, *deeper) = pending.pop()
        try:
            for each in islice(wire.fields(span), LOOKED_AT):
                if each.number == number and each.kind == LENGTH:
                    if deeper:
                        pending.append((each.span, tuple(deeper)))
                    else:
                        yield each.span
        except Malformed:
            continue


def _is_protobuf(subject: Subject) -> bool:
    """Whether the first key is one of a small number; spares most files a closer look."""
    return subject.head[:1] not in (b"", b"\0") and subject.head[0] & 7 <= 5  # noqa: PLR2004 - kinds


def recognise_saved_model(subject: Subject) -> Match:
    """Tell it by a graph in a MetaGraphDef."""
    if not _is_protobuf(subject):
        return Match.NO
    wire = Wire(subject.source, clips=True)
    seen = _look(wire, Span(0, subject.source.size), {1: VARINT, 2: LENGTH}, 2)
    return _best(_meta_graph, wire, seen)


def recognise_meta_graph(subject: Subject) -> Match:
    """Tell it by a graph in the field of one."""
    if not _is_protobuf(subject):
        return Match.NO
    return _meta_graph(Wire(subject.source, clips=True), Span(0, subject.source.size))


def _meta_graph(wire: Wire, span: Span) -> Match:
    seen = _look(wire, span, dict.fromkeys(META_GRAPH_KINDS, LENGTH), 2)
    return _best(_graph, wire, seen)


def _best(look: Callable[[Wire, Span], Match], wire: Wire, seen: _Seen) -> Match:
    """Return what the best of the inner messages is told to be; readers take them together."""
    found = max((look(wire, each) for each in seen.inside[:PARTS_LOOKED_AT]), default=Match.NO)
    if not found:
        return Match(seen.is_cut or len(seen.inside) > PARTS_LOOKED_AT)
    return found if seen.is_plain else Match.POSSIBLE


def recognise_graph(subject: Subject) -> Match:
    """Tell it by its nodes."""
    if not _is_protobuf(subject):
        return Match.NO
    return _graph(Wire(subject.source, clips=True), Span(0, subject.source.size))


def recognise_keras_metadata(subject: Subject) -> Match:
    """Tell it by an object that says it is Keras's."""
    if subject.head[:1] != b"\x0a":
        return Match.NO
    wire = Wire(subject.source)
    seen = _look(wire, Span(0, subject.source.size), {1: LENGTH}, 1)
    for each in seen.inside[:NODES_LOOKED_AT]:
        try:
            for inner in islice(wire.fields(each), LOOKED_AT):
                is_identifier = (inner.number, inner.kind) == (4, LENGTH)
                if is_identifier and wire.text(inner, NAME).startswith(KERAS):
                    return Match.CERTAIN
        except Malformed:
            continue
    return Match.NO


def recognise_text(subject: Subject) -> Match:
    """Tell it by its first field; other programs name nodes, too, but no operators."""
    if TEXT_HEAD.match(subject.head):
        return Match.CERTAIN if TEXT_OPERATOR.search(subject.head) else Match.POSSIBLE
    is_longer = subject.source.size > len(subject.head)
    return Match(is_longer and bool(TEXT_SPACE.fullmatch(subject.head)))


def _by(name: str, kit: str = "tensorflow") -> Callable[[Subject, Budget], Parsed]:
    def parse(subject: Subject, budget: Budget) -> Parsed:
        """Have the kit read it."""
        parsed: Parsed = getattr(need(kit), name)(subject, budget)
        yield from parsed

    return parse


SPEC = "https://github.com/tensorflow/tensorflow/blob/master/tensorflow"
MEDIA_TYPE = "application/x-tensorflow"

FORMATS = (
    Format(
        id="tf-saved-model",
        title="TensorFlow SavedModel",
        media_type=MEDIA_TYPE,
        spec=f"{SPEC}/core/protobuf/saved_model.proto",
        suffixes=("saved_model.pb",),
        recognise=recognise_saved_model,
        parse=_by("parse_saved_model"),
        model=True,
    ),
    Format(
        id="tf-meta-graph",
        title="TensorFlow MetaGraphDef",
        media_type=MEDIA_TYPE,
        spec=f"{SPEC}/core/protobuf/meta_graph.proto",
        suffixes=(),
        recognise=recognise_meta_graph,
        parse=_by("parse_meta_graph"),
        model=True,
    ),
    Format(
        id="tf-graph",
        title="TensorFlow GraphDef",
        media_type=MEDIA_TYPE,
        spec=f"{SPEC}/core/framework/graph.proto",
        suffixes=(),
        recognise=recognise_graph,
        parse=_by("parse_graph"),
        model=True,
    ),
    Format(
        id="keras-metadata",
        title="Keras metadata of a SavedModel",
        media_type=MEDIA_TYPE,
        spec=f"{SPEC}/python/keras/protobuf/saved_metadata.proto",
        suffixes=("keras_metadata.pb",),
        recognise=recognise_keras_metadata,
        parse=_by("parse_keras_metadata"),
    ),
    Format(
        id="tf-graph-text",
        title="TensorFlow graph as text",
        media_type="text/plain",
        spec=f"{SPEC}/core/framework/graph.proto",
        suffixes=("saved_model.pbtxt",),
        recognise=recognise_text,
        parse=_by("parse", "tensorflow-text"),
        model=True,
    ),
)
