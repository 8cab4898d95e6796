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
MODULES = frozenset({"scipy.stats._continuous_distns", "scipy.stats._discrete_distns"})
TEMPLATE = "_parse_arg_template"
KEYS = frozenset(
    {
        "__doc__", "_ctor_param", TEMPLATE, "_random_state", "_stats_has_moments", "a", "b",
        "badvalue", "extradoc", "inc", "moment_tol", "moment_type", "name", "numargs", "shapes",
        "vecentropy", "xtol",
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
    return (
        isinstance(value, Global)
        and value.module in MODULES
        and value.name.isidentifier()
        and value.name.endswith("_gen")
    )


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
    makes_numpys = isinstance(call.callee, Global) and _is_numpys_maker(call.callee)
    return all(
        name.startswith(NUMPYS) if makes_numpys else not name.startswith(PACKAGE)
        for name in call.names
    )


def _is_numpys_maker(made: Global) -> bool:
    is_maker = made.name in NUMPY_MAKERS or made.name.startswith(CYTHON)
    is_array = made.name in {"dtype", "_reconstruct", "_mareconstruct"}
    return made.module.partition(".")[0] == "numpy" and (is_maker or is_array)


def _is_apart(target: Value) -> bool:
    """Whether what gets a state is certainly no distribution."""
    match target:
        case Made(Global() as made) if not made.module.startswith(PACKAGE):
            return _is_numpys_maker(made) or is_class_name(made.name)
        case Made(
            Global("scipy.stats._distn_infrastructure", "rv_frozen" | "rv_continuous_frozen")
        ):
            return True
        case _:
            return False


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
