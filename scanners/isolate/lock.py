"""Give up, for the calling process and for good, every power that parsing does not need.

POSIX only: `linux` and `darwin` hold what differs. `settle` is the zygote's part, `lock` the
child's.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import resource
import signal
import sys
import time
from typing import TYPE_CHECKING, Final

from . import trials

if TYPE_CHECKING:
    from .outcome import Lock

if sys.platform == "darwin":
    from . import darwin as system
else:
    from . import linux as system

SOCK: Final = 3  # a child's only descriptor above 2; a job's file comes as 4
_NEVER_RESET = {signal.SIGKILL, signal.SIGSTOP, signal.SIGPIPE, signal.SIGXFSZ}
_RLIMITS = {  # besides the address space
    "FSIZE": 0,
    "NPROC": 0,  # does not bind root: seccomp does
    "CORE": 0,
    "MEMLOCK": 0,
    "MSGQUEUE": 0,
    "NOFILE": SOCK + 2,
}


def mapped() -> int:
    """Return the bytes of address space that this process has, or 0 where that is not limited."""
    return system.mapped()


def keep_only(sock: int) -> None:
    """Move `sock` to `SOCK` and close everything else above 2."""
    _copy(sock, SOCK)
    if not system.close_from(SOCK + 1):
        os.closerange(SOCK + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def settle(sock: int) -> list[str]:
    """Turn this process into a zygote with `sock` as its one descriptor. Return what was put on.

    Nothing of the host is left that a child could use or that could disturb it: no terminal, no
    environment, no signal handler or mask. (What lay in the memory of a host that forked stays
    there: start before secrets are read.)
    """
    sock = fcntl.fcntl(sock, fcntl.F_DUPFD, SOCK)  # a host may have closed its standard streams
    null = os.open(os.devnull, os.O_RDWR)
    for fd in range(SOCK):
        _copy(null, fd)
    keep_only(sock)
    with contextlib.suppress(PermissionError):  # an exec'd zygote leads its session already
        os.setsid()
    _fresh_signals()
    os.environ.clear()
    return system.settle()


def _copy(fd: int, to: int) -> None:
    if fd != to:  # which the kernel refuses
        os.dup2(fd, to, inheritable=False)


def _fresh_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals() - _NEVER_RESET:
        with contextlib.suppress(OSError):  # a few belong to the C library
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def lock(memory: int, worn: list[str], parent: int) -> Lock:
    """Lock a child. Return what is worn, and what a trial shows to be shut.

    `memory` is the address space it may have in bytes, 0 for no bound; `parent` the zygote.
    """
    os.setsid()
    worn = worn + system.wear(parent) + ["rlimits"] * _rlimits(memory)
    return {"worn": worn, "shut": trials.shut(trials.posix(parent))}


def _rlimits(memory: int) -> bool:
    """Set every limit, or as many as the system takes. Return whether it took all."""
    wanted = _RLIMITS | ({"AS": memory} if memory else {})
    return all([_rlimit(name, value) for name, value in wanted.items()])  # noqa: C419 - try each


def _rlimit(name: str, value: int) -> bool:
    number: int | None = getattr(resource, f"RLIMIT_{name}", None)
    if number is None:
        return True  # a system that lacks the limit lacks the thing, too
    try:
        most = resource.getrlimit(number)[1]
        if most != resource.RLIM_INFINITY:
            value = min(value, most)
        resource.setrlimit(number, (value, value))
    except (OSError, ValueError):
        return False
    return True


def start_clock(seconds: int) -> None:
    """Let this process die after `seconds` more of processor time, rounded up."""
    soft = int(time.process_time()) + 1 + seconds
    with contextlib.suppress(OSError, ValueError):  # then rlimits are not among what is worn
        resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))
