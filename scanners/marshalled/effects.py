"""What instructions do to the stack, of those that matter only by this."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# How many values an instruction takes; -1 - n takes n, and leaves one that is not known.
TAKES: dict[str, Callable[[int], int]] = {
    **dict.fromkeys(
        ("LOAD_CLOSURE", "LOAD_BUILD_CLASS", "LOAD_ASSERTION_ERROR", "LOAD_COMMON_CONSTANT",
         "LOAD_LOCALS"), lambda _n: -1,
    ),
    **dict.fromkeys(
        ("UNARY_POSITIVE", "UNARY_NEGATIVE", "UNARY_NOT", "UNARY_INVERT", "UNARY_CONVERT",
         "GET_ITER", "TO_BOOL", "FORMAT_SIMPLE", "CONVERT_VALUE", "CALL_INTRINSIC_1"),
        lambda _n: -2,
    ),
    **dict.fromkeys(
        ("BINARY_OP", "BINARY_SUBSCR", "BINARY_POWER", "BINARY_MULTIPLY", "BINARY_MATRIX_MULTIPLY",
         "BINARY_DIVIDE", "BINARY_MODULO", "BINARY_ADD", "BINARY_SUBTRACT", "BINARY_FLOOR_DIVIDE",
         "BINARY_TRUE_DIVIDE", "BINARY_LSHIFT", "BINARY_RSHIFT", "BINARY_AND", "BINARY_XOR",
         "BINARY_OR", "INPLACE_ADD", "COMPARE_OP", "IS_OP", "CONTAINS_OP", "FORMAT_WITH_SPEC",
         "SET_FUNCTION_ATTRIBUTE"),
        lambda _n: -3,
    ),
    "FORMAT_VALUE": lambda n: -3 if n & 4 else -2,
    "BINARY_SLICE": lambda _n: -4,
    **dict.fromkeys(("BUILD_TUPLE", "BUILD_LIST", "BUILD_SET", "BUILD_STRING", "BUILD_SLICE"),
                    lambda n: -1 - n),
    "BUILD_MAP": lambda n: -1 - 2 * n,
    "BUILD_CONST_KEY_MAP": lambda n: -2 - n,
    **dict.fromkeys(
        ("LIST_APPEND", "SET_ADD", "LIST_EXTEND", "SET_UPDATE", "DICT_UPDATE", "DICT_MERGE",
         "RETURN_VALUE"), lambda _n: 1,
    ),
    **dict.fromkeys(("MAP_ADD", "STORE_ATTR"), lambda _n: 2),
    "STORE_SUBSCR": lambda _n: 3,
}  # fmt: skip
# Instructions that leave the stack as it is.
QUIET = frozenset(
    {"NOP", "RESUME", "PRECALL", "KW_NAMES", "COPY_FREE_VARS", "MAKE_CELL", "NOT_TAKEN",
     "SETUP_ANNOTATIONS", "EXTENDED_ARG"}
)  # fmt: skip
