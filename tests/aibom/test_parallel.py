"""Work is spread over threads, and ends in order whatever happens."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from aibom.parallel import cores, spread


def nothing(*_: object) -> None:
    """Neither discard nor stop anything."""


def double(item: int) -> int:
    return item * 2


def run(
    items: list[int],
    work: Callable[[int], int] = double,
    *,
    workers: int = 2,
    discard: Callable[[int], object] = nothing,
    stop: Callable[[], object] = nothing,
) -> list[int]:
    def gone(item: int) -> None:
        discard(item)

    def end() -> None:
        stop()

    here = range(-10, 0).__contains__
    return list(spread(work, items, workers=workers, here=here, discard=gone, stop=end))


def test_every_item_is_worked_on() -> None:
    assert sorted(run([1, 2, -3, 4, 5, 6, 7, 8])) == [-6, 2, 4, 8, 10, 12, 14, 16]


def test_items_may_be_worked_on_here() -> None:
    def here(_: int) -> int:
        return threading.get_ident()

    assert set(run([-1, -2], here)) == {threading.get_ident()}


def test_few_items_are_taken_ahead() -> None:
    taken: list[int] = []

    def taking() -> Iterator[int]:
        for item in range(100):
            taken.append(item)
            yield item

    steps = spread(
        str,
        taking(),
        workers=2,
        here=lambda _: False,
        discard=lambda _: None,
        stop=lambda: None,
    )
    next(steps)
    assert len(taken) <= 6


def test_a_failure_stops_and_discards_the_rest() -> None:
    stopped: list[bool] = []
    discarded: list[int] = []

    def fail(item: int) -> int:
        time.sleep(0.05)
        raise ValueError(item)

    with pytest.raises(ValueError, match="1"):
        run(
            [1, 2, 3, 4, 5],
            work=fail,
            workers=1,
            stop=lambda: stopped.append(True),
            discard=discarded.append,
        )
    assert stopped == [True]
    assert discarded
    assert 1 not in discarded


def test_there_is_at_least_one_core() -> None:
    assert cores() >= 1
