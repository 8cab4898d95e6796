"""The zygote: one thread that imports the target, then only forks and reaps.

A program with threads must not fork, so the host forks nothing but, while it has a single thread,
this; else it starts it as a new program. It never sees a hostile byte.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import signal
import socket
from functools import partial
from typing import TYPE_CHECKING

from . import lock, wire
from .outcome import JSON, Bounds, Handler
from .serve import resolve, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def never_return(body: Callable[[], object]) -> None:
    """Run `body` as the rest of this process; the stack below must never be unwound."""
    try:
        body()
    finally:
        os._exit(70)


def boot(settings: Mapping[str, JSON]) -> None:
    """Begin a zygote that was started as a program of its own."""
    bounds = Bounds(**settings["bounds"])
    never_return(partial(run, settings["control"], settings["target"], bounds, settings["kits"]))


def run(control: int, target: str, bounds: Bounds, kits: Sequence[str]) -> None:
    """Serve the host at the other end of the socket `control` until it goes.

    `kits` are the modules that the host may have imported later, by their index.
    """
    gc.freeze()  # inherited garbage may own a descriptor number that is reused here: never free it
    worn = lock.settle(control)
    host = wire.Channel(socket.socket(fileno=lock.SOCK))
    try:
        handler = resolve(target)
    except Exception as error:  # noqa: BLE001 - an import can raise anything
        host.send(wire.REFUSED, wire.text(f"{target}: {type(error).__name__}: {error}"))
        return
    gc.freeze()  # children share these pages as long as nobody writes to them
    host.send(wire.READY)
    _Zygote(host, handler, bounds, kits, worn).serve()


class _Zygote:
    def __init__(
        self,
        host: wire.Channel,
        handler: Handler,
        bounds: Bounds,
        kits: Sequence[str],
        worn: list[str],
    ) -> None:
        self._host, self._handler, self._bounds = host, handler, bounds
        self._kits, self._worn, self._me = kits, worn, os.getpid()
        self._living, self._dying = set[int](), set[int]()
        self._mapped = lock.mapped()

    def serve(self) -> None:
        acts = {wire.END: self._end, wire.DROP: self._drop, wire.LOAD: self._load}
        with contextlib.suppress(wire.Broken):
            while True:
                kind, body, fd = self._host.receive_with_file()
                if kind == wire.FORK and fd is not None:
                    reply, why = self._fork(fd)
                    os.close(fd)
                else:
                    reply, why = acts[kind](*wire.NUMBER.unpack(body))
                self._dying -= {pid for pid in self._dying if os.waitpid(pid, os.WNOHANG)[0]}
                self._host.send(wire.REPLY, wire.NUMBER.pack(reply) + wire.text(why))
        for pid in self._living:  # where the kernel does not do it at our death
            os.kill(pid, signal.SIGKILL)

    def _fork(self, fd: int) -> tuple[int, str]:
        try:
            pid = os.fork()
        except OSError as error:
            return -1, f"fork: {error.strerror}"
        if pid == 0:
            never_return(partial(self._be_child, fd))
        self._living.add(pid)
        return pid, ""

    def _be_child(self, fd: int) -> None:
        lock.keep_only(fd)  # under the number of the zygote's own socket
        link = self._host
        memory = self._mapped and self._mapped + self._bounds.memory
        try:
            report = lock.lock(memory, self._worn, self._me)
        except Exception as error:  # noqa: BLE001 - a half-locked child must not take a job
            link.send(wire.REFUSED, wire.text(f"lock: {type(error).__name__}: {error}"))
            return
        clock = partial(lock.start_clock, self._bounds.cpu)
        serve(link, self._handler, self._bounds, report, clock)

    def _end(self, pid: int) -> tuple[int, str]:
        if pid not in self._living:
            return -1, f"no child {pid}"
        self._living.remove(pid)
        os.kill(pid, signal.SIGKILL)
        return os.waitpid(pid, 0)[1], ""

    def _drop(self, pid: int) -> tuple[int, str]:
        if pid in self._living:
            self._living.remove(pid)
            self._dying.add(pid)
            os.kill(pid, signal.SIGKILL)
        return 0, ""

    def _load(self, index: int) -> tuple[int, str]:
        try:
            importlib.import_module(self._kits[index])
        except Exception as error:  # noqa: BLE001 - an import can raise anything
            return -1, f"{type(error).__name__}: {error}"
        self._mapped = lock.mapped()
        gc.freeze()
        return 0, ""
