"""Labels of quantisation, such as ``Q4_K_M``, and what they promise.

A label names a mix: two files called ``Q4_K_M`` may hold a hundred tensors in other types. What it
promises is about how many bits a number takes, and small models keep more, since their rows do not
divide into blocks. Values of `general.file_type`: `enum llama_ftype` of llama.cpp's ``llama.h``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .models import elements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..facts import Tensor

LABEL = re.compile(
    r"(?<![A-Za-z0-9])(?:I?Q(?P<bits>[1-8])(?:_[0-9A-Z]{1,3}){0,3}|TQ(?P<ternary>[12])_0"
    r"|(?P<packed>(?:MX|NV)FP4)|(?:B?F|FP)(?P<whole>16|32))(?![A-Za-z0-9])",
    re.IGNORECASE,
)
FILE_TYPES = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K",
    11: "Q3_K_S", 12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S",
    17: "Q5_K_M", 18: "Q6_K", 19: "IQ2_XXS", 20: "IQ2_XS", 21: "Q2_K_S", 22: "IQ3_XS",
    23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL", 26: "IQ3_S", 27: "IQ3_M", 28: "IQ2_S",
    29: "IQ2_M", 30: "IQ4_XS", 31: "IQ1_M", 32: "BF16", 36: "TQ1_0", 37: "TQ2_0", 38: "MXFP4",
    39: "NVFP4",
}  # fmt: skip
GUESSED = 1024  # a flag of a file type: the program that wrote it was not sure
FULL = 16  # bits of a number that is not quantised, at least
AXES = 2  # tensors with fewer are norms and biases, which stay as they are


def bits(label: str) -> int:
    """Return how many bits for each number a label promises; 0 if it is no label."""
    found = LABEL.fullmatch(label)
    if not found:
        return 0
    return 4 if found["packed"] else int(found["bits"] or found["ternary"] or found["whole"])


def labels(name: str) -> Iterator[str]:
    """Yield every label in the name of a file, as it is written."""
    for found in LABEL.finditer(name):
        yield found[0]


def of_file_type(text: str) -> str:
    """Return the label that `general.file_type` stands for; "" if it is not known."""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 5 else -1  # noqa: PLR2004 - digits
    return FILE_TYPES.get(number % GUESSED, "") if number >= 0 else ""


def held(tensors: Iterable[Tensor]) -> tuple[float, int]:
    """Return how many bits a number takes in the matrices, and how many numbers they have."""
    length = count = 0
    for tensor in tensors:
        if len(tensor.shape) >= AXES:
            length += tensor.at.length
            count += elements(tensor)
    return (length * 8 / count if count else 0.0), count
