"""The messages of ONNX: field numbers, and where a tensor or a graph can stand.

All from https://github.com/onnx/onnx/blob/main/onnx/onnx.proto (version 1.23).
"""

from __future__ import annotations

from enum import StrEnum

from ..wireformat import LENGTH, VARINT


class Message(StrEnum):
    """A kind of message that can hold a tensor, at any depth."""

    GRAPH = "graph"
    NODE = "node"
    ATTRIBUTE = "attribute"
    FUNCTION = "function"
    TRAINING = "training"
    SPARSE = "sparse tensor"
    TENSOR = "tensor"


# What a loader descends into. A tensor that no path of these reaches cannot be in the file.
CHILDREN: dict[Message, dict[int, Message]] = {
    Message.GRAPH: {1: Message.NODE, 5: Message.TENSOR, 15: Message.SPARSE},
    Message.NODE: {5: Message.ATTRIBUTE},
    Message.ATTRIBUTE: {
        5: Message.TENSOR,
        6: Message.GRAPH,
        10: Message.TENSOR,
        11: Message.GRAPH,
        22: Message.SPARSE,
        23: Message.SPARSE,
    },
    Message.FUNCTION: {7: Message.NODE, 11: Message.ATTRIBUTE},
    Message.TRAINING: {1: Message.GRAPH, 2: Message.GRAPH},
    Message.SPARSE: {1: Message.TENSOR, 2: Message.TENSOR},
    Message.TENSOR: {},
}
MODEL_PARTS = {7: Message.GRAPH, 20: Message.TRAINING, 25: Message.FUNCTION}

MODEL_KINDS = {  # number: kind of wire
    1: VARINT,  # ir_version
    2: LENGTH,  # producer_name
    3: LENGTH,  # producer_version
    4: LENGTH,  # domain
    5: VARINT,  # model_version
    6: LENGTH,  # doc_string
    7: LENGTH,  # graph
    8: LENGTH,  # opset_import
    14: LENGTH,  # metadata_props
    20: LENGTH,  # training_info
    25: LENGTH,  # functions
    26: LENGTH,  # configuration
}
KNOWN: dict[Message, frozenset[int]] = {  # the numbers of all fields
    Message.GRAPH: frozenset({1, 2, 5, *range(10, 17)}),
    Message.NODE: frozenset(range(1, 11)),
    Message.ATTRIBUTE: frozenset({*range(1, 12), *range(13, 16), *range(20, 24)}),
    Message.FUNCTION: frozenset({1, *range(4, 15)}),
    Message.TRAINING: frozenset({1, 2, 3, 4}),
    Message.SPARSE: frozenset({1, 2, 3}),
    Message.TENSOR: frozenset({*range(1, 15), 16}),
}
GRAPH_KINDS: dict[int, int] = dict.fromkeys((1, 2, 5, 10, 11, 12, 13, 14, 15, 16), LENGTH)
RAW_DATA = 9
PACKED = {
    4: "FLOAT",
    10: "DOUBLE",
}  # packed fields whose bytes are those of `raw_data`, and of what
TENSOR_VALUES = frozenset({4, 5, 6, 7, RAW_DATA, 10, 11})  # float_data to uint64_data

DATA_TYPES = (
    "UNDEFINED",
    "FLOAT",
    "UINT8",
    "INT8",
    "UINT16",
    "INT16",
    "INT32",
    "INT64",
    "STRING",
    "BOOL",
    "FLOAT16",
    "DOUBLE",
    "UINT32",
    "UINT64",
    "COMPLEX64",
    "COMPLEX128",
    "BFLOAT16",
    "FLOAT8E4M3FN",
    "FLOAT8E4M3FNUZ",
    "FLOAT8E5M2",
    "FLOAT8E5M2FNUZ",
    "UINT4",
    "INT4",
    "FLOAT4E2M1",
    "FLOAT8E8M0",
    "UINT2",
    "INT2",
    "FLOAT6E2M3",
    "FLOAT6E3M2",
)


BITS = {  # of one element in `raw_data`
    **dict.fromkeys(("UINT2", "INT2"), 2),
    **dict.fromkeys(("UINT4", "INT4", "FLOAT4E2M1"), 4),
    **dict.fromkeys(("UINT8", "INT8", "BOOL", "FLOAT8E4M3FN", "FLOAT8E4M3FNUZ"), 8),
    **dict.fromkeys(("FLOAT8E5M2", "FLOAT8E5M2FNUZ", "FLOAT8E8M0"), 8),
    **dict.fromkeys(("UINT16", "INT16", "FLOAT16", "BFLOAT16"), 16),
    **dict.fromkeys(("FLOAT", "INT32", "UINT32"), 32),
    **dict.fromkeys(("INT64", "DOUBLE", "UINT64", "COMPLEX64"), 64),
    "COMPLEX128": 128,
}


def data_type(number: int) -> str:
    """Return the name of an element type."""
    return DATA_TYPES[number] if number < len(DATA_TYPES) else f"type {number}"
