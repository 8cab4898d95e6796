"""SciPy's distributions: setting their state runs a text of it, harmless while it is SciPy's own.

``__setstate__`` of what derives from ``rv_generic`` executes ``_parse_arg_template``, from which
SciPy makes three functions that only sort arguments.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...facts import Call, StateSet
from ...values import Global, Group, Made
from .evidence import CYTHON, is_class_name

if TYPE_CHECKING:
    from ...artifact import Artifact
    from ...values import Value

PACKAGE = "scipy.stats."
BASES = "scipy.stats._distn_infrastructure"
MODULES = frozenset(
    {"scipy.stats._continuous_distns", "scipy.stats._discrete_distns", "scipy.stats._levy_stable"}
)
OTHERS = frozenset(  # distributions that are made of data, not named like the others
    {
        Global("scipy.stats._continuous_distns", "rv_histogram"),
        *(Global(BASES, name) for name in ("rv_continuous", "rv_discrete", "rv_sample")),
    }
)
# These keep a distribution and the arguments of its shape.
FROZEN = frozenset(
    Global(BASES, name) for name in ("rv_frozen", "rv_continuous_frozen", "rv_discrete_frozen")
)
TEMPLATE = "_parse_arg_template"
KEYS = frozenset(
    {
        "__doc__", "_ctor_param", "_density", "_hbin_widths", "_hbins", "_hcdf", "_histogram",
        "_hpdf", TEMPLATE, "_random_state", "_stats_has_moments", "_support", "a", "b", "badvalue",
        "extradoc", "inc", "moment_tol", "moment_type", "name", "numargs", "pk", "qvals", "shapes",
        "vecentropy", "xk", "xtol",
    }
)  # fmt: skip
NUMPYS = ("numpy.", "_codecs.encode")  # the second makes the bytes of protocols before 3
NUMPY_MAKERS = frozenset({"__randomstate_ctor", "__generator_ctor", "__bit_generator_ctor"})
_SHAPES, _IN, _OUT = r"((?:[A-Za-z_]\w*, )*)", r"(loc=0(?:, scale=1)?)", r"(loc, (?:scale|1))"
_SCIPYS_OWN = re.compile(
    rf"\ndef _parse_args\(self, {_SHAPES} {_IN}\):\n"
    rf"    return \(\1\), {_OUT}\n"
    r"\ndef _parse_args_rvs\(self, \1 \2, size=None\):\n"
    r"    return self\._argcheck_rvs\(\1 \3, size=size\)\n"
    r"\ndef _parse_args_stats\(self, \1 \2, moments='mv'\):\n"
    r"    return \(\1\), \3, moments\n",
    re.ASCII,
)


def is_distribution(value: Value) -> bool:
    """Whether a value is one of the classes that SciPy writes its distributions with."""
    if not isinstance(value, Global):
        return False
    is_named = value.name.isidentifier() and value.name.endswith("_gen")
    return value in OTHERS or (value.module in MODULES and is_named)


def makes_distribution(call: Call) -> bool:
    """Whether a call only makes an empty object of such a class, in the way of any protocol."""
    arguments = call.arguments.items if isinstance(call.arguments, Group) else (call,)
    is_call = call.op != "NEWOBJ" and not _is_reconstructor(call.callee)
    return not is_call and is_distribution(_class_of(call.callee, arguments))


def asks_distribution(call: Call) -> bool:
    """Whether a call only takes a method of a distribution, such as the density of the normal."""
    match call:
        case Call(
            callee=Global("builtins", "getattr"),
            arguments=Group(items=(Made() as owner, str(name))),
        ):
            is_plain = name.isidentifier() and not name.startswith("__")
            return is_plain and is_distribution(_class_of(owner.callee, owner.arguments))
        case _:
            return False


def _is_reconstructor(callee: Value) -> bool:
    return callee == Global("copyreg", "_reconstructor")


def _class_of(callee: Value, arguments: tuple[object, ...]) -> Value:
    """Return the class of an object that was made without arguments; None for any other."""
    if not _is_reconstructor(callee):
        return None if arguments else callee
    match arguments:
        case (Global() as made, Global("builtins", "object"), None):
            return made
        case _:
            return None


def are_scipys_own(artifact: Artifact) -> bool:
    """Whether no distribution in a pickle can get a state that SciPy did not write.

    One that is handed to a call could come back under another name, so then nothing is sure.
    """
    return all(
        _keeps(fact) if isinstance(fact, Call) else _is_apart(fact.target) or _is_own(fact)
        for fact in artifact.facts
        if isinstance(fact, Call | StateSet)
    )


def _keeps(call: Call) -> bool:
    """Whether a call is given no distribution, and what makes numpy's objects only numpy's."""
    if makes_distribution(call) or asks_distribution(call) or _makes_frozen(call):
        return True
    makes_numpys = isinstance(call.callee, Global) and _is_numpys_maker(call.callee)
    return all(
        name.startswith(NUMPYS) if makes_numpys else not name.startswith(PACKAGE)
        for name in call.names
    )


def _makes_frozen(call: Call) -> bool:
    arguments = call.arguments.items if isinstance(call.arguments, Group) else (call,)
    return _is_reconstructor(call.callee) and _class_of(call.callee, arguments) in FROZEN


def _is_numpys_maker(made: Global) -> bool:
    is_maker = made.name in NUMPY_MAKERS or made.name.startswith(CYTHON)
    is_array = made.name in {"dtype", "_reconstruct", "_mareconstruct"}
    return made.module.partition(".")[0] == "numpy" and (is_maker or is_array)


def _is_apart(target: Value) -> bool:
    """Whether what gets a state is certainly no distribution."""
    if not isinstance(target, Made) or not isinstance(target.callee, Global):
        return False
    made = target.callee
    is_numpys = _is_numpys_maker(made) or (made.name, made.module[:5]) == ("vectorize", "numpy")
    is_other = not made.module.startswith(PACKAGE) and (is_numpys or is_class_name(made.name))
    return is_other or made in FROZEN


def _is_own(fact: StateSet) -> bool:
    """Whether a distribution gets a state that SciPy wrote."""
    match fact:
        case StateSet(target=Made(made), state=Group("dict", items, 0)) if is_distribution(made):
            return all(
                isinstance(key, str) and key in KEYS and (key != TEMPLATE or _is_template(value))
                for key, value in zip(items[::2], items[1::2], strict=True)
            )
        case _:
            return False


def _is_template(value: Value) -> bool:
    return isinstance(value, str) and _SCIPYS_OWN.fullmatch(value) is not None
