"""Which things of two documents are the same: by what they hold first, by their names last."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeAlias

    from .diff_items import Item

    Key: TypeAlias = Callable[[Item], tuple[str, ...]]
    Pairs: TypeAlias = list[tuple[Item, Item]]

# Each is tried on what those before it left. An empty part means that an item has no such key.
KEYS: tuple[Key, ...] = (
    lambda item: (repr(item.order),),
    lambda item: (item.path, item.digest),
    lambda item: (item.digest,),
    lambda item: (item.type, item.root),
    lambda item: (item.path,),
    lambda item: (item.type, item.identity, *item.said.get(("version-changed", "version"), ())),
    lambda item: (item.type, item.identity),
)


def match(old: Iterable[Item], new: Iterable[Item]) -> tuple[Pairs, list[Item], list[Item]]:
    """Return the pairs that are the same thing, then what is only in `old`, and only in `new`.

    Of several that are known by the same key, the first is paired with the first in an order that
    does not depend on where they stand; exchanging `old` and `new` exchanges the sides.
    """
    pairs: Pairs = []
    left = sorted(old, key=lambda item: item.order)
    right = sorted(new, key=lambda item: item.order)
    for key in KEYS:
        found = _paired(left, right, key)
        pairs += found
        done = {id(item) for pair in found for item in pair}
        left = [item for item in left if id(item) not in done]
        right = [item for item in right if id(item) not in done]
    return pairs, left, right


def _paired(left: Iterable[Item], right: Iterable[Item], key: Key) -> Pairs:
    groups: dict[tuple[str, ...], tuple[list[Item], list[Item]]] = {}
    for side, items in enumerate((left, right)):
        for item in items:
            known = key(item)
            if all(known):
                groups.setdefault(known, ([], []))[side].append(item)
    return [pair for ones, others in groups.values() for pair in zip(ones, others, strict=False)]
