"""What rendering a Jinja template would look up, call and include. Never renders or compiles.

A kit (see `kits`): it imports jinja2, whose parser turns the text into a tree. The tree is read
with the constants folded, so that ``'__cla' ~ 'ss__'`` counts as the name it spells.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import jinja2
from jinja2 import nodes
from jinja2.ext import ExprStmtExtension, Extension, LoopControlExtension
from jinja2.parser import Parser

from .facts import TemplateUse, shorten
from .limits import Exceeded
from .source import Malformed
from .template_texts import Variables, everything
from .template_values import LONGEST

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

MAX_OPEN = 100  # brackets and blocks inside one another; the parser is recursive
NAME = 200  # characters of a name that are kept
LOOKING_UP = {  # filters that look up the attribute that an argument names, and which one
    "attr": 0,
    "groupby": 0,
    "map": 0,
    "max": 1,
    "min": 1,
    "rejectattr": 0,
    "selectattr": 0,
    "sort": 2,
    "sum": 0,
    "unique": 1,
}
WORD, UNDER = re.compile(r"\w+"), re.compile(r"__\w+__")
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
        Exceeded: It nests too deeply for the recursive parser, in ways that are not counted.
    """
    _check_nesting(text)
    try:
        tree = _parse(text)
    except jinja2.TemplateSyntaxError as error:
        why = f"line {error.lineno}: {shorten(error.message or 'no template', NAME)}"
        raise Malformed("template", offset=0, why=why) from error
    except RecursionError as error:  # many kinds of nesting together, and operators
        raise Exceeded("depth", MAX_OPEN, "nesting of a template") from error
    except (ValueError, OverflowError) as error:  # odd escapes and numbers
        raise Malformed("template", offset=0, why=shorten(str(error), NAME)) from error
    seen: set[tuple[str, str]] = set()
    looked_up: set[str] = set()
    for kind, name in _Reading(tree).uses():
        if (kind, name) not in seen and not (kind == "text" and name in looked_up):
            seen.add((kind, name))
            looked_up.add(name)
            yield TemplateUse(template=template, kind=kind, name=shorten(name, NAME))


def _parse(text: str) -> nodes.Template:
    environment = jinja2.Environment(  # noqa: S701 - nothing is rendered
        extensions=[LoopControlExtension, ExprStmtExtension, Generation]
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
        self._variables = Variables(tree)
        self._bound: set[str] = set()
        for node in everything(tree):
            if isinstance(node, nodes.Name) and node.ctx in {"store", "param"}:
                self._bound.add(node.name)

    def uses(self) -> Iterator[tuple[str, str]]:
        """Yield (kind, name) for everything that is looked up; texts that may be, last."""
        for node in everything(self._tree):
            match node:
                case nodes.Getattr():
                    yield "attribute", node.attr
                    yield from self._format(node)
                case nodes.Getitem():
                    yield from self._item(node.arg)
                case nodes.Filter():
                    yield "filter", node.name
                    yield from self._filter(node)
                case nodes.Test():
                    yield "test", node.name
                case nodes.Name(ctx="load") if node.name not in self._bound:
                    yield "name", node.name
                case nodes.Include() | nodes.Import() | nodes.FromImport() | nodes.Extends():
                    texts = self._variables.texts(node.template)
                    yield "include", " or ".join(sorted(texts.known))
                case _:
                    pass
        for node in everything(self._tree):
            yield from _texts(node)

    def _item(self, key: nodes.Node) -> Iterator[tuple[str, str]]:
        """A text in brackets is looked up as an attribute where there is no such item."""
        found = self._variables.texts(key)
        for name in sorted(found.known):
            yield "item", name
        if found.is_computed:
            yield "computed", ""

    def _filter(self, node: nodes.Filter) -> Iterator[tuple[str, str]]:
        if node.name == "map":
            keys = yield from self._mapped(node)
        elif node.name in LOOKING_UP:
            at = LOOKING_UP[node.name]
            keys = node.args[at : at + 1]
        else:
            return
        keys += [pair.value for pair in node.kwargs if pair.key in {"attribute", "name"}]
        for key in keys:
            found = self._variables.texts(key)
            for name in sorted(found.known):
                yield from (("attribute", step) for step in re.split("[.,]", name))
            if found.built or found.given:
                yield "computed", node.name
        if node.dyn_args or node.dyn_kwargs:
            yield "computed", node.name

    def _mapped(self, node: nodes.Filter) -> Generator[tuple[str, str], None, list[nodes.Expr]]:
        """Yield the filter that `map` applies; return what that one may look up."""
        if not node.args:
            return []
        applied = self._variables.texts(node.args[0])
        for name in sorted(applied.known):
            yield "filter", name
        if applied.built or applied.given:
            yield "computed", node.name
        return node.args[1:] if applied.known & LOOKING_UP.keys() else []

    def _format(self, node: nodes.Getattr) -> Iterator[tuple[str, str]]:
        """``"{0.name}".format(x)`` looks up attributes that stand in the text alone."""
        if node.attr not in {"format", "format_map"}:
            return
        found = self._variables.texts(node.node)
        for text in sorted(found.known):
            yield from (("attribute", step) for step in _steps(text))
        if found.is_computed:
            yield "computed", node.attr


def _steps(text: str) -> Iterator[str]:
    """Yield what the fields of a text for `str.format` look up."""
    for field in FIELD.finditer(text):
        yield from (a or b for a, b in STEP.findall(field[1]))


def _texts(node: nodes.Node) -> Iterator[tuple[str, str]]:
    """Yield each of Python's own names that stands alone in a constant: it may be looked up."""
    match node:
        case nodes.Const(value=str() as text):
            words = WORD.findall(text[:LONGEST])
            if all(map(UNDER.fullmatch, words)):
                yield from (("text", word) for word in words)
            yield from (("text", step) for step in _steps(text) if UNDER.fullmatch(step))
        case nodes.TemplateData() if UNDER.fullmatch(node.data.strip()):
            yield "text", node.data.strip()  # of a block that is looked up by what it says
        case nodes.Keyword() if UNDER.fullmatch(node.key):
            yield "text", node.key
        case _:
            pass
