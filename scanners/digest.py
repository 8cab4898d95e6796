"""Digests of whole files, each byte read once."""

from __future__ import annotations

import hashlib
import os
from contextlib import closing
from typing import TYPE_CHECKING

from .source import read_some

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from queue import SimpleQueue
    from typing import TypeAlias

    Hear: TypeAlias = Callable[[int, memoryview], None]

CHUNK = 2048 * 1024  # bytes; a thread that hashes asks for the interpreter once a chunk
AHEAD = 32 * CHUNK  # bytes; a smaller file is done before a second thread is worth its start
AHEAD_HEARD = 4 * CHUNK  # ... and this, where that thread has more to do than to read
BUFFERS = 3  # one is hashed, one is filled, one is ready
SHA256, SHA512 = "sha256", "sha512"


def digests(
    fd: int,
    size: int,
    algorithms: tuple[str, ...],
    advance: Callable[[int], None],
    hear: Hear | None = None,
) -> tuple[tuple[str, str], ...]:
    """Return (algorithm, hexadecimal digest) of the first `size` bytes of an open file.

    `advance` hears of every chunk read, in bytes, and may raise to stop. `hear` is given every
    block with its offset, in order, and of a large file on the thread that reads: what it does with
    a block is done while that is hashed.

    Raises:
        OSError: The file could not be read, or ended early.
    """
    states = [hashlib.new(algorithm) for algorithm in algorithms]
    is_large = size >= (AHEAD if hear is None else AHEAD_HEARD)
    blocks_of = _blocks_ahead if is_large else _blocks
    with closing(blocks_of(fd, size, hear or _nobody_hears)) as blocks:
        for block in blocks:
            for state in states:
                state.update(block)
            advance(len(block))
    return tuple(
        (algorithm, state.hexdigest()) for algorithm, state in zip(algorithms, states, strict=True)
    )


def _nobody_hears(at: int, block: memoryview) -> None:
    """Do nothing."""


def _blocks(fd: int, size: int, hear: Hear) -> Generator[memoryview]:
    """Yield the bytes in turn; a block is good until the next is asked for."""
    buffer = memoryview(bytearray(min(CHUNK, size) or 1))
    at = 0
    while at < size:
        block = _fill(buffer, fd, at, size)
        hear(at, block)
        yield block
        at += len(block)


def _blocks_ahead(fd: int, size: int, hear: Hear) -> Generator[memoryview]:
    """Do as `_blocks`, while a thread reads what comes next: copying takes a tenth of hashing."""
    from queue import SimpleQueue  # noqa: PLC0415 - small files do without
    from threading import Thread  # noqa: PLC0415

    free: SimpleQueue[memoryview | None] = SimpleQueue()
    full: SimpleQueue[memoryview | BaseException | None] = SimpleQueue()
    for _ in range(BUFFERS):
        free.put(memoryview(bytearray(CHUNK)))
    reader = Thread(target=_read_ahead, args=(fd, size, free, full, hear), daemon=True)
    reader.start()
    try:
        while isinstance(block := full.get(), memoryview):
            yield block
            free.put(memoryview(block.obj))
        if block is not None:
            raise block
    finally:  # whoever asks for no more still owns the descriptor, and may close it now
        free.put(None)
        reader.join()


def _read_ahead(
    fd: int,
    size: int,
    free: SimpleQueue[memoryview | None],
    full: SimpleQueue[memoryview | BaseException | None],
    hear: Hear,
) -> None:
    """Fill what is `free` until the end, a `None` or an error; what is `full` ends likewise."""
    at = 0
    while at < size and (buffer := free.get()) is not None:
        try:
            block = _fill(buffer, fd, at, size)
            full.put(block)
            hear(at, block)  # nobody but this thread fills the buffer again
        except BaseException as error:  # noqa: BLE001 - raised again by who waits for blocks
            full.put(error)
            return
        at += len(block)
    full.put(None)


def _fill(buffer: memoryview, fd: int, at: int, size: int) -> memoryview:
    """Return the part of `buffer` that now holds the file's bytes from `at`, before `size`."""
    room = buffer[: size - at]
    count = os.preadv(fd, [room], at) if PREADV else _read(fd, room, at)
    if not count:
        raise OSError(f"the file ended at byte {at} of {size} while it was read")
    return room[:count]


PREADV = hasattr(os, "preadv")


def _read(fd: int, room: memoryview, at: int) -> int:
    """Do without `preadv` (Windows, old macOS)."""
    data = read_some(fd, len(room), at)
    room[: len(data)] = data
    return len(data)
