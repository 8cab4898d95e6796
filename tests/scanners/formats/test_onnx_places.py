"""Where the values of an ONNX model's tensors lie."""

from __future__ import annotations

import pytest

from aibom.scanners.facts import Tensor
from aibom.scanners.formats.onnx import FORMAT
from fixtures.onnx import FIXED32, INT8, INT64, field, graph, key, model, node, pair, tensor
from tests.helpers.reading import facts

RELU = node("Relu")
OUTSIDE = tensor("w", (2,)) + field(13, pair("location", "w.bin"))


@pytest.mark.parametrize(
    ("proto", "expected"),
    [
        (tensor("w", (2,), raw=bytes(8)), (0, True)),
        (tensor("w", (2,)) + field(4, bytes(8)), (0, True)),
        (tensor("w", (2,), INT8) + field(4, bytes(8)), (0, False)),
        (tensor("w", (2,), INT64) + field(7, b"\1\2"), (0, False)),
        (tensor("w", (1,)) + key(4, FIXED32) + bytes(4), (0, False)),
        (tensor("w", (2,), raw=bytes(8)) + field(4, bytes(8)), (0, False)),
        (tensor("w", (2,)), (0, False)),
        (OUTSIDE + field(14, 1), (0, True)),
        (OUTSIDE + field(13, pair("offset", "4096")) + field(14, 1), (4096, True)),
        (OUTSIDE + field(13, pair("offset", "-1")) + field(14, 1), (0, False)),
        (OUTSIDE + field(13, pair("offset", "1")) * 2 + field(14, 1), (0, False)),
        (OUTSIDE + field(14, 1) + field(9, bytes(8)), (0, False)),
        (OUTSIDE + field(13, pair("location", "v.bin")) + field(14, 1), (0, False)),
        (OUTSIDE, (0, False)),
    ],
    ids=[
        "raw", "packed floats", "packed floats of another type", "packed numbers", "one by one",
        "two fields", "no values", "outside", "further on", "before the file", "two offsets",
        "outside and inside", "two files", "not marked as outside",
    ],
)  # fmt: skip
def test_only_values_in_one_place_as_in_memory_are_plain(
    proto: bytes, expected: tuple[int, bool]
) -> None:
    (found,) = facts(FORMAT, model(graph([RELU], [proto])), Tensor)
    assert (found.offset, found.is_plain) == expected
