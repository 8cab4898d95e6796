"""Packed weights count unpacked, as each library writes them, or not at all."""

from __future__ import annotations

import pytest

from aibom.bom.counting import Count

from .counted import Row, counted

# What each library writes for one linear layer of 64 inputs and 32 outputs: 2048 weights.
GPTQ: list[Row] = [
    ("l.qweight", "I32", (8, 32)),
    ("l.qzeros", "I32", (2, 4)),
    ("l.scales", "F16", (2, 32)),
    ("l.g_idx", "I32", (64,)),
]
AWQ: list[Row] = [
    ("l.qweight", "I32", (64, 4)),
    ("l.qzeros", "I32", (2, 4)),
    ("l.scales", "F16", (2, 32)),
]
NF4: list[Row] = [
    ("l.weight", "U8", (1024, 1)),
    ("l.weight.absmax", "U8", (32,)),
    ("l.weight.quant_map", "F32", (16,)),
    ("l.weight.nested_absmax", "F32", (1,)),
    ("l.weight.nested_quant_map", "F32", (256,)),
    ("l.weight.quant_state.bitsandbytes__nf4", "U8", (80,)),
]
PACKED: dict[str, tuple[list[Row], int | None, Count]] = {
    "GPTQ, 4 bits": (GPTQ, None, Count(2048, 8 + 64 + 64)),
    "GPTQ, 8 bits": (
        [("l.qweight", "I32", (16, 32)), ("l.qzeros", "I32", (2, 8)), ("l.scales", "F16", (2, 32))],
        None,
        Count(2048, 16 + 64),
    ),
    "GPTQ, 3 bits": (
        [("l.qweight", "I32", (6, 32)), ("l.qzeros", "I32", (2, 3)), ("l.scales", "F16", (2, 32))],
        None,
        Count(2048, 6 + 64),
    ),
    "GPTQ without zero points": (
        [("l.qweight", "I32", (8, 32)), ("l.scales", "F16", (2, 32))],
        4,
        Count(2048, 64),
    ),
    "GPTQ with a bias": ([*GPTQ, ("l.bias", "F16", (32,))], None, Count(2080, 136)),
    "AWQ": (AWQ, None, Count(2048, 8 + 64)),
    "bitsandbytes NF4": (NF4, None, Count(2048, 32 + 16 + 1 + 256 + 80)),
    "bitsandbytes, 8 bits": (
        [("l.weight", "I8", (32, 64)), ("l.SCB", "F32", (32,)), ("l.weight_format", "U8", ())],
        None,
        Count(2048, 33),
    ),
    "FP8 in blocks": (
        [("l.weight", "F8_E4M3", (32, 64)), ("l.weight_scale_inv", "F32", (1, 1))],
        None,
        Count(2048, 1),
    ),
    "FP8 of compressed-tensors": (
        [
            ("l.weight", "F8_E4M3", (32, 64)),
            ("l.weight_scale", "BF16", (32, 1)),
            ("l.input_scale", "BF16", (1,)),
        ],
        None,
        Count(2048, 33),
    ),
    "INT8 of compressed-tensors": (
        [("l.weight", "I8", (32, 64)), ("l.weight_scale", "BF16", (32, 1))],
        None,
        Count(2048, 32),
    ),
    "compressed-tensors, 4 bits": (
        [
            ("l.weight_packed", "I32", (32, 8)),
            ("l.weight_scale", "BF16", (32, 2)),
            ("l.weight_shape", "I64", (2,)),
        ],
        4,
        Count(2048, 66),
    ),
    "NVFP4": (
        [
            ("l.weight_packed", "U8", (32, 32)),
            ("l.weight_scale", "F8_E4M3", (32, 4)),
            ("l.weight_global_scale", "F32", (1,)),
            ("l.input_global_scale", "F32", (1,)),
        ],
        None,
        Count(2048, 130),
    ),
    "MXFP4": (
        [("e.up_blocks", "U8", (2, 32, 1, 16)), ("e.up_scales", "U8", (2, 32, 1))],
        None,
        Count(2048, 64),
    ),
    "MLX": (
        [
            ("l.weight", "U32", (32, 8)),
            ("l.scales", "F16", (32, 1)),
            ("l.biases", "F16", (32, 1)),
        ],
        4,
        Count(2048, 64),
    ),
    "int8 of torchao": (
        [
            ("l._weight_qdata", "I8", (32, 64)),
            ("l._weight_scale", "F32", (32, 1)),
            ("l._weight_zero_point", "I8", (32, 1)),
        ],
        None,
        Count(2048, 64),
    ),
    "NVFP4 of torchao": (
        [
            ("l._weight_qdata", "U8", (32, 32)),
            ("l._weight_scale", "F8_E4M3", (32, 4)),
            ("l._weight_per_tensor_scale", "F32", ()),
        ],
        None,
        Count(2048, 129),
    ),
    "FP8 of torchao": (
        [("l._weight_qdata", "F8_E4M3", (32, 64)), ("l._weight_scale", "F32", (32, 1))],
        None,
        Count(2048, 32),
    ),
    "4 bits of quanto": (
        [
            ("l.weight._data._data", "U8", (16, 64)),
            ("l.weight._scale", "BF16", (32, 1)),
            ("l.weight._shift", "BF16", (32, 1)),
            ("l.input_scale", "BF16", ()),
            ("l.output_scale", "BF16", ()),
        ],
        None,
        Count(2048, 66),
    ),
    "8 bits of quanto": (
        [("l.weight._data", "I8", (32, 64)), ("l.weight._scale", "BF16", (32, 1))],
        None,
        Count(2048, 32),
    ),
    "HQQ, 4 bits": (
        [("l.W_q", "U8", (32, 32)), ("l.scale", "BF16", (64, 1)), ("l.zero", "BF16", (64, 1))],
        None,
        Count(2048, 128),
    ),
    "HQQ, 3 bits, of which the last words are not full": (
        [("l.W_q", "I32", (7, 32)), ("l.scale", "BF16", (64, 1)), ("l.zero", "BF16", (64, 1))],
        None,
        Count(2048, 128),
    ),
    "without a layer's name": ([(name[2:], *rest) for name, *rest in GPTQ], None, Count(2048, 136)),  # type: ignore[misc]
}


@pytest.mark.parametrize(("rows", "bits", "expected"), PACKED.values(), ids=PACKED)
def test_packed_weights_are_unpacked(rows: list[Row], bits: int | None, expected: Count) -> None:
    assert counted(rows, bits) == expected


UNKNOWN: dict[str, list[Row]] = {
    "bytes that nothing explains": [("l.weight", "U8", (64, 64))],
    "words that nothing explains": [("l.W_q", "I32", (64, 64))],
    "GPTQ whose bits nobody tells": [("l.qweight", "I32", (8, 32))],
    "blocks without scales": [("e_blocks", "U8", (64, 64))],
    "GPTQ whose zero points do not fit": [
        ("l.qweight", "I32", (64, 32)),
        ("l.qzeros", "I32", (2, 3)),
        ("l.scales", "F16", (2, 64)),
    ],
    "compressed-tensors whose bits nobody tells": [("l.weight_packed", "I32", (64, 64))],
    "blocks of another type": [("e_blocks", "I32", (64, 64)), ("e_scales", "U8", (2,))],
    "few words that nothing explains, of HQQ": [("l.W_q", "I32", (4, 4))],
    "int4 of torchao, two to a byte": [
        ("l._weight_qdata", "I8", (32, 32)),
        ("l._weight_scale", "BF16", (32, 32)),
        ("l._weight_zero_point", "BF16", (32, 32)),
    ],
    "bytes of torchao whose scales are no bytes": [
        ("l._weight_qdata", "U8", (32, 32)),
        ("l._weight_scale", "F32", (32, 1)),
    ],
    "HQQ whose groups run the other way": [
        ("l.W_q", "U8", (16, 64)),
        ("l.scale", "BF16", (1, 64)),
    ],
    "MLX whose bits nobody tells": [("l.weight", "U32", (64, 64)), ("l.scales", "F16", (64, 1))],
}


@pytest.mark.parametrize("rows", UNKNOWN.values(), ids=UNKNOWN)
def test_no_count_is_made_up_for(rows: list[Row]) -> None:
    assert counted(rows) is None
