"""Every stored input of the fuzzer, and every seed, read once more."""

from __future__ import annotations

import io
import random
import tarfile
import time

import pytest

from aibom.scanners.source import Malformed

from . import corpora, mutation
from .seeds import seeds
from .targets import BY_NAME, LONGEST, TARGETS, Broken, Target, check

MOST = 300 << 10  # bytes of all stored inputs together


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_every_reader_holds_on_what_fuzzing_found(target: Target) -> None:
    stored = corpora.load(target.name)
    assert stored, "make fuzz-keep stores some"
    for data in stored:
        check(target, data, is_thorough=True)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_every_reader_holds_on_changed_seeds(target: Target) -> None:
    start = seeds(target.name)
    dice = random.Random(target.name)
    for seed in start:
        check(target, seed[:LONGEST])
    for number in range(100):
        check(target, mutation.mutated(dice.choice(start), LONGEST, number, start))


def test_what_is_stored_is_small() -> None:
    assert sum(path.stat().st_size for path in corpora.FOLDER.iterdir()) <= MOST
    assert {path.stem for path in corpora.FOLDER.iterdir()} == set(BY_NAME)


def test_an_error_of_another_kind_is_found() -> None:
    def read(_data: bytes) -> object:
        raise KeyError("slipped")

    with pytest.raises(KeyError):
        check(Target("slips", read), b"")


def test_a_typed_error_is_an_answer() -> None:
    def read(_data: bytes) -> object:
        raise Malformed("x", offset=0, why="y")

    check(Target("refuses", read), b"", is_thorough=True)


def test_answers_that_change_are_found() -> None:
    counter = iter(range(10))
    with pytest.raises(Broken, match="something else"):
        check(Target("counts", lambda _data: next(counter)), b"", is_thorough=True)


def test_memory_that_stays_is_found() -> None:
    kept: list[bytes] = []

    def read(_data: bytes) -> object:
        kept.append(bytes(3 << 20))
        return None

    with pytest.raises(Broken, match="stay"):
        check(Target("keeps", read), b"", is_thorough=True)


def test_slowness_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter((0.0, 9.0))
    monkeypatch.setattr(time, "process_time", lambda: next(times))
    with pytest.raises(Broken, match="processor time"):
        check(Target("waits", lambda _data: None), b"")


def test_changes_are_repeatable_and_bounded() -> None:
    data = seeds("pickle")[0]
    made = [mutation.mutated(data, 100, number, [data]) for number in range(200)]
    assert made == [mutation.mutated(data, 100, number, [data]) for number in range(200)]
    assert len(set(made)) > 100
    assert max(map(len, made)) <= 100


def test_changed_headers_of_tar_keep_their_checksum() -> None:
    data = seeds("tar")[0]
    assert mutation.summed(data) == data
    broken = b"\1" + data[1:]
    assert mutation.summed(broken) != broken
    with tarfile.open(fileobj=io.BytesIO(mutation.summed(broken))) as archive:
        assert archive.getnames()[0][0] == "\1"


def test_changes_of_nothing_are_possible() -> None:
    assert all(len(mutation.mutated(b"", 50, number)) <= 50 for number in range(50))
