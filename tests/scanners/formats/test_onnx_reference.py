"""ONNX, held against the `onnx` package: same tensors and operators, and no file goes unnamed."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from google.protobuf import message  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from aibom.scanners.facts import Metadata, Operator, Reference, Refers, Tensor
from aibom.scanners.format import Match
from aibom.scanners.formats.onnx import FORMAT
from aibom.scanners.formats.onnx_schema import BITS, DATA_TYPES, KNOWN, MODEL_KINDS, Message
from aibom.scanners.source import Malformed
from fixtures import onnx as fixtures
from fixtures.onnx import FLOAT, external, field, graph, model, node, pair, tensor, value_info
from tests.helpers.reading import facts, recognised

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def targets(data: bytes) -> list[tuple[str, str]]:
    return [
        (reference.key, reference.target)
        for reference in facts(FORMAT, data, Reference)
        if reference.kind is Refers.EXTERNAL_DATA
    ]


def metadata(data: bytes) -> dict[str, str]:
    return {fact.key: fact.value for fact in facts(FORMAT, data, Metadata)}


def messages(parent: message.Message) -> Iterator[message.Message]:
    """Yield every message at any depth, by reflection: no knowledge of where tensors can stand."""
    yield parent
    for descriptor, value in parent.ListFields():
        if descriptor.message_type:
            for child in value if descriptor.is_repeated else [value]:
                yield from messages(child)


def is_loaded(data: bytes) -> bool:
    try:
        onnx.load_model_from_string(data)
    except message.DecodeError:
        return False
    return True


def as_text(value: str | bytes) -> str:
    """The reference reader gives a text that is no UTF-8 as bytes."""
    return value if isinstance(value, str) else value.decode("utf-8", "backslashreplace")


def reference_targets(data: bytes) -> list[str]:
    """Return every file that the reference reader would open."""
    return [
        as_text(entry.value)
        for each in messages(onnx.load_model_from_string(data))
        if isinstance(each, TensorProto) and each.data_location == TensorProto.EXTERNAL
        for entry in each.external_data
        if entry.key == "location"
    ]


def reference_tensors(data: bytes) -> list[tuple[str, str, tuple[int, ...]]]:
    return sorted(
        (each.name, TensorProto.DataType.Name(each.data_type), tuple(each.dims))
        for parent in messages(onnx.load_model_from_string(data))
        if isinstance(parent, onnx.GraphProto)
        for each in parent.initializer
    )


def reference_operators(data: bytes) -> Counter[tuple[str, str]]:
    found = [
        each
        for each in messages(onnx.load_model_from_string(data))
        if isinstance(each, onnx.NodeProto)
    ]
    return Counter(("" if n.domain == "ai.onnx" else n.domain, n.op_type) for n in found)


def test_names_every_file_that_any_tensor_names() -> None:
    names = (
        "initialization",
        "step",
        "function node",
        "function default",
        "attribute",
        "attributes",
        "subgraph",
        "constant",
        "sparse values",
        "sparse indices",
        "sparse list",
        "initializer",
        "sparse initializer",
        "its indices",
    )
    data = fixtures.escaping_everywhere("../secret")
    assert targets(data) == [(name, "../secret") for name in names]
    assert sorted(reference_targets(data)) == ["../secret"] * len(names)


def test_a_message_that_stands_twice_is_one() -> None:
    """Protobuf adds up the two halves, so each half counts."""
    halves = (
        field(1, "value")
        + field(5, tensor("w") + field(14, 1))
        + field(5, field(13, pair("location", "a.bin")))
    )
    data = model(graph([node("Constant", halves)])) + field(7, graph([], [external("v", "b.bin")]))
    assert targets(data) == [("w", ""), ("", "a.bin"), ("v", "b.bin")]
    assert sorted(reference_targets(data)) == ["a.bin", "b.bin"]


def assert_agrees(data: bytes) -> None:
    tensors = [(t.name, t.dtype, t.shape) for t in facts(FORMAT, data, Tensor)]
    operators = {(o.domain, o.name): o.count for o in facts(FORMAT, data, Operator)}
    assert sorted(tensors) == reference_tensors(data)
    assert operators == reference_operators(data)
    assert sorted(target for _, target in targets(data)) == sorted(reference_targets(data))


def reference_model() -> onnx.ModelProto:
    """Return a model with an `If`, a quantised, a bfloat16 and a scalar weight, and a function."""
    flag = helper.make_tensor_value_info("flag", TensorProto.BOOL, [])
    out = helper.make_tensor_value_info("out", TensorProto.FLOAT, ["N", 2])
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 2])
    out_of_branch = helper.make_tensor_value_info("b", TensorProto.FLOAT, ["N", 2])
    inner = numpy_helper.from_array(np.ones((2,), np.float32), "inner")
    branches = [
        helper.make_graph([helper.make_node(op, inputs, ["b"])], op, [], [out_of_branch], tensors)
        for op, inputs, tensors in (("Add", ["x", "inner"], [inner]), ("Identity", ["x"], []))
    ]
    weights = [
        helper.make_tensor("quantised", TensorProto.INT8, (2, 2), [1, 2, 3, 4]),
        helper.make_tensor("brain", TensorProto.BFLOAT16, (3,), [1.0, 2.0, 3.0]),
        numpy_helper.from_array(np.full((), 2.5, np.float32), "scalar"),
        numpy_helper.from_array(np.array(["a", "b"], object), "words"),
        numpy_helper.from_array(np.arange(64, dtype=np.float32).reshape(8, 8), "large"),
    ]
    nodes = [
        helper.make_node(
            "If", ["flag"], ["branch"], then_branch=branches[0], else_branch=branches[1]
        ),
        helper.make_node("Twice", ["branch"], ["out"], domain="own"),
    ]
    twice = helper.make_function(
        "own", "Twice", ["a"], ["b"], [helper.make_node("Add", ["a", "a"], ["b"])],
        [helper.make_opsetid("", 17)],
    )  # fmt: skip
    built = helper.make_model(
        helper.make_graph(nodes, "main", [flag, x], [out], weights),
        producer_name="tests",
        functions=[twice],
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("own", 1)],
    )
    helper.set_model_props(built, {"license": "mit"})
    onnx.checker.check_model(built)  # pyright: ignore[reportUnknownMemberType] - an open PathLike
    return built


def test_agrees_on_what_the_reference_wrote() -> None:
    data = reference_model().SerializeToString()
    assert recognised(FORMAT, data) is Match.CERTAIN
    assert_agrees(data)
    found = metadata(data)
    assert (found["opset own"], found["license"]) == ("1", "mit")
    large = next(t for t in facts(FORMAT, data, Tensor) if t.name == "large")
    assert data[large.at.start : large.at.end] == np.arange(64, dtype=np.float32).tobytes()


def test_agrees_on_external_data_that_the_reference_wrote(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    onnx.save(  # pyright: ignore[reportUnknownMemberType] - an open PathLike
        reference_model(), path, save_as_external_data=True, location="w.bin", size_threshold=0
    )
    data = path.read_bytes()
    assert_agrees(data)
    assert ("large", "w.bin") in targets(data)
    assert {t.name: t.storage for t in facts(FORMAT, data, Tensor)}["large"] == "w.bin"


def test_misses_no_file_of_damaged_models() -> None:
    """Whatever the reference reader still reads, no file that it would open may go unnamed."""
    dice = random.Random(5)
    seed = fixtures.escaping_everywhere()
    read_by_both = 0
    for _ in range(4000):
        data = bytearray(seed)
        for _ in range(dice.randint(1, 3)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        if not is_loaded(bytes(data)):
            continue
        try:
            found = {target for _, target in targets(bytes(data))}
        except Malformed as error:
            assert "negative size" in str(error) or "no graph" in str(error)  # noqa: PT017
            continue
        read_by_both += 1
        assert set(reference_targets(bytes(data))) <= found
    assert read_by_both > 1000


shapes = st.lists(st.integers(0, 1 << 62), max_size=4)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)


@given(
    st.dictionaries(words, st.tuples(st.integers(0, 28), shapes), max_size=4),
    st.lists(st.tuples(words, words), max_size=5),
    st.dictionaries(words, words, max_size=3),
)
def test_reads_back_what_was_built(
    weights: dict[str, tuple[int, list[int]]],
    nodes: list[tuple[str, str]],
    properties: dict[str, str],
) -> None:
    built = graph(
        [node(name, domain=domain) for name, domain in nodes],
        [tensor(name, shape, dtype) for name, (dtype, shape) in weights.items()],
        inputs=[value_info("x", FLOAT, (1, "N"))],
    )
    data = model(built, properties=properties)
    assert_agrees(data)
    assert {(f.key, f.value) for f in facts(FORMAT, data, Metadata)} >= set(properties.items())


def test_the_schema_is_that_of_the_reference() -> None:
    protos: dict[Message, Any] = {
        Message.GRAPH: onnx.GraphProto,
        Message.NODE: onnx.NodeProto,
        Message.ATTRIBUTE: onnx.AttributeProto,
        Message.FUNCTION: onnx.FunctionProto,
        Message.TRAINING: onnx.TrainingInfoProto,
        Message.SPARSE: onnx.SparseTensorProto,
        Message.TENSOR: onnx.TensorProto,
    }
    theirs = {kind: [f.number for f in proto.DESCRIPTOR.fields] for kind, proto in protos.items()}
    unknown = [
        (kind, n) for kind, numbers in theirs.items() for n in numbers if n not in KNOWN[kind]
    ]
    model_fields: Any = onnx.ModelProto.DESCRIPTOR.fields

    assert unknown == []
    assert {each.number for each in model_fields} <= set(MODEL_KINDS)


def test_raw_data_takes_as_many_bits_as_the_reference_writes() -> None:
    shared = set(BITS) & set(TensorProto.DataType.keys())
    assert len(shared) > len(DATA_TYPES) / 2
    for name in shared:
        kind = DATA_TYPES.index(name)
        made = helper.make_tensor("w", kind, [8], bytes(BITS[name]), raw=True)
        assert numpy_helper.to_array(made).shape == (8,)
