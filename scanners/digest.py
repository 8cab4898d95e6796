"""Digests of whole files, each byte read once."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

CHUNK = 2048 * 1024  # bytes; a thread that hashes asks for the interpreter once a chunk
SHA256, SHA512 = "sha256", "sha512"


def digests(
    fd: int, size: int, algorithms: tuple[str, ...], advance: Callable[[int], None]
) -> tuple[tuple[str, str], ...]:
    """Return (algorithm, hexadecimal digest) of the first `size` bytes of an open file.

    `advance` hears of every chunk read, in bytes, and may raise to stop.

    Raises:
        OSError: The file could not be read, or ended early.
    """
    states = [hashlib.new(algorithm) for algorithm in algorithms]
    buffer = bytearray(min(CHUNK, size) or 1)
    view = memoryview(buffer)
    at = 0
    while at < size:
        count = os.preadv(fd, [view[: size - at]], at) if PREADV else _read(fd, view, at, size)
        if not count:
            raise OSError(f"the file ended at byte {at} of {size} while it was read")
        for state in states:
            state.update(view[:count])
        at += count
        advance(count)
    return tuple(
        (algorithm, state.hexdigest()) for algorithm, state in zip(algorithms, states, strict=True)
    )


PREADV = hasattr(os, "preadv")


def _read(fd: int, view: memoryview, at: int, size: int) -> int:
    """Do without `preadv` (Windows): the descriptor is ours alone, so its position may move."""
    os.lseek(fd, at, os.SEEK_SET)
    data = os.read(fd, min(len(view), size - at))
    view[: len(data)] = data
    return len(data)
