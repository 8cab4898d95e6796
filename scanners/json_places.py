"""Where each value of a JSON text stands."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from .patterns import pattern

if TYPE_CHECKING:
    from .documents import Key

DEEPEST = 12  # steps of a key; deeper values keep no place, so memory follows the text's length
TOKEN = pattern(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


def spans(text: str) -> dict[Key, tuple[int, int]]:
    """Return the characters that each value fills, by its key; of a repeated name, the last one.

    `text` must be JSON that was read before: of anything else, the answer says nothing.
    """
    walk = _Walk()
    for found in TOKEN.finditer(text):
        walk.take(found[0], found.start(), found.end())
    return walk.spans


class _Walk:
    """Follows the tokens of a text; `_steps` is the key of the value that is to come."""

    def __init__(self) -> None:
        self.spans: dict[Key, tuple[int, int]] = {}
        self._steps: list[str | int | None] = []  # None: a name is to come
        self._starts: list[int] = []  # of the objects and lists that are open

    def take(self, word: str, start: int, end: int) -> None:
        if word in "}]":
            self._steps.pop()
            self._keep(self._starts.pop(), end)
        elif word == ",":
            last = self._steps.pop()
            self._steps.append(last + 1 if isinstance(last, int) else None)
        elif word in "{[":
            self._starts.append(start)
            self._steps.append(0 if word == "[" else None)
        elif self._steps and self._steps[-1] is None:
            self._steps[-1] = json.loads(word) if "\\" in word else word[1:-1]
        elif word != ":":
            self._keep(start, end)

    def _keep(self, start: int, end: int) -> None:
        if len(self._steps) <= DEEPEST:
            key = tuple(step for step in self._steps if step is not None)
            self.spans[key] = start, end
