"""The memo of a pickle, which fills in late what runs of tensors put there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .objects import Obj, Object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PUTS = 8  # memo entries of one tensor and the name of the next; see `runs`


class Memo(dict[int, Object]):
    """Memo entries by their slot.

    A run of tensors puts eight entries for each, of which hardly one is ever asked for. They are
    made when a slot is missing, or when the entries are counted or copied; until then `waiting`
    holds the tensors.
    """

    __slots__ = ("end", "waiting")

    def __init__(self) -> None:
        """Start empty."""
        super().__init__()
        self.waiting: list[tuple[int, list[Obj], list[str]]] = []
        self.end = 0  # the slot after the highest one that waits or waited

    def delay(self, first: int, tensors: list[Obj], names: list[str]) -> bool:
        """Put the entries of `tensors`, and the `names` after each, into slots from `first` on.

        Returns whether that was done: only if none of the slots was in use.
        """
        end = first + PUTS * len(tensors)
        if first < self.end or not self.keys().isdisjoint(range(first, end)):
            return False
        self.waiting.append((first, tensors, names))
        self.end = end
        return True

    def settle(self) -> None:
        """Make all entries that wait; those that were put since then stay."""
        waiting, self.waiting = self.waiting, []
        for first, tensors, names in waiting:
            slot = first
            for tensor, name in zip(tensors, names, strict=True):
                for value in _entries(tensor, name):
                    self.setdefault(slot, value)
                    slot += 1

    def __missing__(self, slot: int) -> Object:
        """Return the entry at `slot` if it waits."""
        if not self.waiting:
            raise KeyError(slot)
        self.settle()
        return self[slot]

    def __len__(self) -> int:
        """Return the count of entries."""
        if self.waiting:
            self.settle()
        return super().__len__()

    @property
    def made(self) -> Callable[[], int]:
        """What counts the entries but for those that wait, quicker than `len` does."""
        return super().__len__

    def copy(self) -> Memo:
        """Return a memo of its own with the same entries."""
        self.settle()
        out = Memo()
        out.update(self)
        out.end = self.end
        return out


def _entries(tensor: Obj, name: str) -> Iterator[Object]:
    """Yield what the opcodes of a tensor, and of the name after it, put into the memo, in order."""
    arguments: Any = tensor.arguments
    yield tensor.key
    yield arguments[0].id
    yield from arguments[2:4]
    yield arguments[5]
    yield arguments
    yield tensor
    yield name
