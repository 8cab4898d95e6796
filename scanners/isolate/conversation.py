"""The host's side of a job: what a child may say, when, and what its words come to."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from ..record import field, record
from ..source import FileSource, Malformed, Source
from . import strict, wire
from .outcome import JSON, Bounds, Done, Lock, Lost, Outcome, Unavailable, Wanted

if TYPE_CHECKING:
    from collections.abc import Callable

GREETING = 60.0  # seconds for a child to lock itself; on an idle machine it takes 2 ms
_HELLO = 4096  # bytes


@record(frozen=False, eq=False)
class Child:
    """One locked child, from its start to its end."""

    link: wire.Link
    kits: frozenset[str]  # imported before it was forked
    takes: Callable[[int], bool]  # whether a descriptor may be handed to it
    finish: Callable[[bool], Lost]  # kill it; how it ended, if told to wait for that
    lock: Lock = field(default_factory=dict[str, list[str]])
    ended: bool = False

    def greet(self) -> None:
        """Wait until the child is locked; it has seen no hostile byte yet.

        Raises:
            Unavailable: It could not start or lock itself.
        """
        if self.lock:
            return
        allowed = {wire.HELLO: _HELLO, wire.REFUSED: wire.TEXT}
        try:
            kind, body = self.link.receive(allowed, time.monotonic() + GREETING)
        except TimeoutError:
            raise Unavailable(f"child: no greeting within {GREETING:.0f} s") from None
        except (wire.Broken, wire.Unruly) as error:
            raise Unavailable(f"child: {error}; {self.end(wait=True).detail}") from error
        if kind == wire.REFUSED:
            raise Unavailable(f"child: {body.decode(errors='replace')}")
        self.lock = json.loads(body)

    def end(self, *, wait: bool = False) -> Lost:
        """Kill the child, once; with `wait`, return how it ended."""
        if self.ended:
            return Lost("unavailable", "already ended")
        self.ended = True
        self.link.close()
        return self.finish(wait)


def verdict(kind: int, body: bytes, bounds: Bounds) -> Outcome | Wanted:
    """Return what an answer comes to."""
    if kind == wire.MEMORY:
        return Lost("memory")
    if kind == wire.ERROR:
        return Lost("error", ascii(body.decode(errors="replace")))
    if kind == wire.KIT:
        return Wanted(body.decode(errors="replace"))
    if len(body) > bounds.result:
        return Lost("protocol", f"an answer of {len(body)} bytes, allowed {bounds.result}")
    try:
        return Done(strict.loads(body, bounds.nodes))
    except (ValueError, RecursionError) as error:
        return Lost("protocol", str(error)[:200])


def run(child: Child, job: JSON, source: Source | None, bounds: Bounds) -> Outcome | Wanted:
    """Run one job to its end. After anything but `Done` the child must not be used again.

    Raises:
        Unavailable: The child never came to the job.
    """
    child.greet()
    deadline = time.monotonic() + bounds.wall
    try:
        return _converse(child, job, source, bounds, deadline)
    except TimeoutError:
        return Lost("timeout", f"{bounds.wall:g} s")
    except wire.Broken as error:
        lost = child.end(wait=True)
        return Lost(lost.why, f"{lost.detail}; {error}")
    except wire.Unruly as error:
        return Lost("protocol", str(error)[:200])


def _converse(
    child: Child, job: JSON, source: Source | None, bounds: Bounds, deadline: float
) -> Outcome | Wanted:
    fd = source.fd if isinstance(source, FileSource) and child.takes(source.fd) else None
    body = json.dumps([job, source.size if source else 0]).encode()
    child.link.send(wire.JOB, body, deadline, fd)
    allowed = {wire.RESULT: bounds.result, wire.ERROR: wire.TEXT, wire.MEMORY: 0, wire.KIT: 100}
    if source is None or fd is not None:
        return verdict(*child.link.receive(allowed, deadline), bounds)
    allowed[wire.ASK] = wire.QUESTION.size
    asked = 0
    while True:
        kind, body = child.link.receive(allowed, deadline)
        if kind != wire.ASK:
            return verdict(kind, body, bounds)
        start, length = _question(body, source.size, bounds.block)
        asked += length
        if asked > bounds.asked:
            raise wire.Unruly(f"asked for more than {bounds.asked} bytes")
        child.link.send(*_reply(source, start, length), deadline)


def _question(body: bytes, size: int, block: int) -> tuple[int, int]:
    if len(body) != wire.QUESTION.size:
        raise wire.Unruly(f"a question of {len(body)} bytes, expected {wire.QUESTION.size}")
    start, length = wire.QUESTION.unpack(body)
    if not 0 < length <= block or start + length > size:
        raise wire.Unruly(f"asked for {length} bytes at byte {start} of {size}, allowed {block}")
    return start, length


def _reply(source: Source, start: int, length: int) -> tuple[int, bytes]:
    try:
        return wire.DATA, source.read_at(start, length)
    except Malformed as error:
        parts = [error.what[: wire.TEXT // 2], error.offset, error.why[: wire.TEXT // 2]]
        return wire.MALFORMED, json.dumps(parts, ensure_ascii=False).encode(errors="replace")
    except OSError as error:
        return wire.FAILED, wire.text(error)
