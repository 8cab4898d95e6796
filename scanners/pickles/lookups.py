"""Calls whose result is known by name: what cloudpickle and dill write for a type or a helper.

Their result is the imported object itself, so what is called next has a name. Only fixed names
count; a look-up with any other argument stays a call with an unknown result.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..values import Global

if TYPE_CHECKING:
    from .objects import Object

TYPES = frozenset({"CodeType", "FunctionType", "LambdaType", "CellType", "MethodType"})
BY_TYPE_NAME = frozenset(
    {
        "cloudpickle.cloudpickle._builtin_type", "cloudpickle._builtin_type",
        "dill._dill._load_type", "dill.dill._load_type",
    }
)  # fmt: skip
GETATTR = Global("builtins", "getattr")
# getattr(dill._dill, "_setattr", setattr): dill's `_setattr` only calls setattr.
SHIMS: dict[tuple[Object, ...], Global] = {
    (Global("dill", "_dill"), name, Global("builtins", name[1:])): Global("builtins", name[1:])
    for name in ("_setattr", "_delattr")
}


def looked_up(callee: Object, arguments: Object) -> Global | None:
    """Return the object that the call gives back, if it is one with a name that is known."""
    if not isinstance(callee, Global) or not isinstance(arguments, tuple) or not arguments:
        return None
    name = arguments[0]
    if callee.dotted in BY_TYPE_NAME and isinstance(name, str) and name in TYPES:
        return Global("types", name)
    is_shim = callee == GETATTR and all(isinstance(each, str | Global) for each in arguments)
    return SHIMS.get(arguments) if is_shim else None
