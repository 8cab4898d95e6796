"""The child's side of a job: run the handler, and put whatever it does into one frame."""

from __future__ import annotations

import importlib
import json
import os
from typing import TYPE_CHECKING, Protocol

from ..kits import NeedsKit
from . import wire
from .doors import door

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..source import Source
    from .outcome import JSON, Bounds, Handler, Lock


class Jobs(wire.Link, Protocol):
    """A link on which jobs arrive."""

    def receive_with_file(self) -> tuple[int, bytes, int | None]:
        """Return a frame and the descriptor that it brought, if any."""
        ...


def resolve(target: str) -> Handler:
    """Import ``package.module:function`` and return the function."""
    module, _, name = target.partition(":")
    handler: Handler = getattr(importlib.import_module(module), name)
    return handler


def answer(handler: Handler, job: JSON, source: Source) -> tuple[int, bytes]:
    """Return kind and body of the frame that answers a job."""
    try:
        return wire.RESULT, json.dumps(handler(job, source)).encode()
    except NeedsKit as need:
        return wire.KIT, wire.text(need.name)
    except MemoryError:
        return wire.MEMORY, b""
    except Exception as error:  # noqa: BLE001 - the border: whatever goes wrong is one lost job
        return wire.ERROR, wire.text(f"{type(error).__name__}: {error}")


def serve(
    link: Jobs, handler: Handler, bounds: Bounds, report: Lock, start_clock: Callable[[], None]
) -> None:
    """Say how well this child is locked, then answer jobs until the host hangs up.

    `start_clock` begins the processor time of one job.
    """
    link.send(wire.HELLO, json.dumps(report).encode())
    while True:
        try:
            _, body, fd = link.receive_with_file()
        except wire.Broken:
            return
        start_clock()
        job, size = json.loads(body)
        link.send(*answer(handler, job, door(link, fd, size, bounds.block)))
        if fd is not None:
            os.close(fd)
