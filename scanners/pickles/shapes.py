"""When two calls are alike, so that a file with very many is told by one of each kind.

Rules judge a call by the imported names in its arguments and by what its texts could be, so those
make its shape; numbers, words and bytes do not. Two values of one shape get one judgement.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..values import Global, Opaque
from .objects import DEPTH, KINDS, ROOM, Obj, Persistent, Raw

if TYPE_CHECKING:
    from collections.abc import Hashable

    from .objects import Object

MANY = Opaque("more calls, with other arguments")

PATH_OR_CODE = re.compile(r"[/\\\\;|&$`(){}<>\s=]|\.\.|://|^[\w-]+\.[\w.-]+$")
SHORTEST_TEXT = 4  # characters; shorter ones name no file, address or command
FEW = 8  # items of a container whose order counts
TOLD_APART = frozenset({"cell_contents", "_setattr", "_delattr"})  # names that a rule asks for


def is_telling(text: str) -> bool:
    """Whether a text could be a path, an address, a command or code."""
    return len(text) >= SHORTEST_TEXT and PATH_OR_CODE.search(text) is not None


def shape(value: Object, depth: int = DEPTH) -> Hashable:
    """Return what is equal for values of one shape; as deep and wide as facts show values."""
    if isinstance(value, Global | bool) or value is None:
        return value
    if isinstance(value, str):
        return _of_text(value)
    if isinstance(value, Raw):
        return "long text" if value.is_text else "bytes"
    if depth <= 0:
        return "…"
    if isinstance(value, list | tuple):
        items = [shape(item, depth - 1) for item in value[:ROOM]]
        return (KINDS[type(value)], tuple(items) if len(items) <= FEW else frozenset(items))
    if isinstance(value, Obj):
        return ("made", shape(value.callee, depth - 1), shape(value.arguments, depth - 1))
    if isinstance(value, Persistent):
        return ("persistent", shape(value.id, depth - 1))
    return value if isinstance(value, Opaque) else type(value).__name__


def _of_text(text: str) -> Hashable:
    if text in TOLD_APART:
        return text
    if text.isidentifier():
        return "special name" if text.startswith("__") else "name"
    return "telling text" if is_telling(text) else "text"
