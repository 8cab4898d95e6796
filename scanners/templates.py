"""What rendering a Jinja template would look up, call and include. Never renders or compiles.

A kit (see `kits`): it imports jinja2, whose parser turns the text into a tree. The tree is read
with the constants folded, so that ``'__cla' ~ 'ss__'`` counts as the name it spells.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import jinja2
from jinja2 import nodes
from jinja2.ext import Extension, LoopControlExtension
from jinja2.parser import Parser

from .facts import TemplateUse, shorten
from .source import Malformed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_OPEN = 100  # brackets and blocks inside one another; the parser is recursive
DEEPEST = 20  # variables set from one another, and lookups in lookups
NAME = 200  # characters of a name that are kept
# Filters that look up the attribute that their first argument, or `attribute=`, names.
LOOKING_UP = {"attr", "map", "selectattr", "rejectattr", "groupby", "sort", "unique", "min", "max"}
LOOKING_UP |= {"sum"}
CHANGES: dict[str, Callable[[str], str]] = {  # filters that are worked out
    "lower": str.lower,
    "upper": str.upper,
    "trim": str.strip,
    "string": str,
    "safe": str,
    "reverse": lambda text: text[::-1],
}
FIELD = re.compile(r"\{[^{}.\[]*((?:\.[^{}.\[!:]+|\[[^\]]*\])+)")  # of str.format
STEP = re.compile(r"\.([^.\[]+)|\[([^\]]*)\]")
TOKENS = re.compile(
    r"\{%-?\s*(end)?(if|for|macro|set|filter|call|block|generation)\b|[(\[{]|[)\]}]"
)


class Generation(Extension):
    """``{% generation %}``, which marks what an assistant said; as chat templates use it."""

    tags = {"generation"}  # noqa: RUF012 - jinja2's own way

    def parse(self, parser: Parser) -> list[nodes.Node]:
        """Return what stands inside."""
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def uses(text: str, template: str) -> Iterator[TemplateUse]:
    """Yield each thing that `text`, kept under the key `template`, would look up, once.

    Raises:
        Malformed: It is no Jinja template, or nests deeper than any honest one.
    """
    _check_nesting(text)
    try:
        tree = _parse(text)
    except jinja2.TemplateSyntaxError as error:
        why = f"line {error.lineno}: {shorten(error.message or 'no template', NAME)}"
        raise Malformed("template", offset=0, why=why) from error
    except (ValueError, OverflowError) as error:  # odd escapes and numbers
        raise Malformed("template", offset=0, why=shorten(str(error), NAME)) from error
    seen: set[tuple[str, str]] = set()
    for kind, name in _Reading(tree).uses():
        if (kind, name) not in seen:
            seen.add((kind, name))
            yield TemplateUse(template=template, kind=kind, name=shorten(name, NAME))


def _parse(text: str) -> nodes.Template:
    environment = jinja2.Environment(  # noqa: S701 - nothing is rendered
        extensions=[LoopControlExtension, Generation]
    )
    return Parser(environment, text).parse()  # Environment.parse imports more on an error


_parse(r"{{ '\n' ~ 1.5 }}")  # has every codec and expression loaded before the lock


def _check_nesting(text: str) -> None:
    """Refuse nesting that would take the recursive parser too deep; text in strings counts too."""
    depth = 0
    for token in TOKENS.finditer(text):
        closes = token[1] or token[0] in ")]}"
        depth = max(0, depth - 1) if closes else depth + 1
        if depth > MAX_OPEN:
            raise Malformed("template", offset=token.start(), why=f"nests over {MAX_OPEN} deep")


class _Reading:
    """One walk over a parsed template."""

    def __init__(self, tree: nodes.Template) -> None:
        self._tree = tree
        self._bound: set[str] = set()
        self._values: dict[str, list[nodes.Node]] = {}
        for node in _all(tree):
            if isinstance(node, nodes.Name) and node.ctx in {"store", "param"}:
                self._bound.add(node.name)
            if isinstance(node, nodes.Assign) and isinstance(node.target, nodes.Name):
                self._values.setdefault(node.target.name, []).append(node.node)

    def uses(self) -> Iterator[tuple[str, str]]:
        """Yield (kind, name) for everything that is looked up."""
        for node in _all(self._tree):
            match node:
                case nodes.Getattr():
                    yield "attribute", node.attr
                case nodes.Getitem():
                    yield from self._item(node.arg)
                case nodes.Filter():
                    yield "filter", node.name
                    yield from self._filter(node)
                case nodes.Test():
                    yield "test", node.name
                case nodes.Call():
                    yield from self._call(node)
                case nodes.Name(ctx="load") if node.name not in self._bound:
                    yield "name", node.name
                case nodes.Name(ctx="load"):
                    pass
                case nodes.Include() | nodes.Import() | nodes.FromImport() | nodes.Extends():
                    yield "include", " or ".join(self._folded(node.template)) or ""
                case _:
                    pass

    def _item(self, key: nodes.Node) -> Iterator[tuple[str, str]]:
        """A text in brackets is looked up as an attribute where there is no such item."""
        folded = self._folded(key)
        for name in folded:
            yield "item", name
        if not folded and self._is_built(key):
            yield "computed", ""

    def _filter(self, node: nodes.Filter) -> Iterator[tuple[str, str]]:
        if node.name not in LOOKING_UP:
            return
        named = [pair.value for pair in node.kwargs if pair.key == "attribute"]
        if node.name == "map":  # its first argument is a filter's name
            keys = named
        elif node.name in {"attr", "selectattr", "rejectattr", "groupby"}:
            keys = named + node.args[:1]
        else:
            keys = named
        for key in keys:
            folded = self._folded(key)
            for name in folded:
                yield from (("attribute", step) for step in name.split("."))
            if not folded and not isinstance(key, nodes.Const):
                yield "computed", node.name

    def _call(self, node: nodes.Call) -> Iterator[tuple[str, str]]:
        """``"{0.name}".format(x)`` looks up attributes that stand in the text alone."""
        called = node.node
        if not isinstance(called, nodes.Getattr) or called.attr not in {"format", "format_map"}:
            return
        folded = self._folded(called.node)
        for text in folded:
            for field in FIELD.finditer(text):
                yield from (("attribute", a or b) for a, b in STEP.findall(field[1]))
        if not folded and self._is_built(called.node):
            yield "computed", called.attr

    def _folded(self, node: nodes.Node, depth: int = 0) -> list[str]:
        """Return every text that an expression can be as far as constants say; [] if unknown."""
        if depth > DEEPEST:
            return []
        match node:
            case nodes.Const():
                return [node.value] if isinstance(node.value, str) else []
            case nodes.TemplateData():
                return [node.data]
            case nodes.Name():
                values = self._values.get(node.name, [])
                return [text for value in values for text in self._folded(value, depth + 1)]
            case nodes.Concat():
                return self._joined(node.nodes, depth)
            case nodes.Add():
                return self._joined([node.left, node.right], depth)
            case nodes.CondExpr():
                branches = [node.expr1, *([node.expr2] if node.expr2 else [])]
                return [text for each in branches for text in self._folded(each, depth + 1)]
            case nodes.Filter() if node.node is not None:
                return self._filtered(node, depth)
            case _:
                return []

    def _joined(self, parts: list[nodes.Expr], depth: int) -> list[str]:
        texts = [self._folded(part, depth + 1)[:1] for part in parts]
        return ["".join(text for (text,) in texts)] if all(texts) else []

    def _filtered(self, node: nodes.Filter, depth: int) -> list[str]:
        if node.name == "join" and isinstance(node.node, nodes.List | nodes.Tuple):
            glue = self._folded(node.args[0], depth + 1)[:1] if node.args else [""]
            items = [self._folded(item, depth + 1)[:1] for item in node.node.items]
            return [glue[0].join(i for (i,) in items)] if glue and all(items) else []
        change = CHANGES.get(node.name)
        if change is None or node.node is None:
            return []
        return [change(text) for text in self._folded(node.node, depth + 1)]

    def _is_built(self, node: nodes.Node, depth: int = 0) -> bool:
        """Whether an expression works on texts of the template, rather than on what it is given."""
        if depth > DEEPEST:
            return True
        match node:
            case nodes.Concat():
                return True
            case nodes.BinExpr():
                return any(
                    isinstance(each, nodes.Const) and isinstance(each.value, str)
                    for each in _all(node)
                )
            case nodes.Name():
                values = self._values.get(node.name, [])
                return any(self._is_built(value, depth + 1) for value in values)
            case nodes.Const():
                return depth > 0 and isinstance(node.value, str)
            case nodes.List() | nodes.Tuple() | nodes.Dict():
                return True
            case nodes.Getitem() | nodes.Getattr() | nodes.Call():
                return self._is_built(node.node, depth + 1)
            case nodes.Filter() if node.node is not None:
                return self._is_built(node.node, depth + 1)
            case _:
                return False


def _all(tree: nodes.Node) -> Iterator[nodes.Node]:
    """Yield every node, the outer before the inner, in the order of the text."""
    pending = [tree]
    while pending:
        node = pending.pop()
        yield node
        pending += reversed(list(node.iter_child_nodes()))
