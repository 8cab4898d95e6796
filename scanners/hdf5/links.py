"""Links of HDF5 groups: to objects of the file, to names, and to other files.

Specification: sections IV.A.2.c (link info), g (link) and r (symbol table).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..record import record
from ..source import Malformed
from . import heaps
from .file import Cursor
from .headers import LINK, LINK_INFO, SYMBOLS, Message, Unsupported
from .trees import records, symbols

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .file import File

HARD, SOFT, OTHER_FILE = 0, 1, 64  # types of links; others are those of programs
SOFT_SYMBOL = 2  # kind of a member of an old group
HAS_TYPE, HAS_ORDER, HAS_CHARSET = 0x08, 0x04, 0x10  # flags of a link
HASH = 4  # bytes of a record of names before the id in the heap
MAX_NAME = 1 << 16  # bytes


@record
class Link:
    """A named member of a group."""

    name: str
    type: int
    address: int = 0  # of a hard link: the object
    file: str = ""  # of a link to another file
    target: str = ""  # of a soft link, or inside the other file


def links(file: File, message: Message) -> Iterator[Link]:
    """Yield the links that a message of a group holds or leads to.

    Raises:
        Malformed: One is none.
        Unsupported: They stand in a heap that is compressed.
    """
    if message.kind == LINK:
        yield _link(message.cursor(file))
    elif message.kind == LINK_INFO:
        yield from _dense(file, message.cursor(file))
    elif message.kind == SYMBOLS:
        yield from _old(file, message.cursor(file))


def _link(cursor: Cursor) -> Link:
    version, flags = cursor.number(1), cursor.number(1)
    if version != 1:
        raise Unsupported(f"a link of version {version}")
    type_ = cursor.number(1) if flags & HAS_TYPE else HARD
    cursor.take((8 if flags & HAS_ORDER else 0) + (1 if flags & HAS_CHARSET else 0))
    length = cursor.number(1 << (flags & 3))
    name = cursor.take(length).decode("utf-8", "backslashreplace")
    if type_ == HARD:
        return Link(name, type_, cursor.offset())
    value = Cursor(cursor.take(cursor.number(2)), cursor.file, cursor.here)
    if type_ == SOFT:
        return Link(name, type_, target=value.text())
    if type_ == OTHER_FILE:
        value.take(1)
        other = value.text()
        return Link(name, type_, file=other, target=value.text())
    return Link(name, type_)


def _dense(file: File, cursor: Cursor) -> Iterator[Link]:
    """Yield the links of a large group, which stand in a heap."""
    cursor.take(1)
    cursor.take(8 if cursor.number(1) & 1 else 0)
    heap, names = cursor.offset(), cursor.offset()
    if not file.is_defined(heap):
        return
    found = heaps.FractalHeap(file, heap)
    if not file.is_defined(names):
        raise Malformed("group", offset=file.base + cursor.address, why="no tree of its names")
    for each in records(file, names):
        address, data = found.object(each[HASH : HASH + found.id_length])
        yield _link(Cursor(data, file, address))


def _old(file: File, cursor: Cursor) -> Iterator[Link]:
    tree, heap = cursor.offset(), cursor.offset()
    data = heaps.local(file, heap)
    for each in symbols(file, tree):
        name = file.text(data + each.name, MAX_NAME)
        if each.kind == SOFT_SYMBOL:
            yield Link(name, SOFT, target=file.text(data + each.value, MAX_NAME))
        else:
            yield Link(name, HARD, each.header)
