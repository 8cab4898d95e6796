"""TensorFlow's SavedModel, MetaGraphDef and GraphDef; `test_tensorflow_flow` follows names."""

from __future__ import annotations

import time

import pytest

from aibom.scanners import kits
from aibom.scanners.artifact import Target
from aibom.scanners.dissect import dissect
from aibom.scanners.facts import (
    Direction,
    Metadata,
    Operation,
    Operator,
    Port,
    Reason,
    Reference,
    Refers,
    Unread,
)
from aibom.scanners.format import Match, Part
from aibom.scanners.formats.tensorflow import FORMATS
from aibom.scanners.judge import judge
from aibom.scanners.limits import Budget, Exceeded, Limits
from aibom.scanners.rule import Severity
from aibom.scanners.source import BytesSource, Malformed, Span
from fixtures.onnx import field, fields
from fixtures.tensorflow import (
    asset,
    const,
    entry,
    function,
    graph,
    kept,
    meta_graph,
    node,
    port,
    saved_model,
)
from tests.helpers.reading import damage, facts, read, recognised

kits.load_all()

SAVED_MODEL, META_GRAPH, GRAPH, KERAS, TEXT = FORMATS
READ = node("r", "ReadFile", "p")
ATTACK = graph(const("p", "/etc/passwd"), READ)
FOUND = Operation(graph="saved-model", operator="ReadFile", given=("/etc/passwd",))


def found(data: bytes, name: str = "m.pb") -> tuple[tuple[str, ...], set[str]]:
    """Return formats, and the rules that flag at high or above."""
    artifact = dissect(BytesSource(data), (name,), Budget(Limits()))
    findings = judge(Target((artifact,)))
    return artifact.formats, {each.rule for each in findings if each.severity >= Severity.HIGH}


def operations(data: bytes) -> list[tuple[str, tuple[str, ...], str]]:
    """Return what a SavedModel of this graph reaches, where."""
    all_ = facts(SAVED_MODEL, saved_model(data), Operation)
    return [(each.operator, each.given, each.function) for each in all_]


def test_tells_what_a_saved_model_says() -> None:
    signature = entry(
        "serving_default",
        field(1, port("text", 7, -1 % (1 << 64))) + field(2, port("score", 1, -1 % (1 << 64), 2)),
    )
    data = saved_model(graph(node("y", "MatMul", "x")), field(5, signature))
    told = [fact for fact in read(SAVED_MODEL, data) if not isinstance(fact, Part)]
    assert [(f.key, f.value) for f in told if isinstance(f, Metadata)] == [
        ("saved_model_schema_version", "1"),
        ("tags", "serve"),
        ("tensorflow_version", "2.21.0"),
        ("signature", "serving_default"),
        ("graph.producer", "2129"),
    ]
    assert [(f.direction, f.name, f.dtype, f.shape) for f in told if isinstance(f, Port)] == [
        (Direction.INPUT, "text", "string", ("",)),
        (Direction.OUTPUT, "score", "float32", ("", "2")),
    ]
    assert [(f.name, f.count) for f in told if isinstance(f, Operator)] == [
        ("Placeholder", 1),
        ("MatMul", 1),
    ]


def test_tells_the_files_that_a_saved_model_brings_along() -> None:
    data = saved_model(graph(const("v", "v.txt")), field(6, asset("v", "vocab.txt")))
    assert facts(SAVED_MODEL, data, Reference) == [
        Reference(
            at=Span(data.index(asset("v", "vocab.txt")), len(asset("v", "vocab.txt"))),
            kind=Refers.EXTERNAL_DATA,
            key="v:0",
            target="assets/vocab.txt",
        )
    ]


@pytest.mark.parametrize(
    ("data", "formats"),
    [
        (saved_model(ATTACK), ("tf-saved-model",)),
        (meta_graph(ATTACK), ("tf-meta-graph",)),
        (ATTACK, ("tf-graph",)),
        (saved_model(graph(functions=[function("f", ["p"], READ)])), ("tf-saved-model",)),
        (field(2, meta_graph(ATTACK)) + field(1, 1), ("tf-saved-model",)),
        (field(99, b"x") + saved_model(ATTACK), ("tf-saved-model",)),
        (field(99, b"x") + ATTACK, ("tf-graph",)),
        (saved_model(b"") + field(2, meta_graph(ATTACK)), ("tf-saved-model",)),
        (field(1, 1) + field(2, field(2, graph()) + field(2, ATTACK)), ("tf-saved-model",)),
        (field(1, node("r", "MatchingFiles")), ("tf-graph",)),
        (field(1, node("c", "f")) + field(2, field(1, function("f", ["p"], READ))), ("tf-graph",)),
        (fields(1, [node("n" * 9000, "f"), READ]), ("tf-graph",)),
        (fields(1, [*[node(f"c{n}", "f") for n in range(99)], READ]), ("tf-graph",)),
        (field(1, 1) + field(2, fields(2, [b""] * 30 + [ATTACK])), ("tf-saved-model",)),
        (field(1, 1) + field(2, fields(99, [b""] * 6000) + field(2, ATTACK)), ("tf-saved-model",)),
        (field(1, node("a", "Const") + field(2, "ReadFile")), ("tf-graph",)),
    ],
    ids=[
        "SavedModel", "MetaGraphDef", "GraphDef", "in a function", "fields the other way round",
        "an unknown field before it", "an unknown field before a graph", "in a second MetaGraphDef",
        "in a second GraphDef", "without anything else", "where the graph calls a function",
        "behind a very long name", "behind many calls", "behind many graphs",
        "behind many unknown fields", "the last of two operators counts",
    ],
)  # fmt: skip
def test_finds_a_graph_that_reads_files(data: bytes, formats: tuple[str, ...]) -> None:
    assert found(data) == (formats, {"graph-touches-files"})
    assert found(data, "weights.bin") == (formats, {"graph-touches-files"})


@pytest.mark.parametrize(
    ("data", "format_"),
    [
        (saved_model(ATTACK), "tf-saved-model"),
        (meta_graph(ATTACK), "tf-meta-graph"),
        (ATTACK, "tf-graph"),
    ],
    ids=["SavedModel", "MetaGraphDef", "GraphDef"],
)
def test_an_attack_before_a_break_stands_and_the_scan_is_incomplete(
    data: bytes, format_: str
) -> None:
    for broken in (data[:-1], data[:-6], data + b"\xff\xff"):
        artifact = dissect(BytesSource(broken), ("m",), Budget(Limits()))
        reasons = [fact.reason for fact in artifact.facts if isinstance(fact, Unread)]
        assert reasons == [Reason.MALFORMED]
        assert found(broken) == ((format_,), {"graph-touches-files"})


def test_a_file_that_only_bears_the_name_is_not_clean() -> None:
    artifact = dissect(BytesSource(b"\x08\x01 nothing"), ("saved_model.pb",), Budget(Limits()))
    assert [fact.reason for fact in artifact.facts if isinstance(fact, Unread)] == [
        Reason.MALFORMED
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\0" * 64, b"node", b"\x08\x01", field(1, "text"), field(1, 1) + field(2, "pytorch"),
        field(1, field(1, "key") + field(2, "a value")), field(1, field(1, "piece") + b"\x15abcd"),
        b"plain words, and then some more of them\n" * 9,
    ],
    ids=["nothing", "zeros", "a word", "a number", "a text", "ONNX", "a map", "pieces", "prose"],
)  # fmt: skip
def test_other_bytes_are_none_of_them(data: bytes) -> None:
    assert [recognised(each, data) for each in FORMATS] == [Match.NO] * len(FORMATS)


def test_reads_what_keras_keeps_of_its_objects() -> None:
    data = kept("root.layer-0", '{"class_name": "Dense"}') + kept("root", "")
    assert recognised(KERAS, data) is Match.CERTAIN
    (part,) = read(KERAS, data)
    assert isinstance(part, Part)
    assert (part.name, part.formats) == ("root.layer-0", ("json",))
    assert part.source.read_at(0, part.source.size) == b'{"class_name": "Dense"}'


def test_reads_what_keras_kept_in_the_graph_of_objects() -> None:
    user = field(1, "_tf_keras_layer") + field(3, '{"class_name": "Lambda"}')
    plain = field(1, "trackable_dict_wrapper") + field(3, "{}")
    objects = field(1, field(4, user)) + field(1, field(4, plain))
    parts = [
        part
        for part in read(SAVED_MODEL, saved_model(graph(), field(7, objects)))
        if isinstance(part, Part)
    ]
    assert [part.name for part in parts] == ["object 0"]


def test_counts_operators_and_leaves_functions_out() -> None:
    of = graph(node("c", "f", "x"), node("d", "Identity"), node("e", "Identity"),
               functions=[function("f", ["a"], node("n", "Relu", "a"))])  # fmt: skip
    assert [(each.name, each.count) for each in facts(GRAPH, of, Operator)] == [
        ("Placeholder", 1),
        ("Identity", 2),
        ("Relu", 1),
    ]


def test_one_node_of_many_alike_stands_for_all() -> None:
    of = graph(const("p", "/a"), *(node(f"r{n}", "ReadFile", "p") for n in range(5)))
    assert [each.count for each in facts(GRAPH, of, Operation)] == [5]


def test_damage_is_malformed_at_most() -> None:
    of = graph(
        const("p", "a", "b"),
        node("j", "StringJoin", "p", "x", separator=field(2, "/")),
        node("r", "ReadFile", "j"),
        node("c", "StatefulPartitionedCall", "p", f=field(10, field(1, "f"))),
        functions=[function("f", ["a"], node("w", "WriteFile", "a", "a"), returns=["a"])],
    )
    objects = field(1, field(5, field(1, 0))) + field(2, entry("f", field(2, 0)))
    seed = saved_model(of, field(6, asset("p", "v.txt")), field(7, objects))
    for each, data in ((SAVED_MODEL, seed), (META_GRAPH, meta_graph(of)), (GRAPH, of)):
        damage(each, data)
    damage(KERAS, kept("root", "{}") * 3)


def test_limits_hold() -> None:
    many = graph(*(node(f"n{n}", f"Op{n}") for n in range(50)))
    with pytest.raises(Exceeded, match="kinds of operators"):
        read(GRAPH, many, limits=Limits(facts=20))
    functions = graph(functions=[function(f"f{n}", []) for n in range(50)])
    with pytest.raises(Exceeded, match="functions"):
        read(GRAPH, functions, limits=Limits(facts=20))
    assets = saved_model(graph(), *(field(6, asset("a", "b")) for _ in range(50)))
    with pytest.raises(Exceeded, match="assets"):
        read(SAVED_MODEL, assets, limits=Limits(facts=20))
    with pytest.raises(Malformed, match="no node"):
        read(SAVED_MODEL, field(1, 1))


def test_a_graph_that_joins_in_rings_ends_soon() -> None:
    ring = [
        node(f"n{n}", "StringJoin", *[f"n{(n + k) % 60}" for k in range(1, 9)]) for n in range(60)
    ]
    reads = [node(f"r{n}", "ReadFile", f"n{n}") for n in range(60)]
    started = time.process_time()
    told = facts(GRAPH, graph(*ring, *reads), Operation)
    assert all(each.is_computed for each in told)
    assert time.process_time() - started < 5


# --- The text form --------------------------------------------------------------------------------

AS_TEXT = """# written by hand
saved_model_schema_version: 1
meta_graphs {
  meta_info_def { tags: "serve" unknown: 1 }
  graph_def {
    node { name: "x" op: "Placeholder" }
    node {
      name: 'p'
      op: "Const"
      attr { key: "value" value { tensor { dtype: DT_STRING string_val: "/etc" '/pass\\167d' } } }
    }
    node: < name: "r", op: "Read" "File"; input: ["p"] >
  }
}
"""


def test_a_graph_as_text_is_read_as_its_bytes_are() -> None:
    data = AS_TEXT.encode()
    assert found(data, "saved_model.pbtxt") == (("tf-graph-text",), {"graph-touches-files"})
    assert [(f.graph, f.given) for f in facts(TEXT, data, Operation)] == [
        ("saved-model", ("/etc/passwd",))
    ]
    plain = b"versions { producer: 1 }\nnode { name: 'w' op: 'WriteFile' input: 'w' }"
    assert found(plain, "notes.txt") == (("tf-graph-text",), {"graph-touches-files"})
    assert found(b"# a\n" * 3000 + plain)[1] == {"graph-touches-files"}
    meta = b"graph_def {" + plain + b"}"
    assert [f.graph for f in facts(TEXT, meta, Operation)] == ["meta-graph"]


def test_a_text_that_breaks_off_is_not_clean() -> None:
    artifact = dissect(BytesSource(AS_TEXT[:-9].encode()), ("a.pbtxt",), Budget(Limits()))
    assert [f.reason for f in artifact.facts if isinstance(f, Unread)] == [Reason.MALFORMED]


@pytest.mark.parametrize(
    "data",
    [
        b"item { id: 1 name: 'cat' }",
        b'node {\n  calculator: "FlowLimiterCalculator"\n}',
        b'name: "model"\nplatform: "tensorflow_savedmodel"',
        b'layer { name: "x" type: "Python" }',
    ],
    ids=["labels", "MediaPipe", "Triton", "Caffe"],
)
def test_other_texts_are_no_graphs(data: bytes) -> None:
    assert recognised(TEXT, data, "graph.pbtxt") is not Match.CERTAIN
    assert "tf-graph-text" not in found(data, "graph.pbtxt")[0]


def test_a_node_without_an_operator_is_no_graph() -> None:
    """MediaPipe may name its nodes first."""
    assert found(b'node {\n name: "a"\n calculator: "B"\n}', "graph.pbtxt")[0] == ()


def test_damage_to_a_text_is_malformed_at_most() -> None:
    damage(TEXT, AS_TEXT.encode())
