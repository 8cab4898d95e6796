"""Summarise one function: statements and expressions (flow-insensitive)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .apply import Call, Receiver
from .calls import Calls
from .seeds import seeds
from .values import (
    ATTRIBUTE_OF_ARGUMENT,
    NO_LABELS,
    NO_REFS,
    NOTHING,
    Guard,
    Ref,
    Refs,
    Value,
    join,
    limited,
    ordered,
    refs_with,
)

if TYPE_CHECKING:
    from .ir import Body, Expr, Statement
    from .program import Program

MOST_PASSES = 4  # over one function in one run
SHORT_TEXT = 24  # characters; longer constants are no mode, name or module
RETURNED = "cixfbmRMWP"  # what a caller is told of a returned value
_NAMESPACES = {"builtins.globals", "builtins.vars", "builtins.locals"}


def analyse(program: Program, function: str) -> bool:
    """Summarise `function` again; say whether its summary grew."""
    return Frame(program, function).run()


class Frame(Calls):
    """One function being summarised."""

    def run(self) -> bool:
        """Go over the function until nothing new is found; say whether the summary grew."""
        for _ in range(MOST_PASSES):
            self.changed = False
            self._block(self.function.body, None)
            for index in list(self.active):
                nested = self.function.nested[index]
                if nested is not None:
                    self._block(nested.body, index)
            if not self.changed:
                break
        summary = self.summary
        summary.stores = {name: value.labels for name, value in self.own_fields.items()}
        self.program.summaries[self.full] = summary
        if self.size is not None:
            return summary.size() != self.size
        return any(summary.size())

    # -- statements

    def _block(self, body: Body, index: int | None) -> None:
        for statement in body:
            self._statement(statement, index)

    def _statement(self, statement: Statement, index: int | None) -> None:
        match statement:
            case ("=", local, expr):
                self.set(local, self.evaluate(expr))
            case ("e", expr):
                self.evaluate(expr)
            case ("r", expr):
                self._return(self.evaluate(expr), index)
            case ("A", target, attribute, expr):
                self.store(target, attribute, self.evaluate(expr))
            case ("S", target, key, expr, line):
                self._set_item(target, key, expr, line)
            case ("i", local, module, attribute):
                program = self.program
                by_name = attribute is not None
                refs = program.member(module, attribute) if by_name else program.module_ref(module)
                self.set(local, Value(refs, NO_LABELS))
            case ("G", _, expr):
                self.evaluate(expr)
            case ("?", local, truth, inner):
                self._guarded(local, truth, inner, index)
            case _:
                pass

    def _guarded(self, local: str, truth: bool, body: Body, index: int | None) -> None:  # noqa: FBT001 - a value
        outer = self.guard
        if outer is None and local in self.constant:
            self.guard = Guard(self.constant[local], truth)
        self._block(body, index)
        self.guard = outer

    def _return(self, value: Value, index: int | None) -> None:
        if index is not None:
            self.set(f"%r@{index}", value)
            return
        summary = self.summary
        refs = refs_with(value, RETURNED)
        chosen = [ref for ref in refs | summary.refs if ref[0] in "RMW"]
        if len(chosen) > 1:
            labels = NO_LABELS.union(*(ref[1] for ref in chosen))
            tag = "W" if all(ref[0] == "W" for ref in chosen) else "R"
            refs = (refs - set(chosen)) | {(tag, labels)}
            summary.refs -= set(chosen)
        if not refs <= summary.refs:
            summary.refs = limited(refs | summary.refs)
        summary.labels |= value.labels

    def store(self, target: Expr, attribute: str, value: Value) -> None:
        """Set an attribute."""
        if target and target[0] == "n" and target[1] == self.self_name:
            self.store_own(attribute, value)
            return
        on = self.evaluate(target)
        for ref in ordered(on.refs):
            if ref[0] == "m" and value.labels:
                self.effect("patch", value.labels, f"set {ref[1]}.{attribute}", 0)
        if target and target[0] == "n":
            self.set(target[1], Value(NO_REFS, value.labels))

    def _set_item(self, target: Expr, key: Expr, expr: Expr, line: int) -> None:
        on, at, value = self.evaluate(target), self.evaluate(key), self.evaluate(expr)
        for ref in ordered(on.refs):
            if ref[0] == "x" and ref[1] in seeds().items:
                kind = seeds().items[ref[1]]
                self.effect(kind, value.labels | at.labels, f"{ref[1]}[]", line)
            elif ref[0] == "R":
                self.effect("patch", ref[1], "setitem", line)
            elif ref[0] == "i":
                setter = self.program.method(ref[1], "__setitem__")
                self._call_method(setter, [at, value], Receiver(on, self._is_self(target)))
        self.weaken(target, value)

    def _call_method(self, method: str | None, arguments: list[Value], on: Receiver) -> Value:
        if method is None or method == self.full:
            return NOTHING
        return self.apply(method, Call(arguments, {}, NOTHING, 0), on)

    def _is_self(self, expr: Expr) -> bool:
        return expr is not None and expr == ("n", self.self_name)

    # -- expressions

    def evaluate(self, expr: Expr) -> Value:
        """Return the value of an expression, noting what evaluating it does."""
        if expr is None:
            return NOTHING
        match expr[0]:
            case "n":
                self.read.add(expr[1])
                return self.environment.get(expr[1], NOTHING)
            case "g":
                return Value(self.program.global_ref(self.module, expr[1]), NO_LABELS)
            case "a":
                return self.attribute(expr)[0]
            case "c":
                return self.call(expr)
            case "j":
                return self._any(expr[1])
            case "v":
                self._any(expr[1])
                return NOTHING
            case "s":
                return self._element(expr)
            case "l":
                return Value(frozenset([expr]), NO_LABELS)
            case _:
                return _literal(expr)

    def _any(self, exprs: tuple[Expr, ...]) -> Value:
        out = NOTHING
        for each in exprs:
            out = join(out, self.evaluate(each))
        return out

    def _element(self, expr: tuple[Expr, ...]) -> Value:
        out = self.evaluate(expr[1])
        if not expr[2]:
            return self._iterated(out, self._is_self(expr[1]))
        key = self.evaluate(expr[2])
        on = out
        for ref in ordered(on.refs):
            if ref[0] == "x" and key.labels:
                if ref[1] == "sys.modules":
                    return Value(frozenset([("M", key.labels)]), key.labels)
                if ref[1] in _NAMESPACES:
                    return Value(frozenset([("R", key.labels)]), key.labels)
            elif ref[0] == "i":
                getter = self.program.method(ref[1], "__getitem__")
                got = self._call_method(getter, [key], Receiver(on, self._is_self(expr[1])))
                out = join(out, got)
        return out

    def _iterated(self, value: Value, is_self: bool) -> Value:  # noqa: FBT001 - a value
        """Return what looping over a value gives: analysed iterators run."""
        out = value
        for ref in ordered(value.refs):
            for name in ("__iter__", "__next__") if ref[0] == "i" else ():
                method = self.program.method(ref[1], name)
                out = join(out, self._call_method(method, [], Receiver(value, is_self)))
        return out

    def attribute(self, expr: tuple[Expr, ...]) -> tuple[Value, Value, bool]:
        """Return the value of an attribute expression, of its base, and whether that is self."""
        base, name = expr[1], str(expr[2])
        if base and base[0] == "c" and base[1] == ("g", "super"):
            return self._of_super(name)
        on = self.evaluate(base)
        is_self = base is not None and base[0] == "n" and base[1] == self.self_name
        if name == "__dict__":
            refs = frozenset(("x", f"{ref[1]}.__dict__") for ref in on.refs if ref[0] in "mx")
            return Value(refs, on.labels), on, False
        found = NO_REFS.union(*(self._attribute_of(ref, name) for ref in on.refs))
        labels = on.labels
        if labels and not found and not is_self:
            found = ATTRIBUTE_OF_ARGUMENT
        if is_self and "c" not in self.function.flags:
            stored = self.own_fields.get(name, NOTHING)
            found |= stored.refs
            is_method = any(ref[0] == "b" for ref in found)
            labels = frozenset([0]) if is_method else frozenset([name]) | stored.labels
        return self._properties(Value(found, labels), on, is_self=is_self), on, is_self

    def _of_super(self, name: str) -> tuple[Value, Value, bool]:
        if not self.owner:
            return NOTHING, NOTHING, False
        found = self.program.find(self.owner, name, 1)
        refs = frozenset(("b", ref[1]) if ref[0] == "f" else ref for ref in found)
        on = self.environment.get(self.self_name or "", NOTHING)
        return Value(refs, NO_LABELS), on, True

    def _attribute_of(self, ref: Ref, name: str) -> Refs:
        if ref[0] in "RM":
            return frozenset([("R", ref[1])])
        found = self.program.attribute(ref, name)
        if found or ref[0] != "i":
            return found
        fields = self.program.fields
        return NO_REFS.union(
            *(
                fields[owner].get(name, NO_REFS)
                for _, owner in self.program.order(ref[1])
                if owner in fields
            )
        )

    def _properties(self, value: Value, on: Value, *, is_self: bool) -> Value:
        """Call the properties among the alternatives."""
        refs: set[Ref] = set()
        labels = value.labels
        for ref in ordered(value.refs):
            function = self.program.functions.get(ref[1]) if ref[0] == "b" else None
            if function is not None and "p" in function.flags:
                call = Call([], {}, NOTHING, function.line)
                result = self.apply(ref[1], call, Receiver(on, is_self))
                refs |= result.refs
                labels |= result.labels
            else:
                refs.add(ref)
        return Value(limited(frozenset(refs)), labels)


def _literal(expr: tuple[Any, ...]) -> Value:
    if expr[0] == "C":
        return Value(frozenset([("c", expr[1])]), NO_LABELS)
    text = expr[1]
    if isinstance(text, str) and len(text) < SHORT_TEXT:
        return Value(frozenset([("k", text)]), NO_LABELS)
    return NOTHING
