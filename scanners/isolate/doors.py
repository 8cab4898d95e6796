"""The two doors through which a job's bytes reach a child; to the parser they are one `Source`.

A local file comes as a descriptor and is read by position. Everything else (a remote range, a
member that the host holds) is asked of the host, block by block.
"""

from __future__ import annotations

import json

from ..limits import KIB
from ..source import Cached, FileSource, Malformed, Source, Span, within
from . import wire

_CACHE_BLOCK = 64 * KIB  # headers and tables; larger reads go past the cache


class Asking:
    """Bytes asked of the host, at most `block` of them with each question."""

    def __init__(self, link: wire.Link, size: int, block: int) -> None:
        """Ask over `link` about a source of `size` bytes."""
        self.size, self._link, self._block = size, link, block

    def read_at(self, start: int, length: int) -> bytes:
        """See `Source.read_at`."""
        end = within(Span(start, length), self.size).end
        parts = [self._ask(at, min(self._block, end - at)) for at in range(start, end, self._block)]
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _ask(self, start: int, length: int) -> bytes:
        self._link.send(wire.ASK, wire.QUESTION.pack(start, length))
        allowed = {wire.DATA: length, wire.FAILED: wire.TEXT, wire.MALFORMED: 4 * wire.TEXT}
        kind, body = self._link.receive(allowed)
        if kind == wire.FAILED:
            raise OSError(body.decode(errors="replace"))
        if kind == wire.MALFORMED:
            what, offset, why = json.loads(body)
            raise Malformed(what, offset=offset, why=why)
        if len(body) != length:
            raise OSError(f"{len(body)} of {length} bytes could be fetched at byte {start}")
        return body


def door(link: wire.Link, fd: int | None, size: int, block: int) -> Source:
    """Return the job's bytes, from the descriptor if there is one, else from the host."""
    if fd is not None:
        return FileSource(fd, size)
    return Cached(Asking(link, size, block), block=min(block, _CACHE_BLOCK))
