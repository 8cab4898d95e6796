"""What an importable object can do when a pickle calls it: the one seam between rules and tables.

The tables lie in ``data/capability``; every group of names says why and where that was read. An
exact name wins over a pattern, a longer pattern over a shorter one, and what can do harm covers its
attributes. A name that no table holds is `UNKNOWN`, never harmless.
"""

from __future__ import annotations

import tomllib
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from pathlib import Path

from . import capability_table
from .record import record

DATA = Path(__file__).parent / "data" / "capability"
DEEPEST = 16  # names between the dots of one name; the deepest in the analysed libraries has 10


class Ability(StrEnum):
    """The worst that a call can reach."""

    PROCESS = "process"
    CODE = "code"
    NATIVE = "native"
    UNPICKLE = "unpickle"
    RESOLVE = "resolve"
    PATCH = "patch"
    NETWORK = "network"
    WRITE = "write"
    KILL = "kill"
    CARRIES_CODE = "carries-code"
    CALLBACK = "callback"  # calls what it is given: as harmless as that
    HARMLESS = "harmless"
    UNKNOWN = "unknown"


DANGEROUS = frozenset(
    {
        Ability.PROCESS, Ability.CODE, Ability.NATIVE, Ability.UNPICKLE, Ability.RESOLVE,
        Ability.PATCH, Ability.NETWORK, Ability.WRITE, Ability.KILL,
    }
)  # fmt: skip


_DERIVED = "derived from the source of "


@record
class Capability:
    """A verdict about one name, and where it comes from."""

    ability: Ability
    why: str = "no table knows it"
    source: str = ""
    opens: bool = False  # a caller that also opens a path, or hands on to what no table knows

    @property
    def is_derived(self) -> bool:
        """Whether it was derived from source, and not written by hand."""
        return self.source.startswith(_DERIVED)

    @property
    def may_open(self) -> bool:
        """Whether a text that it is given could be opened, fetched or run."""
        return self.opens or self.ability is Ability.UNKNOWN

    @property
    def is_dangerous(self) -> bool:
        """Whether calling it can reach more than the objects of the pickle."""
        return self.ability in DANGEROUS


# The effects of the derived table, the gravest first.
_EFFECTS = {
    "proc": Ability.PROCESS,
    "exec": Ability.CODE,
    "native": Ability.NATIVE,
    "unpickle": Ability.UNPICKLE,
    "import": Ability.RESOLVE,
    "resolve": Ability.RESOLVE,
    "module": Ability.RESOLVE,
    "patch": Ability.PATCH,
    "env": Ability.PATCH,
    "net": Ability.NETWORK,
    "fwrite": Ability.WRITE,
    "kill": Ability.KILL,
}
SYMPY = "sympy"
_EVALUATES = "evaluates a text that it is given, and takes numbers and expressions as data"
_ACTS = frozenset({"proc", "net", "kill"})  # of a module's own text: libraries write and load
_OPENS = frozenset({"fread", "opaque"})
_REACHED = {
    Ability.PROCESS: "the start of a program",
    Ability.CODE: "code that runs what it is given",
    Ability.NATIVE: "native code or raw memory",
    Ability.UNPICKLE: "another loader that runs what it loads",
    Ability.RESOLVE: "a lookup or import of a chosen name",
    Ability.PATCH: "a change of other objects or of the process",
    Ability.NETWORK: "the network",
    Ability.WRITE: "a write to a chosen file",
    Ability.KILL: "the end of a process",
}

UNKNOWN = Capability(Ability.UNKNOWN)
_WILD = frozenset({Ability.CODE, Ability.UNPICKLE})
TOO_DEEP = Capability(Ability.CODE, f"hides what it ends at behind more than {DEEPEST} names")


@record
class _Table:
    exact: dict[str, Capability]
    # By the first component, which holds no wildcard; the longest first.
    patterns: dict[str, list[tuple[str, Capability]]]
    import_runs: tuple[str, ...]
    import_asks: tuple[str, ...]


@cache
def _table() -> _Table:
    exact: dict[str, Capability] = {}
    patterns: list[tuple[str, Capability]] = []
    imports: dict[str, list[str]] = {"import-runs": [], "import-asks": []}
    for path in sorted(DATA.glob("*.toml")):
        for group in tomllib.loads(path.read_text("utf-8")).get("group", []):
            if group["effect"] in imports:
                imports[group["effect"]] += group["names"]
                continue
            opens = group.get("opens", False)
            found = Capability(Ability(group["effect"]), group["why"], group["source"], opens)
            for name in group["names"]:
                if "*" in name:
                    patterns.append((name, found))
                else:
                    exact.setdefault(name, found)
    patterns += [(f"{name}.*", found) for name, found in exact.items() if found.is_dangerous]
    patterns.sort(key=lambda each: len(each[0]), reverse=True)
    by_first: dict[str, list[tuple[str, Capability]]] = {}
    for name, found in patterns:
        by_first.setdefault(name.split(".", 1)[0], []).append((name, found))
    runs, asks = (tuple(each) for each in imports.values())
    return _Table(exact, by_first, runs, asks)


@lru_cache(maxsize=4096)
def verdict(module: str, name: str, use: str = "import") -> Capability:
    """Return what `name`, perhaps dotted, of `module` can do when it is called.

    A dotted name may walk through a module that another one imported (`torch.hub`'s `os.system`):
    each of its ends counts as a full name too, and the first dangerous reading wins. `use` is
    "call", "rebuild" (by NEWOBJ and state: no `__init__`), "bare" (a rebuild that gives `__new__`
    nothing) or "import", which is only named so far and judged as the ordinary use: a rebuild of a
    class, a call of a function.
    """
    found = _reviewed(module, name)
    if found.ability is Ability.UNKNOWN:
        return _derived(module, name, use)
    return _as_rebuilt(module, name, found) if use != "call" else found


def _as_rebuilt(module: str, name: str, found: Capability) -> Capability:
    """Return what rebuilding a library's class can do where a wildcard says what calls can.

    `joblib.*` loads pickles; a `joblib.memory.Memory` that is rebuilt in a pipeline does not.
    """
    is_wild = found.ability in _WILD and f"{module}.{name}" not in _table().exact
    if not is_wild or module.partition(".")[0] in stdlib_modules():
        return found
    if capability_table.lookup(module, name).kind != "class":
        return found
    derived = _derived(module, name, "rebuild")
    return derived if derived.ability is Ability.HARMLESS else found


def _reviewed(module: str, name: str) -> Capability:
    dotted = f"{module}.{name}"
    found = _look_up(dotted)
    if found.ability is Ability.HARMLESS or found.is_dangerous:
        return found
    parts = dotted.split(".", DEEPEST)
    if len(parts) > DEEPEST:  # the work below grows with its square, and no honest name is so deep
        return TOO_DEEP
    for start in range(1, len(parts) - 1):
        if parts[start] in stdlib_modules():
            inner = _look_up(".".join(parts[start:]))
            if inner.is_dangerous and not _names_its_module(module, start):
                return inner
    return found


def _names_its_module(module: str, start: int) -> bool:
    """Whether a part of a full name only says which module of a library it is in.

    `accelerate.utils.dataclasses` is a module, and no walk through `dataclasses`.
    """
    return start <= module.count(".") and capability_table.is_module(module)


def _derived(module: str, name: str, use: str) -> Capability:
    """Ask the table that was derived from the libraries' source (docs/capability.md)."""
    entry = capability_table.lookup(module, name)
    if not entry.is_known:
        return UNKNOWN
    rebuilt = use in {"rebuild", "bare"} or (use == "import" and entry.kind == "class")
    way, found = entry.worst(rebuilt=rebuilt, is_bare=use == "bare")
    if rebuilt and _evaluates(entry, found):
        return Capability(Ability.CALLBACK, _EVALUATES, f"{_DERIVED}{entry.package}", opens=True)
    source = f"{_DERIVED}{entry.package} {', '.join(entry.versions)}"
    match found.level:
        case capability_table.Level.DANGER:
            ability = next(each for effect, each in _EFFECTS.items() if effect in found.effects)
            path = capability_table.witness(module, name, way)
            how = f" ({path})" if path else ""
            return Capability(ability, f"can reach {_REACHED[ability]}{how}", source)
        case capability_table.Level.CALLBACK if not rebuilt:
            opens = bool(found.effects & _OPENS)
            what = "calls or changes what it is given"
            what += ", and can open a path or hand it on" if opens else ""
            return Capability(Ability.CALLBACK, what, source, opens)
        case capability_table.Level.READS if not rebuilt:
            return Capability(Ability.UNKNOWN, "can open a path for reading", source)
        case capability_table.Level.UNKNOWN if "opaque" in found.effects:
            what = "hands what it is given to code that no table knows"
            return Capability(Ability.UNKNOWN, what, source)
        case capability_table.Level.UNKNOWN:
            return Capability(Ability.UNKNOWN, _native(entry.native or frozenset()), source)
        case _:
            return Capability(Ability.HARMLESS, "has no known capability", source)


def _evaluates(entry: capability_table.Entry, found: capability_table.Verdict) -> bool:
    """Whether rebuilding a class of SymPy runs code only if it is given a text to evaluate.

    Its expressions are rebuilt from expressions and numbers, which `sympify` takes as they are.
    """
    _, other = entry.worst(rebuilt=True, is_bare=True)
    danger = capability_table.Level.DANGER
    is_danger = found.level is danger and "exec" in found.effects
    return entry.package == SYMPY and is_danger and other.level is not danger


def needs_items(module: str, name: str, *, is_bare: bool) -> bool:
    """Whether rebuilding a class can do harm only by what puts items into the object.

    SymPy's classes may be given expressions too; and their `__eq__` evaluates a text only if that
    has the hash of an expression, which no file can see to.
    """
    entry = capability_table.lookup(module, name)
    is_reviewed = _reviewed(module, name) != UNKNOWN
    is_sympys = entry.package == SYMPY
    if is_reviewed or not (is_bare or is_sympys):
        return False
    use = capability_table.Use
    harmless = {use.CALL, use.NEW, use.SLOTS, *([use.HASH] if is_sympys else [])}
    danger = {each for each, found in entry.uses if found.level is capability_table.Level.DANGER}
    return danger - harmless <= {use.SETITEM, use.ADD, use.APPEND}


def _native(reach: frozenset[str]) -> str:
    """Return what is known of a native name: what its whole module imports is a coarse bound."""
    reached = next((_REACHED[each] for effect, each in _EFFECTS.items() if effect in reach), "")
    bound = f", in a module that can reach {reached}" if reached else ""
    return f"is native code that no table knows{bound}"


def of(dotted: str) -> Capability:
    """Return the verdict about a full dotted name, however it is split into module and name."""
    parts = dotted.split(".")
    if len(parts) > DEEPEST:
        return _reviewed(parts[0], ".".join(parts[1:]))
    found = UNKNOWN
    for end in range(len(parts) - 1, 0, -1):
        found = verdict(".".join(parts[:end]), ".".join(parts[end:]))
        if found.ability is not Ability.UNKNOWN:
            break
    return found


def is_exact(dotted: str) -> bool:
    """Whether a review named this very object, or one that it belongs to, as dangerous."""
    exact, steps = _table().exact, dotted.split(".", DEEPEST)
    outer = (".".join(steps[:end]) for end in range(len(steps), 0, -1))
    return any(name in exact and exact[name].is_dangerous for name in outer)


@cache
def sharp_names() -> frozenset[str]:
    """Return the last parts of the names that a review took for dangerous, such as `system`."""
    dangerous = (name for name, found in _table().exact.items() if found.is_dangerous)
    return frozenset(name.rpartition(".")[2] for name in dangerous)


def _look_up(dotted: str) -> Capability:
    table = _table()
    if dotted in table.exact:
        return table.exact[dotted]
    for pattern, found in table.patterns.get(dotted.split(".", 1)[0], ()):
        if _matches(dotted, pattern):
            return found
    return UNKNOWN


def _matches(dotted: str, pattern: str) -> bool:
    """Whether a name matches; most patterns only say how it begins, and need not be compiled."""
    if pattern.endswith("*") and "*" not in pattern[:-1]:
        return dotted.startswith(pattern[:-1])
    return fnmatchcase(dotted, pattern)


def import_runs(module: str, name: str) -> bool:
    """Whether merely importing `module` runs a program of its own, as a reviewed table says."""
    return any(_matches(f"{module}.{name}", pattern) for pattern in _table().import_runs)


@lru_cache(maxsize=4096)
def import_acts(module: str) -> str:
    """Return what importing `module`, and so the packages around it, does by its own text.

    Programs, connections and ends of the process count: many libraries write or load something of
    their own. "" if there is none, or if a review says that it is the library's ordinary start.
    """
    parts = module.split(".", DEEPEST)
    for end in range(1, len(parts) + 1):
        around = ".".join(parts[:end])
        found = capability_table.import_effects(around) & _ACTS
        if found and not any(_matches(f"{around}.", each) for each in _table().import_asks):
            gravest = next(each for effect, each in _EFFECTS.items() if effect in found)
            return f"whose module {around} can reach {_REACHED[gravest]} when it is imported"
    return ""


@lru_cache(maxsize=4096)
def slot_state(module: str, name: str) -> Capability:
    """Return what slot state on an object of a class runs: `__setattr__` and setters."""
    if _reviewed(module, name).ability is Ability.HARMLESS:
        return Capability(Ability.HARMLESS)
    entry = capability_table.lookup(module, name)
    found = entry.verdict(capability_table.Use.SLOTS)
    if found.level is not capability_table.Level.DANGER:
        return UNKNOWN if not entry.is_known else Capability(Ability.HARMLESS)
    ability = next(each for effect, each in _EFFECTS.items() if effect in found.effects)
    source = f"{_DERIVED}{entry.package} {', '.join(entry.versions)}"
    return Capability(ability, f"can reach {_REACHED[ability]}", source)


@cache
def stdlib_modules() -> frozenset[str]:
    """Return the top-level modules of the standard library, of all versions that are known."""
    text = (DATA.parent / "stdlib_modules.toml").read_text("utf-8")
    return frozenset(tomllib.loads(text)["modules"])
