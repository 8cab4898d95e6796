"""Code objects as facts: by every Python whose instructions they can be."""

from __future__ import annotations

from itertools import islice
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

MAX_CODE = 32 << 20  # bytes of instructions of one file, followed by each Python that may fit
MAX_TOLD = 16 << 20  # characters of what all code objects of one file name
TEXTS = 20  # constants that a fact keeps
LOOKED_AT = 500  # constants of one code object that are looked at for these, and in each tuple
LENGTH = 300  # characters of each name, call or constant
ARGUMENTS, ARGUMENT = 8, 80  # of a call that are shown, and characters of one


class Room:
    """What is left of the bounds on what one file may say."""

    def __init__(self) -> None:
        """Start with all of it."""
        self._code, self._told = MAX_CODE, MAX_TOLD

    def take_code(self, count: int) -> None:
        """Account for instructions, in bytes. Raises `Exceeded`."""
        self._code -= count  # many code objects may share them
        if self._code < 0:
            raise Exceeded("code", MAX_CODE, "bytes of instructions")

    def take_told(self, told: Told) -> None:
        """Account for what a code object names. Raises `Exceeded`."""
        self._told -= sum(map(len, (*told.names, *told.imports)))
        self._told -= sum(len(name) + ARGUMENT for name, _ in told.calls)
        if self._told < 0:
            raise Exceeded("told", MAX_TOLD, "characters of what code names")


Account = list[tuple[Code, Told]]


def facts(value: Constant, carrier: str, budget: Budget, room: Room) -> Iterator[CompiledCode]:
    """Yield a fact for each code object in `value`, all of one layout, and those inside them.

    `room` is one for all of a file.

    Raises:
        Exceeded: There is too much of it.
    """
    first = next(codes_in(value), None)
    known = [pythons()[text] for text in (first.pythons if first else ()) if text in pythons()]
    accounts = {python.text: _account(value, python, budget, room) for python in known}
    fitting = {
        version: account
        for version, account in accounts.items()
        if all(told.fits for _, told in account)
    }
    if not fitting:
        for code, _ in _walk(value):
            raw = Told(code.names)
            room.take_told(raw)
            yield _fact(code, carrier, pythons=(), told=[raw])
        return
    versions = tuple(fitting)
    for each in zip(*fitting.values(), strict=True):  # the trees are walked in one order
        yield _fact(each[0][0], carrier, pythons=versions, told=[told for _, told in each])


def _walk(value: Constant) -> Iterator[tuple[Code, Code | None]]:
    """Yield every code object once, outer ones first, with the one that it stands in."""
    pending: list[tuple[Constant, Code | None]] = [(value, None)]
    seen: set[int] = set()
    tuples: set[int] = set()
    while pending:
        place, outer = pending.pop()
        for code in codes_in(place, tuples):
            if id(code) in seen:
                continue
            seen.add(id(code))
            if len(seen) > MAX_CODES:
                raise Exceeded("codes", MAX_CODES, "code objects")
            yield code, outer
            pending.append((code.constants, code))


def _account(value: Constant, python: Python, budget: Budget, room: Room) -> Account:
    found: Account = []
    scopes: dict[int, Scope] = {}
    for code, outer in _walk(value):
        room.take_code(len(code.instructions))
        budget.check_time()
        trace = Trace(code, python, dict(scopes[id(outer)]) if outer else {})
        trace.run()
        room.take_told(trace.told)
        scopes[id(code)] = trace.scope
        found.append((code, trace.told))
    return found


def _fact(code: Code, carrier: str, *, pythons: tuple[str, ...], told: list[Told]) -> CompiledCode:
    return CompiledCode(
        at=Span(code.start, 0),
        name=shorten(code.name, LENGTH),
        file=shorten(code.file, LENGTH),
        carrier=carrier,
        pythons=pythons,
        imports=_kept(name for each in told for name in each.imports),
        names=_kept(name for each in told for name in _longest(each.names)),
        calls=_kept(
            f"{name}({', '.join(map(_argument, arguments[:ARGUMENTS]))})"
            for each in told
            for name, arguments in each.calls
        ),
        texts=_kept(islice(filter(is_telling, _texts(code.constants)), TEXTS)),
    )


def _kept(texts: Iterable[str]) -> tuple[str, ...]:
    """Return texts, each once, fit for a fact."""
    found = dict.fromkeys(shorten(text, LENGTH) for text in texts)
    return tuple(found)


def _longest(names: dict[str, None]) -> Iterator[str]:
    """Yield the names of which no other is an attribute."""
    owners = {name.rpartition(".")[0] for name in names}
    return (name for name in names if name not in owners)


def _texts(constants: tuple[Constant, ...]) -> Iterator[str]:
    for each in constants[:LOOKED_AT]:
        inner = each[:LOOKED_AT] if isinstance(each, tuple) else (each,)
        for item in inner:  # a tuple holds defaults, an address, names of keywords
            if isinstance(item, str):
                yield item[: 2 * LENGTH]
            elif isinstance(item, bytes):
                yield item[: 2 * LENGTH].decode("latin-1")


def _argument(value: Constant) -> str:
    if isinstance(value, str | bytes):
        return repr(value[:ARGUMENT]) + ("…" if len(value) > ARGUMENT else "")
    return repr(value) if isinstance(value, int | float | None) else "…"
