# ruff: noqa: PLR2004 - the numbers are opcodes, named beside them
"""The pickle machine, run on shapes instead of objects.

It follows CPython's ``Lib/pickle.py`` opcode by opcode; where ``Modules/_pickle.c`` would go
another way, it notes a conflict. Nothing is imported, called or loaded. Bytes and long texts are
passed by their place. What no unpickler could go on from ends the run with `Malformed`.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from ..limits import Exceeded
from ..source import Malformed
from .operations import OPERATIONS
from .runs import SPARSE
from .state import NEVER, State

if TYPE_CHECKING:
    from ..limits import Budget
    from .objects import Object

MAX_STACK = 1_000_000  # values on all stacks together
MAX_MEMO = 8_000_000
MAX_WEIGHT = 8_000_000  # containers, and values kept in them

CONSTANTS: dict[int, Object] = {0x29: (), 0x4E: None, 0x88: True, 0x89: False}
ERRORS = (IndexError, KeyError, ValueError, OverflowError)  # an opcode that no unpickler gets past

four = struct.Struct("<I").unpack_from


def run(state: State, start: int, budget: Budget) -> int:
    """Run from `start` to STOP, or to where joblib's unpickler reads a raw array.

    Returns the offset of what follows; `state` says which of the two it is.

    Raises:
        Malformed: Every unpickler fails there. Effects up to there are in the ledger.
        Exceeded: A bound on memory or time was reached.
        OSError: The source could not fetch its bytes.
    """
    at = start
    state.wrapper = None
    while not state.is_stopped and state.wrapper is None:
        state.blocks.load(at)
        state.leaves_block = False
        try:
            at = _block(state, at)
        except Malformed as error:
            if state.frame_end != NEVER:
                state.broken(error.offset)
            raise
        _check(state, at, budget)
    return at


def _check(state: State, at: int, budget: Budget) -> None:
    """After each block: the end of the source, the frame, and the bounds."""
    if at > state.blocks.size:
        raise Malformed("argument", offset=state.blocks.size, why="it leaves the source")
    if at >= state.frame_end:
        state.crossed(at)
        state.frame_end = NEVER
    if len(state.stack) + sum(map(len, state.outer)) + len(state.outer) > MAX_STACK:
        raise Exceeded("stack", MAX_STACK, "values on the stack of a pickle")
    if state.memo.made() > MAX_MEMO:
        raise Exceeded("memo", MAX_MEMO, "memo entries of a pickle")
    if state.weight > MAX_WEIGHT:
        raise Exceeded("weight", MAX_WEIGHT, "values kept of a pickle")
    budget.check_time()


def _block(state: State, at: int) -> int:  # noqa: C901, PLR0912, PLR0915 - opcode dispatch
    """Run the opcodes of the block at hand, frequent ones here; return the offset of the next."""
    data, base, memo = state.blocks.data, state.blocks.base, state.memo
    pos, stop = at - base, min(state.blocks.stop, state.frame_end - base)
    stack: list[Object] = state.stack
    push, size = stack.append, memo.made
    try:
        while pos < stop:
            code = data[pos]
            pos += 1
            if code == 0x94:  # MEMOIZE
                memo[len(memo) if memo.waiting else size()] = stack[-1]
            elif code == 0x71:  # BINPUT
                memo[data[pos]] = stack[-1]
                pos += 1
            elif code == 0x72:  # LONG_BINPUT
                slot = four(data, pos)[0]
                memo[slot] = stack[-1]
                pos += 4
                if slot > SPARSE:
                    state.sparse(pos, slot)
            elif code == 0x6A:  # LONG_BINGET
                push(memo[four(data, pos)[0]])
                pos += 4
            elif code == 0x68:  # BINGET
                push(memo[data[pos]])
                pos += 1
            elif code == 0x4B:  # BININT1
                push(data[pos])
                pos += 1
            elif code == 0x8C or (code == 0x58 and data[pos + 1 : pos + 4] == b"\0\0\0"):
                head = pos + (1 if code == 0x8C else 4)  # SHORT_BINUNICODE, BINUNICODE
                pos = head + data[pos]
                push(data[head:pos].decode("utf-8", "surrogatepass"))
            elif code == 0x28:  # MARK
                if data[pos] == 0x28 and stack:  # two of them: tensors of torch?
                    after = state.records.take_all(data, pos - 1, stop, stack)
                    if after >= pos:
                        pos = after
                        continue
                state.outer.append(stack)
                stack = []
                push = stack.append
            elif code == 0x74:  # TUPLE
                items, stack = tuple(stack), state.outer.pop()
                (push := stack.append)(items)
                state.weight += 1 + len(items)
            elif code in CONSTANTS:
                push(CONSTANTS[code])
            else:
                state.stack = stack
                pos = OPERATIONS[code](state, data, pos)
                if state.leaves_block:
                    return base + pos
                stack = state.stack
                push = stack.append
        state.stack = stack
    except ERRORS as error:
        raise Malformed("opcode", offset=base + pos - 1, why=_why(error)) from error
    return base + pos


def _why(error: Exception) -> str:
    if isinstance(error, IndexError):
        return "too few values above the mark"
    if isinstance(error, KeyError):
        return f"the memo has no entry {error}"
    return str(error)[:200]
