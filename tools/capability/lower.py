"""Lower the text of one module to the form of ir.py, without importing it."""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING

from .annotations import classes_of
from .ir import Class, Function, Module, Nested
from .lower_expr import Context, Scope
from .lower_stmt import Statements, last_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .ir import Expr

_PROPERTIES = {"property", "cached_property", "lazyproperty", "reify", "cache_readonly"}
_ON_CLASS = {"__new__", "__init_subclass__", "__class_getitem__"}
_Definition = ast.FunctionDef | ast.AsyncFunctionDef


def lower(source: bytes | str, name: str, path: str) -> Module | None:
    """Return the module in lowered form, or None if it cannot be parsed or nests too deep."""
    is_package = path.rsplit("/", 1)[-1] == "__init__.py"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes in what is read
            tree = ast.parse(source)
        return _Lower(Context(name, is_package)).module(tree, path)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


class _Lower(Statements):
    def module(self, tree: ast.Module, path: str) -> Module:
        self.statements([node for node in tree.body if not _is_main(node)], None)
        context = self.context
        for statement in context.out:
            if statement[0] == "G":
                self._bind_value(statement[1], statement[2])
        return Module(
            context.module,
            path,
            context.symbols,
            tuple(context.stars),
            context.classes,
            context.functions,
            tuple(context.out),
            tuple(context.nested),
        )

    def nest(self, arguments: ast.arguments, body: list[ast.stmt], scope: Scope | None) -> Expr:
        """Lower a function inside a function: it shares the names of the one around it."""
        if scope is None:
            return None
        context = self.context
        index, suffix = len(context.nested), f"@{len(context.nested)}"
        context.nested.append(None)
        for default in (*arguments.defaults, *arguments.kw_defaults):
            made = self.expr(default, scope)
            if made and made[0] == "c":
                context.out.append(("e", made))
        names = _Names(body, arguments)
        inner = Scope(frozenset(names.bound - names.outer), frozenset(names.outer), scope, suffix)
        held = self._held(body, inner)
        context.nested[index] = Nested(
            tuple(each + suffix for each in names.params),
            names.positional,
            names.rest and names.rest + suffix,
            names.keywords and names.keywords + suffix,
            tuple(held),
        )
        return ("l", index)

    def define_lambda(self, name: str, node: ast.Lambda, prefix: str) -> None:
        """Lower a lambda with a name as the function it is."""
        body: list[ast.stmt] = [ast.copy_location(ast.Return(node.body), node)]
        made = ast.FunctionDef(name, node.args, body, [])
        self.define(ast.copy_location(made, node), prefix)

    def define(self, node: _Definition, prefix: str, owner: str | None = None) -> str | None:
        """Lower a function; return its full name, or None if it only declares."""
        decorators = {last_name(each) for each in node.decorator_list}
        full = f"{prefix}.{node.name}"
        if owner and "setter" in decorators:
            full += ".<set>"
        elif _only_declares(node) or (owner and "deleter" in decorators):
            return None
        full = _unused(full, self.context.functions)
        names = _Names(node.body, node.args)
        self.context.functions[full] = Function(
            node.name,
            names.params,
            names.positional,
            names.rest,
            names.keywords,
            _annotations(node.args, self),
            *self._body(node, names),
            node.lineno,
            self._defaults(node.args),
            _flags(node, decorators, owner),
            owner,
        )
        return full

    def _body(
        self, node: _Definition, names: _Names
    ) -> tuple[tuple[tuple[object, ...], ...], tuple[Nested | None, ...]]:
        context = self.context
        saved = context.out, context.nested, context.function
        context.out, context.nested, context.function = [], [], node.name
        local = frozenset(names.bound - names.globals)
        self.statements(node.body, Scope(local, frozenset(names.globals), None, ""))
        body, nested = tuple(context.out), tuple(context.nested)
        context.out, context.nested, context.function = saved
        return body, nested

    def _defaults(self, arguments: ast.arguments) -> tuple[tuple[int, Expr], ...]:
        positional = len(arguments.posonlyargs) + len(arguments.args)
        first = positional - len(arguments.defaults)
        pairs = [*enumerate(arguments.defaults, first)]
        pairs += [
            (position, default)
            for position, default in enumerate(arguments.kw_defaults, positional)
            if default is not None
        ]
        simple = (ast.Name, ast.Attribute, ast.Constant)
        return tuple((at, self.expr(each, None)) for at, each in pairs if isinstance(each, simple))

    def define_class(self, node: ast.ClassDef, prefix: str) -> str:
        """Lower a class and return its full name."""
        full = _unused(f"{prefix}.{node.name}", self.context.classes)
        bases = [each.value if isinstance(each, ast.Starred) else each for each in node.bases]
        lowered = [self.expr(each, None) for each in bases]
        made = Class(
            tuple(each for each in lowered if each is not None),
            {},
            {},
            next((self.expr(k.value, None) for k in node.keywords if k.arg == "metaclass"), None),
            tuple(last_name(each) for each in node.decorator_list),
            self.context.module,
        )
        self.context.classes[full] = made
        context = self.context
        saved = context.out, context.nested, context.function
        context.out, context.nested, context.function = [], [], node.name
        for each in node.body:
            self._member(each, full, made)
        effects = [statement for statement in context.out if statement[0] == "e"]
        context.out, context.nested, context.function = saved
        context.out += effects
        return full

    def _member(self, node: ast.stmt, full: str, made: Class) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._method(node, full, made)
            case ast.ClassDef():
                made.attributes[node.name] = ("C", self.define_class(node, full))
            case ast.Assign():
                value = self.expr(node.value, None)
                names = [each.id for each in node.targets if isinstance(each, ast.Name)]
                made.attributes.update(dict.fromkeys(names, value))
            case ast.AnnAssign(target=ast.Name(id=name), value=value) if value is not None:
                made.attributes[name] = self.expr(value, None)
            case ast.ImportFrom():
                module = self.absolute(node.module, node.level)
                made.attributes.update(
                    {each.asname or each.name: ("I", module, each.name) for each in node.names}
                )
            case ast.If() | ast.Try() | ast.With():
                for each in _inner(node):
                    self._member(each, full, made)
            case _:
                pass

    def _method(self, node: _Definition, full: str, made: Class) -> None:
        method = self.define(node, full, full)
        if method:
            setter = method.endswith(".<set>")
            made.methods.setdefault(f"{node.name}.<set>" if setter else node.name, method)

    def _bind_value(self, name: str, value: Expr) -> None:
        if value is None or value[0] not in "gacjskC":
            self.bind(name, "V")
        elif value[0] == "k":
            self.bind(name, "K", value[1])
        elif value[0] == "C":
            self.bind(name, *value)
        else:
            self.bind(name, "E", value)


class _Names:
    """The names that a function binds itself, not in functions inside it."""

    def __init__(self, body: Iterable[ast.AST], arguments: ast.arguments) -> None:
        positional = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
        self.params = (*positional, *(each.arg for each in arguments.kwonlyargs))
        self.positional = len(positional)
        self.rest = arguments.vararg.arg if arguments.vararg else None
        self.keywords = arguments.kwarg.arg if arguments.kwarg else None
        self.bound: set[str] = {*self.params, *filter(None, (self.rest, self.keywords))}
        self.globals: set[str] = set()
        self.nonlocals: set[str] = set()
        self._collect(body)
        self.bound -= self.nonlocals

    @property
    def outer(self) -> set[str]:
        """Names declared global."""
        return self.globals

    def _collect(self, body: Iterable[ast.AST]) -> None:
        waiting = list(body)
        while waiting:
            node = waiting.pop()
            match node:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                    self.bound.add(name)
                case ast.ClassDef(name=name):
                    self.bound.add(name)
                case ast.Lambda():
                    pass
                case ast.Import(names=names) | ast.ImportFrom(names=names):
                    self.bound.update(each.asname or each.name.split(".")[0] for each in names)
                case _:
                    self._bind(node)
                    waiting.extend(ast.iter_child_nodes(node))

    def _bind(self, node: ast.AST) -> None:
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                self.bound.add(name)
            case ast.Global(names=names):
                self.globals.update(names)
            case ast.Nonlocal(names=names):
                self.nonlocals.update(names)
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                self.bound.add(name)
            case ast.ExceptHandler(name=str(name)):
                self.bound.add(name)
            case _:
                pass


def _annotations(
    arguments: ast.arguments, lowerer: Statements
) -> tuple[tuple[int, tuple[Expr, ...]], ...]:
    every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    found = [
        (position, tuple(lowerer.expr(node, None) for node in classes_of(each.annotation)))
        for position, each in enumerate(every)
    ]
    return tuple((position, classes) for position, classes in found if classes)


def _flags(node: _Definition, decorators: set[str], owner: str | None) -> str:
    flags = "p" if decorators & _PROPERTIES else ""
    flags += "s" if "staticmethod" in decorators else ""
    flags += "c" if "classmethod" in decorators or (owner and node.name in _ON_CLASS) else ""
    return flags + ("a" if isinstance(node, ast.AsyncFunctionDef) else "")


def _only_declares(node: _Definition) -> bool:
    """``typing.overload``; numba's decorator of that name is called."""
    plain = [each for each in node.decorator_list if not isinstance(each, ast.Call)]
    return any(last_name(each) == "overload" for each in plain)


def _unused(name: str, taken: dict[str, Function] | dict[str, Class]) -> str:
    """Return a name for a further definition of the same name: each one is kept."""
    if name not in taken:
        return name
    return next(new for number in range(2, 1 << 30) if (new := f"{name}#{number}") not in taken)


def _inner(node: ast.If | ast.Try | ast.With) -> Iterable[ast.stmt]:
    yield from node.body
    if not isinstance(node, ast.With):
        yield from node.orelse
    if isinstance(node, ast.Try):
        for handler in node.handlers:
            yield from handler.body
        yield from node.finalbody


def _is_main(node: ast.stmt) -> bool:
    """``if __name__ == "__main__":`` does not run on import."""
    if not isinstance(node, ast.If) or not isinstance(node.test, ast.Compare):
        return False
    return isinstance(node.test.left, ast.Name) and node.test.left.id == "__name__"
