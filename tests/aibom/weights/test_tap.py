"""Leaves taken while a file is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from blake3 import blake3
from hypothesis import given, settings
from hypothesis import strategies as st

from aibom.scanners.source import BytesSource
from aibom.weights.places import Place
from aibom.weights.tap import Tap

if TYPE_CHECKING:
    import random

SIZE = 200
DATA = bytes((n * n + n // 7) % 251 for n in range(SIZE))


def leaf(place: Place) -> str:
    head = f"aibom:tensor:1\0{place.dtype}\0{place.elements}\0".encode()
    return blake3(head + DATA[place.start : place.end]).hexdigest()


def place(start: int, end: int) -> Place:
    return Place(start, end - start, "U8", end - start)


places = st.tuples(st.integers(0, SIZE - 1), st.integers(1, SIZE)).map(
    lambda pair: place(pair[0], min(SIZE, pair[0] + pair[1]))
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.lists(places, max_size=6), max_size=4),
    st.lists(st.integers(1, 60), max_size=12),
    st.randoms(use_true_random=False),
)
def test_each_place_has_its_leaf_whenever_it_joined(
    groups: list[list[Place]],
    lengths: list[int],
    dice: random.Random,
) -> None:
    tap, at = Tap(BytesSource(DATA) if dice.random() < 0.7 else None), 0
    steps: list[list[Place] | int] = [*groups, *lengths]
    dice.shuffle(steps)
    for step in [*steps, SIZE]:
        if isinstance(step, list):
            tap.join(step)
            if dice.random() < 0.5:
                tap.catch_up(BytesSource(DATA), lambda _: None, is_over=False)
        elif at < SIZE:
            block = memoryview(DATA)[at : at + step]
            tap.hear(at, block)
            at += len(block)
    tap.catch_up(BytesSource(DATA), lambda _: None, is_over=True)
    wanted = {place for group in groups for place in group}
    found = tap.leaves(BytesSource(DATA))
    assert {place: each.digest for place, each in found.items()} == {p: leaf(p) for p in wanted}


def test_a_place_that_joins_in_its_middle_is_read_twice_up_to_there_alone() -> None:
    read: list[tuple[int, int]] = []

    class Watched(BytesSource):
        def read_at(self, start: int, length: int) -> bytes:
            read.append((start, length))
            return super().read_at(start, length)

    tap = Tap(Watched(DATA))
    tap.hear(0, memoryview(DATA)[:50])
    tap.join([place(10, 190)])
    tap.hear(50, memoryview(DATA)[50:])
    assert read == [(10, 40)]
    tap.catch_up(BytesSource(b""), lambda _: None, is_over=True)
    (found,) = tap.leaves(BytesSource(DATA)).values()
    assert found.digest == leaf(place(10, 190))


def test_a_beginning_that_cannot_be_read_again_costs_the_leaf_alone() -> None:
    class Broken(BytesSource):
        def read_at(self, start: int, length: int) -> bytes:
            raise OSError(f"{start}, {length}")

    tap = Tap(Broken(DATA))
    tap.hear(0, memoryview(DATA)[:50])
    tap.join([place(10, 190), place(60, 70)])
    tap.hear(50, memoryview(DATA)[50:])
    assert [each.start for each in tap.leaves(BytesSource(DATA))] == [60]


def test_reading_again_can_be_stopped() -> None:
    def stop(_: int) -> None:
        raise KeyboardInterrupt

    tap = Tap()
    tap.hear(0, memoryview(DATA))
    tap.join([place(3, 9)])
    with pytest.raises(KeyboardInterrupt):
        tap.catch_up(BytesSource(DATA), stop)


def test_many_places_that_overlap_are_heard_in_a_time_that_their_bytes_bound() -> None:
    size, count = 1 << 16, 20_000
    tap = Tap()
    tap.join(Place(start, 6, "U8", 6) for start in range(count))
    for at in range(0, size, 256):
        tap.hear(at, memoryview(bytes(256)))
    assert len(tap.leaves(BytesSource(bytes(size)))) == count
