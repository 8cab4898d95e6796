"""The opcodes that push a constant, but for those that the machine's inner loop does itself.

Long bytes and texts are not read: they are passed on by their place.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from ..patterns import pattern
from ..source import Malformed
from ..values import Opaque
from .blocks import LINE
from .objects import Raw
from .opcodes import SIGNED
from .state import State

if TYPE_CHECKING:
    import re

    from ..source import Span

Operation: TypeAlias = Callable[[State, bytes, int], int]

LONG_TEXT = 4096  # bytes; longer texts are kept by their place
LONG_NUMBER = 64  # bytes; larger integers are not computed
MAX_DIGITS = 4300  # of a number written as text; Pythons since 3.8.14 refuse more by default
DECIMAL = pattern(rb"[+-]?\d+(?:_\d+)*")
BASED = pattern(rb"[+-]?0[xXoObB]_?[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*")
OCTAL = pattern(rb"\s*[+-]?0[0-7]+\s*")
ESCAPE = pattern(rb"\\(\n|[\\'\"abfnrtv]|[0-7]{1,3}|x[0-9a-fA-F]{2}|x|$)")
ESCAPES = {
    b"\n": b"", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t",
    b"v": b"\v",
}  # fmt: skip


def take_line(state: State, pos: int) -> tuple[bytes, int]:
    """Return the line at `pos` without its last byte, as unpicklers cut it, and its end.

    Of a longer one the first `LINE` bytes are returned: see `is_cut`.
    """
    data = state.blocks.data
    end = data.find(b"\n", pos, state.blocks.stop)
    if end >= 0:
        return data[pos:end], end + 1
    start = state.blocks.base + pos
    line = state.blocks.line(start)
    if len(line) < LINE or line.endswith(b"\n"):
        return line[:-1], pos + len(line)
    try:
        return line, state.blocks.line_end(start) - state.blocks.base
    except Malformed:  # the source ends without a newline
        return line, state.blocks.size - state.blocks.base


def is_cut(line: bytes) -> bool:
    """Whether `take_line` returned no more than the beginning of a line."""
    return len(line) >= LINE


def line_text(line: bytes, encoding: str, length: int) -> str:
    """Return the name in a line of `length` bytes; of a very long one, how it begins."""
    if not is_cut(line):
        return line.decode(encoding)
    return f"{line[:LONG_TEXT].decode(encoding, 'replace')}… ({length} bytes in all)"


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


def counted_text(width: int, encoding: str) -> Operation:
    """Return the operation that pushes a text whose length stands before it."""

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


def counted_bytes(width: int) -> Operation:
    """Return the operation that pushes bytes whose length stands before them."""

    def operation(state: State, data: bytes, pos: int) -> int:
        start, length = _counted(state, data, pos, width)
        state.stack.append(Raw(start, length))
        return pos + width + length

    return operation


def long_integer(width: int) -> Operation:
    """Return the operation that pushes an integer whose length stands before it."""

    def operation(state: State, data: bytes, pos: int) -> int:
        start, length = _counted(state, data, pos, width)
        if length > LONG_NUMBER:
            state.stack.append(Opaque(f"an integer of {length} bytes"))
        else:
            raw = state.blocks.source.read_at(start, length)
            state.stack.append(int.from_bytes(raw, "little", signed=True))
        return pos + width + length

    return operation


def number_text(state: State, at: Span, line: bytes) -> bytes:
    """Return the text of a number: C's unpickler reads it up to a NUL, as C reads texts."""
    text, nul, _ = line.partition(b"\0")
    if nul:
        state.ledger.conflict(at, "a number that ends with a NUL: Python's unpickler fails")
    return text


def _long_number(state: State, at: Span, text: bytes) -> Opaque:
    """Stand for a number with so many digits that only some Pythons read it."""
    if not is_cut(text) and BASED.fullmatch(text):
        return Opaque(f"an integer of {len(text)} digits")  # its base is a power of 2: no limit
    if not is_cut(text) and not DECIMAL.fullmatch(text):
        raise ValueError("not a number")
    detail = f"a number of more than {MAX_DIGITS} digits: some Pythons read on after it"
    state.ledger.conflict(at, detail)
    return Opaque("an integer of very many digits")


def _integer(state: State, at: Span, text: bytes) -> int | Opaque:
    """Return the integer that a text stands for, in the base that it names."""
    text = text if is_cut(text) else text.strip()
    return int(text, 0) if len(text) <= MAX_DIGITS else _long_number(state, at, text)


def slot_line(state: State, pos: int) -> tuple[int | None, int]:
    """Return the memo slot of a PUT or GET, None if its number is too long, and the line's end."""
    line, end = take_line(state, pos)
    at = state.place(pos, end - pos + 1)
    text = number_text(state, at, line)
    text = text if is_cut(text) else text.strip()
    if len(text) <= MAX_DIGITS:
        return int(text), end
    _long_number(state, at, text)
    rest = text.replace(b"_", b"").lstrip(b"+0")
    return (int(rest or b"0") if len(rest) <= MAX_DIGITS else None), end


def _decimal(state: State, at: Span, text: bytes) -> int | Opaque:
    try:
        return _integer(state, at, text)
    except ValueError:
        if not OCTAL.fullmatch(text):
            raise
    state.ledger.conflict(at, "INT with a leading zero: C's unpickler reads it, Python's fails")
    return int(text, 8)


def integer_line(state: State, _data: bytes, pos: int) -> int:
    """Push the integer or truth value of an INT."""
    line, end = take_line(state, pos)
    at = state.place(pos, end - pos + 1)
    text = number_text(state, at, line)
    if text in {b"00", b"01"}:
        state.stack.append(text == b"01")
    else:
        state.stack.append(_decimal(state, at, text if text or not line else b"0"))
    return end


def long_line(state: State, _data: bytes, pos: int) -> int:
    """Push the integer of a LONG."""
    line, end = take_line(state, pos)
    at = state.place(pos, end - pos + 1)
    text = number_text(state, at, line)
    state.stack.append(_integer(state, at, text.removesuffix(b"L")))
    return end


def real_line(state: State, _data: bytes, pos: int) -> int:
    """Push the number of a FLOAT."""
    line, end = take_line(state, pos)
    at = state.place(pos, end - pos + 1)
    text = number_text(state, at, line)
    state.stack.append(_long_number(state, at, text) if is_cut(text) else float(text))
    return end


def text_line(decode: Callable[[bytes], str]) -> Operation:
    """Return the operation that pushes a text which ends with its line."""

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


def unquoted(raw: bytes) -> str:
    """Return the text of a STRING argument."""
    if len(raw) < 2 or raw[:1] != raw[-1:] or raw[:1] not in {b'"', b"'"}:  # noqa: PLR2004 - two quotes
        raise ValueError("STRING without quotes")
    return ESCAPE.sub(_escape, raw[1:-1]).decode("latin-1")


def raw_unicode(raw: bytes) -> str:
    """Return the text of a UNICODE argument."""
    return raw.decode("raw-unicode-escape")


def _escape(found: re.Match[bytes]) -> bytes:
    """Return what an escape of a Python 2 string stands for."""
    code = found[1]
    if code in {b"x", b""}:
        raise ValueError("STRING with a broken escape")
    if code[:1] == b"x":
        return bytes([int(code[1:], 16)])
    if code[:1].isdigit():
        return bytes([int(code, 8) & 0xFF])
    return ESCAPES.get(code, code)


def packed(layout: str) -> Operation:
    """Return the operation that pushes a number of this layout."""
    codec = struct.Struct(layout)

    def operation(state: State, data: bytes, pos: int) -> int:
        state.stack.append(codec.unpack_from(data, pos)[0])
        return pos + codec.size

    return operation
