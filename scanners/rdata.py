r"""What R's serialised objects hold, read item by item without making any (`formats.rds`).

The layout is that of R's
``src/main/serialize.c``::

    stream   b"X\n" (big-endian), b"B\n" (little-endian) or b"A\n" (text), then integers:
             version 2 or 3, that of R, least that of R; from version 3 on a name of an encoding
    item     integer: type | 256 if an object | 512 if attributes follow | 1024 if a tag follows
    pairs    of LISTSXP, LANGSXP, CLOSXP, PROMSXP: attributes, tag, CAR, and the CDR as next item
    others   lengths and values; then a pair list of attributes
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from .facts import shorten
from .limits import Exceeded
from .record import record
from .source import Malformed, Span

if TYPE_CHECKING:
    from .limits import Budget
    from .source import Source

SYMBOL, PAIRS, CLOSURE, ENVIRONMENT, PROMISE, CALL, SPECIAL, BUILTIN, TEXT = (
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
)
TEXTS, DOTS, LIST, EXPRESSIONS, CODE, POINTER, WEAK, RAW, S4 = 16, 17, 19, 20, 21, 22, 23, 24, 25
ALTERNATIVE, PAIRS_TOO, CALL_TOO, SEEN, NEW = 238, 239, 240, 243, 244
PERSISTENT, PACKAGE, NAMESPACE, UNBOUND, NIL, REFERENCE = 247, 248, 249, 252, 254, 255
SINGLE = frozenset({241, 242, 250, 251, 252, 253, 254})  # the types that are one object each
WIDTHS = {10: 4, 13: 4, 14: 8, 15: 16, RAW: 1}  # bytes of an element of a vector of numbers
NUMBERS_A_LINE = {10: 1, 13: 1, 14: 1, 15: 2, RAW: 1}  # of the text form, for each element
ATTRIBUTES, TAG = 512, 1024
MAX_DEPTH = 150  # items in items, each of which takes four frames of Python
TICK = 4096  # items between two looks at the clock
BLOCK = 1 << 16  # bytes that are read at once
KEPT, CODED = 40, 50_000  # parts of a list, and of an expression or of byte code
SHORT = MOST = 200  # bytes of a text that is kept, and odd objects
PROMISES = 2000  # honest objects have hardly any
STARTS = frozenset({".First", ".Last", ".onLoad", ".onAttach", ".First.sys"})  # that R calls itself
KNOWN_VECTORS = frozenset(  # R's own ways to keep a vector
    {
        "compact_intseq", "compact_realseq", "deferred_string", "wrap_integer", "wrap_real",
        "wrap_logical", "wrap_complex", "wrap_raw", "wrap_string", "wrap_list",
    }
)  # fmt: skip


@record
class Symbol:
    """A name of R."""

    name: str


@record
class Bound:
    """An item of a pair list with its name."""

    name: str
    value: Any


@record
class Expression:
    """A call that is written down: what is called, and with what."""

    function: Any
    arguments: tuple[Any, ...] = ()


@record
class Function:
    """A function with its body, of which only what it calls is kept."""

    body: Any


@record
class Promise:
    """An expression that is evaluated when somebody asks for its value; None if it was."""

    expression: Any
    is_pending: bool


class Reader:
    """Reads items front to back, and keeps what evaluates itself."""

    def __init__(self, source: Source, start: int, budget: Budget) -> None:
        """Begin at a byte of `source`."""
        self._source, self.at, self._budget = source, start, budget
        self._block, self._block_at = b"", 0
        self._form = b""
        self._count = 0
        self._seen: list[Any] = []  # what later items refer to by number
        self.version = ""
        self.promises: list[tuple[Span, Promise]] = []
        self.functions: list[tuple[Span, str, Function]] = []
        self.odd: list[tuple[Span, str]] = []

    def stream(self) -> Any:  # noqa: ANN401 - of any shape
        """Return the one object of the stream.

        Raises:
            Malformed: It is no stream of R.
            Exceeded: It nests too deeply, or takes too long.
        """
        self._form = self._bytes(2)
        if self._form == b"A\r":
            self._form = b"A" + self._bytes(1)
        if self._form not in {b"X\n", b"B\n", b"A\n"}:
            raise Malformed("R stream", offset=self.at, why=f"{self._form!r} is no form")
        version, wrote, _ = self._integer(), self._integer(), self._integer()
        if version not in {2, 3}:
            raise Malformed("R stream", offset=self.at, why=f"version {version}")
        self.version = f"{wrote >> 16}.{wrote >> 8 & 255}.{wrote & 255}"
        if version == 3:  # noqa: PLR2004 - the version that names an encoding
            self._text(self._integer())
        return self._item(0)

    def _bytes(self, length: int) -> bytes:
        at = self.at - self._block_at
        if not 0 <= at <= len(self._block) - length:
            left = self._source.size - self.at
            if length > left:
                raise Malformed("R stream", offset=self.at, why=f"{length} bytes, {left} are left")
            self._block_at, at = self.at, 0
            self._block = self._source.read_at(self.at, min(max(length, BLOCK), left))
        self.at += length
        return self._block[at : at + length]

    def _blanks(self) -> bytes:
        """Pass over white space, and return the byte that follows it."""
        while (byte := self._bytes(1)).isspace():
            pass
        return byte

    def _word(self) -> bytes:
        """Return what stands up to the next white space, as R's reader of texts takes numbers."""
        found = bytearray(self._blanks())
        while not (byte := self._bytes(1)).isspace():
            found += byte
            if len(found) > SHORT:
                raise Malformed("R stream", offset=self.at, why="a number is too long")
        return bytes(found)

    def _integer(self) -> int:
        if self._form == b"A\n":
            line = self._word()
            try:
                return -(1 << 31) if line == b"NA" else int(line)
            except ValueError as error:
                why = f"{line[:20]!r} is no number"
                raise Malformed("R stream", offset=self.at, why=why) from error
        order = ">i" if self._form == b"X\n" else "<i"
        return int(struct.unpack(order, self._bytes(4))[0])

    def _length(self) -> int:
        length = self._integer()
        if length == -1:
            length = (self._integer() << 32) + (self._integer() & 0xFFFF_FFFF)
        if length < 0 or length > self._source.size:
            raise Malformed("R length", offset=self.at, why=f"{length} elements", crafted=True)
        return length

    def _skip(self, length: int) -> None:
        if length < 0 or self.at + length > self._source.size:
            raise Malformed("R stream", offset=self.at, why=f"{length} bytes are too many")
        self.at += length

    def _text(self, length: int) -> str:
        """Return the beginning of a text of so many bytes."""
        if self._form == b"A\n":
            raw = bytearray()
            for number in range(max(0, length)):
                byte = self._escaped(self._bytes(1) if number else self._blanks())
                raw += byte if number < SHORT else b""
        elif length < 0:
            raise Malformed("R text", offset=self.at, why=f"{length} bytes")
        else:
            raw = bytearray(self._bytes(min(length, SHORT)))
            self._skip(max(0, length - SHORT))
        return raw[:SHORT].decode("utf-8", "backslashreplace")

    def _escaped(self, byte: bytes) -> bytes:
        if byte != b"\\":
            return byte
        kind = self._bytes(1)
        if kind not in b"01234567":
            return {b"n": b"\n", b"t": b"\t", b"r": b"\r"}.get(kind, kind)
        digits = kind + self._bytes(2)
        try:
            return bytes([int(digits, 8) & 255])
        except ValueError as error:
            raise Malformed("R text", offset=self.at, why="no octal escape") from error

    def _item(self, depth: int) -> Any:  # noqa: ANN401 - of any shape
        if depth > MAX_DEPTH:
            raise Exceeded("depth", MAX_DEPTH, "items of R in one another")
        self._tick()
        start, flags = self.at, self._integer()
        kind = flags & 255
        if kind in {PAIRS, CLOSURE, PROMISE, CALL, DOTS, PAIRS_TOO, CALL_TOO}:
            return self._pairs(start, flags, depth)
        if kind in SINGLE:
            return kind
        if kind == REFERENCE:
            number = (flags >> 8) or self._integer()
            return self._seen[number - 1] if 0 < number <= len(self._seen) else None
        if kind == SYMBOL:
            name = self._item(depth + 1)
            return self._keep(Symbol(name if isinstance(name, str) else ""))
        if kind in {PERSISTENT, PACKAGE, NAMESPACE}:
            self._integer()
            names = [self._item(depth + 1) for _ in range(self._length())]
            return self._keep(names[:1])
        if kind == ENVIRONMENT:
            return self._environment(depth)
        return self._other(start, flags, depth)

    def _tick(self) -> None:
        self._count += 1
        if not self._count % TICK:
            self._budget.check_time()

    def _keep(self, value: Any) -> Any:  # noqa: ANN401 - of any shape
        self._seen.append(value)
        return value

    def _environment(self, depth: int) -> None:
        self._integer()
        self._keep(None)
        for _ in ("around", "frame", "table", "attributes"):
            self._item(depth + 1)

    def _pairs(self, start: int, flags: int, depth: int) -> Any:  # noqa: ANN401 - of any shape
        """Read a pair list to its end; closures, promises and calls have the same shape."""
        items: list[Any] = []
        first = flags & 255
        while True:
            kind = flags & 255
            if flags & ATTRIBUTES or kind in {PAIRS_TOO, CALL_TOO}:
                self._item(depth + 1)
            tag = self._item(depth + 1) if flags & TAG else None
            here, value = self.at, self._item(depth + 1)
            if kind in {CLOSURE, PROMISE}:
                made = self._made(start, kind, value, self._item(depth + 1))
                return made if kind == first else self._ended(first, [*items, made])
            self._bound(here, tag, value)
            if len(items) < (CODED if first in {CALL, CALL_TOO} or not depth else KEPT):
                items.append(Bound(tag.name, value) if isinstance(tag, Symbol) else value)
            start, flags = self.at, self._integer()
            self._tick()
            if flags & 255 not in {PAIRS, CLOSURE, PROMISE, CALL, DOTS, PAIRS_TOO, CALL_TOO}:
                self.at = start
                self._item(depth + 1)
                return self._ended(first, items)

    def _ended(self, first: int, items: list[Any]) -> Any:  # noqa: ANN401 - of any shape
        if first in {CALL, CALL_TOO} and items:
            more = (Symbol("…"),) if len(items) == CODED else ()  # what is beyond could be anything
            return Expression(items[0], (*items[1:], *more))
        return items

    def _made(self, start: int, kind: int, value: Any, rest: Any) -> Any:  # noqa: ANN401
        if kind == CLOSURE:
            return Function(rest)
        promise = Promise(rest, is_pending=value == UNBOUND)
        if len(self.promises) == PROMISES:
            raise Exceeded("promises", PROMISES, "objects of R that are evaluated later")
        self.promises.append((Span(start, self.at - start), promise))
        return promise

    def _bound(self, at: int, tag: Any, value: Any) -> None:  # noqa: ANN401 - of any shape
        if isinstance(tag, Symbol) and isinstance(value, Function) and tag.name in STARTS:
            self.functions.append((Span(at, self.at - at), tag.name, value))

    def _other(self, start: int, flags: int, depth: int) -> Any:  # noqa: ANN401 - of any shape
        kind = flags & 255
        if kind == ALTERNATIVE:
            return self._alternative(start, depth)
        if kind in {SPECIAL, BUILTIN}:
            return Symbol(self._text(self._integer()))
        value = self._value(start, kind, depth)
        if flags & ATTRIBUTES:
            self._item(depth + 1)
        return value

    def _value(self, start: int, kind: int, depth: int) -> Any:  # noqa: ANN401 - of any shape
        if kind in WIDTHS:
            self._numbers(kind)
        elif kind in {TEXTS, LIST, EXPRESSIONS}:
            return self._elements(depth)
        elif kind == TEXT:
            length = self._integer()
            return "NA" if length == -1 else self._text(length)
        elif kind == CODE:
            self._integer()
            return self._code(depth + 1)
        elif kind in {POINTER, WEAK}:
            self._keep(None)
            self._odd(start, "external pointer" if kind == POINTER else "weak reference")
            for _ in range(2 if kind == POINTER else 0):
                self._item(depth + 1)
        elif kind != S4:
            raise Malformed("R item", offset=start, why=f"type {kind}")
        return None

    def _odd(self, start: int, what: str) -> None:
        if len(self.odd) < MOST:
            self.odd.append((Span(start, self.at - start), what))

    def _numbers(self, kind: int) -> None:
        length = self._length()
        if self._form == b"A\n":
            for number in range(length * NUMBERS_A_LINE[kind]):
                self._word()
                if not number % TICK:
                    self._budget.check_time()
        else:
            self._skip(length * WIDTHS[kind])

    def _elements(self, depth: int) -> Any:  # noqa: ANN401 - of any shape
        items: list[Any] = []
        for _ in range(self._length()):
            value = self._item(depth + 1)
            if len(items) < KEPT:
                items.append(value)
        return items[0] if len(items) == 1 and isinstance(items[0], str) else items

    def _alternative(self, start: int, depth: int) -> Any:  # noqa: ANN401 - of any shape
        """Read a vector that a class of R, or of a package, keeps in its own way."""
        info, state, _ = (self._item(depth + 1) for _ in ("class", "state", "attributes"))
        name = (
            info[0].name if isinstance(info, list) and info and isinstance(info[0], Symbol) else ""
        )
        if name not in KNOWN_VECTORS:
            self._odd(start, f"vector of the class {shorten(name, 100)}")
        return state

    def _code(self, depth: int) -> Any:  # noqa: ANN401 - of any shape
        """Read instructions and their constants; the first of these is the source expression."""
        if depth > MAX_DEPTH:
            raise Exceeded("depth", MAX_DEPTH, "items of R in one another")
        self._item(depth + 1)
        items: list[Any] = []
        for _ in range(self._length()):
            kind = self._integer()
            if kind == CODE:
                value = self._code(depth + 1)
            elif kind in {CALL, PAIRS, CALL_TOO, PAIRS_TOO, SEEN, NEW}:
                value = self._code_pairs(kind, depth + 1)
            else:
                value = self._item(depth + 1)
            if len(items) < CODED:
                items.append(value)
        return items if len(items) < CODED else [*items, Symbol("…")]

    def _code_pairs(self, kind: int, depth: int) -> Any:  # noqa: ANN401 - of any shape
        if depth > MAX_DEPTH:
            raise Exceeded("depth", MAX_DEPTH, "items of R in one another")
        first, items = kind, list[Any]()
        while True:
            self._tick()
            if kind == SEEN:
                self._integer()
                break
            if kind == NEW:
                self._integer()
                kind = self._integer()
            if kind not in {CALL, PAIRS, CALL_TOO, PAIRS_TOO}:
                items.append(self._item(depth + 1))
                break
            if kind in {CALL_TOO, PAIRS_TOO}:
                self._item(depth + 1)
            self._item(depth + 1)
            value = self._code_part(depth)
            if len(items) < CODED:
                items.append(value)
            kind = self._integer()
        return self._ended(CALL if first == NEW else first, items)

    def _code_part(self, depth: int) -> Any:  # noqa: ANN401 - of any shape
        kind = self._integer()
        if kind in {CALL, PAIRS, CALL_TOO, PAIRS_TOO, SEEN, NEW}:
            return self._code_pairs(kind, depth + 1)
        return self._item(depth + 1)
