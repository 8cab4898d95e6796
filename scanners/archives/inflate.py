"""A compressed run as a source of what it expands to.

Nothing is ever unpacked whole: bytes come out in blocks, each charged to the budget. A short run
is kept, of a long one the last blocks; a read further back starts again from the beginning, and
pays for it.
"""

from __future__ import annotations

import zlib
from collections import OrderedDict
from typing import TYPE_CHECKING

from ..facts import Conflict, Expansion, Fact, Reason, Unread, shorten
from ..limits import KIB, Budget, Exceeded
from ..record import record
from ..source import Malformed, Source, Span, within
from .codecs import FAULTS, Codec, Decoder

if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCK = 64 * KIB
INPUT = 16 * KIB  # compressed bytes handed to a decoder at once
KEPT_WHOLE = 512  # blocks, 32 MiB: a run that is no longer stays in memory
KEPT_LAST = 64  # blocks, 4 MiB, that are kept of a longer one


@record
class Declared:
    """What a container says of a run."""

    name: str
    size: int  # bytes that it expands to
    crc: int | None = None  # CRC-32 of them; compared when they happen to be read in full


class Inflated:
    """The bytes that `parent` expands to.

    `size` is what the container says, until the run turns out to hold less: then it is that.
    """

    def __init__(
        self,
        parent: Source,
        codec: Codec,
        budget: Budget,
        said: Declared,
        kept: int | None = None,
    ) -> None:
        """Take a compressed run; nothing is read yet. Its last `kept` blocks stay in memory."""
        self.size = said.size
        self._parent, self._codec, self._budget, self._said = parent, codec, budget, said
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._last = kept or KEPT_LAST  # blocks that are kept of a long run
        is_short = said.size <= KEPT_WHOLE * BLOCK
        self._kept = kept or (KEPT_WHOLE if is_short else KEPT_LAST)
        self._crc = self._summed = 0  # CRC-32, and how many bytes went into it
        self._audited = False  # whether the end of the run was looked at
        self._found: list[Fact] = []
        self._next = self._trailing = 0  # where in the parent the next input, the rest starts
        self._input = b""  # read from the parent, not yet taken by the decoder
        self._decoder: Decoder | None = None  # opened late: an archive can have 200,000 members
        self._at = 0  # bytes of content that have come out
        self._broken: Malformed | None = None  # met after bytes that were still good
        self._is_lost = False  # whether a decoder that met a break kept back what came before it

    @classmethod
    def measured(
        cls, parent: Source, codec: Codec, budget: Budget, name: str
    ) -> tuple[Inflated, Malformed | Exceeded | None]:
        """Return the content of a run that does not say how long it is, by reading it once.

        The second value is what stopped the reading early; the content then ends there.
        """
        run = cls(parent, codec, budget, Declared(name, 0))
        run._audited = True
        stop: Malformed | Exceeded | None = None
        try:
            while block := run._pull(BLOCK):
                run._keep(block)
        except (Malformed, Exceeded) as error:
            stop = error
        run.size = run._at
        run._trailing = run._next - len(run._input)
        return run, stop

    @property
    def trailing(self) -> Span:
        """The parent's bytes after the last stream of a measured run."""
        return Span(self._trailing, self._parent.size - self._trailing)

    def read_at(self, start: int, length: int) -> bytes:
        """See `Source.read_at`.

        Raises:
            Malformed: The range leaves the content, or the run breaks or ends before it.
            Exceeded: The run expands beyond a limit.
        """
        span = within(Span(start, length), self.size)
        if not span.length:
            return b""
        first, last, size = start // BLOCK, (span.end - 1) // BLOCK, self.size
        try:
            found = b"".join([self._block(index) for index in range(first, last + 1)])
        except Malformed:
            if span.end > self.size or self.size == size:
                raise
            return self.read_at(start, length)  # the break lies behind it, in the same block
        return found[start - first * BLOCK : span.end - first * BLOCK]

    def audit(self) -> Iterator[Fact]:
        """Yield what reading the run has shown of it."""
        yield from self._found

    # --- Blocks -----------------------------------------------------------------------------------

    def _block(self, index: int) -> bytes:
        block = self._blocks.get(index)
        if block is not None:
            self._blocks.move_to_end(index)
            return block
        if index * BLOCK < self._at:
            self._start()
        while True:
            at = self._at // BLOCK
            wanted = min(BLOCK, self.size - self._at)
            block = self._pull(wanted)
            self._keep(block)
            if len(block) < wanted:
                self._cut_short()
            if self._at == self.size and not self._audited:
                self._look_at_end()
            if at == index:
                return block

    def _keep(self, block: bytes) -> None:
        self._blocks[self._at // BLOCK] = block
        if self._summed == self._at and self._said.crc is not None:
            self._crc = zlib.crc32(block, self._crc)
            self._summed += len(block)
        self._at += len(block)
        if len(self._blocks) > self._kept:
            self._kept = self._last
            while len(self._blocks) > self._kept:
                self._blocks.popitem(last=False)

    def _cut_short(self) -> None:
        """Take what came out for all there is."""
        why = self._broken.why if self._broken else "the stream ends"
        detail = f"after {self._at} of {self.size} bytes: {why}"
        self._found.append(
            Unread(reason=Reason.MALFORMED, detail=shorten(f"{self._codec.name} {detail}"))
        )
        self._audited = True
        self.size = self._at
        raise Malformed(self._codec.name, offset=self._at, why=detail)

    def _look_at_end(self) -> None:
        """Look once whether the run holds what its container says, no more and nothing else."""
        self._audited = True
        try:
            more = self._pull(1)
        except Malformed:
            more = b""  # a missing end mark changes nothing for any reader
        trailing = self._parent.size - self._next + len(self._input)
        if more:
            detail = f"expands to more than the {self.size} bytes that its header says"
            self._found += [_conflict(detail), Unread(reason=Reason.MALFORMED, detail=detail)]
        elif self._decoder and self._decoder.eof and trailing:
            self._found.append(_conflict(f"{trailing} bytes follow its compressed data"))
        said = self._said.crc
        if said is not None and self._summed == self.size and self._crc != said:
            detail = f"its checksum is {self._crc:08x}, its header says {said:08x}"
            self._found.append(_conflict(detail))
        self._at = self.size + 1  # the decoder went past the end: any further read starts again

    # --- Decoding ---------------------------------------------------------------------------------

    def _start(self) -> None:
        self._decoder, self._broken, self._at = None, None, 0
        self._next, self._input = 0, b""

    def _pull(self, wanted: int) -> bytes:
        """Return the next `wanted` bytes, or fewer before the end or a break.

        Raises:
            Malformed: The run is broken right here.
            Exceeded: The run expands beyond a limit.
        """
        if self._broken:
            raise self._broken
        pieces: list[bytes] = []
        have = 0
        try:
            while have < wanted and (piece := self._step(wanted - have)) is not None:
                pieces.append(piece)
                have += len(piece)
        except Malformed as error:
            self._broken = error
            if self._is_lost and wanted > 1:
                pieces.append(self._before_break(self._at + have, wanted - have))
                have += len(pieces[-1])
            if not have and not self._at:
                raise
        self._charge(have)
        return b"".join(pieces)

    def _before_break(self, reached: int, room: int) -> bytes:
        """Return what lies between the `reached` bytes and a break, for readers of small steps.

        A decoder that meets a break while it makes many bytes hands out none of them. So another
        makes the same bytes again, then one at a time.
        """
        self._budget.expand(reached, compressed=self._parent.size, produced=reached)
        self._decoder, self._next, self._input, self._is_lost = None, 0, b"", False
        found: list[bytes] = []
        try:
            while reached > 0 and (piece := self._step(min(reached, BLOCK))) is not None:
                reached -= len(piece)
            while len(found) < room and (piece := self._step(1)) is not None:
                found += [piece] if piece else []
        except Malformed:
            pass  # the same break
        return b"".join(found)

    def _charge(self, count: int) -> None:
        produced, compressed = self._at + count, self._parent.size
        try:
            self._budget.expand(count, compressed=compressed, produced=produced)
        except Exceeded as error:
            if error.limit == "ratio":
                name = shorten(self._said.name)
                fact = Expansion(name=name, compressed=compressed, produced=produced)
                self._found = [f for f in self._found if not isinstance(f, Expansion)] + [fact]
            raise

    def _step(self, room: int) -> bytes | None:
        """Return up to `room` bytes, perhaps none yet; None at the end of the last stream."""
        decoder = self._opened()
        if decoder is None:
            return None
        data = b""
        if decoder.needs_input:
            data, self._input = self._input or self._more(), b""
        is_over = decoder.needs_input and not data
        try:
            out = decoder.decompress(data, room)  # nothing handed in: there is no more
        except FAULTS as error:
            self._is_lost = True
            raise Malformed(self._codec.name, offset=self._next, why=str(error)) from error
        if decoder.eof:
            self._input = decoder.unused_data
        elif is_over and not out:
            why = "the compressed data ends early"
            raise Malformed(self._codec.name, offset=self._next, why=why)
        return out

    def _opened(self) -> Decoder | None:
        """Return the decoder of the current stream, or of the next; None after the last."""
        if self._decoder is None:
            try:
                self._decoder = self._codec.open()
            except FAULTS as error:
                raise Malformed(self._codec.name, offset=0, why=str(error)) from error
        if self._decoder.eof and not self._has_another():
            return None
        return self._decoder

    def _more(self) -> bytes:
        self._budget.check_time()
        data = self._parent.read_at(self._next, min(INPUT, self._parent.size - self._next))
        self._next += len(data)
        return data

    def _has_another(self) -> bool:
        """Open the stream that follows the one that ended, if any; zeros between are padding."""
        again = self._codec.again
        if not again:
            return False
        rest = self._input.lstrip(b"\0")
        while len(rest) < max(map(len, again)) and (more := self._more()):
            rest = (rest + more).lstrip(b"\0")
        self._input = rest
        if not rest.startswith(again):
            return False
        self._decoder = self._codec.open()
        return True


def _conflict(detail: str) -> Conflict:
    return Conflict(kind="archive", detail=detail)
