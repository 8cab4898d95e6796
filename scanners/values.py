"""What can be known of an object without making it.

A pickle builds objects by running code. The pickle machine follows the program on these shapes
instead: constants as they are, everything else by how it would come about. They are JSON-shaped,
because facts that hold them cross a process boundary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .record import record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .source import Span


@record
class Global:
    """An object that the loader would import: `name`, perhaps dotted, from `module`."""

    module: str
    name: str

    @property
    def dotted(self) -> str:
        """The full dotted name, such as ``"posix.system"``."""
        return f"{self.module}.{self.name}"


@record
class Made:
    """What calling `callee` with `arguments` returned."""

    callee: Value
    arguments: tuple[Value, ...] = ()


@record
class Group:
    """A tuple, list, dict (keys and values in turn), set or frozenset."""

    kind: str
    items: tuple[Value, ...] = ()
    left_out: int = 0  # items that are not shown, because there are too many


@record
class Blob:
    """A run of bytes that stands at `at` in the artifact."""

    at: Span
    head: str = ""  # the first bytes, hexadecimal


@record
class Opaque:
    """A value of which nothing more is known, and why."""

    why: str


Value = Global | Made | Group | Blob | Opaque | str | int | float | bool | None

NODES = (Global, Made, Group, Blob, Opaque)  # the shapes that are no JSON scalar
SHOWN = 200  # characters of a value in one sentence of evidence


def globals_in(value: Value) -> Iterator[Global]:
    """Yield every imported object in `value`, outermost first."""
    pending = [value]
    while pending:
        match pending.pop():
            case Global() as found:
                yield found
            case Made(callee, arguments):
                pending += [*reversed(arguments), callee]
            case Group(items=items):
                pending += reversed(items)
            case _:
                pass


def texts_in(value: Value) -> Iterator[str]:
    """Yield every text in `value`."""
    pending = [value]
    while pending:
        match pending.pop():
            case str() as text:
                yield text
            case Made(callee, arguments):
                pending += [*arguments, callee]
            case Group(items=items):
                pending += items
            case _:
                pass


def show(value: Value, room: int = SHOWN) -> str:
    """Return `value` as a Python-like expression of about `room` characters at most."""
    text = _expression(value, room)
    return text if len(text) <= room else text[: room - 1] + "…"


def _expression(value: Value, room: int) -> str:
    if room <= 0:
        return "…"
    match value:
        case Global():
            return value.dotted
        case Made(callee, arguments):
            return f"{_expression(callee, room)}({_listed(arguments, room)})"
        case Group():
            return _brackets(value, room)
        case Blob():
            return f"<{value.at.length} bytes>"
        case Opaque(why):
            return f"<{why}>"
        case str():
            return repr(value[:room]) + ("…" if len(value) > room else "")
        case _:
            return repr(value)


def _listed(items: tuple[Value, ...], room: int) -> str:
    parts: list[str] = []
    for item in items:
        if room <= 0:
            parts.append("…")
            break
        parts.append(_expression(item, room // 2 if len(items) > 1 else room - 1))
        room -= len(parts[-1]) + 2
    return ", ".join(parts)


def _brackets(group: Group, room: int) -> str:
    more = f", … {group.left_out} more" if group.left_out else ""
    if group.kind == "dict":
        pairs = zip(group.items[::2], group.items[1::2], strict=False)
        shown: list[str] = []
        for key, item in pairs:
            if room <= 0:
                shown.append("…")
                break
            shown.append(f"{_expression(key, room // 2)}: {_expression(item, room // 2)}")
            room -= len(shown[-1]) + 2
        return "{" + ", ".join(shown) + more + "}"
    body = _listed(group.items, room) + more
    match group.kind:
        case "tuple":
            return f"({body},)" if len(group.items) == 1 and not more else f"({body})"
        case "list":
            return f"[{body}]"
        case _:
            return f"{group.kind}({body})"
