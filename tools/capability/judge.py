"""From summaries to verdicts: what a name can do, for each way in which a pickle uses it.

The uses are those of scanners/capability_table.py: a call by REDUCE, a class rebuilt by NEWOBJ and
BUILD, and the calls that an unpickler makes on its own (append, setitem, add, hash, attributes).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .seeds import CALLBACKS, DANGERS, OPAQUE, seeds
from .values import NO_REFS, Label, Labels, Ref, Refs, ordered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .program import Program

    Theirs = Callable[[Label], bool]  # whether a label stands for the pickle's own data

Effects = dict[str, tuple[str, Label] | None]  # effect to (function, label): where a witness starts

LEVELS = ("clean", "reads", "unknown", "callback", "danger")  # each worse than those before
DEEPEST = 4  # own methods followed when a class is known
IMPLICIT = {  # use to the methods that are called, and with how many arguments
    "append": {"append": 1, "extend": 1},
    "setitem": {"__setitem__": 2},
    "add": {"add": 1},
    "hash": {"__hash__": 0, "__eq__": 1},
}
_QUIET = {"exec", "native"}  # of constants on import: exit handlers, the C library
_DATACLASSES = {"dataclass", "define", "attrs", "s", "frozen", "attributes"}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where following calls on self has come to."""

    owner: str | None  # the class of the object
    seen: set[str]
    depth: int


@dataclass(slots=True)
class Use:
    """The verdict for one use of a name."""

    level: str
    effects: Effects = field(default_factory=Effects)


@dataclass(slots=True)
class Named:
    """All verdicts of one name."""

    kind: str  # "function", "coroutine", "class", "native", "module", "value"
    uses: dict[str, Use]
    natives: set[str] = field(default_factory=set[str])  # extension modules that it is defined in


def level_of(effects: Iterable[str]) -> str:
    """Return the level of a set of effects."""
    kinds = set(effects)
    if kinds & DANGERS:
        return "danger"
    if kinds & CALLBACKS:
        return "callback"
    if OPAQUE in kinds:
        return "unknown"
    return "reads" if "fread" in kinds else "clean"


def worse(one: Use, other: Use) -> Use:
    """Return the worse of two verdicts, with the effects of both if they are equally bad."""
    if one.level == other.level:
        return Use(one.level, {**other.effects, **one.effects})
    return one if LEVELS.index(one.level) > LEVELS.index(other.level) else other


class Judge:
    """Judges names of a solved program."""

    def __init__(self, program: Program) -> None:
        """Judge by the summaries of `program`."""
        self.program = program
        self._classes: dict[str, dict[str, Effects]] = {}

    def name(self, full: str, refs: Refs) -> Named | None:
        """Return the verdicts of what a name means; None if that is nothing a pickle can use."""
        made: Named | None = None
        for ref in ordered(refs):
            one = self._ref(full, ref)
            if one is not None:
                made = one if made is None else _both(made, one)
        named = seeds().named.get(full)
        if made is not None and self.program.is_partly_unknown(*full.rpartition(".")[::2]):
            made.uses["call"] = worse(made.uses.get("call", Use("clean")), Use("unknown"))
        if made is not None and named and made.kind != "native":
            call = Use(level_of([named]), {named: None})
            made.uses["call"] = worse(made.uses.get("call", Use("clean")), call)
        return made

    def function(self, full: str, theirs: Theirs, owner: str | None = None) -> Effects:
        """Return what a function can do if the labels that `theirs` accepts are the pickle's."""
        return self._function(full, theirs, _Place(owner, {full}, 0))

    def on_import(self, module: str) -> Effects:
        """Return what importing a module does, beyond defining things."""
        summary = self.program.summaries.get(f"{module}.<module>")
        if summary is None:
            return {}
        full = f"{module}.<module>"
        return {
            kind: (full, next(iter(found)))
            for kind, found in summary.effects.items()
            if kind in DANGERS and found and not (kind in _QUIET and "*" not in found)
        }

    # -- one meaning of a name

    def _ref(self, full: str, ref: Ref) -> Named | None:
        match ref:
            case ("f" | "b", function):
                return self._callable(function)
            case ("c", made):
                return self._class(made)
            case ("x", outside):
                return self._outside(full, outside)
            case ("m", _):
                return Named("module", {"call": Use("danger", {"module": None})})
            case ("i", made):
                call = self.program.method(made, "__call__")
                effects = self.function(call, _anything, made) if call else {}
                return Named("value", {"call": Use(level_of(effects), effects)})
            case _:
                return None

    def _callable(self, full: str) -> Named:
        effects = self.function(full, _anything, self.program.functions[full].owner)
        kind = "coroutine" if "a" in self.program.functions[full].flags else "function"
        return Named(kind, {"call": Use(level_of(effects), effects)})

    def _outside(self, full: str, outside: str) -> Named | None:
        table = seeds()
        named = table.named.get(outside) or table.named.get(full)
        effects: Effects = dict.fromkeys(kind for kind, _ in table.primitives.get(outside, ()))
        if named:
            effects = {named: None}
        if outside in table.harmless:
            return Named("native", {"call": Use("clean")})
        if effects:
            return Named("native", {"call": Use(level_of(effects), effects)})
        if outside.split(".", maxsplit=1)[0] in self.program.native:
            if outside.rpartition(".")[0] in table.doubted:
                return Named("native", {"call": Use("unknown")})
            return Named("native", {"call": Use("clean"), "build": Use("clean")})
        extension = self._extension(outside)
        if extension is None:
            return None
        return Named("native", {"call": Use("unknown"), "build": Use("unknown")}, {extension})

    def _extension(self, outside: str) -> str | None:
        module = outside
        while module:
            if module in self.program.extensions:
                return module
            module = module.rpartition(".")[0]
        return None

    def _class(self, full: str) -> Named | None:
        if full not in self.program.classes:
            return None
        verdicts = self.class_effects(full)
        uses = {use: Use(level_of(effects), effects) for use, effects in verdicts.items()}
        natives: set[str] = set()
        for tag, base in self.program.order(full):
            extension = self._extension(base) if tag == "x" else None
            if extension:
                natives.add(extension)
        return Named("class", uses, natives)

    # -- functions

    def _function(self, full: str, theirs: Theirs, at: _Place) -> Effects:
        out: Effects = {kind: None for kind, _ in seeds().primitives.get(full, ())}
        summary = self.program.summaries.get(full)
        if summary is None:
            return out
        for kind, found in summary.effects.items():
            label = next((each for each in found if each == "*" or _is(each, theirs)), None)
            if label is not None:
                out.setdefault(kind, (full, label))
        for ref in summary.refs:
            if ref[0] in "RW" and any(theirs(label) for label in ref[1]):
                out.setdefault("resolve", None)
        if at.owner and at.depth < DEEPEST:
            for name, arguments in summary.own_calls.items():
                self._own_call(name, arguments, theirs, at, out)
        return out

    def _own_call(
        self, name: str, arguments: tuple[Labels, ...], theirs: Theirs, at: _Place, out: Effects
    ) -> None:
        """Follow a call on self into the class of the object."""
        method = self.program.method(at.owner or "", name)
        if method is None or method in at.seen:
            return
        at.seen.add(method)
        offset = 0 if "s" in self.program.functions[method].flags else 1
        hot = {i + offset for i, each in enumerate(arguments[:-1]) if any(map(theirs, each))}
        named = any(map(theirs, arguments[-1]))

        def inner(label: Label) -> bool:
            if isinstance(label, int):
                return label in hot or (named and label > 0) or (label == 0 and theirs(0))
            return theirs(label)

        deeper = _Place(at.owner, at.seen, at.depth + 1)
        for kind, start in self._function(method, inner, deeper).items():
            out.setdefault(kind, start)

    # -- classes

    def class_effects(self, full: str) -> dict[str, Effects]:
        """Return the effects of each use of a class."""
        if full not in self._classes:
            self._classes[full] = self._class_effects(full)
        return self._classes[full]

    def _class_effects(self, full: str) -> dict[str, Effects]:
        new = self._method(full, "__new__", _arguments)
        build = self._method(full, "__del__", _given(0))
        build = {**self._method(full, "__setstate__", _given(1)), **build}
        out = {"call": self._constructed(full, new), "new": new, "build": build}
        for use, names in IMPLICIT.items():
            out[use] = {}
            for name, given in names.items():
                if use != "hash" or self._is_hashable(full):
                    out[use] = {**self._method(full, name, _given(given)), **out[use]}
        getters = self._method(full, "__getattr__", _not_the_name)
        out["getattr"] = {
            kind: start
            for kind, start in getters.items()
            if kind not in {"resolve", "callback"}  # of a name that is fixed: plain delegation
        }
        out["slots"] = self._slots(full)
        return {use: effects for use, effects in out.items() if effects or use in _ALWAYS_TOLD}

    def _method(self, full: str, name: str, theirs: Theirs) -> Effects:
        method = self.program.method(full, name)
        return self.function(method, theirs, full) if method else {}

    def _constructed(self, full: str, new: Effects) -> Effects:
        out = dict(new)
        stored: set[str] = set()
        init = self.program.method(full, "__init__")
        summary = self.program.summaries.get(init) if init else None
        if summary:
            stored = {name for name, at in summary.stores.items() if any(map(_arguments, at))}
        if init:
            of_init = self.function(init, lambda at: _arguments(at) or at in stored, full)
            out = {**of_init, **out}
        known = self.program.classes[full]
        if _DATACLASSES & set(known.decorators):
            out = {**self._method(full, "__post_init__", _anything), **out}
        for tag, base in self.program.order(full):
            if tag == "x" or base == full:
                out = {**{kind: None for kind, _ in seeds().primitives.get(base, ())}, **out}
        out = {**self._metaclass(full), **out}
        return {**self._method(full, "__del__", lambda at: at in stored), **out}

    def _is_hashable(self, full: str) -> bool:
        """Say whether instances can be keys: a class with `__eq__` alone has no `__hash__`."""
        for tag, owner in self.program.order(full):
            known = self.program.classes.get(owner) if tag == "c" else None
            if known and ("__hash__" in known.methods or "__hash__" in known.attributes):
                return "__hash__" in known.methods
            if known and "__eq__" in known.methods:
                return False
        return True

    def _metaclass(self, full: str) -> Effects:
        known = self.program.classes[full]
        for ref in ordered(self.program.static(known.metaclass, known.module)):
            if ref[0] == "c" and not ref[1].startswith(("enum.", "abc.")):
                return self._method(ref[1], "__call__", _arguments)
        return {}

    def _slots(self, full: str) -> Effects:
        out = self._method(full, "__setattr__", _anything)
        for tag, owner in self.program.order(full):
            known = self.program.classes.get(owner) if tag == "c" else None
            for name, method in known.methods.items() if known else ():
                if name.endswith(".<set>"):
                    out = {**self.function(method, _anything, full), **out}
        return out


_ALWAYS_TOLD = {"call", "build"}


def _is(label: Label, theirs: Theirs) -> bool:
    return label != "!" and theirs(label)


def _anything(label: Label) -> bool:  # noqa: ARG001 - the pickle chose everything
    return True


def _given(count: int) -> Theirs:
    """Return what a pickle chooses when it has a method called with so many arguments."""
    return lambda label: not isinstance(label, int) or label <= count


def _arguments(label: Label) -> bool:
    return isinstance(label, int) and label >= 1


def _not_the_name(label: Label) -> bool:
    return label != 1


def _both(one: Named, other: Named) -> Named:
    uses = dict(one.uses)
    for use, verdict in other.uses.items():
        uses[use] = worse(uses[use], verdict) if use in uses else verdict
    kind = (
        one.kind
        if one.kind == other.kind
        else "class"
        if "class" in (one.kind, other.kind)
        else "value"
    )
    return Named(kind, uses, one.natives | other.natives)


def dotted(program: Program, module: str, name: str) -> Refs:
    """Return what a pickle's dotted name means, a step for each dot."""
    first, *rest = name.split(".")
    refs = program.member(module, first)
    for part in rest:
        refs = NO_REFS.union(*(program.attribute(ref, part) for ref in refs))
    return refs
