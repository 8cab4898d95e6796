"""What each opcode does, but for those that the machine's inner loop does itself.

Each operation gets the block at hand and the place of its argument in it, and returns the place of
the next opcode, which may lie behind the block.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from ..facts import shorten
from ..source import Malformed
from ..values import Opaque
from .blocks import LINE
from .objects import INERT, Dict, FrozenSet, Object, Persistent, Raw, Set
from .opcodes import HIGHEST_PROTOCOL, SIGNED
from .state import COMPUTED, NEVER, State

if TYPE_CHECKING:
    from ..source import Span

Operation: TypeAlias = Callable[[State, bytes, int], int]

LONG_TEXT = 4096  # bytes; longer texts are kept by their place
LONG_NUMBER = 64  # bytes; larger integers are not computed
OCTAL = re.compile(rb"\s*[+-]?0[0-7]+\s*")


# --- Imports and calls ----------------------------------------------------------------------------


def _line(state: State, pos: int) -> tuple[bytes, int]:
    """Return the line at `pos` without its last byte, as unpicklers cut it, and its end."""
    data = state.blocks.data
    end = data.find(b"\n", pos, state.blocks.stop)
    if end >= 0:
        return data[pos:end], end + 1
    line = state.blocks.line(state.blocks.base + pos)
    if len(line) >= LINE:
        raise ValueError(f"a line of more than {LINE} bytes")
    return line[:-1], pos + len(line)


def _names(state: State, pos: int, encoding: str) -> tuple[str, str, int]:
    module, end = _line(state, pos)
    at_end = state.blocks.base + end >= state.blocks.size
    name, end = (b"", end) if at_end else _line(state, end)
    return module.decode(encoding), name.decode(encoding), end


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
    line, end = _line(state, pos)
    state.stack.append(Persistent(line.decode("ascii")))
    return end


def _binpersid(state: State, _data: bytes, pos: int) -> int:
    stack = state.stack
    found = stack[-1]
    stack[-1] = Persistent(found)
    if type(found) is tuple and len(found) >= 5 and found[0] == "storage":  # noqa: PLR2004 - torch's
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


def _empty_set(state: State, _data: bytes, pos: int) -> int:
    state.weight += 1
    state.stack.append(Set())
    return pos


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
    line, end = _line(state, pos)
    slot = int(line)
    if slot < 0:
        raise ValueError("PUT with a negative number")
    state.memo[slot] = state.stack[-1]
    return end


def _get(state: State, _data: bytes, pos: int) -> int:
    line, end = _line(state, pos)
    state.stack.append(state.memo[int(line)])
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


# --- Constants ------------------------------------------------------------------------------------


def _counted(state: State, data: bytes, pos: int, width: int) -> tuple[int, int]:
    """Return where a counted argument starts in the source, and its length."""
    length = int.from_bytes(data[pos : pos + width], "little")
    if data[pos - 1] in SIGNED and length >> 31:
        raise ValueError("a negative length")
    start = state.blocks.base + pos + width
    if start + length > state.blocks.size:
        offset = state.blocks.base + pos - 1
        raise Malformed("argument", offset=offset, why=f"{length} bytes leave the source")
    return start, length


def _text(width: int, encoding: str) -> Operation:
    def operation(state: State, data: bytes, pos: int) -> int:
        start, length = _counted(state, data, pos, width)
        if length > LONG_TEXT:
            head = state.blocks.source.read_at(start, LONG_TEXT).decode(encoding, "replace")
            state.stack.append(Raw(start, length, is_text=True, head=head))
        else:
            raw = state.blocks.source.read_at(start, length)
            errors = "surrogatepass" if encoding == "utf-8" else "strict"
            state.stack.append(raw.decode(encoding, errors))
        return pos + width + length

    return operation


def _bytes(width: int) -> Operation:
    def operation(state: State, data: bytes, pos: int) -> int:
        start, length = _counted(state, data, pos, width)
        state.stack.append(Raw(start, length))
        return pos + width + length

    return operation


def _long(width: int) -> Operation:
    def operation(state: State, data: bytes, pos: int) -> int:
        start, length = _counted(state, data, pos, width)
        if length > LONG_NUMBER:
            state.stack.append(Opaque(f"an integer of {length} bytes"))
        else:
            raw = state.blocks.source.read_at(start, length)
            state.stack.append(int.from_bytes(raw, "little", signed=True))
        return pos + width + length

    return operation


def _decimal(state: State, at: Span, text: bytes) -> int:
    try:
        return int(text, 0)
    except ValueError:
        if not OCTAL.fullmatch(text):
            raise
    state.ledger.conflict(at, "INT with a leading zero: C's unpickler reads it, Python's fails")
    return int(text, 8)


def _int(state: State, _data: bytes, pos: int) -> int:
    line, end = _line(state, pos)
    if line in {b"00", b"01"}:
        state.stack.append(line == b"01")
    else:
        state.stack.append(_decimal(state, state.place(pos, end - pos + 1), line))
    return end


def _long_line(state: State, _data: bytes, pos: int) -> int:
    line, end = _line(state, pos)
    state.stack.append(int(line[:-1] if line.endswith(b"L") else line, 0))
    return end


def _float(state: State, _data: bytes, pos: int) -> int:
    line, end = _line(state, pos)
    state.stack.append(float(line))
    return end


def _text_line(decode: Callable[[bytes], str]) -> Operation:
    def operation(state: State, data: bytes, pos: int) -> int:
        start = state.blocks.base + pos
        end = data.find(b"\n", pos, state.blocks.stop)
        length = end - pos if end >= 0 else state.blocks.line_end(start) - start - 1
        raw = state.blocks.source.read_at(start, min(length, LINE))
        if length > LINE:
            head = raw[:LONG_TEXT].decode("latin-1")
            state.stack.append(Raw(start, length, is_text=True, head=head))
        else:
            state.stack.append(decode(raw))
        return pos + length + 1

    return operation


def _unquoted(raw: bytes) -> str:
    if len(raw) < 2 or raw[:1] != raw[-1:] or raw[:1] not in {b'"', b"'"}:  # noqa: PLR2004 - two quotes
        raise ValueError("STRING without quotes")
    return codecs.escape_decode(raw[1:-1])[0].decode("latin-1")


def _invalid(state: State, data: bytes, pos: int) -> int:
    at = state.blocks.base + pos - 1
    if at >= state.blocks.size:
        raise Malformed("opcode", offset=state.blocks.size, why="no STOP ends the pickle")
    raise Malformed("opcode", offset=at, why=f"0x{data[pos - 1]:02x} is none")


OPERATIONS: list[Operation] = [_invalid] * 256
for _code, _operation in {
    b"c": _global, b"\x93": _stack_global, b"i": _inst, b"o": _obj, b"R": _reduce,
    b"\x81": _newobj, b"\x92": _newobj_ex, b"b": _build,
    b"\x82": _extension(1), b"\x83": _extension(2), b"\x84": _extension(4),
    b"P": _persid, b"Q": _binpersid, b"\x97": _next_buffer, b"\x98": _nop,
    b"a": _append, b"e": _appends, b"s": _setitem, b"u": _setitems, b"\x90": _additems,
    b"l": _gathered(lambda items: items), b"\x91": _gathered(FrozenSet), b"d": _dict,
    b"\x8f": _empty_set, b"0": _pop, b"1": _pop_mark, b"2": _dup, b"p": _put, b"g": _get,
    b"\x80": _proto, b"\x95": _frame, b".": _stop,
    b"X": _text(4, "utf-8"), b"\x8d": _text(8, "utf-8"),
    b"U": _text(1, "latin-1"), b"T": _text(4, "latin-1"),
    b"C": _bytes(1), b"B": _bytes(4), b"\x8e": _bytes(8), b"\x96": _bytes(8),
    b"\x8a": _long(1), b"\x8b": _long(4), b"I": _int, b"L": _long_line, b"F": _float,
    b"S": _text_line(_unquoted),
    b"V": _text_line(lambda raw: raw.decode("raw-unicode-escape")),
}.items():  # fmt: skip
    OPERATIONS[_code[0]] = _operation
