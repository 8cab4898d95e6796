"""Functions that a pickle carries: the arguments of a code object's making, as a code object.

cloudpickle and dill call `types.CodeType`, or a helper of theirs, with plain values. Whatever is
called, such arguments are told by their shape: integers, the instructions as bytes, and tuples of
constants, of names and of local names, then texts (file, name, and from 3.11 on the qualified name)
and last the names that functions share.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from ..limits import Exceeded
from ..marshalled.code import UNKNOWN, Code
from .objects import Obj, Raw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ..marshalled.code import Constant
    from ..source import Source
    from .objects import Object

FEWEST = 12  # arguments; Python 2 asks for so many at least
MOST = 40  # arguments that are looked at; no helper takes so many
MAX_STEPS = 20_000_000  # names, constants and bytes of instructions of one pickle
SHOWN = 1024  # bytes of a constant
DEPTH = 8  # tuples inside the constants
# Integers before the instructions and texts after the local names: the Pythons that ask for them.
NEWEST = (6, 3)
PYTHONS = {
    NEWEST: ("3.11", "3.12", "3.13", "3.14"),
    (6, 2): ("3.8", "3.9", "3.10"),
    (5, 2): ("3.6", "3.7"),
    (4, 2): ("2.7",),
}
ALL = tuple(version for versions in PYTHONS.values() for version in versions)


class Carried:
    """The code objects of one pickle."""

    def __init__(self, source: Source) -> None:
        """Start with none."""
        self._source, self._left = source, MAX_STEPS
        self._found: dict[object, Code] = {}

    def codes(self) -> Iterable[Code]:
        """Return every code object found, once."""
        return self._found.values()

    def look(
        self, arguments: tuple[Object, ...], decoded: Callable[[Object], bytes | None]
    ) -> None:
        """Look for a code object in the arguments of a call.

        `decoded` returns the bytes that pure decoders make of a constant: old protocols have no
        bytes.

        Raises:
            Exceeded: There is too much to look at.
        """
        if len(arguments) < FEWEST:
            return
        for at in range(min(len(arguments), MOST) - 3):
            if self._is_body(arguments[at : at + 4]):
                instructions = self._instructions(arguments[at], decoded)
                if instructions is not None:
                    self._add(arguments, at, instructions)
                return

    def _add(self, arguments: tuple[Object, ...], at: int, instructions: bytes) -> None:
        place, constants, names, local_names = arguments[at : at + 4]
        before, after = arguments[:at], arguments[at + 4 : MOST]
        texts = [str(each) for each in takewhile(lambda each: isinstance(each, str), after)]
        integers = sum(1 for _ in takewhile(lambda each: isinstance(each, int), reversed(before)))
        pythons = PYTHONS.get((integers, len(texts)), ALL)
        shared = [_texts(each) for each in after if self._is_texts(each)]
        fast, deref = _variables(_texts(local_names), shared, pythons)
        code = Code(
            instructions=instructions,
            constants=self._constants(constants, DEPTH),
            names=_texts(names),
            local_names=fast,
            cell_names=deref,
            file=texts[0] if texts else "",
            name=texts[-1] if texts else "",
            pythons=pythons,
            start=place.start if isinstance(place, Raw) else 0,
        )
        self._found.setdefault((code.instructions, code.names, code.constants, fast, deref), code)

    def _spend(self, steps: int) -> None:
        self._left -= steps
        if self._left < 0:
            raise Exceeded("carried", MAX_STEPS, "functions that a pickle carries")

    def _is_body(self, four: Sequence[Object]) -> bool:
        """Whether four values can be instructions, constants, names and local names."""
        instructions, constants, names, local_names = four
        return (
            isinstance(instructions, Raw | Obj | str)
            and isinstance(constants, tuple)
            and self._is_texts(names)
            and self._is_texts(local_names)
        )

    def _is_texts(self, value: Object) -> bool:
        if not isinstance(value, tuple):
            return False
        self._spend(len(value))
        return all(isinstance(each, str) for each in value)

    def _instructions(
        self, value: Object, decoded: Callable[[Object], bytes | None]
    ) -> bytes | None:
        """Return instructions, which Python 2 pickled as text."""
        if isinstance(value, Raw):
            self._spend(value.length)
            return self._source.read_at(value.start, value.length)
        if isinstance(value, str):
            return value.encode("latin-1", "replace")
        found = decoded(value)
        self._spend(len(found or b""))
        return found

    def _constants(self, value: Object, depth: int) -> tuple[Constant, ...]:
        if not isinstance(value, tuple) or depth <= 0:
            return ()
        self._spend(len(value))
        return tuple([self._constant(each, depth) for each in value])

    def _constant(self, value: Object, depth: int) -> Constant:
        if isinstance(value, Raw):
            data = self._source.read_at(value.start, min(value.length, SHOWN))
            return value.head if value.is_text else data
        if isinstance(value, tuple):
            return self._constants(value, depth - 1)
        return value if isinstance(value, str | int | float | None) else UNKNOWN


def _texts(value: Object) -> tuple[str, ...]:
    return tuple(str(each) for each in value) if isinstance(value, tuple) else ()


def _variables(
    local_names: tuple[str, ...], shared: list[tuple[str, ...]], pythons: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what LOAD_FAST counts through, and LOAD_DEREF: from 3.11 on the same."""
    free, cells = (shared[-2], shared[-1]) if len(shared) > 1 else ((), ())
    if PYTHONS[NEWEST][0] not in pythons:
        return local_names, cells + free
    known = frozenset(local_names)
    every = local_names + tuple(name for name in cells if name not in known) + free
    return every, every
