"""YAML of any kind as plain values, with its tags and aliases, of which nothing is ever made.

A kit (see `kits`): it imports PyYAML, of which only the parser is used: a stream of events. A front
matter (`front_matter`) has neither tags nor aliases; configurations have both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from .facts import shorten
from .record import field, record
from .shapes import is_list
from .source import Malformed

if TYPE_CHECKING:
    from collections.abc import Callable

    from .documents import Key

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml, ten times as fast, if it is there
TICK = 4096  # events between two looks at the clock
MAX_DEPTH = 400  # levels; PyYAML's own composer, which calls itself, ends at about a thousand
MAX_PLACED = 256 << 10  # characters of a text whose values keep their places
STEPS = 24  # of a key that keeps its place
NULL = "tag:yaml.org,2002:null"
NULLS = frozenset({"null", "Null", "NULL", "~"})


@record
class Tagged:
    """A value with a tag of its own, in full: ``tag:yaml.org,2002:python/name:os.system``."""

    tag: str
    value: Any


class Table(dict[str, Any]):
    """A mapping; `odd` holds its keys that are no plain texts, and values of repeated keys.

    Loaders make all of these, though only the last value of a repeated key stays.
    """

    def __init__(self) -> None:
        """Begin without items."""
        super().__init__()
        self.odd: list[Any] = []


@record(frozen=False)
class Tree:
    """The documents of one text. An alias is the value itself, which may so be in itself."""

    documents: list[Any] = field(default_factory=list[Any])
    spans: dict[Key, tuple[int, int]] = field(default_factory=dict["Key", tuple[int, int]])
    broken: Malformed | None = None  # what ended the reading; the documents before it stand


def read(text: str, check_time: Callable[[], None] = lambda: None) -> Tree:
    """Return what is in `text`, as far as it can be read."""
    tree = Tree()
    builder = _Builder(tree, is_placed=len(text) <= MAX_PLACED)
    try:
        for count, event in enumerate(yaml.parse(text, Loader=LOADER)):
            if not count % TICK:
                check_time()
            builder.take(event)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        why = getattr(error, "problem", None) or "not YAML"
        at = len(text[: mark.index].encode("utf-8", "replace")) if mark else 0
        tree.broken = Malformed("YAML", offset=at, why=shorten(str(why), 200))
    except (ValueError, OverflowError) as error:  # a character that there is not
        tree.broken = Malformed("YAML", offset=0, why=shorten(str(error), 200))
    except Malformed as error:
        tree.broken = error
    return tree


def untagged(value: Any, made: dict[int, Any] | None = None) -> Any:  # noqa: ANN401 - of any shape
    """Return a value without its tags, and with None where a plain reader has it.

    What is in itself by an alias stays so.
    """
    made = {} if made is None else made
    while isinstance(value, Tagged):
        value = value.value
    if id(value) in made:
        return made[id(value)]
    if isinstance(value, Table):
        table: dict[str, Any] = {}
        made[id(value)] = table
        table.update({name: untagged(each, made) for name, each in value.items()})
        return table
    if is_list(value):
        items: list[Any] = []
        made[id(value)] = items
        items.extend(untagged(each, made) for each in value)
        return items
    return None if value in NULLS else value


class _Open:
    """A collection whose end has not come yet."""

    def __init__(self, value: list[Any] | Table, key: Key, start: int) -> None:
        self.value, self.key, self.start = value, key, start
        self.name: str | None = None  # of the value that comes next in a mapping
        self.is_key = True

    def next_key(self) -> Key:
        if isinstance(self.value, list):
            return (*self.key, len(self.value))
        return (*self.key, self.name if self.name is not None else "?")

    def put(self, value: Any) -> None:  # noqa: ANN401 - of any shape
        if isinstance(self.value, list):
            self.value.append(value)
        elif self.is_key:
            plain = value.value if isinstance(value, Tagged) else value
            self.name = plain if isinstance(plain, str) else None
            if value is not None and not isinstance(value, str):
                self.value.odd.append(value)
            self.is_key = False
        else:
            self._put_value(value, self.value)
            self.is_key = True

    def _put_value(self, value: Any, table: Table) -> None:  # noqa: ANN401 - of any shape
        if self.name is None:
            table.odd.append(value)
            return
        if self.name in table:
            table.odd.append(table[self.name])
        table[self.name] = value


class _Builder:
    """Makes values of events, one after the other."""

    def __init__(self, tree: Tree, *, is_placed: bool) -> None:
        self._tree, self._is_placed = tree, is_placed
        self._open: list[_Open] = [_Open(tree.documents, (), 0)]
        self._anchors: dict[str, Any] = {}

    def take(self, event: yaml.Event) -> None:
        top = self._open[-1]
        match event:
            case yaml.DocumentStartEvent():
                self._anchors = {}
            case yaml.AliasEvent():
                top.put(self._anchors.get(str(event.anchor)))
            case yaml.ScalarEvent():
                self._scalar(event, top)
            case yaml.SequenceStartEvent():
                self._begin(event, top, [])
            case yaml.MappingStartEvent():
                self._begin(event, top, Table())
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                ended = self._open.pop()
                self._place(ended.key, ended.start, _index(event.end_mark))
            case _:
                pass

    def _begin(
        self, event: yaml.CollectionStartEvent, top: _Open, value: list[Any] | Table
    ) -> None:
        if len(self._open) > MAX_DEPTH:
            raise Malformed("YAML", offset=0, why="nests too deeply")
        key, start = top.next_key(), _index(event.start_mark)
        self._keep(event, top, value)
        self._open.append(_Open(value, key, start))

    def _scalar(self, event: yaml.ScalarEvent, top: _Open) -> None:
        is_key = isinstance(top.value, Table) and top.is_key
        if not is_key:
            self._place(top.next_key(), _index(event.start_mark), _index(event.end_mark))
        is_null = event.value == "" and event.implicit[0] and not is_key
        self._keep(event, top, None if is_null else event.value)

    def _keep(self, event: yaml.NodeEvent, top: _Open, value: Any) -> None:  # noqa: ANN401 - see above
        tag = getattr(event, "tag", None)
        made = Tagged(tag, value) if tag and tag not in {"!", NULL} else value
        if event.anchor is not None:
            self._anchors[event.anchor] = made
        top.put(made)

    def _place(self, key: Key, start: int, end: int) -> None:
        if self._is_placed and len(key) <= STEPS:
            self._tree.spans.setdefault(key, (start, end))


def _index(mark: Any) -> int:  # noqa: ANN401 - a mark of either parser
    return int(mark.index) if mark else 0
