"""`aibom explain-global`: what a name in a pickle can reach, and how that is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..render.escape import safe
from .console import Console

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..scanners.capability_table import Entry, Use, Verdict

_JUDGED = (("call", "called"), ("rebuild", "rebuilt"))
_USES = {
    "call": "called (REDUCE)",
    "new": "made by NEWOBJ",
    "build": "state set (BUILD)",
    "append": "appended to",
    "setitem": "items set",
    "add": "members added",
    "hash": "used as a key",
    "getattr": "attributes asked for",
    "slots": "slot state set",
}
_EFFECTS = {
    "exec": "runs code",
    "proc": "starts programs",
    "native": "loads native code",
    "fwrite": "writes files",
    "fread": "reads files",
    "net": "reaches the network",
    "unpickle": "loads another pickle",
    "import": "imports a chosen module",
    "patch": "changes other objects",
    "kill": "ends or signals processes",
    "env": "changes the process's environment",
    "resolve": "looks up a chosen name",
    "module": "is or walks through a module",
    "callback": "calls an argument",
    "compile": "compiles code",
    "setattr": "sets attributes of an argument",
    "opaque": "code that was not analysed, or an object of an unknown class",
    "unread": "native code in a format that was not read",
}


@click.command("explain-global", short_help="Say what a name in a pickle can reach.")
@click.argument("name", metavar="NAME")
@click.pass_obj
def command(console: Console | None, name: str) -> None:
    """Say what NAME, such as `os.system`, can reach for each way in which a pickle uses it.

    The table was derived from the source of the versions that are listed, without running them.
    """
    (console or Console()).result(page(name))


def page(name: str) -> str:
    """Return what there is to say of a dotted name.

    Raises:
        UsageError: It is none.
    """
    from ..scanners.capability import verdict
    from ..scanners.capability_table import lookup

    module, rest = _split(name)
    if not module or not rest:
        raise click.UsageError(f"{name!r} is no full name. Give module.name, such as os.system.")
    lines = [click.style(safe(name), bold=True)]
    is_class = lookup(module, rest).kind == "class"
    for use, how in _JUDGED if is_class else _JUDGED[:1]:
        found = verdict(module, rest, use)
        why = found.why.partition(" (")[0] if found.is_derived else found.why
        lines.append(f"  judged when {how}: {found.ability}: {safe(why)}")
    lines += _table_lines(module, rest)
    return "\n".join(lines) + "\n"


def _split(name: str) -> tuple[str, str]:
    """Return module and name: the longest module that the table has, else all but the last."""
    from ..scanners.capability_table import lookup

    parts = name.split(".")
    for end in range(len(parts) - 1, 0, -1):
        module, rest = ".".join(parts[:end]), ".".join(parts[end:])
        if lookup(module, rest).is_known:
            return module, rest
    module, _, rest = name.rpartition(".")
    return module, rest


def _table_lines(module: str, name: str) -> Iterator[str]:
    from ..scanners.capability_table import lookup

    entry = lookup(module, name)
    if not entry.covered:
        yield f"  its package was not analysed: nothing is known of it{_meant(module, name)}"
        return
    yield f"  analysed: {entry.package} {', '.join(entry.versions)}"
    if not entry.is_known:
        yield f"  no such name is listed of these: nothing is known of it{_meant(module, name)}"
    else:
        yield f"  kind: {entry.kind}"
        yield from _uses(module, name, entry)
    if entry.native is not None:
        reach = _effects(entry.native) if entry.native else "nothing that is looked for"
        yield f"  its native module as a whole can reach: {reach}"
    if entry.import_effects:
        yield f"  importing its module can reach: {_effects(entry.import_effects)}"


def _meant(module: str, name: str) -> str:
    from ..scanners.capability_names import nearest

    near = nearest(module, name)
    return f". Did you mean {near!r}?" if near else ""


def _uses(module: str, name: str, entry: Entry) -> Iterator[str]:
    from ..scanners.capability_table import Use

    told = list(Use) if entry.kind == "class" else [Use.CALL]
    clean = [use for use in told if entry.verdict(use).level == "clean"]
    for use in told:
        found = entry.verdict(use)
        if use not in clean:
            yield f"  {_USES[use]}: {_sentence(found)}"
        if found.level == "danger":
            yield from _why(module, name, use)
    if clean:
        uses = "all uses" if clean == told else ", ".join(_USES[use] for use in clean)
        yield f"  {uses}: no known capability"


def _sentence(verdict: Verdict) -> str:
    match verdict.level:
        case "unknown" if verdict.effects:
            return f"unknown; can reach: {_effects(verdict.effects)}"
        case "unknown":
            return "unknown: native code, or not in the analysed versions"
        case "danger":
            return f"DANGEROUS, can reach: {_effects(verdict.effects)}"
        case _:
            return f"can reach: {_effects(verdict.effects)}"


def _why(module: str, name: str, use: Use) -> Iterator[str]:
    from ..scanners.capability_table import witness

    path = witness(module, name, use)
    if path is None:
        yield "    how is not shipped for this package; `python -m tools.capability build` makes it"
        return
    effect, *steps = path.split(" > ")
    if steps:
        yield f"    {_EFFECTS.get(effect, effect)}, by way of"
    for step in steps:
        file, _, line = step.rpartition(":")
        yield f"      {safe(file)}, line {line}" if line.isdecimal() else f"      {safe(step)}"


def _effects(effects: frozenset[str]) -> str:
    return ", ".join(_EFFECTS.get(each, each) for each in sorted(effects))
