"""Give jobs to locked children, wait no longer than allowed, survive their deaths."""

from __future__ import annotations

import os
import sys
import threading
from operator import methodcaller
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Protocol, Self, TypeVar

from . import conversation
from .launch import Gone, Zygote
from .outcome import (
    DEFAULT_BOUNDS,
    DEFAULT_TARGET,
    JSON,
    Bounds,
    Done,
    Lock,
    Lost,
    Outcome,
    Start,
    Unavailable,
    Wanted,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..source import Source
    from .conversation import Child

_T = TypeVar("_T")


class Launcher(Protocol):
    """Where children come from: a zygote, or on Windows a new program each."""

    @property
    def loaded(self) -> frozenset[str]:
        """Return the kits that a new child has."""
        ...

    def child(self) -> Child:
        """Return a new child, or raise `Unavailable` or `Gone`."""
        ...

    def load(self, kit: str) -> None:
        """Give a kit to the children to come, or raise `Unavailable` or `Gone`."""
        ...

    def close(self) -> None:
        """End it, and all its children."""
        ...


def launch(target: str, bounds: Bounds, kits: Mapping[str, str], start: Start) -> Launcher:
    """Start what this system can start, and return at once."""
    if sys.platform == "win32":
        from .windows import Spawner  # noqa: PLC0415 - for one system only

        return Spawner(target, bounds, kits)
    return Zygote(target, bounds, kits, start)


class Sandbox:
    """A pool of locked children that run one handler; usable from several threads at once.

    A context manager: leaving it ends every process it started, and so does the death of the host.
    """

    def __init__(
        self,
        target: str = DEFAULT_TARGET,
        bounds: Bounds = DEFAULT_BOUNDS,
        *,
        kits: Mapping[str, str] = MappingProxyType({}),
        fresh: bool = False,
        start: Start = "auto",
    ) -> None:
        """Start the zygote and return at once; the first `run` waits for it.

        `target` is the handler, ``module:function``. `kits` names the modules that a handler may
        have imported by raising `NeedsKit`. With `fresh`, each job gets a new child, so that no
        file can speak for another (2 to 4 ms more). `start` is how the zygote begins: a fork of
        this process, allowed only while it has a single thread; an `exec`, which shares no memory
        with it; by default a fork if allowed.
        """
        self._target, self._bounds, self._kits = target, bounds, dict(kits)
        self._fresh, self._owner, self._closed = fresh, os.getpid(), False
        self._idle: dict[object, list[tuple[Launcher, Child]]] = {}
        self._guard = threading.Lock()
        self.launcher = launch(target, bounds, self._kits, start)

    def __enter__(self) -> Self:
        """Return this very object."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """See `close`."""
        self.close()

    def close(self) -> None:
        """End every process of this sandbox; jobs still running are lost."""
        with self._guard:
            self._closed = True
            idle, self._idle = self._idle, {}
        for _, child in (pair for pairs in idle.values() for pair in pairs):
            child.link.close()
        self.launcher.close()

    def run(self, job: JSON, source: Source | None = None, *, domain: object = None) -> Outcome:
        """Run the handler on one job in a locked child.

        A file open for reading only (`FileSource`) is handed over; any other source is read here
        and its bytes are passed on as the child asks for them. `domain` (hashable) says whom the
        job belongs to: a child that worked for one domain never works for another.
        """

        def attempt(child: Child) -> Outcome | Wanted:
            outcome = conversation.run(child, job, source, self._bounds)
            if isinstance(outcome, Wanted) and (
                outcome.kit not in self._kits or outcome.kit in child.kits
            ):
                return Lost("protocol", f"asked for the kit {outcome.kit[:100]!r}")
            return outcome

        try:
            while True:  # at most once for each kit: the next child has the one asked for
                outcome = self._twice(lambda launcher: self._lend(launcher, domain, attempt))
                if not isinstance(outcome, Wanted):
                    return outcome
                self._twice(methodcaller("load", outcome.kit))
        except (Unavailable, Gone) as error:
            return Lost("unavailable", str(error))

    def forget(self, domain: object) -> None:
        """End the children that wait for more jobs of `domain`."""
        with self._guard:
            idle = self._idle.pop(domain, [])
        for _, child in idle:
            child.end()

    def locked(self, *, domain: object = None) -> Lock:
        """Return what the lock of a child consists of here, and what it was tried and seen to shut.

        Both lists are empty when no child can be started; `run` then says why.
        """

        def look(child: Child) -> Done:
            child.greet()
            return Done({name: list(parts) for name, parts in child.lock.items()})

        try:
            found = self._twice(lambda launcher: self._lend(launcher, domain, look))
        except (Unavailable, Gone):
            return {"worn": [], "shut": []}
        lock: Lock = found.value
        return lock

    def _twice(self, act: Callable[[Launcher], _T]) -> _T:
        """Act; if the zygote turns out to be dead, once more with a new one, never forked here."""
        if os.getpid() != self._owner:
            raise Unavailable("a forked program must make its own Sandbox")
        launcher = self.launcher
        try:
            return act(launcher)
        except Gone:
            with self._guard:
                if self._closed:
                    raise
                if self.launcher is launcher:
                    launcher.close()
                    self.launcher = launch(self._target, self._bounds, self._kits, "exec")
                launcher = self.launcher
            return act(launcher)

    def _lend(self, launcher: Launcher, domain: object, use: Callable[[Child], _T]) -> _T:
        """Use a child, and keep it for the next job only after a `Done`."""
        child = self._take(launcher, domain)
        keep = False
        try:
            found = use(child)
            keep = isinstance(found, Done) and not self._fresh
        finally:
            if not keep:
                child.end()
        if keep:
            self._give_back(launcher, domain, child)
        return found

    def _give_back(self, launcher: Launcher, domain: object, child: Child) -> None:
        with self._guard:
            if not self._closed:
                self._idle.setdefault(domain, []).append((launcher, child))
                return
        child.end()

    def _take(self, launcher: Launcher, domain: object) -> Child:
        """Return an idle child of `domain` that has all kits, or a new one."""
        while True:
            with self._guard:
                if self._closed:
                    raise Unavailable("the sandbox is closed")
                idle = self._idle.get(domain)
                if not idle:
                    break
                origin, child = idle.pop()
            if origin is launcher and child.kits == launcher.loaded:
                return child
            child.end()  # it cannot know a kit that was loaded since, or its zygote is dead
        return launcher.child()
