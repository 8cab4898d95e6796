"""What a pickle imports that is too large to be run: told opcode by opcode, without a stack.

The bounds on memory must not be a way to hide: whatever stands behind ten million numbers, its
imports are still named. Names are taken from the two texts before STACK_GLOBAL; where other opcodes
stand between, or a text is not at hand, the name counts as computed.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ..facts import Import, shorten
from ..source import Malformed, Span
from ..values import Global
from .constants import raw_unicode, unquoted
from .opcodes import PROTO, STOP, python3_name
from .walk import argument_end

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..limits import Budget
    from .blocks import Blocks

MOST = 10_000  # imports that are kept, the last ones
NAME = 512  # bytes of a text that could be a name
TEXTS = 200_000  # in the memo
COMPUTED = "<computed>"
LAST_MAPPED = 2  # the highest protocol whose names are Python 2's
HEADS = {0x8C: 1, 0x58: 4, 0x8D: 8, 0x55: 1, 0x54: 4}  # texts that are counted: bytes of the count
QUOTED, RAW = 0x53, 0x56  # STRING and UNICODE
GLOBALS = {0x63: "GLOBAL", 0x69: "INST"}
STACK_GLOBAL, MEMOIZE = 0x93, 0x94
PUTS = {0x71: 1, 0x72: 4}  # bytes of a slot
GETS = {0x68: 1, 0x6A: 4}


def imports(blocks: Blocks, start: int, budget: Budget) -> Iterator[Import]:
    """Yield the imports of the pickle at `start`, each once, in the order of their last sighting.

    Raises:
        Exceeded: The time is used up.
    """
    found: dict[Global, Import] = {}
    with suppress(Malformed, ValueError):
        for at, op, module, name in _Reader(blocks, budget).read(start):
            target = Global(module, name)
            found.pop(target, None)
            found[target] = Import(at=Span(at, 1), module=module, name=name, op=op)
            if len(found) > MOST:
                del found[next(iter(found))]
    yield from found.values()


class _Reader:
    def __init__(self, blocks: Blocks, budget: Budget) -> None:
        self._blocks, self._budget = blocks, budget
        self._texts = [COMPUTED, COMPUTED]  # the last two that were pushed, with nothing between
        self._memo: dict[int, str] = {}
        self._made = self._protocol = 0

    def read(self, at: int) -> Iterator[tuple[int, str, str, str]]:
        """Yield place, opcode, module and name of each import up to STOP."""
        blocks, checked = self._blocks, -1
        while True:
            blocks.load(at)
            if blocks.base != checked:
                self._budget.check_time()
                checked = blocks.base
            code = blocks.data[at - blocks.base]
            end = argument_end(blocks, code, at + 1)
            if code == STOP:
                return
            if code in GLOBALS:
                yield at, GLOBALS[code], *self._named(*self._lines(at + 1))
            elif code == STACK_GLOBAL:
                yield at, "STACK_GLOBAL", *self._named(*self._texts)
            elif code == PROTO:
                self._protocol = max(self._protocol, blocks.source.read_at(at + 1, 1)[0])
            self._push(code, at + 1, end)
            at = end

    def _push(self, code: int, start: int, end: int) -> None:
        """Keep track of the last two texts."""
        if code in PUTS or code == MEMOIZE:
            width = PUTS.get(code, 0)
            slot = self._blocks.number(start, width) if width else self._made
            self._made += 1
            if len(self._memo) < TEXTS:
                self._memo[slot] = self._texts[1]
        elif code in GETS:
            slot = self._blocks.number(start, GETS[code])
            self._texts = [self._texts[1], self._memo.get(slot, COMPUTED)]
        elif code in HEADS or code in {QUOTED, RAW}:
            self._texts = [self._texts[1], self._text(code, start, end)]
        else:
            self._texts = [COMPUTED, COMPUTED]

    def _text(self, code: int, start: int, end: int) -> str:
        source, head = self._blocks.source, start + HEADS.get(code, 0)
        data = source.read_at(head, min(end - head, NAME))
        if code in HEADS:
            return data.decode("utf-8", "backslashreplace")
        line = data.removesuffix(b"\n")
        return unquoted(line) if code == QUOTED else raw_unicode(line)

    def _lines(self, start: int) -> tuple[str, str]:
        module = self._blocks.line(start)
        name = self._blocks.line(start + len(module))
        return module[:-1].decode("utf-8", "replace"), name[:-1].decode("utf-8", "replace")

    def _named(self, module: str, name: str) -> tuple[str, str]:
        module, name = shorten(module, NAME), shorten(name, NAME)
        return python3_name(module, name) if self._protocol <= LAST_MAPPED else (module, name)
