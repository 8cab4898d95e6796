"""Frames between host, zygote and child, each bounded in size and in time.

A frame is its kind (1 byte), the length of its body (4 bytes, big-endian), and the body. Only the
host ever receives from somebody it cannot trust, and it names the kinds and lengths it will take.
"""

from __future__ import annotations

import array
import socket
import struct
import time
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

# child -> host; the host's bounds stand in `conversation`
HELLO: Final = 1  # JSON: the lock, before any job
ASK: Final = 3  # `QUESTION`: bytes of the source
RESULT: Final = 5  # JSON: the answer
ERROR: Final = 6  # text: the handler raised
MEMORY: Final = 7  # empty: the handler ran out of it
KIT: Final = 8  # text: the handler raised `NeedsKit`
REFUSED: Final = 9  # text, child or zygote: it could not start

# host -> child
JOB: Final = 2  # JSON: [job, size of the source]; may bring the file
DATA: Final = 4  # the bytes asked for
FAILED: Final = 10  # text: they could not be fetched
MALFORMED: Final = 11  # JSON: [what, offset, why]; reading them showed the source to be broken

# host <-> zygote
READY: Final = 20  # empty: the target is imported
FORK: Final = 21  # brings the new child's socket; reply: its process id
END: Final = 22  # process id: kill it; reply: its wait status
DROP: Final = 23  # process id: kill it; reply: 0 at once
LOAD: Final = 24  # index of a kit: import it; reply: 0
REPLY: Final = 25  # `NUMBER`, then text: why it is negative

QUESTION = struct.Struct(">QI")  # start, length
NUMBER = struct.Struct(">q")
HEAD = struct.Struct(">BI")
TEXT = 1000  # bytes of an error text


class Broken(Exception):  # noqa: N818 - it names a state of the connection
    """The other side left."""


class Unruly(Exception):  # noqa: N818 - it names what the other side is
    """The other side said what it must not."""


class Link(Protocol):
    """One end of a connection that carries frames."""

    def send(
        self, kind: int, body: bytes = b"", deadline: float | None = None, fd: int | None = None
    ) -> None:
        """Send one frame and, where the link can, a descriptor with its first byte."""
        ...

    def receive(
        self, allowed: Mapping[int, int], deadline: float | None = None
    ) -> tuple[int, bytes]:
        """Return the next frame, if its kind is allowed and its body within that kind's bound."""
        ...

    def close(self) -> None:
        """Hang up."""
        ...


def text(message: object) -> bytes:
    """Return a message as the body of a frame, cut where it grows too long."""
    return str(message).encode(errors="replace")[:TEXT]


def bounded(head: bytes | bytearray, allowed: Mapping[int, int]) -> tuple[int, int]:
    """Return kind and length of a frame's body, or raise `Unruly`."""
    kind, length = HEAD.unpack(head)
    if length > allowed.get(kind, -1):
        raise Unruly(f"frame of kind {kind} and {length} bytes, allowed {dict(allowed)}")
    return kind, length


class Channel:
    """One end of a stream socket.

    The host's sockets do not block and every call has a deadline (by `time.monotonic`). Zygote and
    child trust the host: their sockets block, and they wait for ever.
    """

    def __init__(self, sock: socket.socket) -> None:
        """Own `sock`."""
        self.sock = sock

    def _wait(self, *, to_send: bool, deadline: float | None) -> None:
        import select  # noqa: PLC0415 - children never wait here, and Windows has no poll

        poll = select.poll()
        poll.register(self.sock, select.POLLOUT if to_send else select.POLLIN)
        if not poll.poll(max(0.0, (deadline or 0.0) - time.monotonic()) * 1000):
            raise TimeoutError

    def send(
        self, kind: int, body: bytes = b"", deadline: float | None = None, fd: int | None = None
    ) -> None:
        """See `Link.send`. Raises `Broken` or `TimeoutError`."""
        rest = memoryview(HEAD.pack(kind, len(body)) + body)
        rights: list[tuple[int, int, array.array[int]]] = []
        if fd is not None:
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))]
        while rest:
            try:
                sent = self.sock.sendmsg([rest], rights) if rights else self.sock.send(rest)
            except BlockingIOError:
                self._wait(to_send=True, deadline=deadline)
                continue
            except OSError as error:
                raise Broken(f"send: {error.strerror}") from error
            rest, rights = rest[sent:], []

    def _exactly(self, length: int, deadline: float | None) -> bytearray:
        buffer = bytearray(length)
        view = memoryview(buffer)
        while view:
            try:
                got = self.sock.recv_into(view)
            except BlockingIOError:
                self._wait(to_send=False, deadline=deadline)
                continue
            except OSError as error:
                raise Broken(f"receive: {error.strerror}") from error
            if not got:
                raise Broken("closed")
            view = view[got:]
        return buffer

    def receive(
        self, allowed: Mapping[int, int], deadline: float | None = None
    ) -> tuple[int, bytes]:
        """See `Link.receive`. Raises `Unruly`, `Broken` or `TimeoutError`."""
        kind, length = bounded(self._exactly(HEAD.size, deadline), allowed)
        return kind, bytes(self._exactly(length, deadline))

    def receive_with_file(self) -> tuple[int, bytes, int | None]:
        """Return a frame of the host's and the descriptor it brought; for zygote and child."""
        first, ancillary, _, _ = self.sock.recvmsg(1, socket.CMSG_SPACE(4))
        if not first:
            raise Broken("closed")
        fds = array.array("i", b"".join(data[:4] for _, _, data in ancillary))
        kind, length = HEAD.unpack(first + self._exactly(HEAD.size - 1, None))
        return kind, bytes(self._exactly(length, None)), fds[0] if fds else None

    def close(self) -> None:
        """Hang up."""
        self.sock.close()
