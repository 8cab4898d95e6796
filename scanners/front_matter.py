"""YAML front matter as plain values, without tags or anything that runs.

A kit (see `kits`): it imports PyYAML, of which only the composer is used: a tree of text. Nothing
is constructed from it but mappings, lists and text. An alias is what it stands for, once for each
time that it stands there: so a text is as large as it would be without aliases, or is refused.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import yaml

from .facts import shorten
from .record import record
from .source import Malformed

if TYPE_CHECKING:
    from .documents import Key

BLANKS = " \t\r\n"
MARK = "\ufeff"  # of byte order
MAX_DEPTH = 40  # levels; the parser is recursive, and honest cards have six
DEEPEST = 12  # steps of a key; deeper values keep no place
MAX_VALUES = 100_000
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml, ten times as fast, if it is there


@record
class Read:
    """One document of YAML. Every scalar is the text it stands for, or None."""

    values: Any
    repeated: tuple[str, ...]  # keys that a mapping holds twice; the last value stands
    spans: dict[Key, tuple[int, int]]  # characters of the text that each value fills


def read(text: str) -> tuple[Any, tuple[str, ...]]:
    """Return the one document in `text`, and the keys that a mapping in it holds twice.

    Every scalar is the text it stands for; of a repeated key, the last value stands.

    Raises:
        Malformed: It is no YAML, or has aliases, or is too deep or too large.
    """
    found = read_placed(text)
    return found.values, found.repeated


def read_placed(text: str, *, follow_aliases: bool = False) -> Read:
    """Return the one document in `text`, with the place of each value.

    Raises:
        Malformed: It is no YAML, or is too deep or too large, or has aliases that are not followed.
    """
    try:
        _check(text, follow_aliases=follow_aliases)
        node = yaml.compose(text, Loader=LOADER)
    except yaml.YAMLError as error:
        raise Malformed("front matter", offset=0, why=shorten(_why(error), 200)) from error
    except (ValueError, RecursionError) as error:
        raise Malformed("front matter", offset=0, why=shorten(str(error), 200)) from error
    plain = _Plain(text)
    values = None if node is None else plain.of(node, ())
    return Read(values, tuple(plain.repeated), plain.spans)


def _check(text: str, *, follow_aliases: bool) -> None:
    """Look at the events before a tree is made of them."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=LOADER)):
        at = event.start_mark.index if event.start_mark else 0  # characters
        if isinstance(event, yaml.AliasEvent) and not follow_aliases:
            raise Malformed("front matter", offset=at, why="an alias")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH or count > MAX_VALUES:
            raise Malformed("front matter", offset=at, why="too deep or too long")


def _why(error: yaml.YAMLError) -> str:
    problem = getattr(error, "problem", None) or "not YAML"
    mark = getattr(error, "problem_mark", None)
    return f"{problem}, line {mark.line + 1}" if mark else str(problem)


class _Plain:
    """A tree of nodes as plain values, and what is noticed on the way."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.repeated: dict[str, None] = {}
        self.spans: dict[Key, tuple[int, int]] = {}
        self._seen = 0
        self._places: dict[int, tuple[int, int]] = {}  # of a node, which aliases lead to again

    def of(self, node: yaml.Node, key: Key) -> Any:  # noqa: ANN401 - see `Read`
        self._seen += 1
        if (
            len(key) > MAX_DEPTH or self._seen > MAX_VALUES
        ):  # aliases can repeat, and hold themselves
            raise Malformed("front matter", offset=0, why="too deep or too long with its aliases")
        self._place(node, key)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, key)
        if isinstance(node, yaml.SequenceNode):
            return [self.of(item, (*key, number)) for number, item in enumerate(node.value)]
        return None if node.tag == "tag:yaml.org,2002:null" else str(node.value)

    def _mapping(self, node: yaml.MappingNode, key: Key) -> dict[str, Any]:
        names = [_key(name) for name, _ in node.value]
        if len(set(names)) < len(names):
            counts = Counter(names)
            self.repeated.update((name, None) for name in names if counts[name] > 1)
        pairs = zip(names, node.value, strict=True)
        return {name: self.of(value, (*key, name)) for name, (_, value) in pairs}

    def _place(self, node: yaml.Node, key: Key) -> None:
        """Keep where a value stands, without the blanks and remarks that end a block."""
        start, end = node.start_mark, node.end_mark
        if (
            start and end and len(key) <= DEEPEST and not self._text.startswith(MARK)
        ):  # libyaml does not count it
            if id(node) not in self._places:
                length = len(self._text[start.index : end.index].rstrip(BLANKS))
                self._places[id(node)] = start.index, start.index + length
            self.spans[key] = self._places[id(node)]


def _key(node: yaml.Node) -> str:
    return str(node.value) if isinstance(node, yaml.ScalarNode) else "?"
