"""Statements of Python's syntax tree, lowered (see ir.py)."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from .lower_expr import Context, Expressions, Scope, any_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .ir import Expr, Statement

MOST_BINDINGS = 6  # alternatives kept for one module-level name
PASS_THROUGH = {"wraps", "contextmanager", "no_grad", "staticmethod"}  # decorators that only wrap


class Statements(Expressions):
    """Lowers statements into `context.out`."""

    def __init__(self, context: Context) -> None:
        """Write into `context`."""
        super().__init__(context)
        self._do: dict[type[ast.AST], Callable[[Any, Scope | None], None]] = {
            ast.Expr: self._expression,
            ast.Assign: self._assign,
            ast.AnnAssign: self._annotated,
            ast.AugAssign: self._annotated,
            ast.Return: self._return,
            ast.For: self._for,
            ast.AsyncFor: self._for,
            ast.With: self._with,
            ast.AsyncWith: self._with,
            ast.Try: self._try,
            ast.TryStar: self._try,
            ast.FunctionDef: self._function,
            ast.AsyncFunctionDef: self._function,
            ast.ClassDef: self._class,
            ast.Import: self._import,
            ast.ImportFrom: self._import_from,
            ast.Match: self._match,
            ast.Raise: self._raise,
            ast.Assert: self._raise,
        }

    def statements(self, body: Sequence[ast.stmt], scope: Scope | None) -> None:
        """Lower a block."""
        for position, node in enumerate(body):
            if isinstance(node, ast.If | ast.While):
                leaves = self._branch(node, scope)
                if leaves is not None:
                    rest = self._held(body[position + 1 :], scope)
                    self.context.out.append(("?", leaves[0], leaves[1], tuple(rest)))
                    return
                continue
            do = self._do.get(type(node))
            if do is not None:
                do(node, scope)

    def assign(self, target: ast.expr, value: Expr, scope: Scope | None) -> None:
        """Lower an assignment of `value`."""
        out = self.context.out
        if isinstance(target, ast.Name):
            local = scope.find(target.id) if scope else None
            out.append(("=", local, value) if local else ("G", target.id, value))
        elif isinstance(target, ast.Tuple | ast.List):
            element = ("s", self._named_once(value), None)
            for each in target.elts:
                self.assign(each.value if isinstance(each, ast.Starred) else each, element, scope)
        elif isinstance(target, ast.Attribute):
            out.append(("A", self.expr(target.value, scope), target.attr, value))
        elif isinstance(target, ast.Subscript):
            place, key = self.expr(target.value, scope), self.expr(target.slice, scope)
            out.append(("S", place, key, value, target.lineno))
        elif isinstance(target, ast.Starred):
            self.assign(target.value, value, scope)

    def bind(self, name: str, *what: Any) -> None:  # noqa: ANN401 - a binding is a tagged tuple
        """Add a meaning to a module-level name."""
        meanings = self.context.symbols.setdefault(name, [])
        if what not in meanings and len(meanings) < MOST_BINDINGS:
            meanings.append(what)

    def define(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, prefix: str, owner: str | None = None
    ) -> str | None:
        """Lower a function; return its full name, or None if it only declares."""
        raise NotImplementedError

    def define_class(self, node: ast.ClassDef, prefix: str) -> str:
        """Lower a class and return its full name."""
        raise NotImplementedError

    def define_lambda(self, name: str, node: ast.Lambda, prefix: str) -> None:
        """Lower a lambda with a name as the function it is."""
        raise NotImplementedError

    def absolute(self, module: str | None, level: int) -> str:
        """Return the full name of a module that is imported relatively."""
        if not level:
            return module or ""
        base = self.context.module.split(".")
        drop = level - (1 if self.context.is_package else 0)
        base = base[: len(base) - drop] if drop > 0 else base
        return ".".join([*base, module] if module else base)

    def _named_once(self, value: Expr) -> Expr:
        """A call is evaluated once, however many names its parts are given to."""
        if value is None or value[0] not in "cj":
            return value
        self.context.temporaries += 1
        local = f"%t{self.context.temporaries}"
        self.context.out.append(("=", local, value))
        return ("n", local)

    def _held(self, body: Sequence[ast.stmt], scope: Scope | None) -> list[Statement]:
        outer, self.context.out = self.context.out, []
        self.statements(body, scope)
        held, self.context.out = self.context.out, outer
        return held

    def _branch(self, node: ast.If | ast.While, scope: Scope | None) -> tuple[str, bool] | None:
        """Lower an if; return (local, truth) if what follows needs a local to be true or false."""
        self.emit(self.expr(node.test, scope))
        guard = _guard(node.test, scope) if isinstance(node, ast.If) else None
        body, other = self._held(node.body, scope), self._held(node.orelse, scope)
        if guard is None:
            self.context.out += body + other
            return None
        local, truth, exact = guard
        self.context.out.append(("?", local, truth, tuple(body)))
        if not exact:
            self.context.out += other
            return None
        self.context.out.append(("?", local, not truth, tuple(other)))
        return (local, not truth) if _leaves(node.body) and not node.orelse else None

    def _expression(self, node: ast.Expr, scope: Scope | None) -> None:
        if not isinstance(node.value, ast.Constant):
            self.emit(self.expr(node.value, scope))

    def _assign(self, node: ast.Assign, scope: Scope | None) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name) and isinstance(node.value, ast.Lambda) and not scope:
                self.define_lambda(target.id, node.value, self.context.module)
                self.bind(target.id, "F")
            elif (
                isinstance(target, ast.Tuple)
                and isinstance(node.value, ast.Tuple)
                and len(target.elts) == len(node.value.elts)
            ):
                for part, value in zip(target.elts, node.value.elts, strict=True):
                    self.assign(part, self.expr(value, scope), scope)
            else:
                self.assign(target, self.expr(node.value, scope), scope)

    def _annotated(self, node: ast.AnnAssign | ast.AugAssign, scope: Scope | None) -> None:
        if node.value is not None:
            self.assign(node.target, self.expr(node.value, scope), scope)

    def _return(self, node: ast.Return, scope: Scope | None) -> None:
        self.context.out.append(("r", self.expr(node.value, scope)))

    def _for(self, node: ast.For | ast.AsyncFor, scope: Scope | None) -> None:
        self.assign(node.target, ("s", self.expr(node.iter, scope), None), scope)
        self.statements(node.body, scope)
        self.statements(node.orelse, scope)

    def _with(self, node: ast.With | ast.AsyncWith, scope: Scope | None) -> None:
        for item in node.items:
            value = self._named_once(self.expr(item.context_expr, scope))
            entered = any_of([value, _method_of(value, "__enter__", node)])
            if item.optional_vars is not None:
                self.assign(item.optional_vars, entered, scope)
            elif entered is not None:
                self.context.out.append(("e", entered))
            self.emit(_method_of(value, "__exit__", node))
        self.statements(node.body, scope)

    def _try(self, node: ast.Try | ast.TryStar, scope: Scope | None) -> None:
        self.statements(node.body, scope)
        for handler in node.handlers:
            self.statements(handler.body, scope)
        self.statements(node.orelse, scope)
        self.statements(node.finalbody, scope)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope | None) -> None:
        if scope is None:
            self.define(node, self.context.module)
            self.bind(node.name, "F")
            self.decorators(node)
            return
        value = self.nest(node.args, node.body, scope)
        for decorator in reversed(node.decorator_list):
            applied = self.expr(decorator, scope)
            if applied and applied[0] != "c" and last_name(decorator) not in PASS_THROUGH:
                self.context.out.append(("e", ("c", applied, (value,), (), node.lineno)))
        local = scope.find(node.name)
        self.context.out.append(("=", local, value) if local else ("G", node.name, value))

    def decorators(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Keep the calls that make decorators."""
        for decorator in node.decorator_list:
            made = self.expr(decorator, None)
            if made and made[0] == "c":
                self.context.out.append(("e", made))

    def _class(self, node: ast.ClassDef, scope: Scope | None) -> None:
        if scope is None:
            self.bind(node.name, "C", self.define_class(node, self.context.module))
            return
        prefix = f"{self.context.module}.<{self.context.function}>{node.lineno}"
        name = self.define_class(node, prefix)
        local = scope.find(node.name)
        if local:
            self.context.out.append(("=", local, ("C", name)))
        self._closed_over(node, scope)

    def _closed_over(self, node: ast.ClassDef, scope: Scope) -> None:
        """A class inside a function: its methods see the function's names, and are taken to run."""
        for each in node.body:
            if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
                method = self.nest(each.args, each.body, scope)
                self.context.out.append(("e", ("c", method, (), (), each.lineno)))
            elif isinstance(each, ast.Assign | ast.AnnAssign | ast.Expr):
                self.emit(self.expr(each.value, scope))

    def _import(self, node: ast.Import, scope: Scope | None) -> None:
        for each in node.names:
            top = each.name.split(".")[0]
            module = each.name if each.asname else top
            self._import_one(each.asname or top, module, None, scope)

    def _import_from(self, node: ast.ImportFrom, scope: Scope | None) -> None:
        module = self.absolute(node.module, node.level)
        for each in node.names:
            if each.name != "*":
                self._import_one(each.asname or each.name, module, each.name, scope)
            elif scope is None:
                self.context.stars.append(module)

    def _import_one(
        self, name: str, module: str, attribute: str | None, scope: Scope | None
    ) -> None:
        local = scope.find(name) if scope else None
        if local:
            self.context.out.append(("i", local, module, attribute))
        else:
            self.bind(name, "I", module, attribute)

    def _match(self, node: ast.Match, scope: Scope | None) -> None:
        subject = self.expr(node.subject, scope)
        for case in node.cases:
            for pattern in ast.walk(case.pattern):
                if isinstance(pattern, ast.MatchAs | ast.MatchStar) and pattern.name:
                    name = ast.Name(pattern.name, ast.Store())
                    self.assign(name, ("s", subject, None), scope)
            self.statements(case.body, scope)

    def _raise(self, node: ast.Raise | ast.Assert, scope: Scope | None) -> None:
        self.emit(
            any_of(
                self.expr(each, scope)
                for each in ast.iter_child_nodes(node)
                if isinstance(each, ast.expr)
            )
        )


def last_name(node: ast.expr) -> str:
    """Return the last part of a decorator's or base's name, "" if it has none."""
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _method_of(value: Expr, name: str, node: ast.With | ast.AsyncWith) -> Expr:
    if value is None or value[0] == "k":
        return None
    return ("c", ("a", value, name), (), (), node.lineno)


def _guard(test: ast.expr, scope: Scope | None) -> tuple[str, bool, bool] | None:
    """Return (local, truth, exact): the body runs only if the local is so.

    Not `exact` if the test asks for more, so that the else branch says nothing.
    """
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        for each in test.values:
            found = _guard(each, scope)
            if found:
                return found[0], found[1], False
        return None
    truth = True
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        truth, test = False, test.operand
    if not isinstance(test, ast.Name) or scope is None:
        return None
    local = scope.find(test.id)
    return (local, truth, True) if local else None


def _leaves(body: list[ast.stmt]) -> bool:
    return bool(body) and isinstance(body[-1], ast.Return | ast.Raise | ast.Continue)
