"""Calls of what is not analysed: builtins, C modules and seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .apply import WRITING, Applying, Call, Receiver
from .seeds import ALWAYS, ANY, OPAQUE, seeds
from .values import (
    NO_LABELS,
    NO_REFS,
    NOTHING,
    Labels,
    Ref,
    Refs,
    Value,
    has,
    join,
    labels_of,
    limited,
    ordered,
)

if TYPE_CHECKING:
    from .ir import Expr

_OPENERS = {
    "builtins.open", "_io.open", "_io.FileIO", "codecs.open", "io.open", "io.FileIO",
}  # fmt: skip
_SETTERS = {"builtins.setattr", "builtins.delattr", "builtins.object.__setattr__"}
_CALLERS = {  # name to the position of what they call
    "builtins.map": 0, "builtins.filter": 0, "_functools.reduce": 0, "itertools.starmap": 0,
    "_thread.start_new_thread": 0, "itertools.accumulate": 1,
}  # fmt: skip
_SAME_ELEMENTS = {  # what they return holds what they were given
    f"builtins.{name}"
    for name in ("list", "tuple", "dict", "set", "sorted", "iter", "next", "reversed", "enumerate",
                 "zip")
} | {"itertools.chain", "copy.copy"}  # fmt: skip
_EXCEPTIONS = ("Error", "Exception", "Warning")
_WRITE_FLAGS = ("O_WRONLY", "O_RDWR", "O_CREAT", "O_APPEND", "O_TRUNC")
MOST_NAMES = 3  # constant attribute names followed


class Natives(Applying):
    """Adds calls of names outside the analysed text."""

    def construct(self, full: str, call: Call) -> Value:
        """Make an instance of an analysed class."""
        raise NotImplementedError

    def store(self, target: Expr, attribute: str, value: Value) -> None:
        """Set an attribute."""
        raise NotImplementedError

    def call_native(self, name: str, call: Call, receiver: Value, callee: Expr) -> Value:
        """Note what calling a name outside the analysed text does, and return what it returns."""
        if name == "builtins.getattr":
            return self._getattr(call)
        if name in _OPENERS:
            return self._open(name, call)
        if name in _SETTERS:
            return self._setattr(name, call, callee)
        if name == "builtins.type":
            return self._type(call)
        if name in _CALLERS and len(call.arguments) > _CALLERS[name]:
            return self._caller(name, call)
        if name in {"_functools.partial", "functools.partial"} and call.arguments:
            return partial(call)
        if name == "builtins.iter" and len(call.arguments) > 1:
            self.effect("callback", call.arguments[0].labels, name, call.line)
        if name == "posix.open" and self._opens_to_read(name, call):
            return NOTHING
        if call.labels and self.program.is_data(name):
            self.effect(OPAQUE, call.labels, f"call of an element of {name}", call.line)
        return self._seed(name, call, receiver)

    def _getattr(self, call: Call) -> Value:
        target, name, default = call.at(0), call.at(1), call.at(2)
        constant = sorted(ref[1] for ref in name.refs if ref[0] == "k")
        if constant and not name.labels:
            refs: set[Ref] = set()
            for each in constant[:MOST_NAMES]:
                for ref in target.refs:
                    if ref[0] in "RM":
                        refs.add(("R", ref[1]))
                    else:
                        refs |= self.program.attribute(ref, each)
            return join(Value(frozenset(refs), target.labels), default)
        if not name.labels:
            return join(Value(NO_REFS, target.labels), default)
        return join(self._chosen_attribute(target, name, call.line), default)

    def _chosen_attribute(self, target: Value, name: Value, line: int) -> Value:
        labels = name.labels | target.labels
        is_argument = bool(target.labels) and not has(target, "ic")
        if has(target, "RMmx"):
            return Value(frozenset([("R", name.labels)]), labels)
        if is_argument:
            return Value(frozenset([("W", name.labels)]), labels)
        out = Value(NO_REFS, labels)
        for ref in ordered(target.refs):
            getter = self.program.method(ref[1], "__getattr__") if ref[0] == "i" else None
            if getter and getter != self.full:
                call = Call([name], {}, NOTHING, line)
                out = join(out, self.apply(getter, call, Receiver(target)))
        return out

    def _open(self, name: str, call: Call) -> Value:
        nothing = call.keywords.get("file", call.keywords.get("name", call.star))
        path = call.arguments[0] if call.arguments else nothing
        mode = call.arguments[1] if len(call.arguments) > 1 else call.keywords.get("mode")
        writes = bool(call.star.labels)
        if mode is not None:
            modes = [ref[1] for ref in mode.refs if ref[0] == "k"]
            writes = not modes or bool(mode.labels) or any(set(m) & WRITING for m in modes)
        kind, how = ("fwrite", "(w)") if writes else ("fread", "(r)")
        self.effect(kind, path.labels | call.star.labels, name + how, call.line)
        return Value(frozenset([("x", "_io.TextIOWrapper")]), path.labels)

    def _setattr(self, name: str, call: Call, callee: Expr) -> Value:
        target, attribute, value = call.at(0), call.at(1), call.at(2)
        chosen = attribute.labels - {0}
        if has(target, "mcRM"):
            labels = target.labels | attribute.labels | value.labels
            hot = bool(attribute.labels or value.labels)
            self.effect("patch", labels if hot else NO_LABELS, name, call.line)
        elif target.labels - {0} and chosen and not has(target, "i"):
            self.effect("setattr", target.labels, name, call.line)
        if callee and self.self_name and target.labels == frozenset([0]):
            for ref in ordered(attribute.refs):
                if ref[0] == "k":
                    self.store(("n", self.self_name), ref[1], value)
        return NOTHING

    def _type(self, call: Call) -> Value:
        if len(call.arguments) != 1:
            return Value(NO_REFS, call.labels)
        classes = frozenset(("c", ref[1]) for ref in call.arguments[0].refs if ref[0] == "i")
        return Value(classes, NO_LABELS)

    def _caller(self, name: str, call: Call) -> Value:
        callee = call.arguments[_CALLERS[name]]
        given = Value(NO_REFS, call.labels)
        self.run_argument(Value(callee.refs, NO_LABELS), [given], call.line)
        for ref in ordered(callee.refs):
            if ref[0] == "c":
                self.construct(ref[1], Call(call.arguments[1:], {}, call.star, call.line))
            elif ref[0] == "R" and ref[1]:
                self.effect("resolve", ref[1], "call of a chosen attribute", call.line)
        if callee.labels:
            self.effect("callback", callee.labels, name, call.line)
        return given

    def _opens_to_read(self, name: str, call: Call) -> bool:
        flags = [ref[1] for ref in call.at(1).refs if ref[0] == "x" and ".O_" in ref[1]]
        if not flags or any(each.endswith(_WRITE_FLAGS) for each in flags):
            return False
        self.effect("fread", call.at(0).labels, f"{name}(r)", call.line)
        return True

    def _seed(self, name: str, call: Call, receiver: Value) -> Value:
        effects = seeds().primitives.get(name, ())
        for kind, which in effects:
            if which == ALWAYS:
                if kind != "resolve":
                    self.effect(kind, frozenset("*"), name, call.line)
            else:
                self.effect(kind, _chosen(which, call, receiver), name, call.line)
        first = effects[0][0] if effects else None
        if first == "import":
            return self._import(name, call)
        if first == "resolve":
            return _resolved(name, call.labels)
        return self._unknown(name, call, receiver)

    def _import(self, name: str, call: Call) -> Value:
        labels = call.labels
        if labels:
            return Value(frozenset([("M", labels)]), labels)
        whole = name.endswith("import_module") or len(call.arguments) > MOST_NAMES - 1
        whole = whole or "fromlist" in call.keywords
        refs: set[Ref] = set()
        for ref in call.at(0).refs:
            if ref[0] == "k":
                refs |= self.program.module_ref(ref[1] if whole else ref[1].split(".")[0])
        return Value(frozenset(ref for ref in refs if ref[0] == "m"), NO_LABELS)

    def _unknown(self, name: str, call: Call, receiver: Value) -> Value:
        last = name.rsplit(".", 1)[-1]
        if name in seeds().unrelated or last.endswith(_EXCEPTIONS):
            return NOTHING
        if last in seeds().methods and receiver.labels:
            self.effect(seeds().methods[last], receiver.labels, f"?.{last}", call.line)
        is_told = not seeds().telling.isdisjoint(
            last.lower().split("_")
        ) and self.program.is_native(name)
        if call.labels and (is_told or self.program.is_opaque(name)):
            self.effect(OPAQUE, call.labels, name, call.line)
        refs: Refs = NO_REFS
        if last[:1].isupper() or name == "_socket.socket":
            refs = frozenset([("x", name)])
        if name in _SAME_ELEMENTS:
            held = {ref for each in call.arguments for ref in each.refs if ref[0] not in "kKp"}
            refs = limited(refs | held)
        return Value(refs, call.labels | receiver.labels)


def partial(call: Call) -> Value:
    """Return what ``functools.partial`` makes: a callable that holds data."""
    held = labels_of(call.star, *call.arguments[1:], *call.keywords.values())
    refs = frozenset(
        ("P", ref, held) if held and ref[0] in "fxc" else ref for ref in call.arguments[0].refs
    )
    return Value(refs, call.labels)


def _chosen(which: str | frozenset[int], call: Call, receiver: Value) -> Labels:
    if isinstance(which, str):
        return call.labels | receiver.labels if which == ANY else NO_LABELS
    labels = call.star.labels.union(*(call.at(position).labels for position in which))
    return labels if call.arguments else labels | call.labels


def _resolved(name: str, labels: Labels) -> Value:
    if name.startswith("gc."):  # any object of the process, whatever was asked for
        return Value(frozenset([("R", frozenset("*"))]), labels | {"*"})
    if name.startswith("builtins."):
        return Value(frozenset([("x", name)]), NO_LABELS)
    return Value(frozenset([("R", labels)]) if labels else NO_REFS, labels)
