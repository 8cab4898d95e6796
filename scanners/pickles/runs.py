"""Runs of tensors that torch wrote one after the other, taken at once.

What `records` does for one tensor is done here for all that a block holds, column by column. A run
is taken only when it is all that torch writes: the memo slots count up one by one and none of them
was in use, and all names and keys are plain. Anything else is left to `records`.
"""

from __future__ import annotations

import re
import struct
from functools import cache
from itertools import chain
from typing import TypeAlias

from ..record import record
from .memo import PUTS

# As bytes: GETs of "storage" and its class, of its place with its elements, offset, sizes, strides,
# and requires_grad with the GET of its hooks.
Raw: TypeAlias = tuple[bytes, bytes, bytes, bytes, bytes, bytes]

LEAST = 8  # tensors for which the columns are worth making
WIDE = 5  # bytes of LONG_BINPUT
SPARSE = 1 << 20  # memo slots above which the machine looks twice

_PUT = rb"(q.|r.{4})"
_GET = rb"(?:h.|j.{4})"
_INT = rb"(?:K.|M..|J.{4})"
_SIZES = rb"((?:\)|" + _INT + rb"{1,3}[\x85-\x87]|\((?:" + _INT + rb"){4,8}t))"


@cache
def _pattern() -> re.Pattern[bytes]:
    """Return the pattern of a tensor with the name of the next one after it."""
    # (( "storage" class key location elements t Q offset sizes strides False OrderedDict()R t R
    return re.compile(
        rb"\(\((" + _GET + _GET + rb")X(.)\0\0\0([0-9]{1,20})" + _PUT + rb"(" + _GET + _INT + rb")t"
        + _PUT + rb"Q(" + _INT + rb")" + _SIZES + _PUT + _SIZES + _PUT + rb"([\x88\x89]" + _GET
        + rb")\)R" + _PUT + rb"t" + _PUT + rb"R" + _PUT + rb"X(.)\0\0\0([ -~]{1,100})" + _PUT
        + rb"(" + _GET + rb")(?=\(\()",
        re.DOTALL,
    )  # fmt: skip


@record
class Run:
    """Tensors one after the other, each followed by the name of the next one."""

    end: int  # place after them
    first: int  # memo slot of the first PUT; the others follow one by one
    keys: list[str]  # of the storages
    names: list[str]  # that follow
    kinds: list[Raw]  # what tensors may have in common
    again: set[bytes]  # GETs of what rebuilds the next one


def tensors(data: bytes, pos: int, stop: int) -> list[re.Match[bytes]]:
    """Return the tensors at `pos`, up to `stop`; none if they are few, or if the first is short."""
    first = _pattern().match(data, pos, stop)
    if first is None or len(first[4]) != WIDE:
        return []
    found: list[re.Match[bytes]] = []
    for each in _pattern().finditer(data, pos, stop):
        if each.start() != pos:
            break
        pos = each.end()
        found.append(each)
    return found if len(found) >= LEAST else []


def run(found: list[re.Match[bytes]]) -> Run | None:
    """Return these tensors as a run, if they are one."""
    (
        gets, key_lengths, keys, put1, places, put2, offsets, sizes, put3, strides, put4, grads,
        put5, put6, put7, name_lengths, names, put8, again,
    ) = zip(*(each.groups() for each in found), strict=True)  # fmt: skip
    first = _first(list(zip(put1, put2, put3, put4, put5, put6, put7, put8, strict=True)))
    if (
        first is None
        or b"".join(key_lengths) != bytes(map(len, keys))
        or b"".join(name_lengths) != bytes(map(len, names))
    ):
        return None
    return Run(
        end=found[-1].end(),
        first=first,
        keys=b"\n".join(keys).decode("ascii").split("\n"),
        names=b"\n".join(names).decode("ascii").split("\n"),
        kinds=list(zip(gets, places, offsets, sizes, strides, grads, strict=True)),
        again=set(again),
    )


def _first(puts: list[tuple[bytes, ...]]) -> int | None:
    """Return the slot of the first PUT if all are LONG_BINPUT and the slots count up one by one."""
    joined = b"".join(chain.from_iterable(puts))
    count = PUTS * len(puts)
    first = int.from_bytes(joined[1:WIDE], "little")
    if len(joined) != WIDE * count or first + count > SPARSE:
        return None
    slots = struct.pack(f"<{count}I", *range(first, first + count))
    is_row = all(joined[1 + byte :: WIDE] == slots[byte::4] for byte in range(4))
    return first if is_row else None
