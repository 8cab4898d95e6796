"""Heaps of HDF5: where names, long texts, and the links and attributes of large groups stand.

Specification: sections III.D (local), III.E (global) and III.G (fractal). A fractal heap is a table
of blocks whose rows double in size; an object's id says where in the space of all blocks it lies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..source import Malformed
from .headers import Unsupported
from .trees import records

if TYPE_CHECKING:
    from .file import File

MANAGED, HUGE, TINY = 0, 1, 2  # kinds of objects in a fractal heap
SHORTEST_ID = 2  # bytes
LONG_ID = 18  # bytes of an id from which on the length of a tiny object takes 12 bits
MAX_OBJECT = 64 << 20  # bytes of one object that are read
MAX_NAME = 1 << 16  # bytes
MAX_ROWS = 64  # of a table; each doubles the space


def local(file: File, address: int) -> int:
    """Return the address of the data of a local heap."""
    file.expect(address, b"HEAP")
    return file.offset(address + 8 + 2 * file.length_width)


class GlobalHeaps:
    """The collections of objects that values of variable length stand in."""

    def __init__(self, file: File) -> None:
        """Read none yet."""
        self._file = file
        self._found: dict[int, dict[int, tuple[int, int]]] = {}

    def object(self, address: int, index: int, most: int) -> bytes:
        """Return up to `most` bytes of object `index` of the collection at an address.

        Raises:
            Malformed: There is none.
        """
        if address not in self._found:
            self._found[address] = self._collection(address)
        if index not in self._found[address]:
            where = self._file.base + address
            raise Malformed("global heap", offset=where, why=f"it has no object {index}")
        at, length = self._found[address][index]
        self._file.value(min(length, most))
        return self._file.read(at, min(length, most))

    def _collection(self, address: int) -> dict[int, tuple[int, int]]:
        file = self._file
        file.expect(address, b"GCOL")
        end = address + file.length(address + 8)
        at = address + 8 + file.length_width
        head = 8 + file.length_width
        found: dict[int, tuple[int, int]] = {}
        while at + head <= end:
            file.step()
            index, length = file.number(at, 2), file.length(at + 8)
            if not index:  # the rest is free
                break
            found.setdefault(index, (at + head, length))
            at += head + (length + 7) // 8 * 8
        return found


class FractalHeap:
    """One heap; its objects are read by their ids."""

    def __init__(self, file: File, address: int) -> None:
        """Read the header at an address.

        Raises:
            Malformed: It is none.
            Unsupported: Its blocks are compressed.
        """
        file.expect(address, b"FRHP")
        self._file = file
        wide, long = file.offset_width, file.length_width
        self.id_length = file.number(address + 5, 2)
        if file.number(address + 7, 2):
            raise Unsupported("a heap whose blocks are compressed")
        most = file.number(address + 10, 4)
        self._huge = file.offset(address + 14 + long)
        at = address + 14 + 10 * long + 2 * wide
        self._width = file.number(at, 2)
        self._start, direct = file.length(at + 2), file.length(at + 2 + long)
        bits = file.number(at + 2 + 2 * long, 2)
        self._root, self._rows = (
            file.offset(at + 6 + 2 * long),
            file.number(at + 6 + 2 * long + wide, 2),
        )
        sizes = (self._start, direct)
        if not self._width or any(size < 1 or size & (size - 1) for size in sizes):
            raise Malformed("heap", offset=file.base + at, why="a size that is no power of two")
        self._direct_rows = direct.bit_length() - self._start.bit_length() + 2
        self._offset_size = (bits + 7) // 8
        self._length_size = min((direct.bit_length() + 6) // 8, _enough(most))

    def object(self, id_: bytes) -> tuple[int, bytes]:
        """Return the address and the bytes of an object; of a tiny one, no address (0).

        Raises:
            Malformed: There is none of this id.
        """
        if len(id_) < max(SHORTEST_ID, self.id_length):
            raise Malformed("heap id", offset=self._file.base, why=f"of {len(id_)} bytes")
        kind = id_[0] >> 4 & 3
        if kind == MANAGED:
            offset = int.from_bytes(id_[1 : 1 + self._offset_size], "little")
            start = 1 + self._offset_size
            length = int.from_bytes(id_[start : start + self._length_size], "little")
            at = self._place(offset)
        elif kind == HUGE:
            at, length = self._huge_place(id_)
        elif kind == TINY:
            is_long = self.id_length > LONG_ID
            length = ((id_[0] & 0xF) << 8 | id_[1]) if is_long else id_[0] & 0xF
            return 0, id_[1 + is_long :][: length + 1]
        else:
            raise Malformed("heap id", offset=self._file.base, why="of no known kind")
        if length > MAX_OBJECT:
            raise Unsupported(f"an object of {length} bytes in a heap")
        return at, self._file.read(at, length)

    def _huge_place(self, id_: bytes) -> tuple[int, int]:
        wide, long = self._file.offset_width, self._file.length_width
        if self.id_length - 1 >= wide + long:
            return (int.from_bytes(id_[1 : 1 + wide], "little"),
                    int.from_bytes(id_[1 + wide : 1 + wide + long], "little"))  # fmt: skip
        wanted = int.from_bytes(id_[1:], "little")
        if self._file.is_defined(self._huge):
            for each in records(self._file, self._huge):
                if int.from_bytes(each[wide + long :], "little") == wanted:
                    return (int.from_bytes(each[:wide], "little"),
                            int.from_bytes(each[wide : wide + long], "little"))  # fmt: skip
        raise Malformed("heap id", offset=self._file.base, why=f"no huge object {wanted}")

    def _place(self, offset: int) -> int:
        """Return the address of what stands `offset` bytes into the space of all blocks."""
        block, rows = self._root, self._rows
        for _ in range(MAX_ROWS):
            self._file.step()
            if not self._file.is_defined(block):
                break
            if not rows:
                self._file.expect(block, b"FHDB")
                return block + offset
            self._file.expect(block, b"FHIB")
            row, first = self._row(offset)
            size = self._start << max(0, row - 1)
            column = (offset - first) // size
            if row >= rows:
                break
            offset -= first + column * size
            at = block + 5 + self._file.offset_width + self._offset_size
            block = self._file.offset(at + (row * self._width + column) * self._file.offset_width)
            is_direct = row < self._direct_rows
            rows = 0 if is_direct else self._row(size - 1)[0] + 1
        raise Malformed("heap id", offset=self._file.base, why=f"nothing stands at {offset}")

    def _row(self, offset: int) -> tuple[int, int]:
        """Return the row of a table that covers an offset, and where that row begins."""
        whole = self._start * self._width
        if offset < whole:
            return 0, 0
        row = (offset // whole).bit_length()
        return row, whole << (row - 1)


def _enough(number: int) -> int:
    """Return how many bytes hold numbers up to this one."""
    return (max(1, number).bit_length() - 1) // 8 + 1
