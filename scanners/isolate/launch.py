"""The host's handle of a zygote: start it, ask it for children and for their end."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import stat
import sys
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Literal

from ..record import as_dict
from . import wire
from .conversation import Child
from .outcome import Bounds, Lost, Start, Unavailable, Why

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping

PATIENCE = 60.0  # seconds for the zygote to import its target, or to answer a call
LINGER = 100  # milliseconds that a thread may take to vanish after it was joined
_FAREWELL = 2.0  # seconds for the zygote to end by itself; it takes less than a millisecond
_BOOT = (
    "import sys, json; path, settings = map(json.loads, sys.argv[1:]); sys.path[:] = path; "
    f"from {__package__} import zygote; zygote.boot(settings)"
)
_FATAL: dict[str, Why] = {"SIGXCPU": "cpu", "SIGSYS": "violation", "SIGKILL": "killed"}


class Gone(Exception):  # noqa: N818 - it names a state of the zygote
    """The zygote died, or was given up because it did not answer."""


def threads() -> int:
    """Return the count of this process's threads, those of C libraries too; 0 if unknown."""
    try:
        return len(os.listdir("/proc/self/task"))  # noqa: PTH208 - no pathlib in a hot start
    except OSError:
        return 0


def lost_by(status: int) -> Lost:
    """Return the wait status of a dead child in our words."""
    if os.WIFEXITED(status):
        return Lost("crash", f"exit status {os.WEXITSTATUS(status)}")
    number = os.WTERMSIG(status)
    try:
        name = signal.Signals(number).name
    except ValueError:  # real-time signals have no names
        name = f"signal {number}"
    return Lost(_FATAL.get(name, "crash"), name)


def search_path() -> list[str]:
    """Return the absolute places of `sys.path`, and the one that holds this package.

    A relative place would be the current folder, which may be the one being scanned.
    """
    places = [place for place in sys.path if os.path.isabs(place)]  # noqa: PTH117 - plain strings
    depth = len((__package__ or "").split("."))
    home = os.path.abspath(__file__)  # noqa: PTH100 - no pathlib in a hot start
    for _ in range(depth + 1):
        home = os.path.dirname(home)  # noqa: PTH120 - the same
    return places if home in places else [*places, home]


def may_pass(fd: int) -> bool:
    """Whether a descriptor can be handed to a child: a regular file, open for reading only."""
    import fcntl  # noqa: PLC0415 - Windows imports this module and lacks that one

    if fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY:
        return False
    return stat.S_ISREG(os.fstat(fd).st_mode)


def _chosen(start: Start) -> Literal["fork", "exec"]:
    count = threads()
    for _ in range(LINGER if start == "fork" else 0):
        if count == 1:
            break
        time.sleep(0.001)
        count = threads()
    if start == "fork" and count != 1:
        raise ValueError(f"start='fork' needs a host with one thread, this has {count or 'some'}")
    if start != "auto":
        return start
    return "fork" if count == 1 else "exec"


def _may_cache_code() -> bool:
    """Whether modules that the zygote imports may be cached as files.

    Under a limit on file sizes Python would cache, and later trust, the part that could be written.
    """
    import resource  # noqa: PLC0415 - Windows imports this module and lacks that one

    try:
        unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    except OSError:  # a filter of system calls lets nobody ask
        return False
    return unlimited and not sys.dont_write_bytecode


class Zygote:
    """A zygote. Its calls come from any thread of the host; each is one short round trip."""

    def __init__(self, target: str, bounds: Bounds, kits: Mapping[str, str], start: Start) -> None:
        """Start it and return at once; it imports the target while the host goes on."""
        self.mode = _chosen(start)
        self.loaded: frozenset[str] = frozenset()
        self.pid = 0
        self._kits = tuple(kits)
        self._guard, self._owner = threading.Lock(), os.getpid()
        self._ready, self._refused = False, ""
        self._program: subprocess.Popen[bytes] | None = None
        ours, theirs = socket.socketpair()
        self._link = wire.Channel(ours)
        if self.mode == "fork":
            self._fork(theirs, target, bounds, tuple(kits.values()))
        else:
            self._exec(theirs, target, bounds, tuple(kits.values()))
        theirs.close()
        ours.settimeout(0.0)

    def _fork(
        self, theirs: socket.socket, target: str, bounds: Bounds, kits: tuple[str, ...]
    ) -> None:
        self.pid = os.fork()
        if self.pid == 0:
            sys.dont_write_bytecode = not _may_cache_code()
            from . import zygote  # noqa: PLC0415 - the host itself has no use for its imports

            zygote.never_return(partial(zygote.run, theirs.fileno(), target, bounds, kits))

    def _exec(
        self, theirs: socket.socket, target: str, bounds: Bounds, kits: tuple[str, ...]
    ) -> None:
        import fcntl  # noqa: PLC0415 - Windows imports this module and lacks that one
        import subprocess  # noqa: PLC0415 - 6 ms that a start by fork does not need

        # Above the standard streams, which are replaced; a host may have closed its own.
        control = fcntl.fcntl(theirs.fileno(), fcntl.F_DUPFD_CLOEXEC, 3)
        settings = {
            "control": control,
            "target": target,
            "bounds": as_dict(bounds),
            "kits": kits,
        }
        options = ["-I", "-S", *([] if _may_cache_code() else ["-B"])]
        arguments = [json.dumps(search_path()), json.dumps(settings)]
        try:
            self._program = subprocess.Popen(  # noqa: S603 - our own interpreter
                [sys.executable, *options, "-c", _BOOT, *arguments],
                pass_fds=[control],
                env={},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            self._refused = f"{sys.executable!r} cannot be started: {error.strerror}"
        else:
            self.pid = self._program.pid
        finally:
            os.close(control)

    def _greet(self, deadline: float) -> None:
        if not self._ready and not self._refused:
            kind, body = self._link.receive({wire.READY: 0, wire.REFUSED: wire.TEXT}, deadline)
            self._ready = kind == wire.READY
            self._refused = body.decode(errors="replace")
        if self._refused:
            raise Unavailable(self._refused)

    def _call(self, kind: int, value: int, fd: int | None = None) -> int:
        if os.getpid() != self._owner:
            raise Unavailable("a forked program must make its own Sandbox")
        with self._guard:
            deadline = time.monotonic() + PATIENCE
            try:
                self._greet(deadline)
                self._link.send(kind, wire.NUMBER.pack(value), deadline, fd)
                allowed = {wire.REPLY: wire.NUMBER.size + wire.TEXT}
                body = self._link.receive(allowed, deadline)[1]
            except (wire.Broken, wire.Unruly, TimeoutError) as error:
                self._link.close()
                raise Gone(f"zygote: {error or 'no answer'}") from error
            except Unavailable:
                raise
            except BaseException:  # an interrupt: the next call would read this one's reply
                self._link.close()
                raise
        (reply,) = wire.NUMBER.unpack_from(body)
        if reply < 0:
            raise Unavailable(body[wire.NUMBER.size :].decode(errors="replace"))
        return int(reply)

    def child(self) -> Child:
        """Return a new child.

        Raises:
            Unavailable: The target cannot be imported, or the system is out of processes.
            Gone: The zygote died.
        """
        kits = self.loaded  # before the call: a child may have more than it says, never less
        ours, theirs = socket.socketpair()
        ours.settimeout(0.0)
        try:
            with theirs:
                pid = self._call(wire.FORK, 0, theirs.fileno())
        except BaseException:
            ours.close()
            raise
        return Child(wire.Channel(ours), kits, may_pass, lambda wait: self._end(pid, wait=wait))

    def _end(self, pid: int, *, wait: bool) -> Lost:
        if wait:
            return lost_by(self._call(wire.END, pid))
        with contextlib.suppress(Gone, Unavailable):  # then the child is gone, or another's
            self._call(wire.DROP, pid)
        return Lost("killed")

    def load(self, kit: str) -> None:
        """Import a kit, for the children that are forked from now on.

        Raises:
            Unavailable: It cannot be imported.
            Gone: The zygote died.
        """
        try:
            self._call(wire.LOAD, self._kits.index(kit))
        except Unavailable as error:
            raise Unavailable(f"kit {kit!r}: {error}") from error
        self.loaded |= {kit}

    def close(self) -> None:
        """Let the zygote end, and its children with it."""
        if os.getpid() != self._owner:
            return
        with contextlib.suppress(OSError):  # reaches it even if a fork of the host holds a copy
            self._link.sock.shutdown(socket.SHUT_RDWR)
        self._link.close()
        with contextlib.suppress(ChildProcessError):  # a host may reap all by itself
            self._reap()

    def _reap(self) -> None:
        """Wait for the zygote's end; kill one that an import, or not being Python, keeps busy."""
        deadline = time.monotonic() + _FAREWELL
        while not self._has_ended():
            if time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
            time.sleep(0.0002)

    def _has_ended(self) -> bool:
        if self._program is not None:
            return self._program.poll() is not None
        return self.pid == 0 or os.waitpid(self.pid, os.WNOHANG)[0] != 0
