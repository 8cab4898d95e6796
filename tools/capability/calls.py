"""Calls of every kind of callee."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .apply import Call, Receiver
from .natives import Natives, partial
from .seeds import OPAQUE, seeds
from .values import (
    NO_LABELS,
    NO_REFS,
    NOTHING,
    Ref,
    Refs,
    Value,
    has,
    join,
    labels_of,
    ordered,
)

if TYPE_CHECKING:
    from .ir import Expr

_BUILTIN_TYPES = (
    str, bytes, bytearray, dict, list, set, frozenset, tuple, int, float, re.Pattern, re.Match,
)  # fmt: skip
_COMMON = {name for each in _BUILTIN_TYPES for name in dir(each)}
_ADDERS = {
    "append", "add", "extend", "update", "insert", "appendleft", "setdefault", "put", "push",
}  # fmt: skip
_GETTERS = {
    "get", "pop", "values", "items", "copy", "setdefault", "__getitem__", "popitem", "popleft",
}  # fmt: skip
_DATACLASSES = {"dataclass", "define", "attrs", "s"}
FEW = 2  # definitions of a method name in a subpackage that are all taken to be meant


class Calls(Natives):
    """Adds calls."""

    def attribute(self, expr: tuple[Expr, ...]) -> tuple[Value, Value, bool]:
        """Return the value of an attribute expression, of its base, and whether that is self."""
        raise NotImplementedError

    def call(self, expr: tuple[Expr, ...]) -> Value:
        """Return the value of a call, noting what it does."""
        callee = expr[1]
        if callee == ("g", "super"):
            return NOTHING
        target, receiver, is_self = NOTHING, NOTHING, False
        is_method = callee is not None and callee[0] == "a"
        if callee is not None and is_method:
            target, receiver, is_self = self.attribute(callee)
        else:
            target = self.evaluate(callee)
        call = self._arguments(expr)
        self._give_nested(call)
        on = Receiver(receiver, is_self)
        out, is_known = NOTHING, False
        for ref in ordered(target.refs):
            result = self._call_ref(ref, call, target, on, callee)
            if result is not None:
                is_known, out = True, join(out, result)
        own_method = is_method and is_self and self.self_name is not None
        if callee is not None and own_method:
            self.own_call(str(callee[2]), call.arguments, call.keywords, call.star)
        if is_known:
            self._known(callee, target, call)
            return out
        if callee is not None and is_method:
            return join(out, self._unknown_method(callee, target, on, call))
        if target.labels:
            self.effect("callback", target.labels, "call of an argument", call.line)
        elif call.labels and not target.refs:
            self.effect(OPAQUE, call.labels, "call of an unknown object", call.line)
        return join(out, Value(NO_REFS, call.labels | target.labels))

    def construct(self, full: str, call: Call) -> Value:
        """Make an instance of an analysed class."""
        made: Refs = frozenset([("i", full)])
        out = Value(made, call.labels)
        for name in ("__init__", "__new__"):
            method = self.program.method(full, name)
            if method:
                on = Receiver(Value(made, NO_LABELS), is_new=True)
                result = self.apply(method, call, on)
                if name == "__new__":
                    kept = frozenset(ref for ref in result.refs if ref[0] in "ic")
                    out = join(out, Value(kept, result.labels))
        self._after_init(full, call, out)
        for tag, base in self.program.order(full)[1:]:
            if tag == "x" and base in seeds().primitives:
                self.call_native(base, call, NOTHING, None)
        return out

    def _after_init(self, full: str, call: Call, made: Value) -> None:
        known = self.program.classes.get(full)
        method = self.program.method(full, "__post_init__")
        if known and method and _DATACLASSES & set(known.decorators):
            on = Receiver(Value(frozenset([("i", full)]), made.labels))
            self.apply(method, Call([], {}, NOTHING, call.line), on)

    def _arguments(self, expr: tuple[Expr, ...]) -> Call:
        _, _, arguments, keywords, line = expr
        positional: list[Value] = []
        named: dict[str, Value] = {}
        star = NOTHING
        for each in arguments or ():
            if each and each[0] == "*":
                star = join(star, self.evaluate(each[1]))
            else:
                positional.append(self._argument(each))
        for name, each in keywords or ():
            if name is None:
                star = join(star, self.evaluate(each))
            else:
                named[name] = self._argument(each)
        return Call(positional, named, star, _number(line))

    def _argument(self, expr: Expr) -> Value:
        """Return a value, and that it is exactly a constant or a parameter if it is (guards)."""
        if expr and expr[0] == "k" and (isinstance(expr[1], bool) or expr[1] is None):
            return Value(frozenset([("K", bool(expr[1]))]), NO_LABELS)
        value = self.evaluate(expr)
        if expr and expr[0] == "n" and expr[1] in self.constant:
            return Value(value.refs | {("p", self.constant[expr[1]])}, value.labels)
        return value

    def _give_nested(self, call: Call) -> None:
        """A nested function that is passed on is taken to be called with what is beside it."""
        for value in (*call.arguments, *call.keywords.values()):
            for ref in value.refs:
                if ref[0] == "l":
                    self.call_nested(ref[1], [Value(NO_REFS, call.labels)] * 8, {})

    def _call_ref(
        self, ref: Ref, call: Call, target: Value, on: Receiver, callee: Expr
    ) -> Value | None:
        """Return what calling one alternative returns, or None if it says nothing."""
        is_method = callee is not None and callee[0] == "a"
        match ref[0]:
            case "f":
                return self._call_function(ref[1], call, callee)
            case "b":
                value = on.value if is_method else Value(NO_REFS, target.labels)
                return self.apply(ref[1], call, Receiver(value, on.is_self))
            case "c":
                return self.construct(ref[1], call)
            case "x":
                return self.call_native(ref[1], call, on.value if is_method else NOTHING, callee)
            case "l":
                return self.call_nested(ref[1], call.arguments, call.keywords, call.star)
            case "i":
                method = self.program.method(ref[1], "__call__")
                return self.apply(method, call, Receiver(target)) if method else None
            case "P":
                star = join(call.star, Value(NO_REFS, ref[2]))
                whole = Call(call.arguments, call.keywords, star, call.line)
                return self._call_ref(ref[1], whole, target, on, callee)
            case "d":
                return None if is_method else Value(NO_REFS, call.labels | target.labels)
            case _:
                return self._call_chosen(ref, call, target)

    def _call_chosen(self, ref: Ref, call: Call, target: Value) -> Value | None:
        if ref[0] not in "RMW":
            return None
        if ref[0] == "W":
            what = "call of a chosen method of an argument"
            self.effect("callback", ref[1], what, call.line)
        elif ref[1]:
            self.effect("resolve", ref[1], "call of a chosen attribute", call.line)
        return Value(NO_REFS, call.labels | target.labels)

    def _call_function(self, full: str, call: Call, callee: Expr) -> Value:
        if full == "functools.partial" and call.arguments:
            return partial(call)
        first = call.at(0)
        by_hand = self.self_name is not None and "c" not in self.function.flags
        if by_hand and callee is not None and callee[0] == "a" and ("i", self.owner) in first.refs:
            on = Receiver(first, is_self=first.labels == frozenset([0]))
            return self.apply(full, call.without_first(), on)
        return self.apply(full, call)

    def _known(self, callee: Expr, target: Value, call: Call) -> None:
        """A local that may be a known callable, and an argument as well."""
        if callee is None or callee[0] != "n" or callee[1] == self.self_name:
            return
        if target.labels and not has(target, "lR") and has(target, "fcx"):
            self.effect("callback", target.labels, "call of an argument", call.line)

    def _unknown_method(
        self, callee: tuple[Expr, ...], target: Value, on: Receiver, call: Call
    ) -> Value:
        name, labels = str(callee[2]), on.value.labels
        base = callee[1]
        if call.star.labels & labels and not on.is_self and base and base[0] == "n":
            self.effect("callback", labels, f"call of x.{name}(*x)", call.line)
        kind = seeds().methods.get(name)
        out = NOTHING
        if kind and labels:
            self.effect(kind, labels, f"?.{name}", call.line)
        elif name not in _COMMON | seeds().common and not on.is_self:
            out = self._by_name(name, call, on)
        self._opaque_method(name, base, on, call)
        if on.is_self and target.labels and self._is_field(name):
            self.effect("callback", target.labels, f"call of self.{name}", call.line)
        if name in _ADDERS:
            added = call.star
            for each in (*call.arguments, *call.keywords.values()):
                added = join(added, each)
            self.weaken(base, added)
        held = on.value.refs if name in _GETTERS else NO_REFS
        return join(out, Value(held, labels_of(on.value) | call.labels))

    def _opaque_method(self, name: str, base: Expr, on: Receiver, call: Call) -> None:
        """A method of an object whose class is not known may do anything with what it gets.

        A method of an argument itself is left to the judgement of that argument; so is what data
        can do (text, arrays), which is asked of every argument.
        """
        in_place = name.endswith("_") and not name.startswith("_")  # of a tensor
        if on.is_self or on.value.refs or in_place or name in _COMMON | seeds().of_data:
            return
        made_here = base is not None and base[0] in "cn" and base[-1] not in self.function.params
        if not on.value.labels:
            self.effect(OPAQUE, call.labels, f"?.{name}", call.line)
        elif made_here and name not in seeds().common:
            self.effect(OPAQUE, on.value.labels | call.labels, f"?.{name}", call.line)

    def weaken(self, expr: Expr, value: Value) -> None:
        """A container was changed: what was put in may come out."""
        if expr is None:
            return
        if expr[0] == "n":
            self.set(expr[1], value)
        elif expr[0] == "a" and expr[1] == ("n", self.self_name):
            self.store(expr[1], expr[2], value)
        elif expr[0] == "s":
            self.weaken(expr[1], Value(NO_REFS, value.labels))

    def _by_name(self, name: str, call: Call, on: Receiver) -> Value:
        """Follow a method name that few classes of the same subpackage define."""
        candidates = self.program.by_method.get(name, ())
        out = NOTHING
        if not candidates or len(candidates) > FEW or has(on.value, "mx"):
            return out
        here = self.module.split(".")[:2]
        for full in candidates:
            if self.program.module_of.get(full, "").split(".")[:2] == here:
                out = join(out, self.apply(full, call, Receiver(on.value)))
        return out

    def _is_field(self, name: str) -> bool:
        if name in self.own_fields:
            return True
        names = self.program.field_names
        order = self.program.order(self.owner or "")
        return any(tag == "c" and name in names.get(owner, ()) for tag, owner in order)


def _number(line: object) -> int:
    return line if isinstance(line, int) else 0
