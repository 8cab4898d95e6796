"""The shapes on which the machine runs, and how they are shown to the outside.

Text, numbers, truth values and None stand for themselves, a tuple is a tuple and a list a list. All
other containers are lists of another class, so that the machine's inner loop stays simple.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any, TypeAlias, Union

from ..facts import shorten
from ..source import Span
from ..values import Blob, Global, Group, Made, Opaque

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..source import Source
    from ..values import Value

MAX_BITS = 200  # of an integer that a fact shows
HEAD = 32  # bytes of a blob that a fact shows
DEPTH = 6  # levels of a value that a fact shows
ROOM = 96  # values inside one that a fact shows
TEXT = 1024  # characters of a text inside a value that a fact shows


class Dict(list["Object"]):
    """A dict: keys and values in turn, in the order in which they were set."""

    __slots__ = ()

    def pairs(self) -> Iterator[tuple[Object, Object]]:
        """Yield each key with its value."""
        return zip(self[::2], self[1::2], strict=False)

    def get(self, key: str) -> Object:
        """Return the last value set for `key`; None when there is none."""
        found: Object = None
        for each, value in self.pairs():
            if type(each) is str and each == key:
                found = value
        return found


class Set(list["Object"]):
    """A set, with equal members kept."""

    __slots__ = ()


class FrozenSet(list["Object"]):
    """A frozenset, with equal members kept."""

    __slots__ = ()


class Raw:
    """Bytes that were not read, or a text too long to keep; `head` is its beginning."""

    __slots__ = ("head", "is_text", "length", "start")

    def __init__(self, start: int, length: int, *, is_text: bool = False, head: str = "") -> None:
        """Stand for the `length` bytes at `start`."""
        self.start, self.length, self.is_text, self.head = start, length, is_text, head


class Obj:
    """What a call returned; later opcodes may give it state and items.

    A tensor of a run has `alike` and `key`; its other fields are made when someone asks for them.
    """

    __slots__ = ("alike", "arguments", "callee", "items", "key", "keywords", "state")

    def __init__(self, callee: Object, arguments: Object, keywords: Object = None) -> None:
        """Stand for the result of `callee(*arguments, **keywords)`."""
        self.callee, self.arguments, self.keywords = callee, arguments, keywords
        self.state: Object = None
        self.items: Dict | None = None
        self.alike: Alike | None = None
        self.key = ""

    @staticmethod
    def tensor(callee: Global, key: str, alike: Alike) -> Obj:
        """Return the tensor that `callee` rebuilds over the storage `key`."""
        made = Obj.__new__(Obj)
        made.callee, made.key, made.alike = callee, key, alike
        return made

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - of the field that is not set yet
        """Make a field of a tensor. Its arguments must stay the same object once they were seen."""
        alike = self.alike
        if alike is None:
            raise AttributeError(name)
        if name == "arguments":
            id_ = ("storage", alike.storage, self.key, alike.place, alike.elements)
            self.arguments = value = (Persistent(id_), *alike.rest)
            return value
        setattr(self, name, None)  # keywords, state and items
        return None


class Alike:
    """What many tensors have in common: all but the key of their storage."""

    __slots__ = ("elements", "place", "rest", "shape", "storage")

    def __init__(
        self,
        storage: Global,
        place: Object,
        elements: int,
        shape: tuple[int, ...],
        rest: tuple[Object, ...],
    ) -> None:
        """Hold the storage's class, place and length, the shape, and the other arguments."""
        self.storage, self.place, self.elements = storage, place, elements
        self.shape, self.rest = shape, rest


class Persistent:
    """What the loader's `persistent_load` returned for `id`."""

    __slots__ = ("id",)

    def __init__(self, id_: Object) -> None:
        """Stand for the object of that id."""
        self.id = id_


Object: TypeAlias = Union[
    Global, Obj, Persistent, Raw, Opaque, Dict, Set, FrozenSet, list["Object"],
    "tuple[Object, ...]", str, int, float, bool, None,
]  # fmt: skip

PARTIALS = (Global("functools", "partial"), Global("_functools", "partial"))
CONTAINERS = (tuple, list, Dict, Set, FrozenSet)
# What no unpickler can call, and what has no attributes of its own to set.
INERT = (*CONTAINERS, Raw, str, int, float, bool, type(None))
KINDS = {tuple: "tuple", list: "list", Dict: "dict", Set: "set", FrozenSet: "frozenset"}


class Exporter:
    """Turns machine objects into the values of facts, bounded in depth and number."""

    def __init__(self, source: Source) -> None:
        """Show blobs with the first bytes that `source` holds of them."""
        self._source, self._room = source, ROOM

    def value(self, value: Object, depth: int = DEPTH) -> Value:
        """Return `value` as a fact may hold it."""
        self._room = ROOM
        return self._value(value, depth)

    def _value(self, value: Object, depth: int) -> Value:
        self._room -= 1
        if type(value) in KINDS:
            return self._group(value, depth)
        if isinstance(value, str):
            return shorten(value, TEXT)
        if isinstance(value, float | int):
            return _number(value)
        if isinstance(value, Obj):
            return self._made(value, depth)
        if isinstance(value, Raw):
            return self._raw(value)
        if isinstance(value, Persistent):
            inner = self._value(value.id, depth - 1) if depth > 0 else Opaque("…")
            return Made(Opaque("persistent object"), (inner,))
        return value if not isinstance(value, list | tuple) else Opaque("…")

    def _made(self, value: Obj, depth: int) -> Value:
        if depth <= 0 or self._room <= 0:
            return Opaque("…")
        callee = self._value(value.callee, depth - 1)
        arguments = value.arguments
        if not isinstance(arguments, tuple):
            return Made(callee, (Opaque("…"),))
        return Made(callee, self._items(arguments, depth - 1))

    def _group(self, value: Object, depth: int) -> Value:
        assert_items: Iterable[Object] = value if isinstance(value, list | tuple) else ()
        items = list(assert_items)
        kind = KINDS[type(value)]  # type: ignore[index]
        if depth <= 0:
            return Group(kind, (), len(items))
        shown = self._items(items, depth - 1)
        return Group(kind, shown, len(items) - len(shown))

    def _items(self, items: Iterable[Object], depth: int) -> tuple[Value, ...]:
        shown: list[Value] = []
        for item in items:
            if self._room <= 0:
                break
            shown.append(self._value(item, depth))
        return tuple(shown)

    def _raw(self, value: Raw) -> Value:
        if value.is_text:
            return f"{shorten(value.head, TEXT)}… ({value.length} bytes in all)"
        head = self._source.read_at(value.start, min(HEAD, value.length))
        return Blob(Span(value.start, value.length), head.hex())


def _number(value: float) -> Value:
    if isinstance(value, float):
        return value if isfinite(value) else Opaque(str(value))
    if value.bit_length() > MAX_BITS:
        return Opaque(f"an integer of {value.bit_length()} bits")
    return value


def directly_in(value: Object) -> Iterator[Object]:
    """Yield everything in `value` and its containers, at any depth, but not inside made objects.

    A partial is both: whoever is given it can call what it was made with, or got as its state.
    """
    pending: list[Object] = [value]
    seen: set[int] = set()
    while pending:
        current = pending.pop()
        if isinstance(current, list | tuple):
            if id(current) not in seen:
                seen.add(id(current))
                pending += current
        elif isinstance(current, Persistent):
            pending.append(current.id)
        elif isinstance(current, Obj) and current.callee in PARTIALS:
            yield current
            if id(current) not in seen:
                seen.add(id(current))
                pending += (current.keywords, current.state, current.arguments)
        else:
            yield current
