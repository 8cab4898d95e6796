"""Expressions of Python's syntax tree, lowered (see ir.py)."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from .ir import Class, Function, Nested, Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .ir import Expr

_Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
LONGEST_TEXT = 120  # characters; a longer constant is only known to be text
LARGEST_INT = 1 << 62


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that a function binds, inside the scope around it."""

    locals: frozenset[str]
    globals: frozenset[str]
    parent: Scope | None
    suffix: str  # makes a nested function's names differ from those around it

    def find(self, name: str) -> str | None:
        """Return the renamed local that `name` means, or None for a global."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.globals:
                return None
            if name in scope.locals:
                return name + scope.suffix
            scope = scope.parent
        return None


@dataclass(slots=True)
class Context:
    """What is being written while one module is lowered."""

    module: str
    is_package: bool
    functions: dict[str, Function] = field(default_factory=dict[str, Function])
    classes: dict[str, Class] = field(default_factory=dict[str, Class])
    symbols: dict[str, list[tuple[Any, ...]]] = field(
        default_factory=dict[str, list[tuple[Any, ...]]]
    )
    stars: list[str] = field(default_factory=list[str])
    out: list[Statement] = field(default_factory=list[Statement])
    nested: list[Nested | None] = field(default_factory=list[Nested | None])
    function: str = "<module>"
    temporaries: int = 0


class Expressions:
    """Lowers expressions into `context.out` and into what is returned."""

    def __init__(self, context: Context) -> None:
        """Write into `context`."""
        self.context = context
        self._by_type: dict[type[ast.AST], Callable[[Any, Scope | None], Expr]] = {
            ast.Name: self._name,
            ast.Constant: self._constant,
            ast.Attribute: self._attribute,
            ast.Call: self._call,
            ast.Lambda: self._lambda,
            ast.Compare: self._compare,
            ast.UnaryOp: self._unary,
            ast.IfExp: self._if,
            ast.Subscript: self._subscript,
            ast.Slice: self._nothing,
            ast.NamedExpr: self._named,
            ast.ListComp: self._comprehension,
            ast.SetComp: self._comprehension,
            ast.GeneratorExp: self._comprehension,
            ast.DictComp: self._comprehension,
            ast.Dict: self._dict,
            ast.Yield: self._yield,
            ast.YieldFrom: self._yield,
            ast.Await: self._await,
        }

    def expr(self, node: ast.AST | None, scope: Scope | None) -> Expr:
        """Lower one expression."""
        if node is None:
            return None
        lower = self._by_type.get(type(node))
        if lower is not None:
            return lower(node, scope)
        return any_of(
            self.expr(child, scope)
            for child in ast.iter_child_nodes(node)
            if isinstance(child, ast.expr)
        )

    def emit(self, expr: Expr) -> None:
        """Keep an expression for what evaluating it does, if it can do anything."""
        if expr is not None and expr[0] not in "ngk":
            self.context.out.append(("e", expr))

    def assign(self, target: ast.expr, value: Expr, scope: Scope | None) -> None:
        """Lower an assignment of `value`."""
        raise NotImplementedError

    def nest(
        self,
        arguments: ast.arguments,
        body: list[ast.stmt],
        scope: Scope | None,
    ) -> Expr:
        """Lower a function inside a function."""
        raise NotImplementedError

    def _nothing(self, node: ast.AST, scope: Scope | None) -> Expr:  # noqa: ARG002 - one signature
        return None

    def _name(self, node: ast.Name, scope: Scope | None) -> Expr:
        local = scope.find(node.id) if scope else None
        return ("n", local) if local else ("g", node.id)

    def _constant(self, node: ast.Constant, scope: Scope | None) -> Expr:  # noqa: ARG002 - one signature
        value = node.value
        if isinstance(value, str | bytes):
            short = isinstance(value, str) and len(value) <= LONGEST_TEXT
            return ("k", _storable(cast("str", value)) if short else "")
        if isinstance(value, bool) or value is None:
            return ("k", value)
        if isinstance(value, int) and abs(value) <= LARGEST_INT:
            return ("k", value)
        return None

    def _attribute(self, node: ast.Attribute, scope: Scope | None) -> Expr:
        return ("a", self.expr(node.value, scope), node.attr)

    def _call(self, node: ast.Call, scope: Scope | None) -> Expr:
        callee = self.expr(node.func, scope)
        arguments = tuple(
            ("*", self.expr(each.value, scope))
            if isinstance(each, ast.Starred)
            else self.expr(each, scope)
            for each in node.args
        )
        keywords = tuple((each.arg, self.expr(each.value, scope)) for each in node.keywords)
        return ("c", callee, arguments, keywords, node.lineno)

    def _lambda(self, node: ast.Lambda, scope: Scope | None) -> Expr:
        body: list[ast.stmt] = [ast.copy_location(ast.Return(node.body), node)]
        return self.nest(node.args, body, scope)

    def _compare(self, node: ast.Compare, scope: Scope | None) -> Expr:
        return evaluated(self.expr(each, scope) for each in (node.left, *node.comparators))

    def _unary(self, node: ast.UnaryOp, scope: Scope | None) -> Expr:
        operand = self.expr(node.operand, scope)
        return evaluated([operand]) if isinstance(node.op, ast.Not) else operand

    def _if(self, node: ast.IfExp, scope: Scope | None) -> Expr:
        test = evaluated([self.expr(node.test, scope)])
        return any_of([test, self.expr(node.body, scope), self.expr(node.orelse, scope)])

    def _subscript(self, node: ast.Subscript, scope: Scope | None) -> Expr:
        key = self.expr(node.slice, scope)
        return ("s", self.expr(node.value, scope), key)

    def _named(self, node: ast.NamedExpr, scope: Scope | None) -> Expr:
        value = self.expr(node.value, scope)
        self.assign(node.target, value, scope)
        return value

    def _comprehension(
        self,
        node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp,
        scope: Scope | None,
    ) -> Expr:
        for each in node.generators:
            self.assign(each.target, ("s", self.expr(each.iter, scope), None), scope)
            for test in each.ifs:
                self.emit(self.expr(test, scope))
        made = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        return any_of(self.expr(each, scope) for each in made)

    def _dict(self, node: ast.Dict, scope: Scope | None) -> Expr:
        return any_of(self.expr(each, scope) for each in node.values)

    def _yield(self, node: ast.Yield | ast.YieldFrom, scope: Scope | None) -> Expr:
        self.context.out.append(("r", self.expr(node.value, scope)))
        return None

    def _await(self, node: ast.Await, scope: Scope | None) -> Expr:
        return self.expr(node.value, scope)


def any_of(exprs: Iterable[Expr]) -> Expr:
    """Return an expression that may have each of these values."""
    known = tuple(each for each in exprs if each is not None)
    if len(known) > 1:
        return ("j", known)
    return known[0] if known else None


def evaluated(exprs: Iterable[Expr]) -> Expr:
    """Return an expression that evaluates these and has none of their values."""
    acting = tuple(each for each in exprs if each is not None and each[0] not in "ngk")
    return ("v", acting) if acting else None


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate cannot be stored
