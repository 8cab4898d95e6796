"""Code objects as facts: by every Python whose instructions they can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..facts import CompiledCode, shorten
from ..limits import Exceeded
from ..source import Span
from ..telling import is_telling
from .code import MAX_CODES, Code, codes_in
from .tables import pythons
from .tracing import Scope, Told, Trace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..limits import Budget
    from .code import Constant
    from .tables import Python

MAX_CODE = 16 << 20  # bytes of instructions of one file
NAMED = 1000  # names, imports or calls of one code object that its fact keeps
TEXTS = 20  # constants that its fact keeps
ROOM = 300  # characters of each
ARGUMENT = 80  # characters of an argument

Account = list[tuple[Code, Told]]


def facts(
    root: Code, carrier: str, budget: Budget, at: Span | None = None
) -> Iterator[CompiledCode]:
    """Yield a fact for `root` and each code object inside it, all placed at `at` if it is given.

    Raises:
        Exceeded: There is too much of it.
    """
    known = [pythons()[version] for version in root.pythons if version in pythons()]
    accounts = {python.text: _account(root, python, budget) for python in known}
    fitting = {
        version: account
        for version, account in accounts.items()
        if all(told.fits for _, told in account)
    }
    if not fitting:
        for code in _tree(root):
            yield _fact(code, carrier, at, pythons=(), told=[_raw(code)])
        return
    versions = tuple(fitting)
    for each in zip(*fitting.values(), strict=True):  # the trees are walked in one order
        yield _fact(each[0][0], carrier, at, pythons=versions, told=[told for _, told in each])


def _tree(root: Code) -> Iterator[Code]:
    """Yield `root` and every code object inside it once, outer ones first."""
    for code, _ in _walk(root):
        yield code


def _walk(root: Code) -> Iterator[tuple[Code, Code]]:
    """Yield every code object once, with the one that it stands in."""
    pending, seen = [(root, root)], {id(root)}
    while pending:
        code, outer = pending.pop()
        yield code, outer
        for inner in codes_in(code.constants):
            if id(inner) in seen:
                continue
            seen.add(id(inner))
            if len(seen) > MAX_CODES:
                raise Exceeded("codes", MAX_CODES, "code objects")
            pending.append((inner, code))


def _account(root: Code, python: Python, budget: Budget) -> Account:
    found: Account = []
    scopes: dict[int, Scope] = {id(root): {}}
    room = MAX_CODE
    for code, outer in _walk(root):
        room -= len(code.instructions)  # many code objects may share them
        if room < 0:
            raise Exceeded("code", MAX_CODE, "bytes of instructions")
        budget.check_time()
        trace = Trace(code, python, dict(scopes[id(outer)]))
        trace.run()
        scopes[id(code)] = trace.scope
        found.append((code, trace.told))
    return found


def _raw(code: Code) -> Told:
    """Return what a code object names when its instructions cannot be followed."""
    return Told(code.names)


def _fact(
    code: Code, carrier: str, at: Span | None, *, pythons: tuple[str, ...], told: list[Told]
) -> CompiledCode:
    return CompiledCode(
        at=at or Span(code.start, 0),
        name=shorten(code.name, ROOM),
        file=shorten(code.file, ROOM),
        carrier=carrier,
        pythons=pythons,
        imports=_kept(name for each in told for name in each.imports),
        names=_kept(name for each in told for name in _longest(each.names)),
        calls=_kept(
            f"{name}({', '.join(map(_argument, arguments))})"
            for each in told
            for name, arguments in each.calls
        ),
        texts=_kept(text for text in _texts(code.constants) if is_telling(text))[:TEXTS],
    )


def _kept(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the first texts, each once, fit for a fact."""
    found = dict.fromkeys(shorten(text, ROOM) for text in texts)
    return tuple(found)[:NAMED]


def _longest(names: dict[str, None]) -> Iterator[str]:
    """Yield the names of which no other is an attribute."""
    owners = {name.rpartition(".")[0] for name in names}
    return (name for name in names if name not in owners)


def _texts(constants: Iterable[Constant]) -> Iterator[str]:
    for each in constants:
        if isinstance(each, str):
            yield each
        elif isinstance(each, bytes):
            yield each[: 2 * ROOM].decode("latin-1")
        elif isinstance(each, tuple):  # of defaults, addresses, names of keywords
            yield from (item for item in each if isinstance(item, str))


def _argument(value: Constant) -> str:
    if isinstance(value, str | bytes):
        return repr(value[:ARGUMENT]) + ("…" if len(value) > ARGUMENT else "")
    return repr(value) if isinstance(value, int | float | None) else "…"
