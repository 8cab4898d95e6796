"""Sources: the bytes that parsers may look at."""

from __future__ import annotations

import io
import os
from pathlib import Path  # noqa: TC003 - pytest looks at annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aibom.scanners.source import (
    BytesSource,
    Cached,
    FileSource,
    Malformed,
    Source,
    Span,
    Stream,
    Window,
    head,
)

DATA = bytes(range(256)) * 4


class Counting:
    """A source that counts how often it is asked."""

    def __init__(self, data: bytes) -> None:
        self.size, self._data, self.asked = len(data), data, 0

    def read_at(self, start: int, length: int) -> bytes:
        self.asked += 1
        return BytesSource(self._data).read_at(start, length)


@pytest.mark.parametrize(
    "source",
    [BytesSource(DATA), Window(BytesSource(b"x" + DATA + b"x"), Span(1, len(DATA))),
     Cached(BytesSource(DATA), block=16, kept=4)],
    ids=["bytes", "window", "cached"],
)  # fmt: skip
def test_reads_exactly_or_not_at_all(source: Source) -> None:
    assert source.size == len(DATA)
    assert source.read_at(3, 5) == DATA[3:8]
    assert source.read_at(source.size, 0) == b""
    for start, length in ((-1, 1), (0, -1), (len(DATA), 1), (1, len(DATA))):
        with pytest.raises(Malformed):
            source.read_at(start, length)


def test_reads_a_file_and_notes_that_it_shrank(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(DATA)
    fd = os.open(path, os.O_RDONLY)
    try:
        source = FileSource(fd, len(DATA))
        assert source.read_at(1, 2) == DATA[1:3]
        path.write_bytes(DATA[:10])
        with pytest.raises(OSError, match="shrank"):
            source.read_at(8, 4)
    finally:
        os.close(fd)


@given(st.lists(st.tuples(st.integers(0, len(DATA)), st.integers(0, 200)), max_size=30))
def test_a_cache_changes_nothing_but_the_count_of_reads(reads: list[tuple[int, int]]) -> None:
    cached = Cached(BytesSource(DATA), block=32, kept=4)
    for start, wanted in reads:
        length = min(wanted, len(DATA) - start)
        assert cached.read_at(start, length) == DATA[start : start + length]


def test_a_cache_asks_once_for_a_block() -> None:
    counting = Counting(DATA)
    cached = Cached(counting, block=64, kept=4)
    for at in range(128):
        cached.read_at(at, 1)
    assert counting.asked == 2


def test_a_stream_reads_as_a_file_does() -> None:
    ours, theirs = io.BufferedReader(Stream(BytesSource(DATA)), 64), io.BytesIO(DATA)
    for offset, whence in ((10, io.SEEK_SET), (5, io.SEEK_CUR), (-7, io.SEEK_END)):
        assert ours.seek(offset, whence) == theirs.seek(offset, whence) == ours.tell()
        assert ours.read(6) == theirs.read(6)
    assert ours.read() == theirs.read()


def test_a_head_is_no_longer_than_its_source() -> None:
    assert head(BytesSource(b"abc"), 2) == b"ab"
    assert head(BytesSource(b"abc"), 9) == b"abc"
