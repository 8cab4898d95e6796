"""`operator.attrgetter` and `methodcaller`: keys for sorting, or a way to anything.

One that asks for plain attributes, or calls a method that data have, is a value like any other
while nothing calls it. What calls it stands in the file: a call of it, or a call that is given it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...capability import Ability, sharp_names, stdlib_modules
from ...facts import Call
from ...values import Global, Group, Opaque
from . import evidence

if TYPE_CHECKING:
    from ...values import Value

OPERATORS = frozenset({"operator", "_operator"})
GETTERS = frozenset(
    f"{module}.{name}" for module in OPERATORS for name in ("attrgetter", "methodcaller")
)
# Methods of texts, numbers and containers that change nothing and call nothing.
METHODS = frozenset(
    {
        "bit_length", "capitalize", "casefold", "copy", "count", "date", "endswith", "get",
        "index", "isalnum", "isalpha", "isdigit", "isdecimal", "islower", "isnumeric", "isoformat",
        "isspace", "istitle", "isupper", "items", "join", "keys", "ljust", "lower", "lstrip",
        "max", "mean", "median", "min", "partition", "replace", "rfind", "rjust", "rpartition",
        "rsplit", "rstrip", "split", "splitlines", "startswith", "std", "strip", "sum", "swapcase",
        "title", "tolist", "total_seconds", "upper", "values", "var", "weekday", "zfill",
    }
)  # fmt: skip


def is_plain_getter(call: Call) -> bool:
    """Whether a call only makes a getter of plain attributes, or of a method that data have."""
    match call:
        case Call(
            callee=Global(module, "attrgetter"),
            arguments=Group("tuple", names, 0),
            keywords=None | Opaque(),  # not shown of one that stands for many; it takes none
        ) if module in OPERATORS:
            return bool(names) and all(map(_is_plain_path, names))
        case Call(
            callee=Global(module, "methodcaller"),
            arguments=Group("tuple", (str() as name, *given), 0),
            keywords=None,
        ) if module in OPERATORS:
            return name in METHODS and all(isinstance(each, _PLAIN) for each in given)
        case _:
            return False


RUNNERS = frozenset({"call", "check_call", "getoutput", "import_module", "run", "spawn"})
_PLAIN = (str, int, float, type(None))


def _is_plain_path(name: Value) -> bool:
    """Whether a dotted name leads through plain attributes, and to nothing that is known."""
    parts = name.split(".") if isinstance(name, str) else [""]
    return all(part.isidentifier() and not part.startswith("_") for part in parts) and not any(
        part in stdlib_modules() or part in sharp_names() or part in RUNNERS for part in parts
    )


def may_be_called(call: Call) -> bool:
    """Whether a call that nothing is known of is given a getter."""
    is_given = not GETTERS.isdisjoint(call.names)
    return is_given and evidence.callee(call) is not None and _is_unknown(call)


def _is_unknown(call: Call) -> bool:
    return evidence.capability(call).ability is Ability.UNKNOWN
