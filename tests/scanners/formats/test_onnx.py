"""ONNX; `test_onnx_reference` holds the same parser against the `onnx` package."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from aibom.scanners.dissect import dissect
from aibom.scanners.facts import (
    Direction,
    Licence,
    Metadata,
    Operator,
    Port,
    Reason,
    Reference,
    Refers,
    Tensor,
    Unread,
)
from aibom.scanners.format import Match
from aibom.scanners.formats.onnx import FORMAT, LOOKED_AT
from aibom.scanners.limits import Budget, Exceeded, Limits
from aibom.scanners.source import BytesSource, Malformed, Span
from fixtures import onnx as fixtures
from fixtures.onnx import (
    FLOAT,
    GROUP,
    GROUP_END,
    INT8,
    INT64,
    attribute,
    external,
    field,
    fields,
    function,
    graph,
    key,
    model,
    node,
    pair,
    sparse,
    tensor,
    varint,
)
from tests.helpers.reading import damage, facts, read, recognised

RELU = node("Relu")


def targets(data: bytes) -> list[tuple[str, str]]:
    return [
        (reference.key, reference.target)
        for reference in facts(FORMAT, data, Reference)
        if reference.kind is Refers.EXTERNAL_DATA
    ]


def metadata(data: bytes) -> dict[str, str]:
    return {fact.key: fact.value for fact in facts(FORMAT, data, Metadata)}


def test_reads_metadata_licence_tensors_and_operators() -> None:
    data = fixtures.honest()
    assert recognised(FORMAT, data) is Match.CERTAIN
    assert read(FORMAT, data) == [
        Metadata(at=Span(1, 1), key="ir_version", value="8"),
        Metadata(at=Span(4, 7), key="producer_name", value="by-hand"),
        Metadata(at=Span(13, 3), key="producer_version", value="1.0"),
        Metadata(at=Span(18, 4), key="opset ai.onnx", value="17"),
        Metadata(at=Span(24, 21), key="license", value="apache-2.0"),
        Licence(at=Span(24, 21), key="license", value="apache-2.0"),
        Metadata(at=Span(47, 12), key="task", value="demo"),
        Tensor(at=Span(144, 1), name="inner", dtype="INT8", shape=(1,)),
        Metadata(at=Span(147, 4), key="graph.name", value="main"),
        Tensor(at=Span(169, 24), name="weight", dtype="FLOAT", shape=(2, 3)),
        Port(
            at=Span(195, 20), direction=Direction.INPUT, name="x", dtype="FLOAT", shape=("N", "2")
        ),
        Port(
            at=Span(217, 20), direction=Direction.OUTPUT, name="y", dtype="FLOAT", shape=("N", "3")
        ),
        Operator(at=Span(64, 14), domain="", name="MatMul"),
        Operator(at=Span(109, 12), domain="", name="Relu"),
        Operator(at=Span(80, 65), domain="", name="If"),
    ]


def test_reads_all_that_a_model_says_of_itself() -> None:
    data = (
        field(5, -3)
        + field(4, "org.example")
        + field(6, "é" * 20_000)
        + field(8, field(1, "custom") + field(2, 1))
        + field(25, function("Gelu", [RELU], domain=""))
        + field(26, b"")
        + model(graph([RELU]) + field(10, "of the graph"))
    )
    found = metadata(data)
    assert found.pop("doc_string") == "é" * 4096 + "… (40000 bytes in all)"
    assert found == {
        "model_version": "-3",
        "domain": "org.example",
        "opset custom": "1",
        "function": "Gelu",
        "ir_version": "8",
        "producer_name": "by-hand",
        "producer_version": "1.0",
        "opset ai.onnx": "17",
        "graph.name": "main",
        "graph.doc_string": "of the graph",
    }


def test_counts_operators_of_graphs_subgraphs_and_functions() -> None:
    inner = graph([RELU, node("Relu", domain="ai.onnx")])
    data = model(
        graph([RELU, node("If", attribute("then_branch", 6, inner)), node("Run", domain="own")]),
        functions=[function("Run", [RELU, node("Exec", domain="com.example")])],
    )
    assert Counter({(o.domain, o.name): o.count for o in facts(FORMAT, data, Operator)}) == {
        ("", "Relu"): 4,
        ("", "If"): 1,
        ("own", "Run"): 1,
        ("com.example", "Exec"): 1,
    }


# --- External data --------------------------------------------------------------------------------


ENTRY = pair("location", "a.bin")


@pytest.mark.parametrize(
    ("proto", "expected"),
    [
        (tensor("w") + field(13, ENTRY), ["a.bin"]),
        (tensor("w") + field(14, 1), [""]),
        (tensor("w") + fields(13, [ENTRY, pair("location", "b.bin")]), ["a.bin", "b.bin"]),
        (tensor("w") + fields(13, [ENTRY, pair("offset", "4"), ENTRY]), ["a.bin"]),
        (tensor("w") + field(13, field(2, "x") + field(1, "y") + ENTRY), ["a.bin"]),
        (tensor("w") + field(13, field(2, "a.bin")), []),
        (tensor("w") + key(13, GROUP) + key(13, GROUP_END), []),
        (tensor("w") + field(14, 0), []),
        (
            tensor("w") + field(13, pair("location", "a" * 9000)),
            ["a" * 4096 + "… (9000 bytes in all)"],
        ),
    ],
    ids=[
        "not marked as external", "no location", "two locations", "the same twice",
        "the last key and value count", "no key", "a group", "not external", "longer than a path",
    ],
)  # fmt: skip
def test_reads_a_location_as_readers_would(proto: bytes, expected: list[str]) -> None:
    data = model(graph([RELU], [proto]))
    assert targets(data) == [("w", target) for target in expected]


def test_a_tensor_elsewhere_names_its_storage() -> None:
    proto = external("w", "weights.bin", (2, 3))
    data = model(graph([RELU], [proto]))
    start = data.index(proto)
    assert facts(FORMAT, data, Tensor) == [
        Tensor(
            at=Span(start, len(proto)),
            name="w",
            dtype="FLOAT",
            shape=(2, 3),
            storage="weights.bin",
        )
    ]


# --- Shapes and types -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("proto", "dtype", "shape"),
    [
        (tensor("w", (), FLOAT), "FLOAT", ()),
        (field(1, varint(2) + varint(300)) + tensor("w", (), INT64), "INT64", (2, 300)),
        (tensor("w", (0, 2), 99), "type 99", (0, 2)),
        (field(8, "w"), "UNDEFINED", ()),
    ],
    ids=["scalar", "packed sizes", "unknown type", "no type"],
)
def test_reads_shapes_and_types(proto: bytes, dtype: str, shape: tuple[int, ...]) -> None:
    (found,) = facts(FORMAT, model(graph([RELU], [proto])), Tensor)
    assert (found.name, found.dtype, found.shape) == ("w", dtype, shape)


def test_a_tensor_is_where_its_values_are() -> None:
    packed = field(8, "w") + field(4, b"values")
    twice = field(8, "v") + field(4, b"some") + field(4, b"more")
    data = model(graph([RELU], [packed, twice]))
    assert [data[f.at.start : f.at.end] for f in facts(FORMAT, data, Tensor)] == [b"values", twice]


def test_a_sparse_initializer_has_the_name_of_its_values() -> None:
    proto = sparse(tensor("w", (2,), INT8, b"\1\2"), tensor("i", (2,), INT64), (5, 6)) + field(9, 1)
    data = model(graph([RELU], sparse_tensors=[proto]))
    at = Span(data.index(proto), len(proto))
    assert facts(FORMAT, data, Tensor) == [
        Tensor(at=at, name="w", dtype="INT8", shape=(5, 6), is_plain=False)
    ]


# --- Bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (fixtures.endless(), "1152921504606846976 bytes"),
        (field(1, 8), "no graph and no function"),
        (model(graph([RELU], [tensor("w", (2, -1))])), "negative size in the shape"),
        (model(graph([RELU], sparse_tensors=[sparse(tensor("w"), b"", (-2,))])), "negative size"),
        (field(7, b"\x0a\x09"), "9 bytes, 0 are left in the message"),
    ],
    ids=["endless", "no graph", "a negative size", "a negative sparse size", "a cut node"],
)
def test_refuses_what_no_reader_could_follow(data: bytes, why: str) -> None:
    begun = time.process_time()
    with pytest.raises(Malformed, match=why):
        read(FORMAT, data)
    assert time.process_time() - begun < 20


@pytest.mark.parametrize(
    ("data", "limit"),
    [
        (fixtures.deep(40), "messages inside messages"),
        (model(graph([RELU], [tensor("w", [1] * 1025)])), "axes = 1024"),
        (model(graph([RELU], [field(1, b"\1" * 2000)])), "axes = 1024"),
        (model(graph([node(f"Op{n}") for n in range(30)])), "kinds of operators"),
        (
            model(graph([], [fields(13, [pair("location", str(n)) for n in range(30)])])),
            "places of one tensor's data",
        ),
    ],
    ids=["depth", "axes", "packed axes", "operators", "locations"],
)
def test_keeps_within_its_limits(data: bytes, limit: str) -> None:
    with pytest.raises(Exceeded, match=limit):
        read(FORMAT, data, limits=Limits(facts=20))


def test_refuses_every_shorter_file() -> None:
    whole = fixtures.honest()
    for length in range(len(whole)):
        with pytest.raises(Malformed):
            read(FORMAT, whole[:length])


def test_the_name_asks_why_a_file_is_none() -> None:
    cut = fixtures.honest()[:100]
    named, unnamed = (
        dissect(BytesSource(cut), (name,), Budget(Limits())) for name in ("m.onnx", "m")
    )
    (why,) = [fact for fact in named.facts if isinstance(fact, Unread)]
    assert (why.reason, why.detail) == (
        Reason.MALFORMED,
        "ONNX: protobuf field at byte 59: 175 bytes, 38 are left in the message",
    )
    assert (unnamed.formats, unnamed.facts) == ((), ())


def test_survives_damage() -> None:
    damage(FORMAT, fixtures.honest(), times=2000)
    damage(FORMAT, fixtures.escaping_everywhere(), times=2000)


# --- Recognition ----------------------------------------------------------------------------------

HONEST = fixtures.honest()
SAVED_MODEL = field(1, 1) + field(2, field(1, b"") + field(2, b"\x0a\x00"))
CORE_ML = field(1, 4) + field(2, field(1, b"")) + field(10, 1) + field(500, b"")
GRAPH_DEF = field(1, field(1, "x") + field(2, "Placeholder")) + field(4, field(1, 27))
META_GRAPH = field(1, b"") + field(7, field(1, field(1, b"") + field(4, field(1, "_generic"))))


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (HONEST, Match.CERTAIN),
        (field(7, graph([RELU])) + field(1, 8), Match.CERTAIN),
        (model(graph([], [tensor("w")])), Match.POSSIBLE),
        (field(1, 8) + field(25, function("F", [RELU])), Match.POSSIBLE),
        (HONEST + field(99, 1), Match.POSSIBLE),
        (HONEST + key(3, GROUP) + key(3, GROUP_END), Match.POSSIBLE),
        (field(7, graph([RELU])), Match.POSSIBLE),
        (HONEST[:-1], Match.POSSIBLE),
        (field(1, 1) * LOOKED_AT + HONEST, Match.POSSIBLE),
        (HONEST + field(6, "") * LOOKED_AT, Match.POSSIBLE),
        (field(1, 8) + field(7, graph([RELU]) + field(99, 1)), Match.POSSIBLE),
        (field(1, 8) + field(7, b"no message"), Match.NO),
        (field(1, 8) + field(7, field(1, field(4, "not a name!"))), Match.POSSIBLE),
        (field(99, 1) + field(7, field(1, field(4, "not a name!"))), Match.NO),
        (field(1, 2000) + field(7, b""), Match.NO),
        (SAVED_MODEL, Match.NO),
        (CORE_ML, Match.NO),
        (GRAPH_DEF, Match.NO),
        (META_GRAPH, Match.NO),
        (b"", Match.NO),
        (bytes(64), Match.NO),
        (b"PK\x03\x04", Match.NO),
        (b"\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00}.", Match.NO),
        (b"import os\n", Match.NO),
        (b'{"a": 1}', Match.NO),
    ],
    ids=[
        "honest", "graph first", "no node", "functions alone", "an unknown field", "a group",
        "no version", "cut", "a flood before", "a flood behind", "an unknown field of the graph",
        "text as a graph", "no operator's name", "unknown and unnamed", "no plausible version",
        "SavedModel", "Core ML", "GraphDef", "MetaGraphDef", "empty", "zeros", "zip", "pickle",
        "Python", "JSON",
    ],
)  # fmt: skip
def test_tells_by_content(data: bytes, match: Match) -> None:
    assert recognised(FORMAT, data) is match


OUTSIDE = external("w", "../../../../etc/passwd")
UNKNOWN = field(99, 1)


@pytest.mark.parametrize(
    "data",
    [
        field(1, 8) + fields(14, [pair("a", "b")] * 5001) + field(7, graph([], [OUTSIDE])),
        field(99, 1) * 5001 + field(7, graph([], [OUTSIDE])),
        UNKNOWN + field(7, fields(5, [OUTSIDE, *[tensor("v")] * 200]) + field(1, RELU)),
        UNKNOWN + field(7, fields(5, [*[tensor("v")] * 300, OUTSIDE]) + field(1, RELU)),
        UNKNOWN + field(7, graph([], [OUTSIDE]) + UNKNOWN),
        UNKNOWN + field(7, field(5, OUTSIDE) + field(5, tensor("v", (-1,)))),
        UNKNOWN + field(7, graph([], [OUTSIDE])) + field(7, b""),
        UNKNOWN + field(7, field(5, UNKNOWN * LOOKED_AT + OUTSIDE)),
        UNKNOWN + field(1, 8) + field(7, field(15, sparse(OUTSIDE))),
        UNKNOWN + field(1, 8) + field(25, function("F", [node("?", attribute("a", 5, OUTSIDE))])),
    ],
    ids=[
        "properties", "unknown fields", "initializers", "initializers before", "unknown in both",
        "a negative size", "two graphs", "unknown in a tensor", "sparse", "function",
    ],
)  # fmt: skip
def test_no_flood_hides_a_file_that_a_reader_would_open(data: bytes) -> None:
    found = dissect(BytesSource(data), ("model.bin",), Budget(Limits()))
    kept = [fact.target for fact in found.facts if isinstance(fact, Reference)]
    assert (found.formats, kept) == (("onnx",), ["../../../../etc/passwd"])
