"""Work on several files at a time, holding only a few of them open."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

T = TypeVar("T")
R = TypeVar("R")


class Cancelled(BaseException):
    """The work was given up; ends the thread that raises it."""


def cores() -> int:
    """Return how many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


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
    with ThreadPoolExecutor(workers) as pool:
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
