"""The one form in which the values of a tensor are hashed, whatever container they lie in.

A leaf is BLAKE3 over ``aibom:tensor:1``, the canonical name of the data type and the count of
elements in decimal, each with a zero byte behind it, and then the values. Names are those of
safetensors; what only GGUF has keeps GGUF's. The shape is no part of it: GGUF writes axes the other
way round, and a reshaped tensor has the same values.
"""

from __future__ import annotations

from ..scanners.gguf_types import TYPES
from ..scanners.record import record

LEAF = "aibom:tensor:1"  # a change of the form counts this up
ROOT = "aibom:tensors:1"
ALGORITHM = "blake3"
DIGEST = 32  # bytes

SAMPLE = 512  # bytes that are looked at in each of ...
SAMPLES = 8  # ... so many places, to tell weights from constants and masks
DISTINCT = 16  # different bytes in a sample that say it is no constant
TELLING_BYTES = 1024  # a shorter tensor is no evidence: scales, biases, tables of frequencies
COUNTERS = frozenset({"BOOL", "I64", "U64"})  # of masks, positions and counts, not of weights


@record
class Packing:
    """How many bytes a run of values takes."""

    elements: int
    length: int  # bytes


PACKINGS: dict[str, Packing] = {
    **{
        name: Packing(1, size)
        for size, names in {
            1: ("BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"),
            2: ("I16", "U16", "F16", "BF16"),
            4: ("I32", "U32", "F32"),
            8: ("I64", "U64", "F64", "C64"),
            16: ("C128",),
        }.items()
        for name in names
    },
    **{block.name: Packing(block.elements, block.length) for block in TYPES.values()},
}

ONNX_NAMES = {
    "FLOAT": "F32", "UINT8": "U8", "INT8": "I8", "UINT16": "U16", "INT16": "I16", "INT32": "I32",
    "INT64": "I64", "FLOAT16": "F16", "DOUBLE": "F64", "UINT32": "U32", "UINT64": "U64",
    "COMPLEX64": "C64", "COMPLEX128": "C128", "BFLOAT16": "BF16", "FLOAT8E4M3FN": "F8_E4M3",
    "FLOAT8E4M3FNUZ": "F8_E4M3FNUZ", "FLOAT8E5M2": "F8_E5M2", "FLOAT8E5M2FNUZ": "F8_E5M2FNUZ",
    "FLOAT8E8M0": "F8_E8M0",
}  # fmt: skip
MAX_ELEMENTS = (1 << 63) - 1  # what formats count up to; no file holds as many


def canonical(dtype: str) -> str | None:
    """Return the canonical name of a data type as a fact spells it; None if it has none."""
    name = ONNX_NAMES.get(dtype, dtype)
    return name if name in PACKINGS else None


def elements_of(shape: tuple[int, ...]) -> int | None:
    """Return how many elements a tensor of this shape has; None if no file could hold them."""
    if 0 in shape:
        return 0
    count = 1
    for extent in shape:
        count *= extent
        if count > MAX_ELEMENTS:
            return None
    return count


def length_of(dtype: str, elements: int) -> int | None:
    """Return the bytes of so many values of a canonical type; None if they fill no blocks."""
    packing = PACKINGS[dtype]
    blocks, rest = divmod(elements, packing.elements)
    return None if rest else blocks * packing.length


def heading(dtype: str, elements: int) -> bytes:
    """Return what is hashed before the values."""
    return f"{LEAF}\0{dtype}\0{elements}\0".encode()


def could_tell(dtype: str, length: int) -> bool:
    """Whether a tensor of this type and length (bytes) can be evidence, if its values vary."""
    return length >= TELLING_BYTES and dtype not in COUNTERS


def varies(sample: bytes) -> bool:
    """Whether a sample of values looks like weights, not like a constant or a mask."""
    return len(set(sample)) >= DISTINCT


def sample_starts(length: int) -> list[int]:
    """Return where samples are taken in a tensor of `length` bytes, evenly spread."""
    return sorted({(length - min(length, SAMPLE)) * part // SAMPLES for part in range(SAMPLES)})
