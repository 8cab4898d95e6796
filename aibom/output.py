"""Write a result whole or not at all: beside its place first, then renamed into it."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import OutputError
from .folder import kind_of, readable, reason

if TYPE_CHECKING:
    from collections.abc import Mapping

# A new file, written as it is; `getattr`, since each system has only some of the flags.
_FLAGS = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS

NO_LINKS = frozenset(  # what a file system says that has no hard links (FAT, some network shares)
    getattr(errno, name, -1) for name in ("EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK")
)

HINTS = {
    errno.ENOENT: "Make the folder first, or name another.",
    errno.ENOSPC: "Make room, or name another folder.",
    errno.EDQUOT: "Make room, or name another folder.",
    errno.EFBIG: "Raise the limit on file sizes, or name another folder.",
    errno.EEXIST: "Remove it, or name another file.",
}
ELSEWHERE = "Name a file in a folder that you may write to."


def write_atomic(
    path: str | os.PathLike[str], data: bytes, *, mode: int = 0o644, exclusive: bool = False
) -> None:
    """Put `data` into the file `path`, so that nobody ever sees a part of it.

    A file that is there is replaced, unless `exclusive` forbids it; a symbolic link is replaced
    itself, not what it points to. A new file gets `mode`, less the umask.

    Raises:
        OutputError: It could not be written. What was there before is still there.
    """
    place = Path(path)
    try:
        beside = _staged(place, data, mode, exclusive=exclusive)
        try:
            _move(beside, place, exclusive=exclusive)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        _keep(place.parent)
    except OSError as error:
        raise _refused(place, error) from error


def write_together(files: Mapping[Path, bytes]) -> None:
    """Put each content into its file: all of them, or none.

    All are on disk before the first takes its place; if one cannot take it, those before it are
    taken back. What was there is lost only when all have taken their places.

    Raises:
        OutputError: One could not be written. What was there before is still there.
    """
    with contextlib.ExitStack() as undo:
        staged: dict[Path, Path] = {}
        for place, data in files.items():
            try:
                staged[place] = _staged(place, data, 0o644, exclusive=False)
            except OSError as error:
                raise _refused(place, error) from error
            undo.callback(staged[place].unlink, missing_ok=True)
        for place, beside in staged.items():
            try:
                _exchange(beside, place, undo)
            except OSError as error:
                raise _refused(place, error) from error
        undo.pop_all()
    for beside in staged.values():
        beside.with_suffix(".old").unlink(missing_ok=True)
    for parent in {place.parent for place in files}:
        _keep(parent)


def _exchange(beside: Path, place: Path, undo: contextlib.ExitStack) -> None:
    """Put `beside` in its `place`; what was there waits beside, for `undo` to put it back."""
    if os.path.lexists(place):
        old = beside.with_suffix(".old")
        place.rename(old)
        undo.callback(old.replace, place)
    else:
        undo.callback(place.unlink, missing_ok=True)
    beside.replace(place)


def _staged(place: Path, data: bytes, mode: int, *, exclusive: bool) -> Path:
    """Return a new file beside `place` with `data`."""
    beside = place.parent / f".aibom-{os.urandom(8).hex()}.tmp"
    _check(place, exclusive=exclusive)
    _write(beside, data, mode)
    return beside


def _refused(place: Path, error: OSError) -> OutputError:
    hint = HINTS.get(error.errno or 0, ELSEWHERE)
    shown = readable(str(place))
    return OutputError(f"{shown!r} cannot be written: {reason(error)}. {hint}")


def _check(place: Path, *, exclusive: bool) -> None:
    """Refuse what a rename would destroy: `-o /dev/null` by root must not remove the device."""
    if exclusive and os.path.lexists(place):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    try:
        mode = place.stat().st_mode
    except OSError:
        return  # nothing is there, or a link to nowhere; the rename says what else is wrong
    if not stat.S_ISREG(mode):
        shown = readable(str(place))
        raise OutputError(f"{shown!r} cannot be written: it is {kind_of(mode)}. Name a file.")


def _write(beside: Path, data: bytes, mode: int) -> None:
    """Create the file with `data` on disk; leave nothing when that fails."""
    fd = os.open(beside, CREATE, mode)
    try:
        with open(fd, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
            file.write(data)
            file.flush()
            os.fsync(fd)
    except BaseException:  # also Ctrl-C
        beside.unlink(missing_ok=True)
        raise


def _move(beside: Path, place: Path, *, exclusive: bool) -> None:
    if not exclusive:
        beside.replace(place)
        return
    try:
        os.link(beside, place)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        os.close(os.open(place, CREATE, 0o600))  # nobody else may take the name from here on
        beside.replace(place)
    else:
        beside.unlink()


def _keep(folder: Path) -> None:
    """Have the new name survive a power cut, where a folder can be synchronised."""
    try:
        fd = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    except OSError:  # Windows, or a folder that may be written but not read
        return
    try:
        os.fsync(fd)
    except OSError:  # a file system that cannot; the file is written all the same
        return
    finally:
        os.close(fd)
