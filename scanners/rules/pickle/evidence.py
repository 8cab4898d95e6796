"""What the rules about pickles share: the verdict about a callee, and one sentence of evidence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...capability import UNKNOWN, Ability, Capability, of, verdict
from ...values import Global, Group, Made, Value, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...facts import Call

PATH_OR_CODE = re.compile(r"[/\\\\;|&$`(){}<>\s=]|\.\.|://|^[\w-]+\.[\w.-]+$")
SHORTEST_TEXT = 4  # characters; shorter ones name no file, address or command
REBUILDS = frozenset({"NEWOBJ", "NEWOBJ_EX"})
RECONSTRUCTORS = frozenset(
    {"copyreg._reconstructor", "copyreg.__newobj__", "copyreg.__newobj_ex__"}
)


def callee(call: Call) -> Global | None:
    """Return the imported object that is called, or whose class is rebuilt; None if computed."""
    target = call.callee
    if not isinstance(target, Global):
        return None
    if target.dotted in RECONSTRUCTORS and isinstance(call.arguments, Group):
        match call.arguments.items:
            case (Global() as rebuilt, *_):
                return rebuilt
            case _:
                pass
    return target


def member(value: Value) -> Global | None:
    """Return the member of a class that `getattr(Class, "name")` made; None for anything else."""
    match value:
        case Made(Global("builtins", "getattr"), (Global() as owner, str() as name)):
            return Global(owner.module, f"{owner.name}.{name}")
        case _:
            return None


def capability(call: Call) -> Capability:
    """Return what the callee can do; `UNKNOWN` for one that is computed."""
    target = callee(call)
    return verdict(target.module, target.name) if target else UNKNOWN


def is_rebuild(call: Call) -> bool:
    """Whether the call only makes an object of a class, by the ordinary protocol."""
    target = call.callee
    return call.op in REBUILDS or (isinstance(target, Global) and target.dotted in RECONSTRUCTORS)


def reaches(call: Call, ability: Ability) -> Iterator[str]:
    """Yield a sentence when the callee can do this."""
    found = capability(call)
    if found.ability is ability:
        yield f"{shown(call)}, which {found.why}"


def shown(call: Call) -> str:
    """Return the call as the start of a sentence."""
    arguments = show(call.arguments)
    inner = arguments if arguments.startswith("(") else f"({arguments})"
    times = f" {call.count} times" if call.count > 1 else ""
    return f"{call.op} calls {show(call.callee)}{inner}{times}"


def dangerous_names(names: tuple[str, ...]) -> list[str]:
    """Return those of the dotted names that can do harm when called."""
    return [name for name in names if of(name).is_dangerous]


def texts(value: Value) -> Iterator[str]:
    """Yield every text in a value that could be a path, an address, a command or code."""
    pending = [value]
    while pending:
        match pending.pop():
            case str() as text if len(text) >= SHORTEST_TEXT and PATH_OR_CODE.search(text):
                yield text
            case Group(items=items):
                pending += items
            case Made(arguments=arguments):
                pending += arguments
            case _:
                pass


def unknown_names(names: tuple[str, ...]) -> list[str]:
    """Return those of the dotted names that no table holds."""
    return [name for name in names if of(name).ability is Ability.UNKNOWN]
