"""Work on several files at a time, holding only a few of them open."""

from __future__ import annotations

import os
from collections import deque
from typing import TYPE_CHECKING, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future, ThreadPoolExecutor
    from types import TracebackType

T = TypeVar("T")
R = TypeVar("R")


class Cancelled(BaseException):
    """The work was given up; ends the thread that raises it."""


def cores() -> int:
    """Return how many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


class Threads:
    """A pool of threads that comes into being when it is first used: most targets are small."""

    def __init__(self, count: int) -> None:
        """Use at most `count` threads."""
        self._count = count
        self._pool: ThreadPoolExecutor | None = None

    def __enter__(self) -> Self:
        """Return this very pool."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Wait for the threads."""
        if self._pool is not None:
            self._pool.shutdown()

    def submit(self, work: Callable[[T], R], item: T) -> Future[R]:
        """Have `work(item)` done on a thread."""
        if self._pool is None:
            from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - 8 ms

            self._pool = ThreadPoolExecutor(self._count)
        return self._pool.submit(work, item)


def spread(  # noqa: PLR0913 - what to do, with what, and how to stop
    work: Callable[[T], R],
    items: Iterable[T],
    *,
    workers: int,
    here: Callable[[T], bool],
    discard: Callable[[T], None],
    stop: Callable[[], None],
) -> Iterator[R]:
    """Yield `work(item)` for every item, in no promised order, on up to `workers` threads.

    Items for which `here` holds are worked on by the caller's thread, which for small ones costs
    less than waking another. Items are taken one by one, at most twice `workers` ahead. What `work`
    or the items raise, Ctrl-C included, ends it: `stop` is called, which must make work that is
    under way end soon, and an item that was taken and then not worked on is given to `discard`.
    """
    waiting: deque[tuple[T, Future[R]]] = deque()
    with Threads(workers) as pool:
        try:
            for item in items:
                if here(item):
                    yield work(item)
                else:
                    waiting.append((item, pool.submit(work, item)))
                while len(waiting) > 2 * workers:
                    yield waiting.popleft()[1].result()
            while waiting:
                yield waiting.popleft()[1].result()
        except BaseException:
            stop()
            raise
        finally:
            for item, future in waiting:
                if future.cancel():
                    discard(item)
