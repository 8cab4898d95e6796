"""What the analysis knows of a value: what it may be, and whose data it may hold.

A reference says what a value may be, by its tag:

- ``m`` a module, ``c`` a class, ``f`` a function, ``b`` a method with its object, ``x`` a name
  outside the analysed text, ``i`` an instance of a class, ``l`` a nested function
- ``k`` a text constant; in the arguments of a call also ``K``, exactly True, or exactly False or
  None, and ``p``, exactly what a parameter of the caller was given
- ``d`` an attribute of an argument; ``W`` a method of an argument whose name was chosen too
- ``P`` a callable with arguments that it holds already (partial)
- ``R`` the result of looking up a name that was chosen, ``M`` a module whose name was chosen

A label says whose data a value may hold: the position of a parameter, the name of a field of
`self`, or ``*`` for what needs no argument. ``!`` marks an effect on data that is nobody's choice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

Ref = tuple[Any, ...]
Refs = frozenset[Ref]
Label = int | str
Labels = frozenset[Label]

NO_REFS: Refs = frozenset()
NO_LABELS: Labels = frozenset()
ATTRIBUTE_OF_ARGUMENT: Refs = frozenset([("d",)])
MOST_REFS = 8  # alternatives kept for one value; what is dropped is dropped in a fixed order


class Value(NamedTuple):
    """What a value may be, and whose data it may hold."""

    refs: Refs
    labels: Labels


NOTHING = Value(NO_REFS, NO_LABELS)


class Step(NamedTuple):
    """Where an effect comes from: the next hop of a witness path."""

    what: str  # a function or a primitive
    line: int  # of the call
    label: Label | None  # in the next function; None at the primitive


class Guard(NamedTuple):
    """An effect happens only if a parameter is true (or false)."""

    position: int
    truth: bool


@dataclass(slots=True)
class Summary:
    """What calling a function does, in terms of its parameters."""

    effects: dict[str, dict[Label, Step]] = field(default_factory=dict[str, dict[Label, Step]])
    refs: Refs = NO_REFS  # what it returns
    labels: Labels = NO_LABELS  # whose data it returns
    stores: dict[str, Labels] = field(default_factory=dict[str, Labels])  # fields of self
    own_calls: dict[str, tuple[Labels, ...]] = field(default_factory=dict[str, tuple[Labels, ...]])
    guards: dict[tuple[str, Label], Guard | None] = field(
        default_factory=dict[tuple[str, Label], Guard | None]
    )

    def size(self) -> tuple[int, ...]:
        """Return a measure that changes whenever the summary does: everything only grows."""
        return (
            sum(map(len, self.effects.values())),
            len(self.refs),
            len(self.labels),
            sum(map(len, self.stores.values())) + len(self.stores),
            sum(1 + sum(map(len, each)) for each in self.own_calls.values()),
            sum(guard is None for guard in self.guards.values()),
        )


def ordered(refs: Refs) -> Iterable[Ref]:
    """Return references in the same order in every run."""
    return refs if len(refs) < 2 else sorted(refs, key=repr)  # noqa: PLR2004 - nothing to order


def limited(refs: Refs) -> Refs:
    """Keep at most MOST_REFS, always the same ones."""
    return refs if len(refs) <= MOST_REFS else frozenset(sorted(refs, key=repr)[:MOST_REFS])


def join(one: Value, other: Value) -> Value:
    """Return a value that may be either."""
    if one is other or other is NOTHING:
        return one
    if one is NOTHING:
        return other
    if other.refs <= one.refs and other.labels <= one.labels:
        return one
    return Value(limited(one.refs | other.refs), one.labels | other.labels)


def labels_of(*values: Value) -> Labels:
    """Return the labels of all of them."""
    return NO_LABELS.union(*(each.labels for each in values))


def refs_with(value: Value, tags: str) -> Refs:
    """Return the references whose tag is one of `tags`."""
    return frozenset(ref for ref in value.refs if ref[0] in tags)


def has(value: Value, tags: str) -> bool:
    """Say whether a reference has one of `tags`."""
    return any(ref[0] in tags for ref in value.refs)


def inexact(value: Value) -> Value:
    """Return the value without the references that hold only if they are the only ones."""
    if not has(value, "Kp"):
        return value
    return Value(frozenset(ref for ref in value.refs if ref[0] not in "Kp"), value.labels)
