"""Strict JSON: what a stranger may say to us, and nothing more."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING

from ..patterns import pattern

if TYPE_CHECKING:
    from .outcome import JSON

DEPTH = 100  # arrays and objects inside each other; our own answers stay below ten

# One string literal. The possessive repeats and the optional end keep the search linear, even over
# text that never closes its quotes.
_STRING = pattern(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def _once(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("repeated key")
    return table


def _refuse(token: str) -> JSON:
    raise ValueError(f"not JSON: {token}")


def _finite(token: str) -> float:
    number = float(token)
    if math.isinf(number):
        raise ValueError("a number that no float can hold")
    return number


def _check_depth(body: bytes) -> None:
    """Raise `ValueError` when brackets nest deeper than `DEPTH`, before anything recurses."""
    if body.count(b"[") + body.count(b"{") <= DEPTH:
        return
    brackets = _STRING.sub(b"", body).translate(None, _NOT_BRACKETS)
    for _ in range(DEPTH):
        if not brackets:
            return
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    if brackets:
        raise ValueError(f"more than {DEPTH} levels deep, or unbalanced")


def loads(body: bytes, nodes: int) -> JSON:
    """Parse JSON of at most `nodes` values and `DEPTH` levels.

    The values are counted by their separators, which strings may hold too: the bound is generous.

    Raises:
        ValueError: Anything else, and NaN, infinities, repeated keys and lone surrogates.
    """
    if body.count(b",") + body.count(b"[") + body.count(b"{") + body.count(b":") > nodes:
        raise ValueError(f"more than {nodes} values")
    _check_depth(body)
    value: JSON = json.loads(
        str(body, "utf-8"), object_pairs_hook=_once, parse_constant=_refuse, parse_float=_finite
    )
    if b"\\ud" in body or b"\\uD" in body:
        json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate cannot be encoded
    return value
