"""Forward reading of a source in large blocks, with enough ahead for any short argument."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..source import Malformed

if TYPE_CHECKING:
    from ..source import Source

BLOCK = 128 * 1024  # bytes of one read
AHEAD = 320  # bytes after the block that are at hand too; zeros after the end of the source
LINE = 64 * 1024  # bytes; no number or name is longer


class Blocks:
    """A source, and the block of it that is at hand.

    The bytes at hand are `data`, from `base` on. An opcode that starts before `stop` (an offset
    into `data`) has its opcode byte and up to `AHEAD` bytes of argument in `data`. After the end of
    the source stand zeros, which are no opcode: a reader that runs over the end breaks there.
    """

    def __init__(self, source: Source) -> None:
        """Start with nothing at hand."""
        self.source, self.size = source, source.size
        self.base, self.data, self.stop = 0, b"", 0

    def load(self, start: int) -> None:
        """Bring the block at `start` to hand, if it is not yet."""
        if self.base <= start < self.base + self.stop:
            return
        if start >= self.size:
            raise Malformed("opcode", offset=min(start, self.size), why="no STOP ends the pickle")
        length = min(BLOCK + AHEAD, self.size - start)
        self.data = self.source.read_at(start, length)
        self.base, self.stop = start, min(length, BLOCK)
        if length < BLOCK + AHEAD:
            self.data += bytes(BLOCK + AHEAD - length if length > BLOCK else AHEAD)

    def number(self, start: int, width: int) -> int:
        """Return the unsigned little-endian number at `start`."""
        return int.from_bytes(self.source.read_at(start, width), "little")

    def line(self, start: int) -> bytes:
        """Return the line at `start` as unpicklers do: at the end of the source, all that is left.

        The result holds its newline, if there is one; it is cut after `LINE` bytes.
        """
        if start >= self.size:
            return b""
        rest = self.source.read_at(start, min(LINE, self.size - start))
        end = rest.find(b"\n")
        return rest if end < 0 else rest[: end + 1]

    def line_end(self, start: int) -> int:
        """Return the offset after the newline that ends the line at `start`, however long it is."""
        at = start
        while at < self.size:
            chunk = self.source.read_at(at, min(BLOCK, self.size - at))
            found = chunk.find(b"\n")
            if found >= 0:
                return at + found + 1
            at += len(chunk)
        raise Malformed("line", offset=start, why="no newline ends it")
