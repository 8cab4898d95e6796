"""Types, shapes and attribute values of HDF5.

Specification: sections IV.A.2.b (dataspace), d (datatype), i (layout), l (filters), m (attribute).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..record import record
from ..source import Malformed
from .file import Cursor
from .headers import DATATYPE, SPACE, Message, Unsupported, shared

if TYPE_CHECKING:
    from .file import File
    from .heaps import GlobalHeaps

(FIXED, FLOAT, TIME, STRING, BITS, OPAQUE, COMPOUND, REFERENCE, ENUM, VARIABLE, ARRAY,
 COMPLEX) = range(12)  # fmt: skip
NAMES = {
    TIME: "time", STRING: "string", BITS: "bits", OPAQUE: "opaque", COMPOUND: "structured",
    REFERENCE: "reference", ENUM: "enum", VARIABLE: "variable", ARRAY: "array", COMPLEX: "complex",
}  # fmt: skip
SIGNED, BIG = 0x08, 0x01  # flags of a number
TEXT = 1  # of a type of variable length, in its lowest four bits
MAX_AXES = 32
MAX_ITEMS = 10_000  # of an attribute that are read
MAX_VALUE = 64 << 20  # bytes of one text
NULL = 2  # kind of a space without elements
OLD_SPACE = 1  # version
SHARED_TYPE, SHARED_SPACE = 1, 2  # flags of an attribute


@record
class Type:
    """A datatype, as far as values are read by it."""

    kind: int
    size: int  # bytes of an element
    flags: int
    order_is_big: bool = False
    inner: int = 0  # bytes of what a value of variable length consists of

    @property
    def is_text(self) -> bool:
        """Whether its elements are texts, of fixed or of variable length."""
        return self.kind == STRING or (self.kind == VARIABLE and self.flags & 0xF == TEXT)

    @property
    def name(self) -> str:
        """What tensors of other formats call it."""
        if self.kind == FIXED:
            return f"{'I' if self.flags & SIGNED else 'U'}{self.size * 8}"
        if self.kind == FLOAT:
            return f"F{self.size * 8}"
        return "string" if self.is_text else NAMES.get(self.kind, f"type {self.kind}")


@record
class Attribute:
    """A name and what is known of its value."""

    name: str
    type: Type
    shape: tuple[int, ...] | None  # None: it has no elements
    address: int  # of the attribute
    length: int  # bytes
    values: tuple[bytes, ...] = ()  # of texts and opaque values, the first ones


def datatype(cursor: Cursor) -> Type:
    """Return the type that a message holds."""
    kind = cursor.number(1) & 0xF
    flags, size = cursor.number(3), cursor.number(4)
    inner = 0
    if kind == VARIABLE:
        cursor.take(4)
        inner = cursor.number(4)
    return Type(kind, size, flags, bool(flags & BIG), inner)


def dataspace(cursor: Cursor) -> tuple[int, ...] | None:
    """Return the shape that a message holds; None for one without elements.

    Raises:
        Malformed: It has more axes than the format allows.
    """
    version, axes, _, kind = (cursor.number(1) for _ in range(4))
    if version == OLD_SPACE:
        cursor.take(4)
        kind = 0
    if axes > MAX_AXES:
        why = f"{axes} axes, the format allows {MAX_AXES}"
        raise Malformed("dataspace", offset=cursor.file.base + cursor.address, why=why)
    return None if kind == NULL else tuple(cursor.length() for _ in range(axes))


def attribute(file: File, heaps: GlobalHeaps, address: int, data: bytes) -> Attribute:
    """Return the attribute that a message, or an object of a heap, holds.

    Raises:
        Malformed: A field leaves it, or its text is not where it should be.
        Unsupported: It is of no known version.
    """
    cursor = Cursor(data, file, address)
    version, flags = cursor.number(1), cursor.number(1)
    if not 1 <= version <= 3:  # noqa: PLR2004 - the last one there is
        raise Unsupported(f"an attribute of version {version}")
    flags = flags if version > 1 else 0
    sizes = [cursor.number(2) for _ in range(3)]
    if version == 3:  # noqa: PLR2004 - the one that says how its name is encoded
        cursor.take(1)
    name, type_, space = (_padded(cursor, size, pads=version == 1) for size in sizes)
    found = _part(file, DATATYPE, type_, is_shared=bool(flags & SHARED_TYPE))
    shape = _part(file, SPACE, space, is_shared=bool(flags & SHARED_SPACE))
    type_read, shape_read = datatype(found), dataspace(shape)
    return Attribute(
        name=name.text(),
        type=type_read,
        shape=shape_read,
        address=address,
        length=len(data),
        values=_values(heaps, cursor, type_read, shape_read),
    )


def _padded(cursor: Cursor, size: int, *, pads: bool) -> Cursor:
    inner = Cursor(cursor.take(size), cursor.file, cursor.here - size)
    if pads:
        cursor.take(min(-size % 8, cursor.left))
    return inner


def _part(file: File, kind: int, cursor: Cursor, *, is_shared: bool) -> Cursor:
    return shared(file, kind, cursor).cursor(file) if is_shared else cursor


def _values(
    heaps: GlobalHeaps, cursor: Cursor, type_: Type, shape: tuple[int, ...] | None
) -> tuple[bytes, ...]:
    """Return the elements, as far as these are texts or bytes."""
    count = 0 if shape is None else min(product(shape), MAX_ITEMS)
    if type_.kind in {STRING, OPAQUE}:
        cursor.file.value(min(count * type_.size, cursor.left))
        return tuple(cursor.take(type_.size) for _ in range(count))
    if type_.kind == FIXED and type_.size == 1 and count:
        return (cursor.take(count),)
    if type_.kind == VARIABLE:
        return tuple(_variable(heaps, cursor, is_text=type_.is_text) for _ in range(count))
    return ()


def _variable(heaps: GlobalHeaps, cursor: Cursor, *, is_text: bool) -> bytes:
    """Return a value of variable length; `length` counts elements, which may be several bytes."""
    length, collection, index = cursor.number(4), cursor.offset(), cursor.number(4)
    if not length or not cursor.file.is_defined(collection) or not collection:
        return b""
    return heaps.object(collection, index, min(length, MAX_VALUE) if is_text else MAX_VALUE)


def product(shape: tuple[int, ...]) -> int:
    """Return the number of elements of a shape."""
    count = 1
    for axis in shape:
        count *= axis
    return count


# --- Datasets -------------------------------------------------------------------------------------

COMPACT, CONTIGUOUS, CHUNKED, VIRTUAL = range(4)
LAYOUTS = ("compact", "contiguous", "chunked", "virtual")
OLDEST_LAYOUTS = (1, 2)
LAST_LAYOUT = 5


@record
class Layout:
    """Where the values of a dataset stand."""

    kind: int
    address: int  # of contiguous values, compact ones, a tree of chunks, or a virtual one's heap
    length: int  # bytes; -1 where the layout does not say
    index: int = 0  # of a virtual dataset, in the heap
    axes: int = 0  # of chunks in a tree, that of the bytes of an element among them


def layout(message: Message, file: File) -> Layout:
    """Return the layout that a message holds.

    Raises:
        Unsupported: It is of a version that is not known.
    """
    cursor = message.cursor(file)
    version = cursor.number(1)
    if version in OLDEST_LAYOUTS:
        return _oldest(cursor)
    if not 3 <= version <= LAST_LAYOUT:  # noqa: PLR2004 - the first of the new kind
        raise Unsupported(f"a layout of version {version}")
    kind = cursor.number(1)
    if kind == COMPACT:
        length = cursor.number(2)
        return Layout(kind, cursor.here, length)
    if kind == CONTIGUOUS:
        return Layout(kind, cursor.offset(), cursor.length())
    if kind == VIRTUAL:
        return Layout(kind, cursor.offset(), -1, cursor.number(4))
    if kind == CHUNKED and version == 3:  # noqa: PLR2004 - later ones have other indexes
        axes = cursor.number(1)
        return Layout(kind, cursor.offset(), -1, axes=axes)
    if kind == CHUNKED:
        return Layout(kind, file.undefined, -1)
    raise Unsupported(f"a layout of kind {kind}")


def _oldest(cursor: Cursor) -> Layout:
    axes, kind = cursor.number(1), cursor.number(1)
    cursor.take(5)
    address = cursor.offset() if kind != COMPACT else cursor.file.undefined
    cursor.take(4 * axes)
    if kind == COMPACT:
        length = cursor.number(4)
        return Layout(kind, cursor.here, length)
    if kind > CHUNKED:
        raise Unsupported(f"a layout of kind {kind}")
    return Layout(kind, address, -1, axes=axes)


def filters(message: Message, file: File) -> list[tuple[int, str]]:
    """Return the number and the name of each filter that a message holds."""
    cursor = message.cursor(file)
    version, count = cursor.number(1), cursor.number(1)
    is_old = version == 1
    cursor.take(6 if is_old else 0)
    found: list[tuple[int, str]] = []
    for _ in range(count):
        id_ = cursor.number(2)
        length = cursor.number(2) if is_old or id_ >= 256 else 0  # noqa: PLR2004 - those of others
        cursor.take(2)
        values = cursor.number(2)
        name = _padded(cursor, length, pads=is_old).text() if length else ""
        cursor.take(4 * (values + values % 2 if is_old else values))
        found.append((id_, name))
    return found


def external(message: Message, file: File, heap: int) -> list[str]:
    """Return the names of the files that a message says the values stand in."""
    cursor = message.cursor(file)
    cursor.take(6)
    used = cursor.number(2)
    cursor.offset()  # of the heap
    found: list[str] = []
    for _ in range(used):
        found.append(file.text(heap + cursor.length(), 1 << 16))
        cursor.length()
        cursor.length()
    return found


def external_heap(message: Message, file: File) -> int:
    """Return the address of the local heap that the names stand in."""
    cursor = message.cursor(file)
    cursor.take(8)
    return cursor.offset()
