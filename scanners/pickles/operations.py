"""What each opcode does, but for those that the machine's inner loop does itself.

Each operation gets the block at hand and the place of its argument in it, and returns the place of
the next opcode, which may lie behind the block.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..facts import shorten
from ..source import Malformed
from ..values import Global, Opaque
from .constants import (
    Operation,
    counted_bytes,
    counted_text,
    integer_line,
    line_text,
    long_integer,
    long_line,
    packed,
    raw_unicode,
    real_line,
    slot_line,
    take_line,
    text_line,
    unquoted,
)
from .objects import INERT, Dict, FrozenSet, Object, Persistent, Raw, Set
from .opcodes import HIGHEST_PROTOCOL
from .persistent import called_by_loader
from .state import COMPUTED, NEVER, State

if TYPE_CHECKING:
    from collections.abc import Callable

# --- Imports and calls ----------------------------------------------------------------------------


def _names(state: State, pos: int, encoding: str) -> tuple[str, str, int]:
    module, middle = take_line(state, pos)
    at_end = state.blocks.base + middle >= state.blocks.size
    name, end = (b"", middle) if at_end else take_line(state, middle)
    texts = line_text(module, encoding, middle - pos), line_text(name, encoding, end - middle)
    return *texts, end


def _global(state: State, _data: bytes, pos: int) -> int:
    module, name, end = _names(state, pos, "utf-8")
    at = state.place(pos, end - pos + 1)
    state.stack.append(state.import_(at, "GLOBAL", module, name))
    return end


def _stack_global(state: State, _data: bytes, pos: int) -> int:
    name, module = state.stack.pop(), state.stack.pop()
    at = state.place(pos)
    names = _name_text(module), _name_text(name)
    state.stack.append(state.import_(at, "STACK_GLOBAL", *names))
    return pos


def _name_text(value: Object) -> str:
    if isinstance(value, str):
        return shorten(value)
    if isinstance(value, Raw) and value.is_text:
        return f"{value.head}… ({value.length} bytes in all)"
    if type(value) in INERT:
        raise ValueError("STACK_GLOBAL needs two texts")
    return COMPUTED


def _inst(state: State, _data: bytes, pos: int) -> int:
    module, name, end = _names(state, pos, "ascii")
    at = state.place(pos, end - pos + 1)
    callee = state.import_(at, "INST", module, name)
    arguments = tuple(state.pop_mark())
    state.stack.append(state.call(at, "INST", callee, arguments))
    return end


def _obj(state: State, _data: bytes, pos: int) -> int:
    callee, *arguments = state.pop_mark() or _nothing()
    state.stack.append(state.call(state.place(pos), "OBJ", callee, tuple(arguments)))
    return pos


def _nothing() -> list[Object]:
    raise IndexError


def _reduce(state: State, _data: bytes, pos: int) -> int:
    arguments = state.stack.pop()
    state.stack[-1] = state.call(state.place(pos), "REDUCE", state.stack[-1], arguments)
    return pos


def _newobj(state: State, _data: bytes, pos: int) -> int:
    arguments = state.stack.pop()
    state.stack[-1] = state.call(state.place(pos), "NEWOBJ", state.stack[-1], arguments)
    return pos


def _newobj_ex(state: State, _data: bytes, pos: int) -> int:
    keywords, arguments = state.stack.pop(), state.stack.pop()
    callee = state.stack[-1]
    made = state.call(state.place(pos), "NEWOBJ_EX", callee, arguments, keywords)
    state.stack[-1] = made
    return pos


def _build(state: State, _data: bytes, pos: int) -> int:
    value = state.stack.pop()
    state.build(state.place(pos), state.stack[-1], value)
    return pos


def _extension(width: int) -> Operation:
    def operation(state: State, data: bytes, pos: int) -> int:
        code = int.from_bytes(data[pos : pos + width], "little")
        state.ledger.extension(state.place(pos, 1 + width), code)
        state.stack.append(Opaque(f"extension {code}"))
        return pos + width

    return operation


def _persid(state: State, _data: bytes, pos: int) -> int:
    line, end = take_line(state, pos)
    state.stack.append(Persistent(line_text(line, "ascii", end - pos)))
    return end


def _binpersid(state: State, _data: bytes, pos: int) -> int:
    stack = state.stack
    found = stack[-1]
    stack[-1] = Persistent(found)
    if type(found) is not tuple or len(found) < 2:  # noqa: PLR2004 - a kind, and what it is about
        return pos
    called = called_by_loader(found)
    if called is not None:
        state.ledger.called(state.place(pos), "BINPERSID", *called, None)
    if found[0] == "module" and state.resolves_modules:
        stack[-1] = found[1]
    elif state.resolves_modules and isinstance(found[0], Global) and len(found) == 3:  # noqa: PLR2004
        stack[-1] = found[0]  # in tar archives: a class, then its file and source
    elif len(found) >= 5 and found[0] == "storage":  # noqa: PLR2004 - torch's
        key = found[2]
        if isinstance(key, str):
            state.storages[key] = found[1], found[4]
    return pos


def _next_buffer(state: State, _data: bytes, pos: int) -> int:
    state.stack.append(Opaque("out-of-band buffer"))
    return pos


# --- Containers -----------------------------------------------------------------------------------


def _append(state: State, _data: bytes, pos: int) -> int:
    value = state.stack.pop()
    state.add(state.place(pos), "APPEND", state.stack[-1], [value])
    return pos


def _appends(state: State, _data: bytes, pos: int) -> int:
    items = state.pop_mark()
    state.add(state.place(pos), "APPENDS", state.stack[-1], items)
    return pos


def _setitem(state: State, _data: bytes, pos: int) -> int:
    value, key = state.stack.pop(), state.stack.pop()
    state.add(state.place(pos), "SETITEM", state.stack[-1], [key, value])
    return pos


def _setitems(state: State, _data: bytes, pos: int) -> int:
    items = state.pop_mark()
    at = state.place(pos)
    if len(items) % 2:
        detail = "SETITEMS with a key that has no value: Python's unpickler sets the others first"
        state.ledger.conflict(at, detail)
        state.add(at, "SETITEMS", state.stack[-1], items[:-1])
        raise ValueError("SETITEMS: a key has no value")
    state.add(at, "SETITEMS", state.stack[-1], items)
    return pos


def _additems(state: State, _data: bytes, pos: int) -> int:
    items = state.pop_mark()
    state.add(state.place(pos), "ADDITEMS", state.stack[-1], items)
    return pos


def _gathered(kind: Callable[[list[Object]], Object]) -> Operation:
    def operation(state: State, _data: bytes, pos: int) -> int:
        items = state.pop_mark()
        state.weight += len(items)
        state.stack.append(kind(items))
        return pos

    return operation


def _dict(state: State, _data: bytes, pos: int) -> int:
    items = state.pop_mark()
    if len(items) % 2:
        raise ValueError("DICT: a key has no value")
    state.weight += len(items)
    state.stack.append(Dict(items))
    return pos


def _empty(kind: type[list[Object]]) -> Operation:
    def operation(state: State, _data: bytes, pos: int) -> int:
        state.weight += 1
        state.stack.append(kind())
        return pos

    return operation


def _tuple(length: int) -> Operation:
    def operation(state: State, _data: bytes, pos: int) -> int:
        stack = state.stack
        if len(stack) < length:
            raise IndexError
        state.weight += 1 + length
        stack[-length:] = [tuple(stack[-length:])]
        return pos

    return operation


# --- Stack, memo, frames --------------------------------------------------------------------------


def _pop(state: State, _data: bytes, pos: int) -> int:
    if state.stack:
        state.stack.pop()
    else:
        state.pop_mark()
    return pos


def _pop_mark(state: State, _data: bytes, pos: int) -> int:
    state.pop_mark()
    return pos


def _dup(state: State, _data: bytes, pos: int) -> int:
    state.stack.append(state.stack[-1])
    return pos


def _put(state: State, _data: bytes, pos: int) -> int:
    slot, end = slot_line(state, pos)
    if slot is None:
        return end
    if slot < 0:
        raise ValueError("PUT with a negative number")
    state.memo[slot] = state.stack[-1]
    return end


def _get(state: State, _data: bytes, pos: int) -> int:
    slot, end = slot_line(state, pos)
    state.stack.append(Opaque("some memo entry") if slot is None else state.memo[slot])
    return end


def _proto(state: State, data: bytes, pos: int) -> int:
    state.protocol = data[pos]
    if state.protocol > HIGHEST_PROTOCOL:
        raise ValueError(f"protocol {state.protocol} is unknown")
    return pos + 1


def _frame(state: State, data: bytes, pos: int) -> int:
    length = int.from_bytes(data[pos : pos + 8], "little")
    start = state.blocks.base + pos + 8
    at = state.place(pos, 9)
    if start < state.frame_end != NEVER:
        state.ledger.conflict(at, "a frame begins before another ended")
    state.leaves_block = True
    state.frame_end = start + length
    if state.frame_end > state.blocks.size:
        state.ledger.conflict(at, "a frame is longer than the file: C's unpickler fails")
        state.frame_end = NEVER
    return pos + 8


def _stop(state: State, _data: bytes, pos: int) -> int:
    state.result = state.stack.pop()
    state.is_stopped = state.leaves_block = True
    return pos


def _nop(_state: State, _data: bytes, pos: int) -> int:
    return pos


def _invalid(state: State, data: bytes, pos: int) -> int:
    at = state.blocks.base + pos - 1
    raise Malformed("opcode", offset=at, why=f"0x{data[pos - 1]:02x} is none")


OPERATIONS: list[Operation] = [_invalid] * 256
for _code, _operation in {
    b"c": _global, b"\x93": _stack_global, b"i": _inst, b"o": _obj, b"R": _reduce,
    b"\x81": _newobj, b"\x92": _newobj_ex, b"b": _build,
    b"\x82": _extension(1), b"\x83": _extension(2), b"\x84": _extension(4),
    b"P": _persid, b"Q": _binpersid, b"\x97": _next_buffer, b"\x98": _nop,
    b"a": _append, b"e": _appends, b"s": _setitem, b"u": _setitems, b"\x90": _additems,
    b"l": _gathered(lambda items: items), b"\x91": _gathered(FrozenSet), b"d": _dict,
    b"0": _pop, b"1": _pop_mark, b"2": _dup, b"p": _put, b"g": _get,
    b"\x80": _proto, b"\x95": _frame, b".": _stop,
    b"X": counted_text(4, "utf-8"), b"\x8d": counted_text(8, "utf-8"),
    b"U": counted_text(1, "latin-1"), b"T": counted_text(4, "latin-1"),
    b"C": counted_bytes(1), b"B": counted_bytes(4), b"\x8e": counted_bytes(8),
    b"\x96": counted_bytes(8),
    b"\x8a": long_integer(1), b"\x8b": long_integer(4), b"I": integer_line, b"L": long_line,
    b"F": real_line,
    b"\x85": _tuple(1), b"\x86": _tuple(2), b"\x87": _tuple(3), b"]": _empty(list),
    b"}": _empty(Dict), b"\x8f": _empty(Set),
    b"M": packed("<H"), b"J": packed("<i"), b"G": packed(">d"),
    b"S": text_line(unquoted),
    b"V": text_line(raw_unicode),
}.items():  # fmt: skip
    OPERATIONS[_code[0]] = _operation
