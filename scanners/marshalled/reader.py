"""Python's marshal format, versions 0 to 5, read into plain values and code objects.

    object   type, payload      type & 0x80: the object gets the next number, for ``r`` to name
    N T F . S 0                 None, True, False, Ellipsis, StopIteration, NULL
    i I l f g x y               numbers: 4 bytes, 8 bytes, 15-bit digits, text and binary floats
    s t R u A a z Z             bytes and texts, with a length of 4 bytes or (z, Z) of one
    ( ) [ < > {  :              tuple, short tuple, list, set, frozenset, dict up to NULL, slice
    c                           code: integers and objects, in the order of its Python
    r                           the object of that number

Numbers are little-endian. Of Python 2, ``t`` numbers a text and ``R`` names it. No version stands
in the bytes, so a code object is read by every layout there was, and each that fits is a reading.
Specification: CPython's ``Python/marshal.c``, ``Lib/importlib/_bootstrap_external.py`` (headers).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from ..limits import Exceeded
from ..record import record
from ..source import Malformed
from .code import UNKNOWN, Code, Constant, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..limits import Budget

DEPTH = 150  # objects inside one another; honest code stays below thirty
MAX_OBJECTS = 3_000_000
CHECKED = 4096  # objects between two looks at the clock
FLAG_REF = 0x80
MAX_SHOWN_BITS = 64  # longer integers are not kept


@record
class Layout:
    """How code objects are marshalled by some Pythons."""

    pythons: tuple[str, ...]
    head: tuple[str, ...]  # integers of four bytes
    body: tuple[str, ...]  # objects, but for `firstlineno`, an integer


_OLD = ("code", "consts", "names", "varnames", "freevars", "cellvars", "filename", "name",
        "firstlineno", "lnotab")  # fmt: skip
_NEW = ("code", "consts", "names", "localsplusnames", "localspluskinds", "filename", "name",
        "qualname", "firstlineno", "linetable", "exceptiontable")  # fmt: skip
LAYOUTS = (
    Layout(("3.11", "3.12", "3.13", "3.14"),
           ("argcount", "posonly", "kwonly", "stacksize", "flags"), _NEW),
    Layout(("3.8", "3.9", "3.10"),
           ("argcount", "posonly", "kwonly", "nlocals", "stacksize", "flags"), _OLD),
    Layout(("3.6", "3.7"), ("argcount", "kwonly", "nlocals", "stacksize", "flags"), _OLD),
    Layout(("2.7",), ("argcount", "nlocals", "stacksize", "flags"), _OLD),
)  # fmt: skip


@record
class Reading:
    """What the bytes are by one layout."""

    value: Constant
    end: int  # offset after the object


def read(data: bytes, start: int, budget: Budget, layouts: tuple[Layout, ...]) -> list[Reading]:
    """Return the marshalled object at `start` by each layout that fits; one if it holds no code.

    Raises:
        Malformed: No layout fits.
        Exceeded: It holds too much, or nests too deeply.
    """
    found: list[Reading] = []
    farthest: Malformed | None = None
    for layout in layouts:
        reader = _Reader(data, start, budget, layout)
        try:
            value = reader.object()
        except Malformed as error:
            if farthest is None or error.offset > farthest.offset:
                farthest = error
            continue
        found.append(Reading(value, reader.at))
        if not reader.has_code:
            break
    if not found and farthest is not None:
        raise farthest
    return found


class _Null:
    """The end of a dict."""


_NULL = _Null()
_Value = Constant | _Null


class _Reader:
    """One pass over the bytes by one layout."""

    def __init__(self, data: bytes, start: int, budget: Budget, layout: Layout) -> None:
        self.data, self.at, self.layout, self._budget = data, start, layout, budget
        self.has_code = False
        self._refs: list[_Value] = []
        self._interned: list[str] = []
        self._count = self._depth = 0

    def object(self) -> Constant:
        """Return the next object; NULL is none."""
        value = self._value()
        return self._not_null(value)

    def _value(self) -> _Value:
        self._spend(1)
        start, kind = self.at, self._byte()
        number = -1
        if kind & FLAG_REF:
            number = len(self._refs)
            self._refs.append(_NULL)  # it may not name itself; nor may NULL be named
        read = READERS.get(kind & ~FLAG_REF)
        if read is None:
            raise Malformed("marshalled object", offset=start, why=f"0x{kind:02x} is no type")
        self._depth += 1
        if self._depth > DEPTH:
            raise Exceeded("depth", DEPTH, "marshalled objects inside one another")
        value = read(self)
        self._depth -= 1
        if number >= 0:
            self._refs[number] = value
        return value

    def _spend(self, count: int) -> None:
        before = self._count
        self._count += count
        if self._count > MAX_OBJECTS:
            raise Exceeded("objects", MAX_OBJECTS, "marshalled objects")
        if before // CHECKED != self._count // CHECKED:
            self._budget.check_time()

    def _not_null(self, value: _Value) -> Constant:
        if isinstance(value, _Null):
            raise Malformed("marshalled object", offset=self.at - 1, why="NULL stands for none")
        return value

    # --- Numbers and runs of bytes ----------------------------------------------------------------

    def _take(self, length: int) -> bytes:
        if length < 0 or length > len(self.data) - self.at:
            why = f"{length} bytes wanted, {len(self.data) - self.at} are left"
            raise Malformed("marshalled object", offset=self.at, why=why)
        self.at += length
        return self.data[self.at - length : self.at]

    def _byte(self) -> int:
        return self._take(1)[0]

    def integer(self) -> int:
        """Return four bytes as a signed integer."""
        return int.from_bytes(self._take(4), "little", signed=True)

    def long_integer(self) -> int:
        """Return eight bytes as a signed integer; Python 2 wrote such on some machines."""
        return int.from_bytes(self._take(8), "little", signed=True)

    def big_integer(self) -> int | Unknown:
        """Return an integer of 15-bit digits, the lowest first, with the sign of their number."""
        count = self.integer()
        digits = self._take(2 * abs(count))
        if len(digits) * 8 > MAX_SHOWN_BITS:
            return UNKNOWN
        value = 0
        for (digit,) in reversed(list(struct.iter_unpack("<H", digits))):
            value = value << 15 | digit
        return -value if count < 0 else value

    def binary_float(self) -> float:
        """Return a float of eight bytes."""
        found: float = struct.unpack("<d", self._take(8))[0]
        return found

    def text_float(self) -> Unknown:
        """Pass a float that is written as text."""
        self._take(self._byte())
        return UNKNOWN

    def binary_complex(self) -> Unknown:
        """Pass a complex number of sixteen bytes."""
        self._take(16)
        return UNKNOWN

    def text_complex(self) -> Unknown:
        """Pass a complex number that is written as two texts."""
        self.text_float()
        return self.text_float()

    # --- Bytes and texts --------------------------------------------------------------------------

    def byte_string(self) -> bytes:
        """Return bytes; Python 2's texts are such too."""
        return self._take(self.integer())

    def text(self) -> str:
        """Return a text in UTF-8, which may hold surrogates."""
        return self._decoded(self._take(self.integer()))

    def ascii(self) -> str:
        """Return a text of single bytes."""
        return self._take(self.integer()).decode("latin-1")

    def short_ascii(self) -> str:
        """Return a text of up to 255 single bytes."""
        return self._take(self._byte()).decode("latin-1")

    def interned(self) -> str:
        """Return a text; the layouts of Python 2 number it."""
        found = self._take(self.integer())
        self._interned.append(found.decode("latin-1"))
        return self._interned[-1] if self.layout.pythons == ("2.7",) else self._decoded(found)

    def interned_again(self) -> str:
        """Return a text of Python 2 that was numbered before."""
        at, number = self.at, self.integer()
        if not 0 <= number < len(self._interned):
            raise Malformed("marshalled text", offset=at, why=f"there is no number {number}")
        return self._interned[number]

    def _decoded(self, data: bytes) -> str:
        try:
            return data.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            raise Malformed("marshalled text", offset=self.at, why="it is not UTF-8") from error

    # --- Containers and references ----------------------------------------------------------------

    def many(self) -> tuple[Constant, ...]:
        """Return the items of a tuple, list or set."""
        return self._items(self.integer())

    def few(self) -> tuple[Constant, ...]:
        """Return the items of a tuple with up to 255 of them."""
        return self._items(self._byte())

    def _items(self, count: int) -> tuple[Constant, ...]:
        if not 0 <= count <= len(self.data) - self.at:  # each takes a byte at least
            why = f"{count} items in {len(self.data) - self.at} bytes"
            raise Malformed("marshalled container", offset=self.at, why=why)
        return tuple([self.object() for _ in range(count)])

    def dictionary(self) -> tuple[Constant, ...]:
        """Return the keys and values in turn, up to NULL."""
        found: list[Constant] = []
        while not isinstance(key := self._value(), _Null):
            found += [key, self.object()]
        return tuple(found)

    def slice(self) -> tuple[Constant, ...]:
        """Return start, stop and step."""
        return self._items(3)

    def reference(self) -> _Value:
        """Return the object of that number, if it is finished."""
        at, number = self.at, self.integer()
        if not 0 <= number < len(self._refs) or isinstance(self._refs[number], _Null):
            raise Malformed("marshalled reference", offset=at, why=f"there is no number {number}")
        return self._refs[number]

    def code(self) -> Code:
        """Return a code object by the layout at hand."""
        self.has_code = True
        start = self.at - 1
        for name in self.layout.head:
            at, value = self.at, self.integer()
            if value < 0 and name != "flags":
                raise Malformed("code", offset=at, why=f"{name} is {value}")
        body: dict[str, Constant] = {}
        for name in self.layout.body:
            body[name] = self.integer() if name == "firstlineno" else self.object()
        return self._code(body, start)

    def _code(self, body: dict[str, Constant], start: int) -> Code:
        instructions, constants = body["code"], body["consts"]
        if not isinstance(instructions, bytes) or not isinstance(constants, tuple):
            why = "its instructions are no bytes, or its constants no tuple"
            raise Malformed("code", offset=start, why=why)
        if "localsplusnames" in body:
            local_names = cell_names = self._names(body["localsplusnames"], start)
        else:
            local_names = self._names(body["varnames"], start)
            cells, free = body["cellvars"], body["freevars"]
            cell_names = self._names(cells, start) + self._names(free, start)
        return Code(
            instructions=instructions,
            constants=constants,
            names=self._names(body["names"], start),
            local_names=local_names,
            cell_names=cell_names,
            file=_text(body["filename"], start),
            name=_text(body.get("qualname", body["name"]), start),
            pythons=self.layout.pythons,
            start=start,
        )

    def _names(self, value: Constant, start: int) -> tuple[str, ...]:
        if not isinstance(value, tuple):
            raise Malformed("code", offset=start, why="its names are no tuple")
        self._spend(len(value))  # one tuple may serve very many code objects
        return tuple([_text(each, start) for each in value])


def _text(value: Constant, start: int) -> str:
    if isinstance(value, bytes):  # of Python 2
        return value.decode("latin-1")
    if not isinstance(value, str):
        raise Malformed("code", offset=start, why="a name is no text")
    return value


def _constantly(value: _Value) -> Callable[[_Reader], _Value]:
    return lambda _reader: value


READERS: dict[int, Callable[[_Reader], _Value]] = {
    ord("0"): _constantly(_NULL),
    ord("N"): _constantly(None),
    ord("T"): _constantly(True),  # noqa: FBT003 - the value itself
    ord("F"): _constantly(False),  # noqa: FBT003 - the value itself
    ord("S"): _constantly(UNKNOWN),
    ord("."): _constantly(UNKNOWN),
    ord("i"): _Reader.integer,
    ord("I"): _Reader.long_integer,
    ord("l"): _Reader.big_integer,
    ord("f"): _Reader.text_float,
    ord("g"): _Reader.binary_float,
    ord("x"): _Reader.text_complex,
    ord("y"): _Reader.binary_complex,
    ord("s"): _Reader.byte_string,
    ord("t"): _Reader.interned,
    ord("R"): _Reader.interned_again,
    ord("u"): _Reader.text,
    ord("a"): _Reader.ascii,
    ord("A"): _Reader.ascii,
    ord("z"): _Reader.short_ascii,
    ord("Z"): _Reader.short_ascii,
    ord("("): _Reader.many,
    ord(")"): _Reader.few,
    ord("["): _Reader.many,
    ord("<"): _Reader.many,
    ord(">"): _Reader.many,
    ord("{"): _Reader.dictionary,
    ord(":"): _Reader.slice,
    ord("r"): _Reader.reference,
    ord("c"): _Reader.code,
}
