"""Digests are those of hashlib, however the bytes come, and whatever goes wrong on the way."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aibom.scanners import digest
from aibom.scanners.digest import SHA256, SHA512, digests

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

CHUNK = 16  # bytes, for these tests
AHEAD = 3 * CHUNK
AHEAD_HEARD = 2 * CHUNK


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make a file of some bytes a large one; and no thread may outlive a test."""
    monkeypatch.setattr(digest, "CHUNK", CHUNK)
    monkeypatch.setattr(digest, "AHEAD", AHEAD)
    monkeypatch.setattr(digest, "AHEAD_HEARD", AHEAD_HEARD)
    before = threading.active_count()
    yield
    assert threading.active_count() == before


def opened(path: Path, data: bytes) -> int:
    path.write_bytes(data)
    return os.open(path, os.O_RDONLY)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("digests") / "file"


@given(data=st.binary(max_size=12 * CHUNK))
def test_equal_those_of_hashlib(place: Path, data: bytes) -> None:
    heard: list[int] = []
    fd = opened(place, data)
    found = digests(fd, len(data), (SHA256, SHA512), heard.append)
    os.close(fd)
    expected = {name: hashlib.new(name, data).hexdigest() for name in (SHA256, SHA512)}
    assert (dict(found), sum(heard)) == (expected, len(data))


@pytest.mark.parametrize("size", [CHUNK, AHEAD, 10 * CHUNK])
def test_are_of_no_more_bytes_than_asked_for(place: Path, size: int) -> None:
    fd = opened(place, bytes(range(200)))
    found = digests(fd, size, (SHA256,), lambda _: None)
    os.close(fd)
    assert found == ((SHA256, hashlib.sha256(bytes(range(size))).hexdigest()),)


@pytest.mark.parametrize("length", [CHUNK, AHEAD + 1])
def test_a_file_that_ends_early_has_none(place: Path, length: int) -> None:
    fd = opened(place, bytes(length))
    with pytest.raises(OSError, match=f"the file ended at byte {length} of {length + 40} while"):
        digests(fd, length + 40, (SHA256,), lambda _: None)
    os.close(fd)


def test_no_thread_reads_on_once_somebody_stops(place: Path) -> None:
    def stop(_: int) -> None:
        raise KeyboardInterrupt

    fd = opened(place, bytes(100 * CHUNK))
    with pytest.raises(KeyboardInterrupt):
        digests(fd, 100 * CHUNK, (SHA256,), stop)
    os.close(fd)


@pytest.mark.parametrize("blocks", [0, 4])
def test_an_error_of_the_system_is_passed_on(
    place: Path, monkeypatch: pytest.MonkeyPatch, blocks: int
) -> None:
    calls = iter(range(100))

    def preadv(fd: int, buffers: Sequence[memoryview], at: int) -> int:
        if next(calls) == blocks:
            raise OSError(errno.EIO, "Input/output error")
        return real(fd, buffers, at)

    real = os.preadv
    monkeypatch.setattr(os, "preadv", preadv)
    fd = opened(place, bytes(10 * CHUNK))
    with pytest.raises(OSError, match="Input/output error"):
        digests(fd, 10 * CHUNK, (SHA256,), lambda _: None)
    os.close(fd)


def test_do_without_preadv(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digest, "PREADV", False)
    data = bytes(range(256))
    for length in (20, 256):
        fd = opened(place, data)
        found = digests(fd, length, (SHA256,), lambda _: None)
        os.close(fd)
        assert found == ((SHA256, hashlib.sha256(data[:length]).hexdigest()),)


@given(data=st.binary(max_size=12 * CHUNK))
def test_whoever_hears_hears_every_byte_in_order(place: Path, data: bytes) -> None:
    heard: list[tuple[int, bytes]] = []
    fd = opened(place, data)
    digests(
        fd, len(data), (SHA256,), lambda _: None, lambda at, block: heard.append((at, bytes(block)))
    )
    os.close(fd)
    assert b"".join(block for _, block in heard) == data
    assert [at for at, _ in heard] == list(range(0, len(data), CHUNK))


@pytest.mark.parametrize("size", [CHUNK, AHEAD_HEARD])
def test_what_whoever_hears_raises_is_raised(place: Path, size: int) -> None:
    def fail(at: int, block: memoryview) -> None:
        raise MemoryError(at, len(block))

    fd = opened(place, bytes(size))
    with pytest.raises(MemoryError):
        digests(fd, size, (SHA256,), lambda _: None, fail)
    os.close(fd)
