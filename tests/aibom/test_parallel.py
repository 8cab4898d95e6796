"""Work is spread over threads, and ends in order whatever happens."""

import threading
import time
from collections.abc import Iterator

import pytest

from aibom.parallel import cores, spread


def run(items: list[int], **options: object) -> list[int]:
    settings: dict[str, object] = {
        "work": lambda item: item * 2,
        "workers": 2,
        "here": lambda item: item < 0,
        "discard": lambda _: None,
        "stop": lambda: None,
    }
    settings |= options
    return list(spread(settings.pop("work"), items, **settings))  # type: ignore[arg-type]


def test_every_item_is_worked_on() -> None:
    assert sorted(run([1, 2, -3, 4, 5, 6, 7, 8])) == [-6, 2, 4, 8, 10, 12, 14, 16]


def test_items_may_be_worked_on_here() -> None:
    assert set(run([-1, -2], work=lambda _: threading.get_ident())) == {threading.get_ident()}


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
