"""Bytes of an ONNX model that its readers skip, or keep without using them."""

from __future__ import annotations

import pytest

from aibom.scanners.facts import Unclaimed
from aibom.scanners.formats.onnx import FORMAT
from fixtures.onnx import FLOAT, INT8, attribute, field, graph, model, node, tensor
from tests.helpers.reading import facts


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (model(graph([], [tensor("w", (2,), FLOAT, bytes(8))])), b""),
        (model(graph([], [tensor("w", (2,), FLOAT, bytes(8) + b"payload")])), b"payload"),
        (model(graph([], [tensor("w", (3,), 22, b"\x21\x03#!")])), b"#!"),
        (model(graph([node("X", attribute("v", 5, tensor("", (1,), INT8, b"\0#!")))])), b"#!"),
        (model(graph([], [tensor("w", (1,), INT8, b"a") + field(9, b"b")])), b"a"),
        (model(graph([], [tensor("w", (1,), INT8, b"a") + field(99, b"hidden")])), b"hidden"),
        (model(graph([])) + field(99, b"hidden"), b"hidden"),
        (model(graph([]) + field(99, b"hidden")), b"hidden"),
        (model(graph([node("X") + field(99, b"hidden")])), b"hidden"),
        (model(graph([node("X", attribute("v", 99, b"hidden"))])), b"hidden"),
    ],
    ids=[
        *("exact", "behind values", "behind packed values", "in an attribute", "replaced values"),
        *("field of a tensor", "of the model", "of the graph", "of a node", "of an attribute"),
    ],
)
def test_bytes_that_no_reader_uses_are_facts(data: bytes, expected: bytes) -> None:
    found = [data[fact.at.start : fact.at.end] for fact in facts(FORMAT, data, Unclaimed)]
    assert b"".join(found) == expected


def test_a_flood_of_unknown_fields_is_told_a_hundred_times() -> None:
    data = model(graph([]) + field(99, b"hidden") * 5000)
    assert len(facts(FORMAT, data, Unclaimed)) == 100
