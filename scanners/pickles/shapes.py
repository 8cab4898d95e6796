"""When two calls are alike, so that a file with very many is told by one of each kind.

Rules judge a call by the imported names in its arguments and by what its texts could be, so those
make its shape; numbers, words and bytes do not. Two values of one shape get one judgement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..plain_members import FORMATS, UFUNC_METHODS
from ..telling import kind_of
from ..values import Global, Opaque
from .lookups import LOOKING_UP, looked_up
from .objects import DEPTH, KINDS, ROOM, Obj, Persistent, Raw

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from .objects import Object

FEW = 8  # items of a container whose order counts
TOLD_APART = frozenset(  # names that a rule asks for
    {"cell_contents", "_setattr", "_delattr", *FORMATS, *UFUNC_METHODS}
)


GETTERS = frozenset({"attrgetter", "methodcaller"})  # judged by all that they ask for


def judged_whole(callee: Object, arguments: Object) -> Hashable:
    """Return what is equal for calls of which a rule judges the words themselves alike."""
    if not isinstance(callee, Global):
        return None
    if callee.name in LOOKING_UP:
        return looked_up(callee, arguments) is not None
    if callee.name in GETTERS and isinstance(arguments, tuple):
        return tuple(each for each in arguments if isinstance(each, str))
    return None


def shape(value: Object) -> Hashable:
    """Return what is equal for values of one shape, of all that a fact would show of them."""
    return _Shaper().of(value, DEPTH)


class _Shaper:
    """Looks at as much of a value, and in the same order, as `objects.Exporter`."""

    __slots__ = ("_room",)

    def __init__(self) -> None:
        self._room = ROOM

    def of(self, value: Object, depth: int) -> Hashable:
        self._room -= 1
        if isinstance(value, str):
            return _of_text(value)
        if isinstance(value, int | float):
            return type(value).__name__  # of a truth value another one than of a number
        if isinstance(value, Raw):
            return "long text" if value.is_text else "bytes"
        if isinstance(value, Global | Opaque) or value is None:
            return value
        if depth <= 0:
            return "…"
        if isinstance(value, Persistent):
            return ("persistent", self.of(value.id, depth - 1))
        if isinstance(value, Obj):
            callee = self.of(value.callee, depth - 1)
            inner = value.arguments if isinstance(value.arguments, tuple) else ()
            return ("made", callee, self._items(inner, depth - 1))
        return (KINDS[type(value)], self._items(value, depth - 1))

    def _items(self, items: Iterable[Object], depth: int) -> Hashable:
        shapes: list[Hashable] = []
        for item in items:
            if self._room <= 0:
                break
            shapes.append(self.of(item, depth))
        return tuple(shapes) if len(shapes) <= FEW else frozenset(shapes)


def _of_text(text: str) -> Hashable:
    if text in TOLD_APART:
        return text
    if text.isidentifier():
        return "special name" if text.startswith("__") else "name"
    if not text:
        return "no text"  # the only one that is harmless for every function
    return kind_of(text)
