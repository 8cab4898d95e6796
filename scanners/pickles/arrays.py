"""The raw arrays that joblib puts between opcodes, and the data types of numpy.

joblib's unpickler, after BUILD of a ``NumpyArrayWrapper``, reads from the file itself: one byte
with the length of a padding and the padding (if the wrapper has ``numpy_array_alignment_bytes``),
then the values; for arrays of objects a pickle. Source: joblib's ``numpy_pickle.py``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..record import record
from ..source import Malformed, Span
from ..values import Global
from .objects import Dict, Obj, Raw

if TYPE_CHECKING:
    from .blocks import Blocks
    from .objects import Object

CODE = re.compile(r"[<>=|]?([a-zA-Z?])(\d*)(?:\[\w{1,9}\])?")
SIZES = {
    **dict.fromkeys("?bB", 1), **dict.fromkeys("hHe", 2), **dict.fromkeys("iIf", 4),
    **dict.fromkeys("lLqQdFmM", 8), "D": 16, "g": 16, "G": 32,
}  # fmt: skip
UNICODE = 4  # bytes of a character of dtype U
OBJECTS = "O"
DEPTH = 16  # dtypes inside dtypes


@record
class RawArray:
    """An array whose values stand between the opcodes of a pickle."""

    at: Span

    @property
    def end(self) -> int:
        """Offset of the opcode after it."""
        return self.at.end


def raw_array(state: Object, start: int, blocks: Blocks) -> RawArray | None:
    """Return the array that a wrapper with `state` has at `start`; None if it holds objects.

    Raises:
        Malformed: The wrapper does not say how long the array is, or it leaves the source.
    """
    if not isinstance(state, Dict):
        raise Malformed("array", offset=start, why="its wrapper has no state")
    dtype = code(state.get("dtype"))
    if dtype is None:
        raise Malformed("array", offset=start, why="its dtype is not known")
    if has_objects(state.get("dtype")):
        return None
    count = 1
    shape = state.get("shape")
    for axis in shape if isinstance(shape, tuple) else (None,):
        if not isinstance(axis, int) or axis < 0:
            raise Malformed("array", offset=start, why="its shape is not known")
        count *= axis
    if state.get("numpy_array_alignment_bytes") is not None:
        start += 1 + blocks.number(start, 1)
    length = count * item_size(dtype)
    if start + length > blocks.size:
        raise Malformed("array", offset=start, why=f"{length} bytes leave the source")
    return RawArray(Span(start, length))


def values(found: RawArray) -> Dict:
    """Return the array's values as what `tensors` looks for in a wrapper."""
    return Dict(["", Raw(found.at.start, found.at.length)])


def code(dtype: Object) -> str | None:
    """Return the code of a numpy dtype as it was pickled, such as ``f8`` or ``V16``."""
    if not isinstance(dtype, Obj) or not isinstance(dtype.callee, Global):
        return None
    if dtype.callee.dotted != "numpy.dtype" or not isinstance(dtype.arguments, tuple):
        return None
    found = dtype.arguments[0] if dtype.arguments else None
    if isinstance(found, Raw):
        return None
    return found if isinstance(found, str) and CODE.fullmatch(found) else None


def item_size(found: str) -> int:
    """Return the bytes that one value of the dtype with this code takes."""
    match = CODE.fullmatch(found)
    if match is None:
        return 0
    kind, size = match.groups()
    if kind in "mM":
        return 8
    if size:
        return int(size) * (UNICODE if kind == "U" else 1)
    return SIZES.get(kind, 0)


def has_objects(dtype: Object) -> bool:
    """Whether the dtype, or one inside it, is of objects."""
    pending: list[tuple[Object, int]] = [(dtype, 0)]
    while pending:
        current, depth = pending.pop()
        if isinstance(current, Obj):
            if OBJECTS in (code(current) or "")[:2]:
                return True
            if depth < DEPTH:
                pending.append((current.state, depth + 1))
        elif isinstance(current, list | tuple) and depth < DEPTH:
            pending += [(each, depth + 1) for each in current]
    return False
