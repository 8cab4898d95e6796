"""The bytes of an HDF5 file: its superblock, and numbers and addresses read by it.

Specification: https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html, section II.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..limits import Exceeded
from ..source import Malformed, Span

if TYPE_CHECKING:
    from ..limits import Budget
    from ..source import Source

SIGNATURE = b"\x89HDF\r\n\x1a\n"
FIRST_USER_BLOCK = 512  # bytes; the superblock stands at 0, or here, or at any doubling of it
OLD, NEW = (0, 1), (2, 3, 4)  # versions of the superblock, by layout
WIDTHS = frozenset({2, 4, 8})  # bytes of an address, or of a length
MAX_STEPS = 5_000_000  # structures of one file that are looked at, some 20 seconds of work
MAX_VALUES = 128 << 20  # bytes of attributes of one file that are held: many may be the same bytes
SPARE = 64 << 20  # bytes of structures that may be read beyond twice the length of the file
SHORT = 128  # bytes that nearly every name fits into
CHECKED = 1024  # steps between two looks at the clock


def find(source: Source, furthest: int) -> int:
    """Return where the signature stands, no further than at `furthest`; -1 if nowhere."""
    at, last = 0, min(furthest, source.size - len(SIGNATURE))
    while at <= last:
        if source.read_at(at, len(SIGNATURE)) == SIGNATURE:
            return at
        at = at * 2 or FIRST_USER_BLOCK
    return -1


class File:
    """One file: addresses count from `base`, where its superblock stands."""

    def __init__(self, source: Source, base: int, budget: Budget) -> None:
        """Read the superblock at `base`.

        Raises:
            Malformed: It is none that is known.
        """
        self.source, self.base, self.budget = source, base, budget
        self.steps = 0
        self._values, self._structures = MAX_VALUES, SPARE + 2 * source.size
        self.offset_width = self.length_width = 8
        self.version = self.number(8, 1)
        self.end = 0  # offset of the first byte after the file, as the superblock has it
        self.driver = False  # whether the file is one of several
        if self.version in OLD:
            self._old()
        elif self.version in NEW:
            self._new()
        else:
            raise Malformed("superblock", offset=base, why=f"version {self.version}")
        self.undefined = (1 << (8 * self.offset_width)) - 1

    def _widths(self, at: int) -> None:
        self.offset_width, self.length_width = self.number(at, 1), self.number(at + 1, 1)
        if not {self.offset_width, self.length_width} <= WIDTHS:
            why = f"addresses of {self.offset_width} bytes, lengths of {self.length_width}"
            raise Malformed("superblock", offset=self.base + at, why=why)

    def _old(self) -> None:
        self._widths(13)
        at = 28 if self.version else 24
        wide = self.offset_width
        self._ends(at, at + 2 * wide)
        self.driver = self.number(at + 3 * wide, wide) != (1 << (8 * wide)) - 1
        self.root = self.number(at + 5 * wide, wide)

    def _new(self) -> None:
        self._widths(9)
        wide = self.offset_width
        self._ends(12, 12 + 2 * wide)
        self.root = self.number(12 + 3 * wide, wide)

    def _ends(self, base: int, end: int) -> None:
        """Read where the file ends, by the base address that it was written with."""
        wide = self.offset_width
        self.end = self.base + self.number(end, wide) - self.number(base, wide)

    # --- Reading ----------------------------------------------------------------------------------

    def read(self, address: int, length: int) -> bytes:
        """Return exactly `length` bytes at an address.

        Raises:
            Malformed: They lie beyond the file.
            Exceeded: Structures that share bytes, which no writer makes, were read too often.
        """
        self._structures -= length
        if self._structures < 0:
            raise Exceeded("structures", SPARE, "bytes of HDF5 that are read more than twice")
        return self.source.read_at(self.base + address, length)

    def number(self, address: int, width: int) -> int:
        """Return the unsigned number of `width` bytes at an address."""
        return int.from_bytes(self.source.read_at(self.base + address, width), "little")

    def offset(self, address: int) -> int:
        """Return the address that stands at an address."""
        return self.number(address, self.offset_width)

    def length(self, address: int) -> int:
        """Return the length that stands at an address."""
        return self.number(address, self.length_width)

    def is_defined(self, address: int) -> bool:
        """Whether an address is one: all bits set mean that there is none."""
        return address != self.undefined

    def expect(self, address: int, signature: bytes) -> None:
        """Raise `Malformed` unless a signature stands at an address."""
        found = self.read(address, len(signature))
        if found != signature:
            why = f"{found!r} where {signature!r} belongs"
            raise Malformed("HDF5", offset=self.base + address, why=why)

    def value(self, length: int) -> None:
        """Ask to hold so many bytes of an attribute. Raises `Exceeded` when there are too many."""
        self._values -= length
        if self._values < 0:
            raise Exceeded("values", MAX_VALUES, "bytes of attributes of HDF5")

    def text(self, address: int, room: int) -> str:
        """Return the text at an address up to its NUL.

        Raises:
            Malformed: It does not end within `room` bytes.
        """
        left = max(0, min(room, self.source.size - self.base - address))
        raw, nul, _ = self.read(address, min(left, SHORT)).partition(b"\0")
        if not nul:
            raw, nul, _ = self.read(address, left).partition(b"\0")
        if not nul:
            raise Malformed("name", offset=self.base + address, why=f"no end in {left} bytes")
        return raw.decode("utf-8", "backslashreplace")

    def span(self, address: int, length: int) -> Span:
        """Return a place in the source."""
        return Span(self.base + address, length)

    def step(self, count: int = 1) -> None:
        """Account for work. Raises `Exceeded` when there is too much of it."""
        before, self.steps = self.steps, self.steps + count
        if self.steps > MAX_STEPS:
            raise Exceeded("steps", MAX_STEPS, "structures of HDF5")
        if before // CHECKED != self.steps // CHECKED:
            self.budget.check_time()


class Cursor:
    """Reads one structure after another, from bytes that are at hand."""

    def __init__(self, data: bytes, file: File, address: int) -> None:
        """Start at the first byte of `data`, which stands at `address` of the file."""
        self.data, self.file, self.address, self.at = data, file, address, 0

    @property
    def left(self) -> int:
        """Bytes that were not taken yet."""
        return len(self.data) - self.at

    @property
    def here(self) -> int:
        """The address of the next byte."""
        return self.address + self.at

    def take(self, length: int) -> bytes:
        """Return the next `length` bytes. Raises `Malformed` when fewer are left."""
        if length < 0 or length > self.left:
            why = f"{length} bytes wanted, {self.left} are left"
            raise Malformed("HDF5 message", offset=self.file.base + self.here, why=why)
        self.at += length
        return self.data[self.at - length : self.at]

    def number(self, width: int) -> int:
        """Return the next unsigned number of `width` bytes."""
        return int.from_bytes(self.take(width), "little")

    def offset(self) -> int:
        """Return the next address."""
        return self.number(self.file.offset_width)

    def length(self) -> int:
        """Return the next length."""
        return self.number(self.file.length_width)

    def text(self) -> str:
        """Return the next text, which ends with a NUL or with the bytes at hand."""
        end = self.data.find(b"\0", self.at)
        end = len(self.data) if end < 0 else end
        raw = self.take(end - self.at)
        self.at = min(len(self.data), self.at + 1)
        return raw.decode("utf-8", "backslashreplace")
