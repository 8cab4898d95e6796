"""Apply the summary of a function at a call of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from .frame_state import FrameState
from .seeds import ALWAYS, ANY, seeds
from .values import (
    NO_LABELS,
    NO_REFS,
    NOTHING,
    Guard,
    Label,
    Labels,
    Ref,
    Refs,
    Step,
    Summary,
    Value,
    join,
    labels_of,
    ordered,
    refs_with,
)

if TYPE_CHECKING:
    from .ir import Function

WRITING = set("wax+c")  # in the mode of an open
MOST_CONSTRUCTED = 6  # alternatives kept for a constructor's parameter
MOST_CALLEES = 4  # alternatives of a callable that is passed on


@dataclass(slots=True)
class Call:
    """The values of a call: by position, by name, and from ``*`` and ``**``."""

    arguments: list[Value]
    keywords: dict[str, Value]
    star: Value
    line: int

    @property
    def labels(self) -> Labels:
        """The labels of all of them."""
        return labels_of(self.star, *self.arguments, *self.keywords.values())

    def at(self, position: int) -> Value:
        """Return an argument by position."""
        return self.arguments[position] if position < len(self.arguments) else NOTHING

    def without_first(self) -> Call:
        """Return the call as the method sees it whose self is passed by hand."""
        return Call(self.arguments[1:], self.keywords, self.star, self.line)


@dataclass(frozen=True, slots=True)
class Receiver:
    """The object that a method is called on."""

    value: Value
    is_self: bool = False  # the very object whose method is analysed
    is_new: bool = False  # being constructed


class Applying(FrameState):
    """Adds calls of analysed functions."""

    def apply(self, full: str, call: Call, receiver: Receiver | None = None) -> Value:
        """Note what calling a function does here, and return what it returns."""
        function = self.program.functions.get(full)
        if function is None:
            return NOTHING
        receiver = self._receiver(function, receiver)
        self.program.callers[full][self.full] = None
        values = bind(function, call, receiver.value if receiver else None)
        self._seeded(full, function, values, receiver, call.line)
        if receiver is not None and receiver.is_new:
            self._remember_constructed(full, values[: len(function.params)])
        summary = self.program.summaries.get(full)
        if summary is None:
            return NOTHING
        applied = _Applied(self, values, receiver)
        self._effects(full, function, summary, applied, call)
        if receiver is not None and receiver.is_self:
            self._on_self(summary, applied)
        return Value(
            _returned(summary.refs, applied),
            NO_LABELS.union(*(applied.labels(each) for each in summary.labels)),
        )

    def run_argument(self, callee: Value, values: list[Value], line: int) -> None:
        """Note what a known function does that is passed to something which calls it."""
        given = labels_of(*values)
        for ref in list(ordered(callee.refs))[:MOST_CALLEES]:
            if ref[0] in "fb" and ref[1] != self.full:
                self.program.callers[ref[1]][self.full] = None
                summary = self.program.summaries.get(ref[1])
                for kind, found in list(summary.effects.items()) if summary and given else ():
                    label = next((each for each in found if each != "!"), None)
                    if kind != "callback" and label is not None:
                        self.effect(kind, given, ref[1], line, label)
            elif ref[0] == "P":
                held = Value(frozenset([ref[1]]), NO_LABELS)
                self.run_argument(held, [*values, Value(NO_REFS, ref[2])], line)
            elif ref[0] == "x":
                for kind, _ in seeds().primitives.get(ref[1], ()):
                    self.effect(kind, given, ref[1], line)

    def _receiver(self, function: Function, receiver: Receiver | None) -> Receiver | None:
        if receiver is not None and "s" in function.flags:
            return None
        if receiver is None and "c" in function.flags and function.owner:
            return Receiver(Value(frozenset([("c", function.owner)]), NO_LABELS))
        return receiver

    def _seeded(
        self,
        full: str,
        function: Function,
        values: list[Value],
        receiver: Receiver | None,
        line: int,
    ) -> None:
        """Note what seeds.toml says of a function that is analysed too."""
        offset = 1 if receiver is not None else 0
        rest = values[len(function.params)].labels
        for kind, which in seeds().primitives.get(full, ()):
            if which == ALWAYS:
                self.effect(kind, frozenset("*"), full, line)
            elif which == ANY or isinstance(which, str):
                self.effect(kind, labels_of(*values), full, line)
            else:
                chosen = [values[at + offset] for at in which if at + offset < len(values)]
                self.effect(kind, labels_of(*chosen) | rest, full, line)

    def _remember_constructed(self, full: str, values: list[Value]) -> None:
        known = self.program.constructed[full]
        for position, value in enumerate(values):
            refs = refs_with(value, "fcib")
            old = known.get(position, NO_REFS)
            if position and refs and old is not None and not refs <= old:
                new = old | refs
                known[position] = new if len(new) <= MOST_CONSTRUCTED else None

    def _effects(
        self, full: str, function: Function, summary: Summary, applied: _Applied, call: Call
    ) -> None:
        hidden = seeds().cut.get(full, frozenset())
        only_reads = "fwrite" in summary.effects and _only_reads(function, applied.values)
        for kind, found in list(summary.effects.items()):
            if kind in hidden:
                continue
            kept = "fread" if only_reads and kind == "fwrite" else kind
            for label, _ in list(found.items()):
                guard = summary.guards.get((kind, label))
                outer = self._still_guarded(guard, function, applied.values)
                if outer is False:
                    continue
                if kind == "callback" and isinstance(label, int) and label < len(applied.values):
                    self.run_argument(applied.values[label], applied.values, call.line)
                labels = applied.labels(label)
                step = Step(full, call.line, label)
                self.effect_if(outer or self.guard, kept, labels, step)

    def _still_guarded(
        self, guard: Guard | None, function: Function, values: list[Value]
    ) -> Guard | Literal[False] | None:
        """Return False if the guard is shut, our own guard if a parameter of ours opens it."""
        if guard is None or guard.position >= len(function.params):
            return None
        value = values[guard.position]
        if not value.labels and value.refs and all(ref[0] == "K" for ref in value.refs):
            return None if any(ref[1] == guard.truth for ref in value.refs) else False
        if len(value.refs) == 1 and self.guard is None:
            (ref,) = value.refs
            if ref[0] == "p":
                return Guard(ref[1], guard.truth)
        return None

    def _on_self(self, summary: Summary, applied: _Applied) -> None:
        for name, labels in list(summary.stores.items()):
            moved = NO_LABELS.union(*(applied.labels(each) for each in labels))
            old = self.own_fields.get(name, NOTHING)
            new = join(old, Value(NO_REFS, moved))
            if new != old:
                self.own_fields[name] = new
                self.changed = True
        for name, arguments in list(summary.own_calls.items()):
            moved_arguments = [
                Value(NO_REFS, NO_LABELS.union(*(applied.labels(each) for each in labels)))
                for labels in arguments
            ]
            self.own_call(name, moved_arguments, {}, NOTHING)


@dataclass(slots=True)
class _Applied:
    """A call's values, to translate the callee's labels with."""

    frame: FrameState
    values: list[Value]
    receiver: Receiver | None

    def labels(self, label: Label) -> Labels:
        """Return what a label of the callee stands for in the caller."""
        if isinstance(label, int):
            return self.values[label].labels if label < len(self.values) else NO_LABELS
        if label == "*":
            return frozenset("*")
        if label == "!" or self.receiver is None or self.receiver.is_new:
            return NO_LABELS
        if self.receiver.is_self:
            stored = self.frame.own_fields.get(label, NOTHING)
            return frozenset([label]) | stored.labels
        return self.receiver.value.labels


def bind(function: Function, call: Call, receiver: Value | None) -> list[Value]:
    """Return the value of each parameter, then of ``*args`` and of ``**kwargs``."""
    params = function.params
    count, offset = len(params), 0 if receiver is None else 1
    values = [NOTHING] * (count + 2)
    if receiver is not None and count:
        values[0] = receiver
    for position, value in enumerate(call.arguments, offset):
        at = position if position < function.positional else count
        values[at] = join(values[at], value)
    for name, value in call.keywords.items():
        at = params.index(name) if name in params else count + 1
        values[at] = join(values[at], value)
    if call.star.refs or call.star.labels:
        _bind_star(function, call, offset, values)
    else:
        given = {*call.keywords, *params[: offset + len(call.arguments)]}
        _bind_constants(function, values, given)
    return values


def _bind_star(function: Function, call: Call, offset: int, values: list[Value]) -> None:
    star = Value(refs_with(call.star, "fcbl"), call.star.labels)
    count = len(function.params)
    first = min(offset + len(call.arguments), function.positional)
    for at in range(first, count):
        if function.params[at] not in call.keywords:
            values[at] = join(values[at], star)
    values[count] = join(values[count], star)
    values[count + 1] = join(values[count + 1], star)


def _bind_constants(function: Function, values: list[Value], given: set[str]) -> None:
    """An omitted parameter has its default, of which true, false and None matter (guards)."""
    for position, expr in function.defaults:
        is_omitted = function.params[position] not in given
        if is_omitted and expr and expr[0] == "k" and not _is_text(expr[1]):
            values[position] = Value(frozenset([("K", bool(expr[1]))]), NO_LABELS)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _only_reads(function: Function, values: list[Value]) -> bool:
    """Say whether a callee that opens files is told, by its mode, only to read."""
    if "mode" not in function.params:
        return False
    position = function.params.index("mode")
    value = values[position]
    modes = [ref[1] for ref in value.refs if ref[0] == "k"]
    if not modes and not value.labels:
        modes = [
            expr[1]
            for at, expr in function.defaults
            if at == position and expr and expr[0] == "k" and _is_text(expr[1])
        ]
    return bool(modes) and not value.labels and not any(set(mode) & WRITING for mode in modes)


def _returned(refs: Refs, applied: _Applied) -> Refs:
    """Translate what a function returns: a chosen attribute stays one only if we choose it."""
    if not any(ref[0] in "RMWP" for ref in refs):
        return refs
    out: set[Ref] = set()
    for ref in refs:
        if ref[0] in "RMWP":
            labels = NO_LABELS.union(*(applied.labels(each) for each in ref[-1]))
            if labels:
                out.add((*ref[:-1], labels))
            elif ref[0] == "P":
                out.add(ref[1])
        else:
            out.add(ref)
    return frozenset(out)
