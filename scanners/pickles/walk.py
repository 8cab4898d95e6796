"""The fast reading of a pickle: where it ends, if nothing in it can have an effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..record import record
from ..source import Malformed
from .opcodes import (
    COUNTED,
    EFFECTS,
    FEW,
    FIXED,
    HIGHEST_PROTOCOL,
    LINES,
    PROTO,
    SIGNED,
    STOP,
    long_run,
    short_run,
)

if TYPE_CHECKING:
    from .blocks import Blocks


@record
class Walk:
    """How far a pickle was followed without simulating it."""

    end: int  # offset after STOP, or of the first opcode that may have an effect
    is_plain: bool  # STOP was reached: nothing is imported, called or changed
    protocol: int  # the highest that a PROTO opcode named; 0 without one


def walk(blocks: Blocks, start: int) -> Walk:
    """Follow the pickle at `start` until its STOP or its first opcode that may have an effect.

    Constants are skipped by their length and not read.

    Raises:
        Malformed: A byte is no opcode, or an argument leaves the source.
        OSError: The source could not fetch its bytes.
    """
    at, protocol = start, 0
    run = short_run().match
    while True:
        if at - start >= FEW:
            run = long_run().match
        blocks.load(at)
        pos = at - blocks.base
        ran = run(blocks.data, pos, min(len(blocks.data), blocks.size - blocks.base))
        at = blocks.base + (ran.end() if ran else pos)
        if at >= blocks.size or at >= blocks.base + blocks.stop:
            blocks.load(at)
        code = blocks.data[at - blocks.base]
        if code in EFFECTS:
            return Walk(at, is_plain=False, protocol=protocol)
        if code == STOP:
            return Walk(at + 1, is_plain=True, protocol=protocol)
        if code == PROTO:
            protocol = max(protocol, blocks.data[at + 1 - blocks.base])
            if protocol > HIGHEST_PROTOCOL:
                raise Malformed("PROTO", offset=at, why=f"protocol {protocol} is unknown")
        at = argument_end(blocks, code, at + 1)
        if at > blocks.size:
            raise Malformed("argument", offset=blocks.size, why="it leaves the source")


def argument_end(blocks: Blocks, code: int, start: int) -> int:
    """Return the offset after the argument, which starts at `start`, of the opcode `code`."""
    if code in FIXED:
        return start + FIXED[code]
    if code in COUNTED:
        width = COUNTED[code]
        length = blocks.number(start, width)
        if code in SIGNED and length >> 31:
            raise Malformed("argument", offset=start, why="its length is negative")
        return start + width + length
    if code in LINES:
        for _ in range(LINES[code]):
            start = blocks.line_end(start)
        return start
    raise Malformed("opcode", offset=start - 1, why=f"0x{code:02x} is none")
