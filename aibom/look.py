"""What a folder holds, seen without opening a file: to tell whether anything changed since."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, TypeAlias

from .folder import (
    BY_DESCRIPTOR,
    MAX_DEPTH,
    OPEN_FILE,
    OPEN_FOLDER,
    Entry,
    Found,
    kind_of,
    readable,
    reason,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

Seen: TypeAlias = "tuple[Entry, tuple[int, ...]]"  # and its stamp; empty if it is no file


def look(root: Path) -> Iterator[Seen]:
    """Yield every entry below the folder `root`, as `folder.walk` does, with its stamp.

    No file is opened, and again no link is followed: each step goes through the descriptor of the
    folder that it is in.

    Raises:
        OSError: `root` cannot be listed.
    """
    if BY_DESCRIPTOR:
        yield from _inside(os.open(root, OPEN_FILE | os.O_DIRECTORY), "")
    else:  # Windows
        yield from stamped(walk(root))


def stamped(entries: Iterable[Entry]) -> Iterator[Seen]:
    """Yield each of the open `entries` with its stamp, closed."""
    for entry in entries:
        is_file = entry.found is Found.FILE
        try:
            found = entry.stamp if is_file else ()
        finally:
            entry.close()
        yield entry, found


def _inside(fd: int, prefix: str) -> Iterator[Seen]:
    try:
        for path in sorted(os.listdir(fd)):
            name = prefix + readable(path)
            try:
                yield from _one(path, name, fd)
            except FileNotFoundError as error:
                yield Entry(name, Found.VANISHED, detail=reason(error)), ()
            except OSError as error:
                yield Entry(name, Found.DENIED, detail=reason(error)), ()
    except OSError as error:
        if not prefix:
            raise
        yield Entry(prefix.rstrip("/"), Found.DENIED, detail=reason(error)), ()
    finally:
        os.close(fd)


def _one(path: str, name: str, fd: int) -> Iterator[Seen]:
    seen = os.lstat(path, dir_fd=fd)
    mode = seen.st_mode
    if stat.S_ISREG(mode):
        stamp = seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_ino, seen.st_dev
        yield Entry(name, Found.FILE, size=seen.st_size), stamp
    elif not stat.S_ISDIR(mode):
        found = Found.SYMLINK if stat.S_ISLNK(mode) else Found.SPECIAL
        yield Entry(name, found, detail=kind_of(mode)), ()
    elif name == ".git":
        yield Entry(name, Found.SKIPPED), ()
    elif name.count("/") >= MAX_DEPTH:
        yield Entry(name, Found.DENIED, detail=f"more than {MAX_DEPTH} folders deep"), ()
    else:
        yield from _inside(os.open(path, OPEN_FOLDER, dir_fd=fd), f"{name}/")
