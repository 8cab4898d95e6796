"""B-trees of HDF5, as far as groups and heaps use them.

Specification: sections III.A (version 1, symbol tables) and III.A.2 (version 2, records).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..limits import Exceeded
from ..record import record
from ..source import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .file import File

DEEPEST = 32  # levels; each has dozens of children
MAX_NODES = 200_000  # of one tree
NODE, LEAF, SYMBOLS = b"TREE", b"BTLF", b"SNOD"
HEAD = 6  # bytes of a node of version 2 before its records: signature, version, type
OVERHEAD = 10  # bytes of a node of version 2 that hold no record: these, and the checksum


@record
class Symbol:
    """A member of a group of the old kind."""

    name: int  # offset in the group's heap
    header: int
    kind: int  # 2: a soft link
    value: int  # of a soft link: offset in the group's heap


def symbols(file: File, address: int) -> Iterator[Symbol]:
    """Yield the members of a group whose tree of version 1 has its root at an address.

    Raises:
        Malformed: A node is none, or leads to one that was met before.
    """
    pending, seen = [(address, DEEPEST)], {address}
    while pending:
        node, left = pending.pop()
        file.step()
        if file.read(node, len(SYMBOLS)) == SYMBOLS:
            yield from _leaf(file, node)
            continue
        file.expect(node, NODE)
        wide, long = file.offset_width, file.length_width
        kind, count = file.number(node + 4, 1), file.number(node + 6, 2)
        if kind or not left:
            raise Malformed("group", offset=file.base + node, why="no tree of names, or too deep")
        first = node + 8 + 2 * wide + long
        children = [file.offset(first + each * (wide + long)) for each in range(count)]
        if len(seen) + count > MAX_NODES:
            raise Exceeded("nodes", MAX_NODES, "nodes of a group of HDF5")
        if not seen.isdisjoint(children) or len({*children}) < len(children):
            raise Malformed("group", offset=file.base + node, why="a node of it stands twice")
        seen.update(children)
        pending += [(child, left - 1) for child in reversed(children)]


def _leaf(file: File, node: int) -> Iterator[Symbol]:
    wide = file.offset_width
    length = 2 * wide + 24
    for number in range(file.number(node + 6, 2)):
        file.step()
        at = node + 8 + number * length
        yield Symbol(
            name=file.offset(at),
            header=file.offset(at + wide),
            kind=file.number(at + 2 * wide, 4),
            value=file.number(at + 2 * wide + 8, 4),
        )


def records(file: File, address: int) -> Iterator[bytes]:
    """Yield the records of the tree of version 2 whose header stands at an address.

    Raises:
        Malformed: A node is none, or leads to one that was met before.
    """
    file.expect(address, b"BTHD")
    node_size, record_size = file.number(address + 6, 4), file.number(address + 10, 2)
    depth, root = file.number(address + 12, 2), file.offset(address + 16)
    count = file.number(address + 16 + file.offset_width, 2)
    if not record_size or node_size <= OVERHEAD + record_size or depth > DEEPEST:
        raise Malformed("tree", offset=file.base + address, why="its sizes are impossible")
    if count:
        yield from _Tree(file, node_size, record_size, depth).walk(root, count)


class _Tree:
    """How many bytes the counts in the nodes of each level take, and the nodes themselves."""

    def __init__(self, file: File, node_size: int, record_size: int, depth: int) -> None:
        self._file, self._record_size, self._depth = file, record_size, depth
        most = total = (node_size - OVERHEAD) // record_size
        self._count_width = _enough(most)
        self._total_widths = [0]  # of pointers to nodes of each level, leaves first
        for _ in range(depth):
            pointer = file.offset_width + self._count_width + self._total_widths[-1]
            most = max(0, node_size - OVERHEAD - pointer) // (record_size + pointer)
            total = min((most + 1) * total + most, 1 << 64)
            self._total_widths.append(_enough(total))

    def walk(self, root: int, count: int) -> Iterator[bytes]:
        pending, seen = [(root, count, self._depth)], {root}
        while pending:
            node, held, level = pending.pop()
            self._file.step(held + 1)
            self._file.expect(node, b"BTIN" if level else LEAF)
            data = self._file.read(node + HEAD, held * self._record_size)
            for start in range(0, len(data), self._record_size):
                yield data[start : start + self._record_size]
            if level:
                at = node + HEAD + len(data)
                children = [self._child(at, number, level) for number in range(held + 1)]
                places = {child for child, _ in children}
                if len(seen) + len(children) > MAX_NODES:
                    raise Exceeded("nodes", MAX_NODES, "nodes of a tree of HDF5")
                if not seen.isdisjoint(places) or len(places) < len(children):
                    where = self._file.base + node
                    raise Malformed("tree", offset=where, why="a node of it stands twice")
                seen |= places
                pending += [(*child, level - 1) for child in reversed(children)]

    def _child(self, first: int, number: int, level: int) -> tuple[int, int]:
        wide = self._file.offset_width
        at = first + number * (wide + self._count_width + self._total_widths[level - 1])
        return self._file.offset(at), self._file.number(at + wide, self._count_width)


def _enough(number: int) -> int:
    return (max(1, number).bit_length() - 1) // 8 + 1
