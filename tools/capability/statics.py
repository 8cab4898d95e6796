"""What a call outside functions gives, as far as that can be told without running it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .values import NO_REFS, Ref, Refs

if TYPE_CHECKING:
    from .ir import Expr
    from .program import Program

# Calls whose result does what their first argument does.
_WRAPPERS = {
    "partial", "staticmethod", "classmethod", "lru_cache", "wraps", "update_wrapper", "namedtuple",
    "cached_property",
}  # fmt: skip
_FUNCTION_WRAPPERS = {
    "functools.partial",
    "functools.wraps",
    "functools.update_wrapper",
    "functools.lru_cache",
}


def static_call(
    program: Program, callee: Expr, arguments: tuple[Expr, ...], module: str, depth: int
) -> Refs:
    """Return what ``callee(*arguments)`` in a module or class body may be."""
    out: set[Ref] = set()
    for ref in program.static(callee, module, depth + 1):
        if ref[0] == "c":
            out.add(("i", ref[1]))
        elif ref == ("x", "builtins.getattr"):
            out |= _attribute(program, arguments, module, depth)
        elif ref[0] == "x":
            last = ref[1].rsplit(".", 1)[-1]
            if last in _WRAPPERS:
                out |= _first(program, arguments, module, depth)
            elif last[:1].isupper():
                out.add(ref)
        elif ref[0] == "f":
            out |= _of_function(program, ref[1], arguments, module, depth)
    return frozenset(out)


def _first(program: Program, arguments: tuple[Expr, ...], module: str, depth: int) -> Refs:
    first = arguments[0] if arguments else None
    if first is None or first[0] == "*":
        return NO_REFS
    return program.static(first, module, depth + 1)


def _attribute(program: Program, arguments: tuple[Expr, ...], module: str, depth: int) -> Refs:
    """``getattr(of, "name")`` reads as ``of.name``."""
    match arguments:
        case (of, ("k", str(name)), *_) if name:
            return program.static(("a", of, name), module, depth + 1)
        case _:
            return NO_REFS


def _of_function(
    program: Program, full: str, arguments: tuple[Expr, ...], module: str, depth: int
) -> Refs:
    if full in _FUNCTION_WRAPPERS:
        return _first(program, arguments, module, depth)
    summary = program.summaries.get(full)
    out = {ref for ref in summary.refs if ref[0] in "icfx"} if summary else set[Ref]()
    if arguments and arguments[0] is not None and arguments[0][0] in "ga":
        # A decorator applied by hand: what it wraps stays reachable.
        wrapped = program.static(arguments[0], module, depth + 1)
        out |= {ref for ref in wrapped if ref[0] == "f"}
    return frozenset(out)
