"""A code object of any Python, as far as telling what it names needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, Union

from ..record import record

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_CODES = 10_000  # code objects of one file


class Unknown:
    """A marshalled value of which nothing is kept."""

    __slots__ = ()


UNKNOWN = Unknown()


@record(eq=False)
class Code:
    """One code object: a function, a class body or a module. Equal only to itself."""

    instructions: bytes
    constants: tuple[Constant, ...]
    names: tuple[str, ...]
    local_names: tuple[str, ...]  # what LOAD_FAST counts through
    cell_names: tuple[str, ...]  # what LOAD_DEREF counts through
    file: str
    name: str  # qualified from Python 3.11 on
    pythons: tuple[str, ...]  # whose layout it has, such as "3.12"
    start: int = 0  # offset of its first byte in the source


Constant: TypeAlias = Union[
    Unknown, Code, str, bytes, int, float, bool, "tuple[Constant, ...]", None
]  # fmt: skip


def codes_in(value: Constant, seen: set[int] | None = None) -> Iterator[Code]:
    """Yield the code objects in `value`, in order, but not those in their constants.

    `seen` holds ids of tuples that were looked through, which are not looked through again.
    """
    pending: list[Constant] = [value]
    seen = set() if seen is None else seen
    while pending:
        current = pending.pop()
        if isinstance(current, Code):
            yield current
        elif isinstance(current, tuple) and id(current) not in seen:
            seen.add(id(current))  # a marshalled tuple may hold another one many times
            pending += reversed(current)
