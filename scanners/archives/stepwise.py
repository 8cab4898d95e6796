"""Decoders written as generators: one asks for bytes and hands out content, a step at a time."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeAlias

# What a generator yields: a number asks for as many bytes of input, which are sent back; bytes are
# content. A negative number asks too, but the stream may end there: then b"" is sent. It returns
# bytes that it took too many.
Steps: TypeAlias = Generator[int | bytes, bytes, bytes]
PASSED = 1 << 16  # bytes that are passed over at once


class Stepwise:
    """A generator as a `codecs.Decoder`. Empty input says that there is no more of it."""

    def __init__(self, steps: Steps) -> None:
        """Run up to the first bytes that the generator asks for."""
        self.eof = False
        self._steps = steps
        self._input = bytearray()
        self._out = bytearray()  # content that was not handed out yet
        self._wanted = 0  # what the generator asked for
        self._fault: ValueError | None = None  # met after content that is still to be handed out
        self._send(None)

    @property
    def needs_input(self) -> bool:
        """See `codecs.Decoder`."""
        return not (self.eof or self._out or self._fault) and len(self._input) < abs(self._wanted)

    @property
    def unused_data(self) -> bytes:
        """See `codecs.Decoder`."""
        return bytes(self._input) if self.eof else b""

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """See `codecs.Decoder`.

        Raises:
            ValueError: The stream breaks its format's rules.
        """
        is_last = not data and self.needs_input
        self._input += data
        while not (self.eof or self._fault) and (max_length < 0 or len(self._out) < max_length):
            wanted = abs(self._wanted)
            if len(self._input) < wanted:
                if not is_last or self._wanted >= 0:
                    break
                wanted = 0
            taken = bytes(self._input[:wanted])
            del self._input[:wanted]
            self._send(taken)
        if self._fault and not self._out:
            raise self._fault
        room = len(self._out) if max_length < 0 else max_length
        out = bytes(self._out[:room])
        del self._out[:room]
        return out

    def _send(self, taken: bytes | None) -> None:
        try:
            item = next(self._steps) if taken is None else self._steps.send(taken)
            while isinstance(item, bytes):
                self._out += item
                item = next(self._steps)
            self._wanted = item
        except StopIteration as done:
            self._input[:0] = done.value
            self.eof = True
        except ValueError as error:
            self._fault = error


def passed(length: int) -> Steps:
    """Pass over `length` bytes of input."""
    while length:
        length -= len((yield min(length, PASSED)))
    return b""
