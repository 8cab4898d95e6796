"""YAML front matter as plain values, without aliases, tags or anything that runs.

A kit (see `kits`): it imports PyYAML, of which only the composer is used: a tree of text. Nothing
is constructed from it but mappings, lists and text.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import yaml

from .facts import shorten
from .shapes import is_list
from .source import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH = 40  # levels; the parser is recursive, and honest cards have six
MAX_VALUES = 100_000
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml, ten times as fast, if it is there


def read(text: str) -> tuple[Any, tuple[str, ...]]:
    """Return the one document in `text`, and the keys that a mapping in it holds twice.

    Every scalar is the text it stands for; of a repeated key, the last value stands.

    Raises:
        Malformed: It is no YAML, or has aliases, or is too deep or too large.
    """
    try:
        _check(text)
        node = yaml.compose(text, Loader=LOADER)
    except yaml.YAMLError as error:
        raise Malformed("front matter", offset=0, why=shorten(_why(error), 200)) from error
    except (ValueError, RecursionError) as error:
        raise Malformed("front matter", offset=0, why=shorten(str(error), 200)) from error
    repeated: dict[str, None] = {}
    return None if node is None else _plain(node, repeated), tuple(repeated)


def _check(text: str) -> None:
    """Look at the events before a tree is made of them."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=LOADER)):
        at = event.start_mark.index if event.start_mark else 0  # characters
        if isinstance(event, yaml.AliasEvent):
            raise Malformed("front matter", offset=at, why="an alias")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH or count > MAX_VALUES:
            raise Malformed("front matter", offset=at, why="too deep or too long")


def _why(error: yaml.YAMLError) -> str:
    problem = getattr(error, "problem", None) or "not YAML"
    mark = getattr(error, "problem_mark", None)
    return f"{problem}, line {mark.line + 1}" if mark else str(problem)


def _plain(node: yaml.Node, repeated: dict[str, None]) -> Any:  # noqa: ANN401 - see `read`
    if isinstance(node, yaml.MappingNode):
        keys = [_key(key) for key, _ in node.value]
        if len(set(keys)) < len(keys):
            counts = Counter(keys)
            repeated.update((key, None) for key in keys if counts[key] > 1)
        values = [_plain(value, repeated) for _, value in node.value]
        return dict(zip(keys, values, strict=True))
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, repeated) for item in node.value]
    return None if node.tag == "tag:yaml.org,2002:null" else str(node.value)


def _key(node: yaml.Node) -> str:
    return str(node.value) if isinstance(node, yaml.ScalarNode) else "?"


def texts(value: object) -> Iterator[str]:
    """Yield the text, or each text of a list."""
    if isinstance(value, str):
        yield value
    elif is_list(value):
        yield from (item for item in value if isinstance(item, str))
