"""The attributes that pickle writes as `getattr(owner, "name")` and that give access to no more.

These are the methods of Python's own data types and of numpy's functions on arrays. A dotted name
of protocol 4 says the same; earlier protocols, and methods of a value, need the call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .values import Global

DATA_TYPES = frozenset(
    {
        "bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int", "list",
        "object", "range", "set", "slice", "str", "tuple",
    }
)  # fmt: skip
FORMATS = frozenset({"format", "format_map"})  # these read attributes of what they are given
# What changes the value itself, which the pickle kernel would not see.
CHANGES = frozenset(
    {
        "add", "append", "clear", "difference_update", "discard", "extend", "insert",
        "intersection_update", "pop", "popitem", "remove", "reverse", "setdefault", "sort",
        "symmetric_difference_update", "update",
    }
)  # fmt: skip
UFUNC_METHODS = frozenset({"accumulate", "outer", "reduce", "reduceat"})
UFUNCS = frozenset(
    {
        "abs", "absolute", "acos", "acosh", "add", "arccos", "arccosh", "arcsin",
        "arcsinh", "arctan", "arctan2", "arctanh", "asin", "asinh", "atan", "atan2",
        "atanh", "bitwise_and", "bitwise_count", "bitwise_invert", "bitwise_left_shift",
        "bitwise_not", "bitwise_or", "bitwise_right_shift", "bitwise_xor", "cbrt", "ceil",
        "conj", "conjugate", "copysign", "cos", "cosh", "deg2rad", "degrees", "divide",
        "divmod", "equal", "exp", "exp2", "expm1", "fabs", "float_power", "floor",
        "floor_divide", "fmax", "fmin", "fmod", "frexp", "gcd", "greater",
        "greater_equal", "heaviside", "hypot", "invert", "isfinite", "isinf", "isnan",
        "isnat", "lcm", "ldexp", "left_shift", "less", "less_equal", "log", "log10",
        "log1p", "log2", "logaddexp", "logaddexp2", "logical_and", "logical_not",
        "logical_or", "logical_xor", "matmul", "matvec", "maximum", "minimum", "mod",
        "modf", "multiply", "negative", "nextafter", "not_equal", "positive", "pow",
        "power", "rad2deg", "radians", "reciprocal", "remainder", "right_shift", "rint",
        "sign", "signbit", "sin", "sinh", "spacing", "sqrt", "square", "subtract", "tan",
        "tanh", "true_divide", "trunc", "vecdot", "vecmat",
    }
)  # fmt: skip


def is_plain(name: str) -> bool:
    """Whether a data type's attribute of this name gives access to nothing but the value."""
    return name.isidentifier() and not name.startswith("__") and name not in FORMATS


def is_plain_member(owner: Global, name: str) -> bool:
    """Whether `name` is such an attribute of a data type or a function of numpy."""
    if owner.module == "numpy":
        return owner.name in UFUNCS and name in UFUNC_METHODS
    return owner.module == "builtins" and owner.name in DATA_TYPES and is_plain(name)
