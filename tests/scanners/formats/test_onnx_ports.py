"""The inputs and outputs of ONNX graphs, and what the `onnx` package says of them."""

from __future__ import annotations

import onnx
import pytest
from onnx import TensorProto, helper

from aibom.scanners.facts import Direction, Port
from aibom.scanners.formats.onnx import FORMAT
from fixtures.onnx import FLOAT, INT8, INT64, field, fields, graph, model, node
from tests.helpers.reading import facts

RELU = node("Relu")
NO_SHAPE: tuple[str, ...] = ()


def tensor_type(number: int, *axes: bytes) -> bytes:
    return field(1, INT8) + field(number, fields(1, axes))


def ports(inputs: list[bytes], outputs: list[bytes] | None = None) -> list[Port]:
    return facts(FORMAT, model(graph([RELU], inputs=inputs, outputs=outputs or [])), Port)


@pytest.mark.parametrize(
    ("type_", "dtype", "shape"),
    [
        (field(1, tensor_type(2, field(1, -1), field(2, "N"), b"")), "INT8", ("-1", "N", "")),
        (field(1, tensor_type(2, field(3, "batch"), field(2, ""))), "INT8", ("", "")),
        (field(1, tensor_type(2, *[field(1, 2)] * 30)), "INT8", (*["2"] * 16, "…")),
        (field(1, tensor_type(2)), "INT8", NO_SHAPE),
        (field(8, tensor_type(2, field(1, 3))), "sparse INT8", ("3",)),
    ],
    ids=["free axes", "unnamed axes", "many axes", "a scalar", "sparse"],
)
def test_a_tensor_has_a_type_and_axes(type_: bytes, dtype: str, shape: tuple[str, ...]) -> None:
    info = field(1, "x") + field(2, type_) + field(3, "doc")
    (found,) = ports([info])
    assert found == Port(at=found.at, direction=Direction.INPUT, name="x", dtype=dtype, shape=shape)
    assert found.at.length == len(info)


@pytest.mark.parametrize(
    ("type_", "dtype"),
    [
        (field(1, field(1, INT8)), "INT8"),
        (field(8, field(1, INT8)), "sparse INT8"),
        (
            field(4, field(1, field(9, field(1, field(1, tensor_type(2, field(1, 3), b"")))))),
            "sequence of optional INT8[3, ?]",
        ),
        (field(5, field(1, INT64) + field(2, field(1, field(1, FLOAT)))), "map to FLOAT"),
        (field(4, b""), "sequence of ?"),
        (field(7, b""), "opaque"),
        (field(6, "denotation") + field(1, 1), ""),
    ],
    ids=["any axes", "sparse", "sequence", "map", "of nothing", "opaque", "none"],
)
def test_what_has_no_axes_says_so(type_: bytes, dtype: str) -> None:
    (found,) = ports([], [field(1, "y") + field(2, type_)])
    assert found == Port(
        at=found.at, direction=Direction.OUTPUT, name="y", dtype=dtype, is_ranked=False
    )


def test_a_type_is_told_only_so_deep() -> None:
    type_ = field(1, field(1, FLOAT))
    for _ in range(20):
        type_ = field(4, field(1, type_))
    (found,) = ports([], [field(1, "y") + field(2, type_)])
    assert (found.dtype, found.is_ranked) == ("sequence of " * 9 + "…", False)


def test_agrees_with_the_reference() -> None:
    built = helper.make_model(
        helper.make_graph(
            [helper.make_node("Add", ["a", "b"], ["c"])],
            "main",
            [
                helper.make_tensor_value_info("a", TensorProto.FLOAT16, ["batch", 3, None]),
                helper.make_tensor_value_info("b", TensorProto.INT64, []),
                helper.make_tensor_value_info("s", TensorProto.STRING, None),
            ],
            [helper.make_tensor_value_info("c", TensorProto.BOOL, [1])],
        )
    )
    found = facts(FORMAT, built.SerializeToString(), Port)
    theirs = [*built.graph.input, *built.graph.output]
    assert [port.name for port in found] == [info.name for info in theirs]
    for port, info in zip(found, theirs, strict=True):
        tensor = info.type.tensor_type
        assert onnx.TensorProto.DataType.Value(port.dtype) == tensor.elem_type
        assert port.is_ranked is tensor.HasField("shape")
        assert port.shape == tuple(
            axis.dim_param or (str(axis.dim_value) if axis.HasField("dim_value") else "")
            for axis in tensor.shape.dim
        )
