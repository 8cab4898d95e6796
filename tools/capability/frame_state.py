"""What the analysis of one function knows so far, and how it grows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .seeds import FIXED
from .values import (
    MOST_REFS,
    NO_LABELS,
    NO_REFS,
    NOTHING,
    Guard,
    Label,
    Labels,
    Refs,
    Step,
    Summary,
    Value,
    inexact,
    join,
    refs_with,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .ir import Body, Expr, Function
    from .program import Program

KEPT_IN_FIELDS = "cixfbm"  # what a field of self is remembered to be


class FrameState:
    """The environment of one function and the summary that is being made of it."""

    def __init__(self, program: Program, full: str) -> None:
        """Start from the parameters, what they are said to be, and what is known already."""
        self.program = program
        self.full = full
        self.function: Function = program.functions[full]
        self.module = program.module_of[full]
        self.owner = self.function.owner
        self.summary = program.summaries.get(full) or Summary()
        self.size = self.summary.size() if full in program.summaries else None
        self.own_fields = {
            name: Value(NO_REFS, labels) for name, labels in self.summary.stores.items()
        }
        self.self_name: str | None = None
        self.guard: Guard | None = None
        self.active: dict[int, None] = {}  # nested functions that are called
        self.read: set[str] = set()
        self.changed = False
        self.environment: dict[str, Value] = {}
        self.constant: dict[str, int] = {}  # parameters that keep the value they were given
        self._bind_parameters()

    def _bind_parameters(self) -> None:
        function = self.function
        self.constant = _never_assigned(function)
        for position, name in enumerate(function.params):
            self.environment[name] = Value(NO_REFS, frozenset([position]))
        count = len(function.params)
        for offset, extra in enumerate((function.rest, function.keywords)):
            if extra:
                self.environment[extra] = Value(NO_REFS, frozenset([count + offset]))
        for position, refs in self._declared():
            name = function.params[position]
            self.environment[name] = join(self.environment[name], Value(refs, NO_LABELS))
        if self.owner is not None and "s" not in function.flags and function.params:
            self.self_name = function.params[0]
            tag = "c" if "c" in function.flags else "i"
            self.environment[self.self_name] = Value(frozenset([(tag, self.owner)]), frozenset([0]))

    def _declared(self) -> Iterator[tuple[int, Refs]]:
        """Yield what annotations, constructor calls and defaults say of parameters."""
        program, module = self.program, self.module
        for position, exprs in self.function.annotations:
            found = NO_REFS.union(*(program.static(each, module) for each in exprs))
            instances = frozenset(("i", ref[1]) for ref in found if ref[0] == "c")
            outside = frozenset(
                ref
                for ref in found
                if ref[0] == "x" and ref[1].split(".")[0] not in {"builtins", "typing"}
            )
            if instances or outside:
                yield position, instances | outside
        for position, refs in program.constructed.get(self.full, {}).items():
            if refs is not None and position < len(self.function.params):
                yield position, refs
        for position, expr in self.function.defaults:
            found = frozenset(ref for ref in program.static(expr, module) if ref[0] in "fcx")
            if found:
                yield position, found

    # -- what is found

    def set(self, name: str, value: Value) -> None:
        """Let a local have this value too; that it is one certain value is not kept."""
        old = self.environment.get(name, NOTHING)
        new = join(old, inexact(value))
        if new != old:
            self.environment[name] = new
            self.changed = self.changed or name in self.read

    def effect(
        self, kind: str, labels: Labels, what: str, line: int, label: Label | None = None
    ) -> None:
        """Note that the function does something with what `labels` stand for."""
        self.effect_if(self.guard, kind, labels, Step(what, line, label))

    def effect_if(self, guard: Guard | None, kind: str, labels: Labels, step: Step) -> None:
        """Note an effect that happens only under `guard`."""
        found = self.summary.effects.setdefault(kind, {})
        if not labels:
            if kind in FIXED and "!" not in found:
                found["!"] = step
            return
        for each in labels if len(labels) == 1 else sorted(labels, key=str):
            if each not in found:
                found[each] = step
                self.summary.guards[kind, each] = guard
            elif self.summary.guards.get((kind, each)) != guard:
                self.summary.guards[kind, each] = None

    def own_call(
        self, name: str, arguments: list[Value], keywords: dict[str, Value], star: Value
    ) -> None:
        """Note a call on self: which method it is depends on the class of the object."""
        positional: tuple[Labels, ...] = tuple(
            each.labels | star.labels for each in arguments[:6]
        ) or ((star.labels,) if star.labels else ())
        new = (*positional, NO_LABELS.union(*(each.labels for each in keywords.values())))
        old = self.summary.own_calls.get(name, ())
        width = max(len(old), len(new))
        self.summary.own_calls[name] = tuple(
            (old[at] if at < len(old) else NO_LABELS) | (new[at] if at < len(new) else NO_LABELS)
            for at in range(width)
        )

    def store_own(self, attribute: str, value: Value) -> None:
        """Let a field of self have this value too."""
        owner = self.owner or ""
        self.program.field_names[owner].add(attribute)
        old = self.own_fields.get(attribute, NOTHING)
        new = join(old, value)
        if new != old:
            self.own_fields[attribute] = new
            self.changed = True
        refs = refs_with(value, KEPT_IN_FIELDS)
        known = self.program.fields[owner].get(attribute, NO_REFS)
        if not refs <= known and len(known) < MOST_REFS:
            self.program.fields[owner][attribute] = known | refs

    def evaluate(self, expr: Expr) -> Value:
        """Return the value of an expression, noting what evaluating it does."""
        raise NotImplementedError

    def call_nested(
        self, index: int, arguments: list[Value], keywords: dict[str, Value], star: Value = NOTHING
    ) -> Value:
        """Bind the parameters of a nested function, and return what it returns."""
        nested = self.function.nested[index] if index < len(self.function.nested) else None
        if nested is None:
            return NOTHING
        suffix = f"@{index}"
        for position, name in enumerate(nested.params):
            given = position < len(arguments) and position < nested.positional
            by_name = keywords.get(name.removesuffix(suffix), NOTHING)
            self.set(name, join(arguments[position] if given else by_name, star))
        if nested.rest:
            self.set(nested.rest, _all(star, arguments[nested.positional :]))
        if nested.keywords:
            self.set(nested.keywords, _all(star, list(keywords.values())))
        if index not in self.active:
            self.active[index] = None
            self.changed = True
        returned = f"%r{suffix}"
        self.read.add(returned)
        return self.environment.get(returned, NOTHING)


def _all(first: Value, others: list[Value]) -> Value:
    for each in others:
        first = join(first, each)
    return first


def _never_assigned(function: Function) -> dict[str, int]:
    """Return the parameters with a constant default that the function never assigns."""
    simple = {
        function.params[position]
        for position, expr in function.defaults
        if expr and expr[0] == "k" and not isinstance(expr[1], str)
    }
    if not simple:
        return {}
    bodies = [function.body, *(each.body for each in function.nested if each is not None)]
    simple -= {name for body in bodies for name in _assigned(body)}
    return {name: function.params.index(name) for name in simple}


def _assigned(body: Body) -> Iterator[str]:
    for statement in body:
        if statement[0] in "=i":
            yield statement[1]
        elif statement[0] == "?":
            yield from _assigned(statement[3])
