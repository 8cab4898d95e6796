"""One of two documents that are compared, and what in it is the same as in the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..scanners.record import record, replace
from .diff_items import by_label, items
from .document import each, inside, values, words

if TYPE_CHECKING:
    from typing import TypeAlias

    from .diff_items import Item
    from .diff_match import Pairs
    from .document import Json

    Order: TypeAlias = tuple[str, ...]

NOTHING: tuple[str, ...] = ()


class Side:
    """A document, its items, and which thing each reference leads to."""

    def __init__(self, document: Json) -> None:
        """Read the document; what is the same in the other is not known yet."""
        self.document = document
        self.labelled = by_label(document)
        whole, self.items = items(document, self.labelled)
        # What files or sets of weights hold is compared there, and not once more for the whole.
        is_file = any(item.digest == whole.digest for item in self.items)
        has_weights = any(item.root for item in self.items)
        self.whole = replace(
            whole, digest="" if is_file else whole.digest, root="" if has_weights else whole.root
        )
        self.thing: dict[str, int] = {}

    @property
    def content(self) -> tuple[str, ...]:
        """The digests of all files; nothing if one has none, or there are no files."""
        files = [item for item in (self.whole, *self.items) if item.path or item.digest]
        digests = tuple(sorted(item.digest for item in files))
        return NOTHING if "" in digests else digests

    @property
    def version(self) -> tuple[str, ...]:
        """The version of the model, if it is stated."""
        return self.whole.said.get(("version-changed", "version"), NOTHING)

    @property
    def tools(self) -> tuple[str, ...]:
        """The programs that wrote the document."""
        metadata = inside(self.document, "metadata")
        told = [*each(metadata, "tools"), *each(inside(metadata, "tools"), "components")]
        named = {f"{words(tool, 'name')} {words(tool, 'version')}".strip() for tool in told}
        return tuple(sorted(named))

    @property
    def rules(self) -> tuple[str, ...]:
        """The digests of the rules that judged the model."""
        tools = each(inside(inside(self.document, "metadata"), "tools"), "components")
        return tuple(sorted({rules for tool in tools for rules in values(tool, "rules:sha256")}))


@record
class Thing:
    """What is the same in both documents; things that nothing tells apart are one."""

    names: tuple[str, str]  # in the old document and in the new; "" where it is not
    is_both: bool
    is_untouched: bool  # the same bytes on both sides


def number(old: Side, new: Side, pairs: Pairs) -> list[Thing]:
    """Return all things, and have each side know which of them a reference leads to."""
    alike = _Alike()
    for one, other in pairs:
        alike.join((0, one.order), (1, other.order))
    places: dict[tuple[int, Order], int] = {}
    held: list[tuple[set[Item], set[Item]]] = []
    for at, side in enumerate((old, new)):
        for item in (side.whole, *side.items):
            place = places.setdefault(alike.first((at, item.order)), len(held))
            if place == len(held):
                held.append((set(), set()))
            held[place][at].add(item)
            if item.ref:
                side.thing[item.ref] = place
    return [_thing(*both) for both in held]


def _thing(old: set[Item], new: set[Item]) -> Thing:
    digests = {item.digest for item in old | new}
    return Thing(
        (min((i.name for i in old), default=""), min((i.name for i in new), default="")),
        is_both=bool(old and new),
        is_untouched=bool(old and new) and len(digests) == 1 and "" not in digests,
    )


class _Alike:
    """Sets that join: union-find, which shortens every way that it goes."""

    def __init__(self) -> None:
        self._above: dict[tuple[int, Order], tuple[int, Order]] = {}

    def first(self, one: tuple[int, Order]) -> tuple[int, Order]:
        """Return the one that stands for all that `one` was joined with."""
        passed: list[tuple[int, Order]] = []
        while one in self._above:
            passed.append(one)
            one = self._above[one]
        self._above.update(dict.fromkeys(passed, one))
        return one

    def join(self, one: tuple[int, Order], other: tuple[int, Order]) -> None:
        first, second = self.first(one), self.first(other)
        if first != second:
            self._above[second] = first
