"""Files below a folder, found and opened so that nobody can swap them underneath.

Every step goes through the descriptor of the folder that it is in, and no symbolic link is ever
followed, so a path that is replaced while it is walked leads nowhere else.
"""

from __future__ import annotations

import errno
import os
import stat
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from .scanners.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator

# At the top of a model folder these belong to version control. The OpenSSF model signature leaves
# them out too, so that a signature survives a clone.
VERSION_CONTROL = frozenset({".git", ".gitignore", ".gitattributes", ".github"})

MAX_DEPTH = 100  # folders inside folders; each level holds a descriptor open

OPEN_FILE = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
OPEN_FOLDER = OPEN_FILE | NO_FOLLOW | getattr(os, "O_DIRECTORY", 0)
JUNCTION = 0xA000_0003  # IO_REPARSE_TAG_MOUNT_POINT: a link of Windows that looks like a folder
BY_DESCRIPTOR = os.open in os.supports_dir_fd and os.scandir in os.supports_fd


class Found(StrEnum):
    """What stands at a path."""

    FILE = "file"
    SYMLINK = "symlink"
    SPECIAL = "special"  # FIFO, socket, device
    SKIPPED = "skipped"  # the `.git` folder: history, not content
    DENIED = "denied"  # cannot be opened or listed
    VANISHED = "vanished"  # was listed, then gone


@record
class Entry:
    """One path below a folder. An entry of a file owns its open descriptor `fd`."""

    name: str  # relative, "/" between components; bytes that are no UTF-8 are shown as \\xNN
    found: Found
    fd: int = -1
    size: int = 0  # bytes
    detail: str = ""  # a link's target, a kind of special file, or an error

    @property
    def stamp(self) -> tuple[int, ...]:
        """What changes when the open file's content does."""
        return stamp(self.fd)

    def close(self) -> None:
        """Close the file, if it is one."""
        if self.fd >= 0:
            os.close(self.fd)


def stamp(fd: int) -> tuple[int, ...]:
    """Return size, times and inode of an open file; equal before and after means unchanged."""
    seen = os.fstat(fd)
    return seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_ino, seen.st_dev


def readable(name: str) -> str:
    """Return a file name as text that can be encoded; foreign bytes become escapes."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def walk(root: str | os.PathLike[str]) -> Iterator[Entry]:
    """Yield every entry below the folder `root`, in order of names; files come open.

    The receiver closes each file's `fd`. The top `.git` folder is yielded as SKIPPED and not
    entered; every other hidden name is like any other.

    Raises:
        OSError: `root` cannot be listed.
    """
    if not BY_DESCRIPTOR:  # Windows
        yield from _walk_by_path(os.fspath(root), "")
        return
    fd = os.open(root, OPEN_FILE | getattr(os, "O_DIRECTORY", 0))
    yield from _walk_by_descriptor(fd, "")


def _walk_by_descriptor(fd: int, prefix: str) -> Iterator[Entry]:
    try:
        with os.scandir(fd) as listing:
            names = sorted(entry.name for entry in listing)
        for name in names:
            yield from _entry(name, prefix + readable(name), fd)
    except OSError as error:
        if not prefix:
            raise
        yield Entry(prefix.rstrip("/"), Found.DENIED, detail=reason(error))
    finally:
        os.close(fd)


def _walk_by_path(root: str, prefix: str) -> Iterator[Entry]:
    for path in sorted(Path(root).iterdir()):
        yield from _entry(str(path), prefix + readable(path.name), None)


def _entry(path: str, name: str, dir_fd: int | None) -> Iterator[Entry]:
    """Yield the entry at `path` (relative to `dir_fd`), or all entries below it."""
    try:
        seen = os.lstat(path, dir_fd=dir_fd)
        mode = seen.st_mode
        if stat.S_ISLNK(mode) or getattr(seen, "st_reparse_tag", 0) == JUNCTION:
            yield Entry(name, Found.SYMLINK, detail=readable(os.readlink(path, dir_fd=dir_fd)))
        elif stat.S_ISDIR(mode):
            yield from _below(path, name, dir_fd)
        elif stat.S_ISREG(mode):
            yield _open(path, name, dir_fd)
        else:
            yield Entry(name, Found.SPECIAL, detail=kind_of(mode))
    except FileNotFoundError as error:
        yield Entry(name, Found.VANISHED, detail=reason(error))
    except OSError as error:
        yield Entry(name, Found.DENIED, detail=reason(error))


def _below(path: str, name: str, dir_fd: int | None) -> Iterator[Entry]:
    if name == ".git":
        yield Entry(name, Found.SKIPPED, detail="version control history")
    elif name.count("/") >= MAX_DEPTH:
        yield Entry(name, Found.DENIED, detail=f"more than {MAX_DEPTH} folders deep")
    elif dir_fd is None:
        yield from _walk_by_path(path, f"{name}/")
    else:
        yield from _walk_by_descriptor(os.open(path, OPEN_FOLDER, dir_fd=dir_fd), f"{name}/")


def _open(path: str, name: str, dir_fd: int | None) -> Entry:
    fd = os.open(path, OPEN_FILE | NO_FOLLOW, dir_fd=dir_fd)
    seen = os.fstat(fd)
    if not stat.S_ISREG(seen.st_mode):  # it was replaced since it was listed
        os.close(fd)
        return Entry(name, Found.SPECIAL, detail=kind_of(seen.st_mode))
    return Entry(name, Found.FILE, fd, seen.st_size)


def open_file(path: str | os.PathLike[str], name: str) -> Entry:
    """Return the regular file at `path`, open; the operator named it, so a link is followed.

    Never waits: a FIFO or device is refused without opening it.

    Raises:
        OSError: It cannot be opened.
    """
    mode = Path(path).stat().st_mode
    if not stat.S_ISREG(mode):
        return Entry(name, Found.SPECIAL, detail=kind_of(mode))
    fd = os.open(path, OPEN_FILE | getattr(os, "O_NONBLOCK", 0))
    seen = os.fstat(fd)
    if not stat.S_ISREG(seen.st_mode):
        os.close(fd)
        return Entry(name, Found.SPECIAL, detail=kind_of(seen.st_mode))
    return Entry(name, Found.FILE, fd, seen.st_size)


def kind_of(mode: int) -> str:
    """Return in words what a file mode says, such as ``"a FIFO"``."""
    kinds = {
        stat.S_IFIFO: "a FIFO",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a character device",
        stat.S_IFBLK: "a block device",
        stat.S_IFDIR: "a folder",
        stat.S_IFLNK: "a symbolic link",
    }
    return kinds.get(stat.S_IFMT(mode), "no regular file")


def reason(error: OSError) -> str:
    """Return an operating system's error in a few words, without a path."""
    if error.errno == errno.ELOOP:
        return "it became a symbolic link while it was opened"
    return (error.strerror or type(error).__name__).lower()
