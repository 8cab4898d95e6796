"""Write a result whole or not at all: beside its place first, then renamed into it."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from pathlib import Path
from types import EllipsisType, MappingProxyType
from typing import TYPE_CHECKING

from .errors import OutputError
from .folder import Found, kind_of, open_file, readable, reason

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping

UNDERWAY = re.compile(r"\.aibom-[0-9a-f]{16}\.(?:tmp|old)")  # names of files on their way
ANYTHING = ...  # may be in a place

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
    beside = _beside(place)
    try:
        _check(place, exclusive=exclusive)
        try:
            _write(beside, data, mode)
            _move(beside, place, exclusive=exclusive)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        _keep(place.parent)
    except OSError as error:
        raise _refused(place, error) from error


UNSEEN: Mapping[Path, bytes | None] = MappingProxyType({})


def write_together(files: Mapping[Path, bytes], seen: Mapping[Path, bytes | None] = UNSEEN) -> None:
    """Put each content into its file: all of them, or none.

    All are on disk before the first takes its place; if one cannot take it, those before it are
    taken back. What was there is lost only when all have taken their places. `seen` says of places
    what was found there earlier (None: nothing): what came to be there since is never replaced.

    Raises:
        OutputError: One could not be written. What was there before is still there.
    """
    moves = [_Move(place, data, seen.get(place, ANYTHING)) for place, data in files.items()]
    with contextlib.ExitStack() as tidy, contextlib.ExitStack() as undo:
        # Registered before each deed, since a signal may come between any two steps.
        for move in moves:
            tidy.callback(move.tidy)
            with _refusing(move.place):
                move.stage()
        for move in moves:
            undo.callback(move.take_back)
            with _refusing(move.place):
                move.exchange()
        for move in moves:
            move.is_done = True
        undo.pop_all()
    for parent in {place.parent for place in files}:
        _keep(parent)


class _Move:
    """One new file on its way into its place; what was there waits beside."""

    def __init__(self, place: Path, data: bytes, seen: bytes | EllipsisType | None) -> None:
        self.place, self.is_done = place, False
        self._data, self._seen = data, seen
        self._new = _beside(place)
        self._old = self._new.with_suffix(".old")
        self._known: os.stat_result | None = None  # of the new file, wherever it is called what

    def stage(self) -> None:
        _check(self.place, exclusive=False)
        _write(self._new, self._data, 0o644)
        self._known = self._new.lstat()

    def exchange(self) -> None:
        if os.path.lexists(self.place):
            self.place.rename(self._old)
            there: bytes | None = _content(self._old)
        else:
            there = None
        if self._seen is not ANYTHING and there != self._seen:
            raise FileExistsError(errno.EEXIST, "somebody else wrote it in the meantime")
        _move(self._new, self.place, exclusive=True)

    def take_back(self) -> None:
        is_ours = self._is_ours()
        if os.path.lexists(self._old):
            if is_ours or not os.path.lexists(self.place):
                self._old.replace(self.place)
            else:  # somebody wrote there in the meantime: theirs is the newer
                self._old.unlink()
        elif is_ours:
            self.place.unlink()

    def _is_ours(self) -> bool:
        try:
            return self._known is not None and os.path.samestat(self._known, self.place.lstat())
        except OSError:
            return False

    def tidy(self) -> None:
        self._new.unlink(missing_ok=True)
        if self.is_done:
            self._old.unlink(missing_ok=True)


def _content(path: Path) -> bytes:
    """Return what a file holds that was there.

    Raises:
        OSError: It cannot be read, or came to be something else than a file.
    """
    entry = open_file(path, path.name)
    if entry.found is not Found.FILE:
        raise FileExistsError(errno.EEXIST, f"it became {entry.detail} in the meantime")
    with os.fdopen(entry.fd, "rb") as file:
        return file.read()


@contextlib.contextmanager
def _refusing(place: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise _refused(place, error) from error


def _beside(place: Path) -> Path:
    return place.parent / f".aibom-{os.urandom(8).hex()}.tmp"


def refuse_leftovers(names: Iterable[str], folder: str) -> None:
    """Raise `OutputError` if one of the `names` below `folder` is of a file on its way.

    Nothing but a process that was killed leaves one behind; signed, it would be part of the model.
    """
    for name in names:
        if UNDERWAY.fullmatch(name.rpartition("/")[2]):
            raise OutputError(
                f"{readable(str(Path(folder, name)))!r}: aibom is writing here, or was killed "
                "while it did. If nothing runs any more, remove it; one that ends in .old is the "
                "result that was there before."
            )


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
        try:
            beside.replace(place)
        except BaseException:
            place.unlink(missing_ok=True)
            raise
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
