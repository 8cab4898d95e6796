"""Which texts an expression of a template may come to, as far as the template itself says.

Nothing runs. Each variable holds every text that the template may give it, whichever way; the
estimates grow until they stand still. Text from outside is told apart from text that the template
puts together: a conversation's fields are looked up by the former, hidden names are the latter.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jinja2 import nodes

from .record import replace
from .template_values import (
    BUILT,
    CHANGES,
    GIVEN,
    NOTHING,
    Texts,
    changed,
    constant,
    either,
    joined,
    layered,
    one_of,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

DEEPEST = 60  # expressions in one another
ROUNDS = 12  # of estimates; variables that are set in the order of their use need two

ARGUMENTS, CALLER = " arguments", " caller"  # stand for variables; no name has a space

NUMBERS = frozenset({"length", "count", "int", "float", "abs", "round", "wordcount", "index"}) | {
    "startswith", "endswith", "isdigit", "find", "rfind", "rindex",
}  # fmt: skip
LOOP_NUMBERS = frozenset({"index", "index0", "revindex", "revindex0", "length", "depth", "depth0"})
# What whoever wrote the tokenizer's files chose, and blocks of the template: nobody's conversation.
OURS = re.compile(r"\w*_tokens?|additional_special_tokens|self|super|caller")
CHOOSING = frozenset({"first", "last", "random", "min", "max", "pop", "get"})
KEEPING = frozenset({"list", "sort", "unique", "reverse", "keys", "values", "copy"})
PAIRING = frozenset({"items", "dictsort"})
ADDING = frozenset({"append", "extend", "insert", "update", "setdefault", "add"})
HOLDERS = frozenset({"dict", "namespace", "cycler", "joiner"})


def everything(tree: nodes.Node) -> Iterator[nodes.Node]:
    """Yield every node, the outer before the inner, in the order of the text."""
    pending = [tree]
    while pending:
        node = pending.pop()
        yield node
        pending += reversed(list(node.iter_child_nodes()))


class Variables:
    """What the variables of a template may hold."""

    def __init__(self, tree: nodes.Template) -> None:
        """Follow every way in which the template gives a variable a value."""
        self._values: dict[str, list[nodes.Expr]] = {}
        self._macros = {
            node.name: node for node in everything(tree) if isinstance(node, nodes.Macro)
        }
        self._macros_escape = _escape(tree, self._macros.keys())
        for node in everything(tree):
            self._bind_statement(node)
            if isinstance(node, nodes.Call):
                self._bind_arguments(node)
        self._held = dict.fromkeys(self._values, NOTHING)
        self._worked_out: dict[int, Texts] = {}  # by id of a node, for one estimate
        self._estimate()
        self._worked_out.clear()

    def _estimate(self) -> None:
        for _ in range(ROUNDS):
            still = True
            self._worked_out.clear()
            for name, values in self._values.items():
                found = either(self.texts(value) for value in values)
                still &= found == self._held[name]
                self._held[name] = found
            if still:
                return
        self._held = dict.fromkeys(self._values, BUILT)

    # --- Which values a variable is given ---------------------------------------------------------

    def _bind_statement(self, node: nodes.Node) -> None:
        match node:
            case nodes.Assign(node=nodes.Expr() as value):
                self._bind(node.target, value)
            case nodes.AssignBlock():
                self._bind(node.target, _rendered(node))
            case nodes.For(iter=nodes.Expr() as holder):
                self._bind(node.target, _first(holder))
            case nodes.With():
                for target, value in zip(node.targets, node.values, strict=True):
                    self._bind(target, value)
            case nodes.Macro() | nodes.CallBlock():
                defaulted = node.args[len(node.args) - len(node.defaults) :]
                for target, value in zip(defaulted, node.defaults, strict=True):
                    self._bind(target, value)
                outside = ARGUMENTS if isinstance(node, nodes.Macro) else CALLER
                for target in node.args:
                    self._bind(target, nodes.Name(outside, "load"))
            case _:
                pass

    def _bind(self, target: nodes.Node, value: nodes.Expr) -> None:
        match target:
            case nodes.Name():
                self._give(target.name, value)
            case nodes.NSRef():
                self._give(f".{target.attr}", value)  # whatever the namespace is called elsewhere
            case nodes.Tuple() | nodes.List():
                paired = isinstance(value, nodes.Tuple | nodes.List)
                items = value.items if isinstance(value, nodes.Tuple | nodes.List) else []
                same = paired and len(items) == len(target.items)
                for number, each in enumerate(target.items):
                    self._bind(each, items[number] if same else _first(value))
            case _:
                pass

    def _bind_arguments(self, call: nodes.Call) -> None:
        """Give the arguments of a call to the variables that may receive them."""
        given = [*call.args, *(pair.value for pair in call.kwargs)]
        given += [_first(each) for each in (call.dyn_args, call.dyn_kwargs) if each]
        match call.node:
            case nodes.Name(name="caller"):
                self._give_all(CALLER, given)
            case nodes.Name() if call.node.name in self._macros:
                macro = self._macros[call.node.name]
                for target, value in zip(macro.args, call.args, strict=False):
                    self._bind(target, value)
                for pair in call.kwargs:
                    self._give(pair.key, pair.value)
                for name in ("varargs", "kwargs"):
                    self._give(name, nodes.List(given))
            case nodes.Getattr() if call.node.attr in ADDING:
                self._give_all(_name_of(call.node.node), [nodes.List(given)])
            case _ if self._macros_escape:  # it may be a macro under another name
                self._give_all(ARGUMENTS, given)
            case _:
                pass

    def _give(self, name: str, value: nodes.Expr) -> None:
        self._values.setdefault(name, []).append(value)

    def _give_all(self, name: str, values: Sequence[nodes.Expr]) -> None:
        for value in values:
            self._give(name, value)

    # --- What an expression comes to --------------------------------------------------------------

    def texts(self, node: nodes.Node | None, depth: int = 0) -> Texts:
        """Return the texts that `node` may come to; each node is worked out once."""
        if depth > DEEPEST:
            return BUILT
        found = self._worked_out.get(id(node))
        if found is None:
            found = self._worked_out[id(node)] = self._texts(node, depth)
        return found

    def _texts(self, node: nodes.Node | None, depth: int) -> Texts:
        match node:
            case nodes.Const():
                return constant(node.value)
            case nodes.TemplateData():
                return constant(node.data)
            case nodes.Name():
                return self._variable(node.name)
            case nodes.Getattr():
                return self._chosen(node.node, node.attr, depth)
            case nodes.Getitem() if not isinstance(node.arg, nodes.Slice):
                key = node.arg.value if isinstance(node.arg, nodes.Const) else None
                return self._chosen(node.node, key, depth)
            case nodes.Getitem():
                return self._worked_on([node.node], depth, is_made=True)
            case nodes.List() | nodes.Tuple() | nodes.Dict():
                return self._held_by(node, depth)
            case _:
                return self._computed(node, depth + 1)

    def _computed(self, node: nodes.Node | None, depth: int) -> Texts:
        match node:
            case None:  # what a filter block is about
                return GIVEN
            case nodes.Concat():
                found = [self.texts(part, depth) for part in node.nodes]
                return joined("", found) or BUILT
            case nodes.Add():
                return self._sum(node, depth)
            case nodes.Mod() | nodes.Mul():
                return self._worked_on([node.left, node.right], depth)
            case nodes.CondExpr():
                return either(self.texts(each, depth) for each in (node.expr1, node.expr2) if each)
            case nodes.And() | nodes.Or():
                return either(self.texts(each, depth) for each in (node.left, node.right))
            case nodes.Filter():
                return self._filtered(node, depth)
            case nodes.Call():
                return self._called(node, depth)
            case _:
                return NOTHING

    def _variable(self, name: str) -> Texts:
        if OURS.fullmatch(name):
            return either([BUILT, self._held.get(name, NOTHING)])
        return self._held.get(name, GIVEN)

    def _chosen(self, holder: nodes.Node, key: object, depth: int) -> Texts:
        """Return what an item or attribute of `holder` may be."""
        if self._is_loop(holder) and key in LOOP_NUMBERS:
            return NOTHING
        set_elsewhere = self._held.get(f".{key}", NOTHING)
        return either([set_elsewhere, one_of(self.texts(holder, depth + 1))])

    def _is_loop(self, node: nodes.Node) -> bool:
        return isinstance(node, nodes.Name) and node.name == "loop" and "loop" not in self._held

    def _held_by(self, node: nodes.Node, depth: int) -> Texts:
        inner = [item for pair in node.iter_child_nodes() for item in _sides(pair)]
        return layered(self.texts(item, depth + 1) for item in inner)

    def _sum(self, node: nodes.Add, depth: int) -> Texts:
        parts = [self.texts(node.left, depth), self.texts(node.right, depth)]
        if any(part.layers for part in parts):
            return either(parts)
        if any(part.known or part.built for part in parts):
            return joined("", parts) or BUILT
        both = all(part.given for part in parts)  # a sum with a number is a number
        return replace(either(parts), is_made=both or any(part.is_made for part in parts))

    def _worked_on(
        self, parts: Sequence[nodes.Node | None], depth: int, *, is_made: bool = False
    ) -> Texts:
        """Return what comes of a change that is not followed."""
        found = either(self.texts(part, depth + 1) for part in parts)
        if found.layers:
            return found
        if found.known or found.built:
            return BUILT
        return replace(found, is_made=found.is_made or (found.given and is_made))

    def _filtered(self, node: nodes.Filter, depth: int) -> Texts:
        about = self.texts(node.node, depth)
        match node.name:
            case name if name in NUMBERS:
                return NOTHING
            case "default" | "d":
                return either([about, *(self.texts(each, depth) for each in node.args[:1])])
            case name if name in CHOOSING:
                return one_of(about)
            case name if name in KEEPING | PAIRING and about.layers:
                return layered([about]) if name in PAIRING else about
            case name if name in CHANGES and not about.layers:
                return changed(about, name)
            case "join":
                return self._join(node, depth)
            case _:
                more = _arguments(node)
                return self._worked_on([node.node, *more], depth, is_made=bool(more))

    def _join(self, node: nodes.Filter, depth: int) -> Texts:
        glue = self.texts(node.args[0], depth) if node.args else Texts(known=frozenset({""}))
        if (
            isinstance(node.node, nodes.List | nodes.Tuple)
            and len(glue.known) == 1
            and glue.is_exact
        ):
            found = [self.texts(item, depth) for item in node.node.items]
            made = joined(next(iter(glue.known)), found)
            if made:
                return made
        return BUILT  # letters of given texts, too, spell any name

    def _called(self, node: nodes.Call, depth: int) -> Texts:
        if isinstance(node.node, nodes.Name):
            if node.node.name in HOLDERS:
                keys = [constant(pair.key) for pair in node.kwargs]
                found = [self.texts(each, depth) for each in _arguments(node)]
                return layered([*keys, *found])
            if node.node.name in self._macros or node.node.name == "loop":
                return BUILT
        if isinstance(node.node, nodes.Getattr):
            return self._method(node, node.node, depth)
        more = _arguments(node)
        return self._worked_on([node.node, *more], depth, is_made=bool(more))

    def _method(self, call: nodes.Call, method: nodes.Getattr, depth: int) -> Texts:
        about, more = self.texts(method.node, depth), _arguments(call)
        match method.attr:
            case "join":
                return BUILT
            case "cycle" if self._is_loop(method.node):
                return either(self.texts(each, depth) for each in more)
            case name if about.built or f".{name}" in self._held:  # it may be a block or a macro
                return self._worked_on([method, *more], depth)
            case name if name in NUMBERS:
                return NOTHING
            case name if name in CHOOSING:
                return either([one_of(about), *(self.texts(each, depth) for each in call.args[1:])])
            case name if name in KEEPING | PAIRING and about.layers:
                return layered([about]) if name in PAIRING else about
            case name if name in CHANGES and not more and not about.layers:
                return changed(about, name)
            case _:
                return self._worked_on([method.node, *more], depth, is_made=bool(more))


def _arguments(call: nodes.Call | nodes.Filter) -> list[nodes.Expr]:
    more = [each for each in (call.dyn_args, call.dyn_kwargs) if each]
    return [*call.args, *(pair.value for pair in call.kwargs), *more]


def _sides(item: nodes.Node) -> list[nodes.Expr]:
    if isinstance(item, nodes.Pair):
        return [item.key, item.value]
    return [item] if isinstance(item, nodes.Expr) else []


def _first(holder: nodes.Expr) -> nodes.Expr:
    return nodes.Getitem(holder, nodes.Const(0), "load")


def _escape(tree: nodes.Node, macros: Collection[str]) -> bool:
    """Return whether a macro is used in any other way than by a call of its name."""
    names = [node.name for node in everything(tree) if isinstance(node, nodes.Name)]
    calls = [node.node for node in everything(tree) if isinstance(node, nodes.Call)]
    called = [node.name for node in calls if isinstance(node, nodes.Name)]
    return sum(name in macros for name in names) > sum(name in macros for name in called)


def _name_of(node: nodes.Node) -> str:
    """Return the variable, or the field of a namespace, that an expression names."""
    match node:
        case nodes.Name():
            return node.name
        case nodes.Getattr():
            return f".{node.attr}"
        case nodes.Getitem() if isinstance(node.arg, nodes.Const):
            return f".{node.arg.value}"
        case _:
            return ""


def _rendered(block: nodes.AssignBlock) -> nodes.Expr:
    """Return what ``{% set x %}…{% endset %}`` holds, as one expression."""
    parts: list[nodes.Expr] = []
    for each in block.body:
        parts += each.nodes if isinstance(each, nodes.Output) else [nodes.Const(None)]
    return nodes.Concat([*parts, nodes.Const(None)] if block.filter else parts)
