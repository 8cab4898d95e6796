"""The objects that stand for arrays in joblib's files, and what joblib does when it meets one.

After each BUILD its unpickler looks at the top of the stack. A ``NumpyArrayWrapper`` gives way to
the raw array that follows in the file. An ``NDArrayWrapper`` of joblib before 0.10 gives way to
what ``numpy.load(filename, allow_pickle=True)`` returns, a ``ZNDArrayWrapper`` to what a compressed
file holds. Source: joblib's ``numpy_pickle.py`` and ``numpy_pickle_compat.py``.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from ..patterns import pattern
from ..values import Global
from . import lookups
from .arrays import MANY
from .objects import Dict, Obj

if TYPE_CHECKING:
    from .objects import Object

NAMES = ("NumpyArrayWrapper", "ZNDArrayWrapper", "NDArrayWrapper")
MODULES = tuple(
    f"{package}joblib.{module}"
    for package in ("", "sklearn.externals.")
    for module in ("numpy_pickle", "numpy_pickle_compat")
)
WRAPPERS = frozenset(f"{module}.NumpyArrayWrapper" for module in MODULES)
SIDE_WRAPPERS = frozenset(f"{module}.{name}" for module in MODULES for name in NAMES[1:])
RECONSTRUCTOR = Global("copyreg", "_reconstructor")
OBJECT = Global("builtins", "object")
# How joblib called the file of an array, beside the one that it dumped to.
SIDE_FILE = pattern(r"[^/\\:\0]+_\d{2,9}\.npy(?:\.z)?")
READ = Global("joblib.numpy_pickle_compat", "NDArrayWrapper.read")
LOAD = Global("numpy", "load")
DEPTH = 4  # calls inside calls
LOOKED_AT = 256  # values of one


class Kind(Enum):
    """What joblib does after BUILD."""

    RAW = auto()  # reads an array that follows
    SIDE = auto()  # reads another file
    ODD = auto()  # one of the two, perhaps: the object was made in a way that joblib's never are


class Array(Obj):
    """What joblib puts in a wrapper's place."""

    __slots__ = ()


def is_wrapper_name(name: str) -> bool:
    """Whether this may name a wrapper, by whatever way."""
    return name.rpartition(".")[2] in NAMES


def kind(made: Obj) -> Kind | None:
    """Return what joblib does with `made` after BUILD; None if it is no wrapper."""
    if isinstance(made, Array):
        return None
    plain = _class_of(made)
    if plain in WRAPPERS:
        return Kind.RAW
    if plain in SIDE_WRAPPERS:
        return Kind.SIDE
    return Kind.ODD if _mentions(made) else None


def _class_of(made: Obj) -> str:
    """Return the class of an object that was made without any argument."""
    if isinstance(made.callee, Global) and not made.keywords:
        if made.arguments == ():
            return made.callee.dotted
        match made.arguments:
            case (Global() as found, Global() as base, None):
                is_plain = made.callee == RECONSTRUCTOR and base == OBJECT
                return found.dotted if is_plain else ""
            case _:
                pass
    return ""


def _mentions(made: Obj) -> bool:
    """Whether a wrapper's class is the callee, or among the arguments."""
    pending: list[tuple[Object, int]] = [(made, 0)]
    for _ in range(LOOKED_AT):
        if not pending:
            return False
        value, depth = pending.pop()
        if isinstance(value, Global) and is_wrapper_name(value.name):
            return True
        if depth < DEPTH and isinstance(value, Obj) and not isinstance(value, Array):
            pending += [(value.callee, depth + 1), (value.arguments, depth + 1)]
        elif depth < DEPTH and isinstance(value, list | tuple):
            pending += [(each, depth + 1) for each in value[:LOOKED_AT]]
    return lookups.gives_back(made)


def merged(old: Object, state: Object, most: int = MANY) -> Object:
    """Return the attributes of an object that had `old` ones and is given a state more.

    None if they are not known, or more than `most` keys and values.
    """
    parts = list(state) if isinstance(state, tuple) and len(state) == 2 else [state]  # noqa: PLR2004 - of slots
    if isinstance(old, Dict):
        parts.insert(0, old)
    if sum(len(part) for part in parts if isinstance(part, Dict)) > most:
        return None
    found = Dict()
    for part in parts:
        if isinstance(part, Dict):
            found.extend(part)
        elif part:
            return None  # items of another mapping
    return found


def from_file(made: Obj) -> Array:
    """Return what joblib reads from the file that a wrapper names.

    A name as joblib gave them leads to a file beside this one; with any other, it is a call of
    `numpy.load`.
    """
    name = made.state.get("filename") if isinstance(made.state, Dict) else None
    is_beside = isinstance(name, str) and SIDE_FILE.fullmatch(name) is not None
    return Array(READ if is_beside else LOAD, (name,))
