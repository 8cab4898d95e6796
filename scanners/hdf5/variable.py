"""Values of variable length in a dataset: runs of bytes that PyTables and others unpickle.

The dataset holds, for each value, its length and where it stands in a global heap; these stand in
one run, or in chunks that a tree of version 1 leads to (specification: section III.A.1, node type
1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..source import Malformed
from .file import Cursor
from .headers import Unsupported
from .trees import DEEPEST, NODE
from .values import CHUNKED, COMPACT, CONTIGUOUS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .file import File
    from .heaps import GlobalHeaps
    from .values import Layout

CHUNKS = 1  # type of a tree's nodes
KEY = 8  # bytes of a key before its offsets: the length of a chunk, and which filters it lacks
MAX_ITEMS = 100_000  # values of one dataset
MAX_VALUE = 64 << 20  # bytes of one


def values(file: File, heaps: GlobalHeaps, layout: Layout) -> Iterator[bytes]:
    """Yield each value of a dataset that is not compressed.

    Raises:
        Malformed: The tree, or a heap, is none.
        Unsupported: Its chunks are found in another way, or there are too many values.
    """
    width = 8 + file.offset_width
    count = 0
    for address, length in _runs(file, layout):
        cursor = Cursor(file.read(address, length // width * width), file, address)
        while cursor.left:
            file.step()
            count += 1
            if count > MAX_ITEMS:
                raise Unsupported(f"more than {MAX_ITEMS} values of variable length")
            size, heap, index = cursor.number(4), cursor.offset(), cursor.number(4)
            if size and heap and file.is_defined(heap):
                yield heaps.object(heap, index, MAX_VALUE)


def _runs(file: File, layout: Layout) -> Iterator[tuple[int, int]]:
    """Yield the address and the length of each run of values."""
    if not file.is_defined(layout.address):
        if layout.kind == CHUNKED and layout.axes == 0:
            raise Unsupported("bytes of variable length, which some readers unpickle")
        return  # nothing was written yet
    if layout.kind in {COMPACT, CONTIGUOUS}:
        yield layout.address, max(0, layout.length)
    else:
        yield from _chunks(file, layout.address, layout.axes)


def _chunks(file: File, address: int, axes: int) -> Iterator[tuple[int, int]]:
    wide = KEY + 8 * axes
    pending, seen = [(address, DEEPEST)], {address}
    while pending:
        node, left = pending.pop()
        file.step()
        file.expect(node, NODE)
        kind, level, count = (file.number(node + at, size) for at, size in ((4, 1), (5, 1), (6, 2)))
        if kind != CHUNKS or not left:
            raise Malformed("chunks", offset=file.base + node, why="no tree of them, or too deep")
        first = node + 8 + 2 * file.offset_width
        for number in range(count):
            at = first + number * (wide + file.offset_width)
            child = file.offset(at + wide)
            if not level:
                yield child, file.number(at, 4)
            elif child in seen:
                raise Malformed("chunks", offset=file.base + node, why="a node stands twice")
            else:
                seen.add(child)
                pending.append((child, left - 1))
