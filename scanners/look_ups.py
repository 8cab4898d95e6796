"""Calls that give back an object with a name: what dill and SymPy write instead of the name.

The pickle kernel puts that object in the place of the result, so that what is done with it is
judged by its name. The rules leave the call itself in peace where, and only where, it did so.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .plain_members import DATA_TYPES, is_plain
from .values import Global, Group

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .values import Value

# cloudpickle takes types of the module `types` by the names that it has for them.
CLOUDPICKLES = frozenset({"cloudpickle.cloudpickle._builtin_type", "cloudpickle._builtin_type"})
OF_TYPES = frozenset(
    {
        "AsyncGeneratorType", "BuiltinFunctionType", "BuiltinMethodType", "CellType",
        "ClassMethodDescriptorType", "CodeType", "CoroutineType", "FrameType", "FunctionType",
        "GeneratorType", "GenericAlias", "GetSetDescriptorType", "LambdaType", "MappingProxyType",
        "MemberDescriptorType", "MethodDescriptorType", "MethodType", "MethodWrapperType",
        "ModuleType", "NoneType", "SimpleNamespace", "TracebackType", "UnionType",
        "WrapperDescriptorType",
    }
)  # fmt: skip
# Whoever asks for one of these carries a program.
OF_CODE = frozenset({"CellType", "CodeType", "FunctionType", "LambdaType", "ModuleType"})
UNDEFINED = Global(
    "sympy.core.function", "_rebuild_undef"
)  # makes the class of `Function("f")` ...
APPLIED = Global("sympy.core.function", "AppliedUndef")  # ... which is one of this
# What SymPy takes for an assumption; any other keyword becomes an attribute of the class.
ASSUMPTIONS = frozenset(
    {
        "algebraic", "antihermitian", "commutative", "complex", "composite", "even",
        "extended_negative", "extended_nonnegative", "extended_nonpositive", "extended_nonzero",
        "extended_positive", "extended_real", "finite", "hermitian", "imaginary", "infinite",
        "integer", "irrational", "negative", "noninteger", "nonnegative", "nonpositive", "nonzero",
        "odd", "polar", "positive", "prime", "rational", "real", "transcendental", "zero",
    }
)  # fmt: skip
_RANGE = r"range\((-?[0-9]{1,18}), (-?[0-9]{1,18})(?:, (-?[0-9]{1,18}))?\)"  # rarely needed
_CONSTANTS = frozenset({"Ellipsis", "NotImplemented"})
# Which argument these unpickle: the kernel tells that as a call of `pickle.loads`.
LOADED = {"spacy.tokens.doc.unpickle_doc": 1, "spacy.vocab.unpickle_vocab": 4}
RUNTIME = "__runtime__"  # what dill takes from `sys.modules` and does not import


def is_dotted(module: str) -> bool:
    """Whether dill's look-up of a class imports this module, and the class from it."""
    parts = module.split(".")
    return all(map(str.isidentifier, parts)) and parts[0] != RUNTIME


def dills_constant(text: str) -> tuple[str, tuple[int, ...]] | None:
    """Return the name, and the arguments if it is called, of what ``_eval_repr`` evaluates.

    dill writes singletons and ranges so. None for any other text: `eval` runs it.
    """
    found = re.fullmatch(_RANGE, text)
    if found is not None:
        return "range", tuple(int(each) for each in found.groups() if each is not None)
    return (text, ()) if text in _CONSTANTS else None


def is_dills_member(owner: Value, name: str, shown: str) -> bool:
    """Whether ``_getattr`` takes a method of a data type: it evaluates a part of `shown`."""
    return (
        isinstance(owner, Global)
        and owner.module == "builtins"
        and owner.name in DATA_TYPES
        and is_plain(name)
        and shown == f"<method {name!r} of {owner.name!r} objects>"
    )


def are_assumptions(pairs: Iterable[tuple[object, object]]) -> bool:
    """Whether keywords say something of a function, and add nothing to its class."""
    return all(
        isinstance(key, str) and key in ASSUMPTIONS and (value is None or isinstance(value, bool))
        for key, value in pairs
    )


def gives_known(callee: Value, arguments: Value) -> bool:
    """Whether a call gives back an object that the kernel put in its place, as a fact shows it."""
    if not isinstance(callee, Global) or not isinstance(arguments, Group):
        return False
    match callee.dotted, arguments.items:
        case name, (str() as kind,) if name in CLOUDPICKLES:
            return kind in OF_TYPES - OF_CODE
        case "dill._dill._eval_repr", (str() as text,):
            return dills_constant(text) is not None
        case "dill._dill._getattr", (owner, str() as name, str() as shown):
            return is_dills_member(owner, name, shown)
        case "dill._dill._create_namedtuple", (str() as name, _, str() as module, *_):
            return is_dotted(module) and name.isidentifier()
        case name, (str(), Group("dict", items, 0)) if name == UNDEFINED.dotted:
            return are_assumptions(zip(items[::2], items[1::2], strict=True))
        case _:
            return False
