"""Leaves and roots as docs/fingerprints.md defines them, from arrays and from nothing of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blake3 import blake3

if TYPE_CHECKING:
    from collections.abc import Iterable

NAMES = {"float32": "F32", "float16": "F16", "float64": "F64", "int64": "I64", "uint8": "U8"}


def leaf(array: Any, dtype: str = "") -> str:  # noqa: ANN401 - of numpy
    """Return the leaf of an array."""
    head = f"aibom:tensor:1\0{dtype or NAMES[str(array.dtype)]}\0{array.size}\0"
    return blake3(head.encode() + array.tobytes("C")).hexdigest()


def root(arrays: Iterable[Any]) -> str:
    """Return the root over arrays."""
    leaves = sorted({leaf(array) for array in arrays})
    return blake3(b"aibom:tensors:1\0" + b"".join(map(bytes.fromhex, leaves))).hexdigest()
