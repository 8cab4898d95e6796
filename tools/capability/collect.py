"""Collect the verdicts of one distribution out of a solved program."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from .judge import Judge, Named, Use, level_of
from .table import Table, row
from .witness import path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .program import Program
    from .sources import Lowered
    from .values import Refs

_INNER = ("__call__", "__init__", "__new__", "__setstate__", "__del__")


def collect(program: Program, judge: Judge, lowered: Lowered, source: dict[str, str]) -> Table:
    """Return the table of the distribution that `lowered` was made of."""
    table = Table(sources=[source])
    table.natives = {
        name: tuple(reach) if reach is not None else ("unread",)
        for name, reach in lowered.extensions.items()
    }
    starred: dict[str, tuple[str, ...]] = {}
    for module in lowered.modules:
        if module.name not in program.modules:
            continue
        table.modules.add(module.name)
        reached = [table.natives[star] for star in module.stars if star in table.natives]
        if reached:  # what it takes over cannot be listed: any absent name may be native
            starred[module.name] = tuple(sorted({each for reach in reached for each in reach}))
        effects = judge.on_import(module.name)
        if effects:
            table.imports[module.name] = frozenset(effects)
        for name, named in _names(program, judge, module.name):
            table.names[module.name][name] = row(named, table.natives)
            _witness(program, table, module.name, name, named)
    table.natives.update(starred)
    _aliases(program, lowered, table)
    return table


def stdlib_natives(program: Program, judge: Judge, table: Table) -> None:
    """Add the standard library's own C modules, whose names are known."""
    for module, names in program.native.items():
        if module in program.modules:
            continue
        table.modules.add(module)
        for name in names:
            named = judge.name(f"{module}.{name}", program.member(module, name))
            if named is not None:
                table.names[module][name] = row(named, {})


def _names(program: Program, judge: Judge, module: str) -> Iterator[tuple[str, Named]]:
    known = program.modules[module]
    is_package = known.path.endswith("__init__.py")
    names = set(known.symbols)
    starred = _starred(program, module, {module})
    for name in sorted(names | starred):
        full = f"{module}.{name}"
        refs = program.member(module, name)
        named = judge.name(full, refs)
        if named is None or named.kind == "module":
            continue
        at_home = is_package or _owns(full, refs) or (named.kind == "native" and name in starred)
        if not _is_dull(named) or (named.kind != "value" and at_home):
            yield name, named
    prefix = f"{module}."
    for full in sorted(known.classes):
        # A class in a function, or the second of a name ("Name#2"): no pickle can name it.
        if full.startswith(prefix) and not {"<", "#"} & {*full}:
            yield from _of_class(program, judge, full, full.removeprefix(prefix))


def _starred(program: Program, module: str, seen: set[str]) -> set[str]:
    """Return the names that a module takes over with ``import *``, from any depth."""
    names: set[str] = set()
    for star in program.modules[module].stars if module in program.modules else ():
        names |= set(program.native.get(star, ()))
        if star in program.modules and star not in seen:
            seen.add(star)
            names |= set(program.modules[star].symbols) | _starred(program, star, seen)
    return names


def _is_dull(named: Named) -> bool:
    return not named.natives and all(
        each.level in {"clean", "reads"} for each in named.uses.values()
    )


def _owns(full: str, refs: Refs) -> bool:
    return any(ref[0] in "fc" and ref[1].split("#")[0] == full for ref in refs)


def _of_class(program: Program, judge: Judge, full: str, name: str) -> Iterator[tuple[str, Named]]:
    """Yield a nested class, and the methods that do something or are made to be called on it."""
    known = program.classes[full]
    if "." in name:
        named = judge.name(full, frozenset([("c", full)]))
        if named is not None:
            yield name, named
    for method, function in sorted(known.methods.items()):
        if method.endswith(".<set>") or (method.startswith("__") and method not in _INNER):
            continue
        effects = judge.function(function, lambda _: True, full)
        level = level_of(effects)
        flags = program.functions[function].flags
        if level in {"danger", "callback"} or (
            set(flags) & set("cs") and not method.startswith("_")
        ):
            kind = "coroutine" if "a" in flags else "function"
            yield f"{name}.{method}", Named(kind, {"call": Use(level, effects)})


def _witness(program: Program, table: Table, module: str, name: str, named: Named) -> None:
    for use, verdict in named.uses.items():
        if verdict.level == "danger":
            table.witnesses[module, name, use] = path(program, verdict.effects)


def _aliases(program: Program, lowered: Lowered, table: Table) -> None:
    """Note under which names modules are imported: a dotted name may walk through them."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for module in lowered.modules:
        for name in module.symbols:
            for ref in program.member(module.name, name) if module.name in program.modules else ():
                if ref[0] == "m" and not ref[1].endswith(f".{name}"):
                    counts[name][ref[1]] += 1
    for alias, targets in counts.items():
        table.aliases[alias] = {target for target, _ in targets.most_common(3)}
