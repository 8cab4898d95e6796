"""What evaluates itself among R's serialised objects, read by `rdata` (`formats.rds`).

A kit (see `kits`) without a library: few targets have one. Whoever unpacks a promise that has no
value yet, and looks at it, evaluates its expression (CVE-2024-27322): of these, and of functions
with names that R calls itself, all that they call is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .facts import Fact, Metadata, Named, shorten
from .rdata import MOST, Bound, Expression, Function, Promise, Reader, Symbol
from .shapes import is_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .limits import Budget
    from .source import Source, Span

ROOM = 200  # characters of an expression that is shown


def facts(source: Source, start: int, budget: Budget, *, is_workspace: bool) -> Iterator[Fact]:
    """Yield what evaluates itself among the objects, and where the stream does not end.

    Raises:
        Malformed: It is no stream of R.
        Exceeded: It nests too deeply, or takes too long.
    """
    reader = Reader(source, start, budget)
    root = reader.stream()
    yield from _found(reader, root, is_workspace=is_workspace)
    yield Metadata(key="r.version", value=reader.version)


def _found(reader: Reader, root: Any, *, is_workspace: bool) -> Iterator[Fact]:  # noqa: ANN401
    direct: list[Any] = [root, *(_items(root) if is_workspace else [])]
    direct += [each.value for each in direct if isinstance(each, Bound)]
    for at, promise in reader.promises:
        if promise.is_pending:
            near = "an object" if any(each is promise for each in direct) else "inside an object"
            yield from _calls(at, f"promise, {near}", promise.expression)
    for at, name, function in reader.functions:
        yield from _calls(at, f"function {name}", function.body)
    for at, name in reader.odd:
        yield Metadata(at=at, key="r.odd", value=name)


def _items(value: Any) -> list[Any]:  # noqa: ANN401 - of any shape
    return value if is_list(value) else []


def _calls(at: Span, key: str, expression: Any) -> Iterator[Named]:  # noqa: ANN401 - of any shape
    """Yield each function that an expression calls."""
    shown = (shorten(show(expression), ROOM),)
    for name in _unique(_names(expression)):
        yield Named(at=at, key=key, name=shorten(name, ROOM), by="R", way="evaluates", texts=shown)


def _unique(names: Iterator[str]) -> list[str]:
    """Return each name once; "…" stands for those beyond, which could be any."""
    found: dict[str, None] = {}
    for name in names:
        if len(found) == MOST:
            return [*found, "…"]
        found[name] = None
    return [*found] or [""]


def _names(expression: Any) -> Iterator[str]:  # noqa: ANN401 - of any shape
    pending = [expression]
    while pending:
        match pending.pop():
            case Expression(function, arguments):
                if isinstance(function, Symbol):
                    yield function.name
                pending += [*reversed(arguments), function]
            case Function(body):
                pending.append(body)
            case Promise(inner):
                pending.append(inner)
            case Bound(_, value):
                pending.append(value)
            case [*items]:
                pending += reversed(items)
            case Symbol(name):
                yield name
            case _:
                pass


def show(expression: Any, room: int = ROOM) -> str:  # noqa: ANN401 - of any shape
    """Return an expression about as R writes it."""
    if room <= 0:
        return "…"
    match expression:
        case Symbol(name):
            return name
        case Expression(function, arguments):
            return f"{show(function, room // 2)}({_listed(arguments, room)})"
        case Bound(name, value):
            return f"{name} = {show(value, room // 2)}"
        case Function(body):
            return f"function(…) {show(body, room // 2)}"
        case str() as text:
            return repr(text)
        case [*items]:
            return f"c({_listed(items, room)})"
        case Promise(inner):
            return show(inner, room - 1)
        case _:
            return "…"


def _listed(items: Iterable[Any], room: int) -> str:
    parts: list[str] = []
    for each in items:
        if room <= 0:
            return ", ".join([*parts, "…"])
        parts.append(show(each, room // 2))
        room -= len(parts[-1]) + 2
    return ", ".join(parts)
