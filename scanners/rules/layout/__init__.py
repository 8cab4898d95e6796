"""Rules about how a file is laid out: bytes that nothing claims, or that two things claim."""

from typing import Any

from ...rule import Rule
from . import duplicate_keys, impossible_size, overlapping_tensors, unclaimed_bytes

RULES: tuple[Rule[Any], ...] = (
    unclaimed_bytes.RULE,
    overlapping_tensors.RULE,
    duplicate_keys.RULE,
    impossible_size.RULE,
)
