"""What JSON and YAML have in common: values in values, and the bytes that each stands at."""

from __future__ import annotations

from array import array
from itertools import accumulate
from typing import TYPE_CHECKING, TypeAlias

from .shapes import is_list, is_object
from .source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Key: TypeAlias = tuple[str | int, ...]  # from the outermost value inward: names, and numbers

HUGE = 1 << 64  # no number in a document of a model folder is as large


class Places:
    """Where the values of one document stand."""

    def __init__(
        self, text: str, spans: Mapping[Key, tuple[int, int]], *, base: int, default: Span
    ) -> None:
        """Take the characters that each value fills in `text`, which stands `base` bytes in.

        Of a value whose place is not known, the place is `default`.
        """
        self._text, self._spans, self._base, self._default = text, spans, base, default
        self._widths: array[int] | None = None

    def at(self, key: Key) -> Span:
        """Return the bytes of the value at `key`."""
        if key not in self._spans:
            return self._default
        start, end = (self._offset(place) for place in self._spans[key])
        return Span(self._base + start, end - start)

    def _offset(self, place: int) -> int:
        """Return how many bytes the first `place` characters take."""
        if self._text.isascii():
            return place
        if self._widths is None:
            self._widths = array("L", accumulate(map(_width, self._text), initial=0))
        return self._widths[place]


def _width(character: str) -> int:
    return 1 + (character > "\x7f") + (character > "\u07ff") + (character > "\uffff")


def dotted(key: Key) -> str:
    """Return a key as text, such as ``model-index[0].name``."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in key)
    return "".join(steps).removeprefix(".")


def inner(value: object, key: Key) -> object:
    """Return the value at `key` inside of `value`; None if there is none."""
    for step in key:
        if is_object(value) and isinstance(step, str):
            value = value.get(step)
        elif is_list(value) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def leaves(value: object, key: Key = ()) -> Iterator[tuple[Key, str]]:
    """Yield each text, number and truth value of `value` as text, in order, with its key."""
    if is_object(value):
        for name, each in value.items():
            yield from leaves(each, (*key, name))
    elif is_list(value):
        for number, each in enumerate(value):
            yield from leaves(each, (*key, number))
    elif (text := scalar(value)) is not None:
        yield key, text


def scalar(value: object) -> str | None:
    """Return a text, number or truth value as text; None for anything else."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and abs(value) >= HUGE:
        return "a huge number"
    return str(value) if isinstance(value, str | int | float) else None
