"""The small program form that source is lowered to, and that the analysis reads.

An expression is None (nothing known) or a tuple that starts with its tag:

- ``("n", local)``, ``("g", global)``, ``("a", expr, attribute)``, ``("k", constant)``
- ``("c", callee, arguments, keywords, line)``; a starred argument is ``("*", expr)``
- ``("j", exprs)`` any of these, ``("v", exprs)`` evaluated and dropped
- ``("s", expr, key)`` an element, ``("l", index)`` a nested function, ``("C", class)`` a class

A statement is a tuple too:

- ``("=", local, expr)``, ``("G", global, expr)``, ``("A", object, attribute, expr)``
- ``("S", object, key, expr, line)``, ``("r", expr)`` return or yield, ``("e", expr)``
- ``("i", local, module, attribute)`` an import
- ``("?", local, truth, statements)`` statements that run only if a local is true (or false)

Order inside a function is kept, but nothing depends on it: the analysis is flow-insensitive.
"""

from __future__ import annotations

from typing import Any, NamedTuple

Expr = tuple[Any, ...] | None
Statement = tuple[Any, ...]
Body = tuple[Statement, ...]


class Nested(NamedTuple):
    """A function or lambda inside a function; its names carry the suffix ``@index``."""

    params: tuple[str, ...]
    positional: int
    rest: str | None
    keywords: str | None
    body: Body


class Function(NamedTuple):
    """A function or method."""

    name: str
    params: tuple[str, ...]  # positional ones, then keyword-only ones
    positional: int
    rest: str | None  # the name of *args
    keywords: str | None  # the name of **kwargs
    annotations: tuple[tuple[int, tuple[Expr, ...]], ...]
    body: Body
    nested: tuple[Nested | None, ...]
    line: int
    defaults: tuple[tuple[int, Expr], ...]
    flags: str  # p property, s staticmethod, c classmethod, a coroutine
    owner: str | None  # the class it is a method of


class Class(NamedTuple):
    """A class."""

    bases: tuple[Expr, ...]
    methods: dict[str, str]  # name to the function's full name
    attributes: dict[str, Expr]
    metaclass: Expr
    decorators: tuple[str, ...]
    module: str


class Module(NamedTuple):
    """A module: what it binds, defines and does when it is imported."""

    name: str
    path: str  # relative to the root of its package
    symbols: dict[str, list[tuple[Any, ...]]]
    stars: tuple[str, ...]  # modules it imports everything from
    classes: dict[str, Class]
    functions: dict[str, Function]
    body: Body
    nested: tuple[Nested | None, ...]


def to_plain(module: Module) -> tuple[Any, ...]:
    """Return `module` in nothing but builtin types, for a cache."""
    classes = {name: tuple(each) for name, each in module.classes.items()}
    functions = {
        name: (*each[:7], _plain_nested(each.nested), *each[8:])
        for name, each in module.functions.items()
    }
    return (*module[:4], classes, functions, module.body, _plain_nested(module.nested))


def from_plain(plain: tuple[Any, ...]) -> Module:
    """Return what `to_plain` was given."""
    classes = {name: Class(*each) for name, each in plain[4].items()}
    functions = {
        name: Function._make((*each[:7], _nested(each[7]), *each[8:]))
        for name, each in plain[5].items()
    }
    return Module._make((*plain[:4], classes, functions, plain[6], _nested(plain[7])))


def _plain_nested(nested: tuple[Nested | None, ...]) -> tuple[tuple[Any, ...] | None, ...]:
    return tuple(None if each is None else tuple(each) for each in nested)


def _nested(plain: tuple[tuple[Any, ...] | None, ...]) -> tuple[Nested | None, ...]:
    return tuple(None if each is None else Nested(*each) for each in plain)
