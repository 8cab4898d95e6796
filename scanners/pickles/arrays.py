"""The raw arrays that joblib puts between opcodes, and the data types of numpy.

joblib's unpickler, after BUILD of a ``NumpyArrayWrapper``, reads from the file itself: one byte
with the length of a padding and the padding (if the wrapper has ``numpy_array_alignment_bytes``),
then the values; for arrays of objects a pickle. Source: joblib's ``numpy_pickle.py``.

A data type is ``numpy.dtype(code, align, copy)`` with the state ``(version, byte order, subarray,
names, fields, item size, alignment, flags)``, where the size counts for texts, bytes and records
only and the flags say whether the values are objects, whatever the code says. Source: numpy's
``descriptor.c``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..patterns import pattern
from ..record import record
from ..source import Malformed, Span
from ..values import Global
from .objects import Dict, Obj, Raw

if TYPE_CHECKING:
    from .blocks import Blocks
    from .objects import Object

CODE = pattern(r"[<>=|]?([a-zA-Z?])(\d*)(?:\[\w{1,9}\])?")
KNOWN = pattern(  # codes whose size is the same everywhere
    r"[<>|=]?(?:[?bBhHeiIfqQdFD]|[biufcSUV][0-9]{1,9}|[SUVO]|O[48]|[mM]8(?:\[\w{1,9}\])?)"
)
SIZES = {
    **dict.fromkeys("?bB", 1), **dict.fromkeys("hHe", 2), **dict.fromkeys("iIf", 4),
    **dict.fromkeys("lLqQdFmM", 8), "D": 16, "g": 16, "G": 32,
}  # fmt: skip
UNICODE = 4  # bytes of a character of dtype U
OBJECTS = "O"
SIZED = frozenset("SUV")  # kinds whose size stands in the state
STATES = {8: (3, 4), 9: (3, 4)}  # length of a state: its versions, since numpy 1.0
HOLDS_OBJECTS = 1  # bit of a dtype's flags
DEPTH = 16  # dtypes inside dtypes
MANY = 1 << 16  # entries of a wrapper, or fields of a dtype
# Types that numpy takes for codes, with their size in the state. Others may stand for objects.
OWN_TYPES = pattern(
    r"ml_dtypes\.(?:_ml_dtypes_ext\.)?(?:bfloat16|float\d\w*|u?int\d)|quaternion\.quaternion"
    r"|numpy\.(?:rec\.|_?core\.records\.)?record"
)
TEXTS = Global("numpy._core._internal", "_convert_to_stringdtype_kwargs")  # makes a StringDType
PLAIN = (bool, int)  # types of the other arguments of a dtype


class UnclearError(Exception):
    """What joblib would read next depends on more than can be known, or on its version."""


@record
class RawArray:
    """An array whose values stand between the opcodes of a pickle."""

    at: Span

    @property
    def end(self) -> int:
        """Offset of the opcode after it."""
        return self.at.end


@record
class Layout:
    """What numpy makes of a data type."""

    size: int  # bytes of one value
    has_objects: bool


def raw_array(state: Object, start: int, blocks: Blocks) -> RawArray | None:
    """Return the array that a wrapper with `state` has at `start`; None if it holds objects.

    Raises:
        UnclearError: The wrapper does not say for sure how long the array is.
        Malformed: The array leaves the source.
    """
    if type(state) is not Dict or len(state) > MANY:
        raise UnclearError("its wrapper has no ordinary state")
    if any(type(key) is not str for key in state[::2]):
        raise UnclearError("its wrapper has attributes without a name")
    found = layout(state.get("dtype"))
    count = _count(state.get("shape"))
    if found.has_objects:
        return None
    if state.get("numpy_array_alignment_bytes") is not None:
        start += 1 + blocks.number(start, 1)
    length = count * found.size
    if start + length > blocks.size:
        raise Malformed(
            "array", offset=min(start, blocks.size), why=f"{length} bytes leave the source"
        )
    return RawArray(Span(start, length))


def _count(shape: Object) -> int:
    """Return the number of values in an array of this shape."""
    if type(shape) is not tuple and type(shape) is not list:
        raise UnclearError("its shape is not known")
    count = 1
    for axis in shape:
        if type(axis) is not int or axis < 0:
            raise UnclearError("its shape is not known")
        count *= axis
    return count


def values(found: RawArray) -> Dict:
    """Return the array's values as what `tensors` looks for in a wrapper."""
    return Dict(["", Raw(found.at.start, found.at.length)])


def code(dtype: Object) -> str | None:
    """Return the code of a numpy dtype as it was pickled, such as ``f8`` or ``V16``."""
    if not isinstance(dtype, Obj) or not is_dtype(dtype) or not isinstance(dtype.arguments, tuple):
        return None
    found = dtype.arguments[0] if dtype.arguments else None
    return found if isinstance(found, str) and CODE.fullmatch(found) else None


def is_dtype(value: Obj) -> bool:
    """Whether a call made a numpy dtype."""
    callee = value.callee
    return isinstance(callee, Global) and callee.dotted == "numpy.dtype"


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


def layout(dtype: Object) -> Layout:
    """Return what numpy makes of a dtype.

    Raises:
        UnclearError: numpy writes no such dtype.
    """
    if not isinstance(dtype, Obj):
        raise UnclearError("its dtype is not known")
    if dtype.callee == TEXTS:
        return Layout(0, has_objects=True)
    given = dtype.arguments if isinstance(dtype.arguments, tuple) else ()
    first, others = given[0] if given else None, given[1:]
    text, is_own = first if isinstance(first, str) else "", _is_own(first)
    is_known = is_dtype(dtype) and (is_own or KNOWN.fullmatch(text))
    if not is_known or dtype.keywords or any(type(each) not in PLAIN for each in others):
        raise UnclearError("its dtype is not known")
    kind = text.lstrip("<>|=")[:1]
    if dtype.state is None and text:
        return Layout(item_size(text), has_objects=kind == OBJECTS)
    size, flags = _of_state(dtype.state)
    is_sized = kind in SIZED or is_own
    if (is_sized and size < 0) or not any(others[1:2]):  # without a copy numpy 1 sets no state
        raise UnclearError("numpy writes no such dtype")
    return Layout(size if is_sized else item_size(text), bool(flags & HOLDS_OBJECTS))


def _is_own(first: Object) -> bool:
    return isinstance(first, Global) and OWN_TYPES.fullmatch(first.dotted) is not None


def _of_state(state: Object) -> tuple[int, int]:
    """Return the item size and the flags in the state of a dtype."""
    if type(state) is tuple and state[:1] and state[0] in STATES.get(len(state), ()):
        size, flags = state[5], state[7]
        if type(size) is int and type(flags) is int:
            return size, flags
    raise UnclearError("numpy writes no such dtype")


def field_count(dtype: Obj) -> int:
    """Return how many names, dtypes and places the state of a dtype has of its fields."""
    parts = dtype.state if isinstance(dtype.state, tuple) else ()
    return sum(len(part) for part in parts if isinstance(part, Dict))


def lie(dtype: Obj) -> str:
    """Return what a dtype with a state says wrongly of its values; "" if it says nothing wrong.

    numpy believes it: it then takes numbers of the file for objects, or reads outside of an array.
    """
    if type(dtype.state) is tuple and len(dtype.state) < min(STATES):
        return ""  # before version 3 numpy looked for objects itself
    try:
        found = layout(dtype)
        inner, end = _inside(dtype.state)
    except UnclearError as error:
        return str(error)
    has_objects = inner or OBJECTS in (code(dtype) or "")[:2]
    if has_objects != found.has_objects:
        return "its flags are wrong about whether it holds objects"
    return "a part of it reaches beyond its size" if end > found.size else ""


def _inside(state: Object) -> tuple[bool, int]:
    """Return whether fields or a subarray hold objects, and where the last of them ends."""
    _, _, subarray, _, fields, *_ = state if isinstance(state, tuple) else (None,) * 5
    parts: list[tuple[Object, Object, int]] = []
    if type(subarray) is tuple and len(subarray) == 2:  # noqa: PLR2004 - a dtype and a shape
        shape = subarray[1] if isinstance(subarray[1], tuple) else (subarray[1],)
        parts.append((subarray[0], 0, _count(shape)))
    elif subarray is not None:
        raise UnclearError("its subarray is none")
    if fields is not None and (not isinstance(fields, Dict) or len(fields) > MANY):
        raise UnclearError("its fields are none")
    for field in fields[1::2] if isinstance(fields, Dict) else ():
        if type(field) is not tuple or len(field) < 2:  # noqa: PLR2004 - a dtype and an offset
            raise UnclearError("a field of it is none")
        parts.append((field[0], field[1], 1))
    has_objects, end = False, 0
    for inner, start, times in parts:
        found = layout(inner)
        if type(start) is not int or start < 0:
            raise UnclearError("a field of it starts nowhere")
        has_objects = has_objects or found.has_objects
        end = max(end, start + times * found.size)
    return has_objects, end
