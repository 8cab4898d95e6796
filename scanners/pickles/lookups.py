"""What is known of calls and attributes by name.

Some calls give back an object that has a name: what cloudpickle and dill write for a type or a
helper. Only fixed names count; a look-up with any other argument stays a call with an unknown
result. Others hand their arguments on to a call, or give back one of them. And some attributes of
an object are asked for while it is loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import telling
from ..look_ups import (
    APPLIED,
    CLOUDPICKLES,
    LOADED,
    OF_TYPES,
    UNDEFINED,
    are_assumptions,
    dills_constant,
    is_dills_member,
    is_dotted,
)
from ..plain_members import CHANGES, DATA_TYPES, is_plain, is_plain_member
from ..values import Global
from .objects import PARTIALS, Dict, FrozenSet, Obj, Raw, Set

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .objects import Object

# dill names types of the module `types` so, and the classes of `builtins`, and four others.
DILLS = frozenset({"dill._dill._load_type", "dill.dill._load_type"})
OF_BUILTINS = DATA_TYPES | {
    "classmethod", "enumerate", "filter", "map", "memoryview", "property", "reversed",
    "staticmethod", "super", "zip",
}  # fmt: skip
HAND_BUILT = {
    "AttrGetterType": Global("operator", "attrgetter"),
    "ItemGetterType": Global("operator", "itemgetter"),
    "PartialType": Global("functools", "partial"),
    "SuperType": Global("builtins", "super"),
}
LOOKING_UP = frozenset(
    {
        "_builtin_type", "_load_type", "_getattr", "_eval_repr", "_create_namedtuple",
        UNDEFINED.name,
    }
)  # fmt: skip
GETATTR = Global("builtins", "getattr")
RECONSTRUCTOR = Global("copyreg", "_reconstructor")
# getattr(dill._dill, "_setattr", setattr): dill's `_setattr` only calls setattr.
SHIMS: dict[tuple[Object, ...], Global] = {
    (Global("dill", "_dill"), name, Global("builtins", name[1:])): Global("builtins", name[1:])
    for name in ("_setattr", "_delattr")
}


def looked_up(callee: Object, arguments: Object) -> Global | Obj | None:
    """Return the object that the call gives back, if it is one that is known by its name."""
    if not isinstance(callee, Global) or not isinstance(arguments, tuple) or not arguments:
        return None
    if callee == GETATTR:
        return _attribute(arguments)
    if callee.name not in LOOKING_UP:
        return None
    match callee.dotted, arguments:
        case name, (str() as kind,) if name in CLOUDPICKLES:
            return Global("types", kind) if kind in OF_TYPES else None
        case name, (str() as kind,) if name in DILLS:
            return _dills_type(kind)
        case "dill._dill._getattr", (Global() as owner, str() as member, str() as shown):
            is_known = is_dills_member(owner, member, shown)
            return Global("builtins", f"{owner.name}.{member}") if is_known else None
        case "dill._dill._eval_repr", (str() as shown,):
            return _constant(shown)
        case "dill._dill._create_namedtuple", (str() as kind, _, str() as module, *_):
            return Global(module, kind) if is_dotted(module) and kind.isidentifier() else None
        case name, (str(), Dict() as given) if name == UNDEFINED.dotted:
            return APPLIED if are_assumptions(given.pairs()) else None
        case _:
            return None


def imports(callee: Object) -> bool:
    """Whether a look-up imports what it gives back."""
    return isinstance(callee, Global) and callee.name == "_create_namedtuple"


def _dills_type(name: str) -> Global | None:
    if name in OF_BUILTINS or telling.is_exception(name):
        return Global("builtins", name)
    return Global("types", name) if name in OF_TYPES else HAND_BUILT.get(name)


def _constant(text: str) -> Global | Obj | None:
    """Return the value that dill evaluates a text to; None if the text is not as dill writes it."""
    found = dills_constant(text)
    if found is None:
        return None
    name, numbers = found
    return Obj(Global("builtins", name), numbers) if numbers else Global("builtins", name)


def _attribute(arguments: tuple[Object, ...]) -> Global | None:
    match arguments:
        case (Global() as owner, str() as name) if is_plain_member(owner, name):
            return Global(owner.module, f"{owner.name}.{name}")
        case _ if all(isinstance(each, str | Global) for each in arguments):
            return SHIMS.get(arguments)
        case _:
            return None


KINDS: dict[type, str] = {
    str: "str", bool: "bool", int: "int", float: "float", tuple: "tuple", list: "list",
    Dict: "dict", Set: "set", FrozenSet: "frozenset",
}  # fmt: skip


def method(made: Obj) -> Global | None:
    """Return the method of a data type that `getattr(value, "name")` is, if it changes nothing.

    It stays a made object, because it holds its value; this is what calling it would call.
    """
    match made.callee, made.arguments:
        case found, (value, str() as name) if found == GETATTR and is_plain(name):
            kind = KINDS.get(type(value), "")
            if isinstance(value, Raw):
                kind = "str" if value.is_text else "bytes"
            return Global("builtins", f"{kind}.{name}") if kind and name not in CHANGES else None
        case _:
            return None


def named(made: Obj) -> Global | None:
    """Return what a made object is called among names, if not as its callee."""
    match made.callee, made.arguments:
        case found, (Global() as owner, "__new__") if found == GETATTR:
            return owner
        case found, (Global() as owner, str() as name) if found == GETATTR and name.isidentifier():
            return Global(owner.module, f"{owner.name}.{name}")
        case found, (Obj() as owner, str() as name) if found == GETATTR:
            return _bound(owner, name)
        case _:
            return method(made)


def _bound(owner: Obj, name: str) -> Global | None:
    """Return the method that an attribute of an object is, unless its state may say otherwise."""
    made = owner.callee
    if made == RECONSTRUCTOR and isinstance(owner.arguments, tuple) and owner.arguments:
        made = owner.arguments[0]
    if not isinstance(made, Global) or not made.name.rpartition(".")[2].lstrip("_")[:1].isupper():
        return None
    is_plain_name = name.isidentifier() and not name.startswith("__")
    is_own = owner.keywords is not None or _may_have(owner.state, name)
    return Global(made.module, f"{made.name}.{name}") if is_plain_name and not is_own else None


def _may_have(state: Object, name: str) -> bool:
    """Whether a state may give an object an attribute of its own."""
    if state is None:
        return False
    if isinstance(state, Dict):
        return len(state) > LOOKED_INTO or name in state[::2]
    return not _is_numbers(state)


def _is_numbers(state: Object) -> bool:
    """Whether a state is numbers and nothing else, such as of a generator of random ones."""
    pending = [state]
    for _ in range(MOST_NUMBERS):
        if not pending:
            return True
        value = pending.pop()
        if isinstance(value, tuple):
            if len(pending) + len(value) > MOST_NUMBERS:
                return False
            pending += value
        elif not isinstance(value, int | None):
            return False
    return False


def rebuilt(callee: Object, arguments: Object) -> tuple[Global, Object, Object] | None:
    """Return the class, arguments and keywords of a NEWOBJ_EX that is written as a call.

    Protocols 2 and 3, which have no such opcode, write ``partial(C.__new__, C, *arguments,
    **keywords)()`` (`save_reduce` in CPython's ``Lib/pickle.py``); a partial keeps all of it in its
    state.
    """
    if not isinstance(callee, Obj) or callee.callee not in PARTIALS or arguments != ():
        return None
    match callee.state:
        case (
            Obj(callee=found, arguments=(Global() as kind, "__new__")),
            (Global() as given, *rest),
            Dict() as keywords,
            _,
        ) if found == GETATTR and kind == given:
            return kind, tuple(rest), keywords or None
        case _:
            return None


# --- Calls that hand their arguments on -----------------------------------------------------------

RECONSTRUCT = frozenset(
    f"{module}._reconstruct"
    for module in ("numpy.core.multiarray", "numpy._core.multiarray", "numpy")
)
# `_reconstruct` calls no `__new__` but `__array_finalize__`, which is numpy's own of these.
PLAIN_ARRAYS = (Global("numpy", "ndarray"), Global("numpy", "memmap"))
FROM_TYPE = frozenset({"_rebuild_from_type", "_rebuild_from_type_v2"})
DILL_ARRAYS = frozenset({"dill._dill._create_array", "dill.dill._create_array"})
WITH_STATE = FROM_TYPE | {"_rebuild_parameter_with_state", "_create_array"}
CALL_FIRST = DILL_ARRAYS | {"jax._src.array._reconstruct_array"}
REBUILDERS = WITH_STATE | {
    "_rebuild_wrapper_subclass", "_new_Index", "_reconstruct", "_reconstruct_array",
}  # fmt: skip


def forwarded(made: Obj) -> tuple[str, Object, Object, Object] | None:
    """Return the call that a rebuilder makes of its arguments: op, callee, arguments, keywords.

    Sources: ``torch/_tensor.py``, ``torch/_utils.py``, ``jax/_src/array.py``,
    ``pandas/core/indexes/base.py``, ``dill/_dill.py`` and numpy's ``multiarraymodule.c``.
    """
    if not isinstance(made.callee, Global) or not isinstance(made.arguments, tuple):
        return None
    match made.callee.dotted, made.arguments:
        case "torch._tensor._rebuild_from_type" | "torch._tensor._rebuild_from_type_v2", (
            function,
            _,
            inner,
            *_,
        ):
            return "REDUCE", function, inner, None
        case name, (function, inner, *_) if name in CALL_FIRST:
            return "REDUCE", function, inner, None
        case "torch._utils._rebuild_wrapper_subclass", (kind, *rest):
            return "NEWOBJ", kind, tuple(rest), None
        case "pandas.core.indexes.base._new_Index", (kind, keywords):
            is_own = isinstance(kind, Global) and kind.module.startswith("pandas.core.indexes")
            return None if is_own else ("NEWOBJ_EX", kind, (), keywords)
        case name, (kind, *rest) if name in RECONSTRUCT and kind not in PLAIN_ARRAYS:
            return "NEWOBJ", kind, tuple(rest), None
        case _:
            return None


LOADS = Global("pickle", "loads")


def loads_inside(callee: Object, arguments: Object) -> Object:
    """Return the bytes that a rebuilder of spaCy unpickles on its way; None if it does not."""
    place = LOADED.get(callee.dotted) if isinstance(callee, Global) else None
    if place is None or not isinstance(arguments, tuple) or place >= len(arguments):
        return None
    return arguments[place]


def state_given(made: Obj) -> Object:
    """Return the attributes that a rebuilder of torch or dill sets on what it returns."""
    arguments = made.arguments
    if not isinstance(made.callee, Global) or made.callee.name not in WITH_STATE:
        return None
    return arguments[3] if isinstance(arguments, tuple) and len(arguments) > 3 else None  # noqa: PLR2004 - the fourth


def built_with(made: Obj) -> Object:
    """Return the state that dill gives to the array that it makes, as a BUILD would."""
    match made.callee, made.arguments:
        case Global() as found, (_, _, state, *_) if found.dotted in DILL_ARRAYS:
            return state
        case _:
            return None


# --- Results that are one of the arguments, or give access to it ----------------------------------

GIVE_BACK = frozenset(
    {
        "builtins.max", "builtins.min", "builtins.next", "builtins.getattr", "builtins.sum",
        "copy.copy", "copy.deepcopy", "operator.getitem", "_operator.getitem", "typing.cast",
        "functools.reduce", "_functools.reduce", "weakref.proxy", "_weakref.proxy",
        "contextlib.nullcontext", "typing.final", "typing.no_type_check",
        "abc.update_abstractmethods", "typing.runtime_checkable", "functools.total_ordering",
        "operator.concat", "operator.iconcat", "operator.iadd", "operator.ior", "operator.add",
        "operator.or_",
        "_operator.concat", "_operator.iconcat", "_operator.iadd", "_operator.ior",
        "_operator.add", "_operator.or_", "collections.ChainMap", "collections.UserDict",
        "collections.UserList", "builtins.memoryview", "builtins.super",
    }
)  # fmt: skip
MOST_NUMBERS = 1024  # in a state that is looked through
LOOKED_INTO = 256  # values of such a call
SOME = Global("<computed>", "<computed>")


def gives_back(made: Obj) -> bool:
    """Whether the result of a call may be one of its arguments, or change with it."""
    return isinstance(made.callee, Global) and made.callee.dotted in GIVE_BACK


def behind(target: Obj) -> Global | None:
    """Return the import that a change of `target` may change, when it is not its own object."""
    if not gives_back(target):
        return None
    pending: list[Object] = [target.state, target.arguments]
    for _ in range(LOOKED_INTO):
        if not pending:
            return None
        value = pending.pop()
        if isinstance(value, Global):
            return value
        if isinstance(value, Obj):
            pending.append(value.arguments)
        elif isinstance(value, list | tuple):
            pending += value[:LOOKED_INTO]
    return SOME


# --- Attributes that unpicklers and libraries ask an object for -----------------------------------

# Asked of the object and not of its class: whoever sets one decides what is called, or what memory
# numpy takes for an array.
ASKED_FOR = frozenset(
    {
        "__setstate__", "__array_interface__", "__array_struct__", "__array__",
        "__cuda_array_interface__", "__dlpack__", "__array_wrap__", "__array_prepare__",
        "__mro_entries__", "__reduce__", "__reduce_ex__", "__copy__", "__deepcopy__",
        "__getstate__",
    }
)  # fmt: skip
SET_BY_SLOTS = frozenset({"__class__", "__dict__"})  # a slot state sets these as attributes
ADDERS = {"APPEND": ("append",), "APPENDS": ("extend", "append"), "ADDITEMS": ("update", "add")}


def asked_for(state: Object) -> Iterator[tuple[str, Object]]:
    """Yield the attributes in a state that change what loading does."""
    plain, slots = state if isinstance(state, tuple) and len(state) == 2 else (state, None)  # noqa: PLR2004 - of slots
    for part, names in ((plain, ASKED_FOR), (slots, ASKED_FOR | SET_BY_SLOTS)):
        if isinstance(part, Dict):
            for key, value in part.pairs():
                if isinstance(key, str) and key in names:
                    yield key, value


def adder(op: str, state: Dict) -> Object:
    """Return what an object's own attribute makes unpicklers call to add items; None if none."""
    for name in ADDERS.get(op, ()):
        found = state.get(name)
        if isinstance(found, Global | Obj):
            return found
    return None
