"""What Python source names and calls, by when it would run. Never runs it.

A kit (see `kits`): it imports `ast`. Names are followed through imports, plain assignments,
`getattr` with a constant and the like; every branch counts as taken. What is put together at run
time is not seen, so nothing here proves that code is harmless.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections import deque
from typing import TYPE_CHECKING

from .python_callables import BUILTINS, CALLERS, HANDING_ON, IMPORTERS, OPENERS, OPERATORS
from .record import field, record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST = 200_000  # nodes of a file; the longest modules of Transformers have 60,000
PARSED = 2 << 20  # bytes; the tree takes some fifty times as much
NAMED = 20  # meanings that one name may have at once
LONGEST = 4096  # characters of a text that is put together
LINES = 1_000_000  # of a file that is not parsed
SHOWN = 80  # characters of an argument in a call that is shown

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
IMPORT = re.compile(rb"\b(?:import|from)[ \t]+([A-Za-z_][\w.]{0,200})")
CALL = re.compile(rb"\b([A-Za-z_][\w.]{0,200})[ \t]*\(")


Calls = dict[str, tuple[int, str]]  # name -> line where it first stands, and the call as shown


@record(frozen=False)
class Account:
    """What a file names."""

    is_parsed: bool = True  # else its words were taken for calls that importing makes
    imports: dict[str, int] = field(default_factory=dict[str, int])  # relative ones begin with dots
    at_import: Calls = field(default_factory=dict[str, tuple[int, str]])
    at_init: Calls = field(default_factory=dict[str, tuple[int, str]])  # by making an instance
    elsewhere: Calls = field(default_factory=dict[str, tuple[int, str]])


def read(text: bytes) -> Account:
    """Return what the source `text` names: called by importing it, by making objects, and else.

    What this Python cannot parse, or should not for its length, is read as words: any of them that
    could be a call counts as one.
    """
    if len(text) > PARSED:
        return _words(text)
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(text)
        if sum(1 for _ in ast.walk(tree)) <= MOST:
            return _Reading(tree).account
    except (SyntaxError, ValueError, MemoryError, RecursionError):  # the last two of much nesting
        pass
    return _words(text)


def _words(text: bytes) -> Account:
    account = Account(is_parsed=False)
    for number, line in enumerate(text.splitlines()[:LINES], 1):
        for word in IMPORT.finditer(line):
            account.imports.setdefault(word[1].decode(), number)
        for word in CALL.finditer(line):
            name = word[1].decode()
            account.at_import.setdefault(name, (number, f"{name}(…)"))
    return account


class _Reading:
    """One walk over a module: first what names mean, then what is called when."""

    def __init__(self, tree: ast.Module) -> None:
        self.account = Account()
        self._meanings: dict[str, set[str]] = {}
        self._stars = set[str]()  # modules of which all names were imported
        self._functions: dict[str, list[Function]] = {}
        self._classes: dict[str, ast.ClassDef] = {}
        for node in ast.walk(tree):
            self._define(node)
        for node in ast.walk(tree):  # twice: a name may be given another that is defined below
            self._assign(node)
        self._ran: set[int] = set()
        self._pending: deque[ast.AST] = deque()
        self._run(tree.body, self.account.at_import)
        special = (each for kind in self._classes.values() for each in _special(kind))
        self._run((each for method in special for each in method.body), self.account.at_init)
        for node in ast.walk(tree):  # whatever that did not reach
            if id(node) not in self._ran:
                self._note(node, self.account.elsewhere)

    def _run(self, body: Iterable[ast.AST], where: Calls) -> None:
        """Take note of all that running `body` runs."""
        self._pending.extend(body)
        while self._pending:
            self._visit(self._pending.popleft(), where)

    # --- What names mean --------------------------------------------------------------------------

    def _define(self, node: ast.AST) -> None:
        match node:
            case ast.Import():
                for each in node.names:
                    top = each.name if each.asname else each.name.partition(".")[0]
                    self._mean(each.asname or top, top)
                    self.account.imports.setdefault(each.name, node.lineno)
            case ast.ImportFrom():
                module = "." * node.level + (node.module or "")
                if node.names[0].name == "*":
                    self._stars.add(module)
                for each in node.names:
                    glue = "" if module.endswith(".") else "."
                    self._mean(each.asname or each.name, f"{module}{glue}{each.name}")
                    self.account.imports.setdefault(f"{module}{glue}{each.name}", node.lineno)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._functions.setdefault(node.name, []).append(node)
            case ast.ClassDef():
                self._classes[node.name] = node
            case _:
                pass

    def _assign(self, node: ast.AST) -> None:
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._give(target, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._give(target, value)
            case ast.NamedExpr(target=target, value=value):
                self._give(target, value)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                self._default(node.args)
            case ast.Call(func=ast.Lambda() as own):
                self._hand_over(own, node)
            case ast.Call(func=ast.Name(id=name)):
                for function in self._functions.get(name, []):
                    self._hand_over(function, node)
            case _:
                pass

    def _default(self, arguments: ast.arguments) -> None:
        """Take note of what parameters are if the call says nothing."""
        ordered = [*arguments.posonlyargs, *arguments.args]
        for parameter, value in zip(reversed(ordered), reversed(arguments.defaults), strict=False):
            self._give_parameter(parameter, value)
        for parameter, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            if default is not None:
                self._give_parameter(parameter, default)

    def _hand_over(self, function: Function, call: ast.Call) -> None:
        """Take note of what a call hands to the parameters of a function of this file."""
        ordered = [*function.args.posonlyargs, *function.args.args]
        for parameter, value in zip(ordered, call.args, strict=False):
            self._give_parameter(parameter, value)
        for pair in call.keywords:
            for parameter in (*ordered, *function.args.kwonlyargs):
                if parameter.arg == pair.arg:
                    self._give_parameter(parameter, pair.value)

    def _give_parameter(self, parameter: ast.arg, value: ast.expr) -> None:
        self._give(ast.Name(id=parameter.arg), value)

    def _give(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            if isinstance(value, ast.Lambda):
                self._functions.setdefault(target.id, []).append(value)
            for name in self._names(value):
                self._mean(target.id, name)

    def _mean(self, name: str, meaning: str) -> None:
        known = self._meanings.setdefault(name, set())
        if len(known) < NAMED:
            known.add(meaning)

    def _names(self, node: ast.expr) -> set[str]:
        """Return the full dotted names that an expression may be."""
        match node:
            case ast.Name():
                return self._meanings.get(node.id) or self._unbound(node.id)
            case ast.Attribute():
                found = {f"{name}.{node.attr}" for name in self._names(node.value)}
                return found or {_dotted(node)} & OPERATORS
            case ast.Call():
                return self._made(node)
            case ast.Subscript():
                return self._item(node)
            case ast.IfExp():
                return self._names(node.body) | self._names(node.orelse)
            case ast.BoolOp():
                return set[str]().union(*(self._names(value) for value in node.values))
            case ast.NamedExpr() | ast.Await():
                return self._names(node.value)
            case _:
                return set()

    def _unbound(self, name: str) -> set[str]:
        """Return what a name may be that nothing here gives a meaning: few are of interest."""
        if name in self._functions or name in self._classes:
            return set()
        starred = {f"{module}.{name}" for module in self._stars}
        return starred | ({name} if name in BUILTINS or name in OPERATORS else set())

    def _made(self, call: ast.Call) -> set[str]:
        """Return the names that a call may return: a module, an attribute, what is handed on."""
        found = set[str]()
        first = call.args[0] if call.args else None
        for name in self._names(call.func):
            plain = name.removeprefix("builtins.")
            if name in IMPORTERS and first is not None:
                found |= {text.partition(".")[0] if "import__" in name else text
                          for text in [constant(first)] if text}  # fmt: skip
            elif plain == "getattr" and first is not None and len(call.args) > 1:
                key = constant(call.args[1])
                found |= {f"{owner}.{key}" for owner in self._names(first) if key}
            elif plain in {"vars", "globals", "locals"}:
                found |= {f"{owner}.__dict__" for owner in self._names(first)} if first else set()
            elif name in HANDING_ON and first is not None:
                found |= self._names(first)
            elif name.rpartition(".")[2][:1].isupper():  # an object, whose methods tell its class
                found.add(name)
        return found

    def _item(self, node: ast.Subscript) -> set[str]:
        """Return what ``sys.modules["os"]`` and ``os.__dict__["system"]`` are."""
        key = constant(node.slice)
        if not key:
            return set()
        found = set[str]()
        for owner in self._names(node.value):
            if owner == "sys.modules":
                found.add(key)
            elif owner.endswith(".__dict__"):
                found.add(f"{owner.removesuffix('.__dict__')}.{key}")
            elif owner in {"__builtins__", "builtins"}:
                found.add(key)
        return found

    # --- What is called when ----------------------------------------------------------------------

    def _visit(self, node: ast.AST, where: Calls) -> None:
        """Take a node that runs; what only defines a function runs no more than its header."""
        if id(node) in self._ran:
            return
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._pending += [*node.decorator_list, *node.args.defaults]
                self._pending += [each for each in node.args.kw_defaults if each]
                self._decorate(node.decorator_list, where)
            case ast.Lambda():
                pass
            case ast.ClassDef():
                self._ran.add(id(node))
                self._pending += ast.iter_child_nodes(node)
                self._decorate(node.decorator_list, where)
            case ast.If() if _is_main(node.test):
                self._pending += node.orelse
            case _:
                self._ran.add(id(node))
                self._pending += ast.iter_child_nodes(node)
                if isinstance(node, ast.Call):
                    self._note(node, where)
                    for each in (node.func, *node.args, *(pair.value for pair in node.keywords)):
                        self._enter(each)

    def _decorate(self, decorators: list[ast.expr], where: Calls) -> None:
        """Take note of decorators, which are called with what stands below them."""
        for decorator in decorators:
            self._enter(decorator)
            for name in sorted(self._names(decorator)):
                where.setdefault(_plain(name), (decorator.lineno, f"{_plain(name)}(…)"))

    def _note(self, node: ast.AST, where: Calls) -> None:
        if not isinstance(node, ast.Call):
            return
        names = self._names(node.func)
        for name in sorted(names):
            plain = _plain(name)
            where.setdefault(_told(plain, node), (node.lineno, _shown(plain, node)))
        if not CALLERS.isdisjoint({*map(_plain, names), _dotted(node.func)}):
            for each in (*node.args, *(pair.value for pair in node.keywords)):
                for name in sorted(map(_plain, self._names(each))):
                    where.setdefault(name, (node.lineno, f"{name}(…)"))

    def _enter(self, node: ast.expr) -> None:
        """Run the functions of this file that an expression names, and what its classes run."""
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name):  # a method, whatever its object is
                for function in self._functions.get(name, []):
                    self._run_function(function)
                if name in self._classes and isinstance(node, ast.Name):
                    for method in _special(self._classes[name]):
                        self._run_function(method)
            case ast.Lambda():
                self._run_function(node)
            case ast.Call():
                self._enter(node.func)
            case _:
                pass

    def _run_function(self, function: Function) -> None:
        if id(function) not in self._ran:
            self._ran.add(id(function))
            self._pending += [function.body] if isinstance(function, ast.Lambda) else function.body


def _special(kind: ast.ClassDef) -> list[ast.FunctionDef]:
    """Return the methods that making an instance, or a subclass, can run."""
    methods = [each for each in kind.body if isinstance(each, ast.FunctionDef)]
    return [each for each in methods if each.name.startswith("__") and each.name != "__call__"]


def _is_main(test: ast.expr) -> bool:
    """Whether it is ``__name__ == "__main__"``."""
    match test:
        case ast.Compare(
            left=ast.Name(id="__name__"), ops=[ast.Eq()], comparators=[ast.Constant()]
        ):
            return True
        case _:
            return False


def constant(node: ast.expr) -> str:
    """Return the text that an expression of constants comes to, or an empty one."""
    match node:
        case ast.Constant(value=str() as text):
            return text[:LONGEST]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            parts = constant(left), constant(right)
            return "".join(parts)[:LONGEST] if all(parts) else ""
        case ast.JoinedStr(values=values):
            texts = [constant(value) for value in values]
            return "".join(texts)[:LONGEST] if all(texts) else ""
        case ast.FormattedValue(value=value):
            return constant(value)
        case ast.Subscript(value=value, slice=ast.Slice(lower=None, upper=None, step=step)):
            is_reversed = isinstance(step, ast.UnaryOp) and isinstance(step.op, ast.USub)
            return constant(value)[::-1] if is_reversed else ""
        case ast.Call(func=ast.Attribute(value=glue, attr="join"), args=[ast.List() as items]):
            texts = [constant(item) for item in items.elts]
            glued = constant(glue) if glue != ast.Constant("") else ""
            return glued.join(texts)[:LONGEST] if all(texts) else ""
        case _:
            return ""


def _dotted(node: ast.expr) -> str:
    """Return the name that an expression of names and attributes is written as; "" for others."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def _plain(name: str) -> str:
    return name.removeprefix("builtins.").removeprefix("__builtins__.")


def _told(name: str, call: ast.Call) -> str:
    """Return what calls are told once by: files opened to be written, apart from others."""
    return f"{name} {_mode(call)}" if name in OPENERS else name


def _mode(call: ast.Call) -> str:
    """Return the mode of a call that opens a file."""
    named = [constant(pair.value) for pair in call.keywords if pair.arg == "mode"]
    return (named or [constant(each) for each in call.args[1:2]] or [""])[0]


def _shown(name: str, call: ast.Call) -> str:
    return f"{name}({', '.join(_arguments(call))})"


def _arguments(call: ast.Call) -> Iterator[str]:
    for each in call.args[:3]:
        text = constant(each)
        yield (repr(text[:SHOWN]) + ("…" if len(text) > SHOWN else "")) if text else "…"
    modes = [pair for pair in call.keywords if pair.arg == "mode" and constant(pair.value)]
    for pair in modes:
        yield f"mode={constant(pair.value)[:SHOWN]!r}"
    if len(call.args) > 3 or len(call.keywords) > len(modes):  # noqa: PLR2004 - those above
        yield "…"
