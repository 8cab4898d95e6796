"""Run `aibom` on a Python without what Windows lacks: `python like_windows.py ARGUMENT...`.

No Windows is at hand. What can be tried elsewhere is that nothing asks for a module, a function or
a flag that is not there, in this process and in the parsers': both begin here. Libraries are
imported first, since they would look for what only a real Windows has.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

LIBRARIES = (
    "asyncio", "concurrent.futures", "ctypes", "importlib.metadata", "jinja2", "logging",
    "multiprocessing", "pathlib", "platform", "shutil", "ssl", "tempfile", "threading",
    "webbrowser", "yaml", "zipfile", "click", "click.shell_completion",
)  # fmt: skip
MODULES = frozenset({"fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty"})
LACKING: dict[ModuleType, tuple[str, ...]] = {
    os: (
        "fork", "geteuid", "getuid", "killpg", "mkfifo", "nice", "posix_fadvise", "pread", "preadv",
        "pwrite", "sched_getaffinity", "sendfile", "setsid", "sysconf", "uname", "waitid",
        "WNOHANG", "O_CLOEXEC", "O_DIRECTORY", "O_NOCTTY", "O_NOFOLLOW", "O_NONBLOCK",
    ),
    signal: (
        "SIGALRM", "SIGHUP", "SIGKILL", "SIGPIPE", "SIGSTOP", "SIGUSR1", "SIGXCPU", "SIGXFSZ",
        "alarm", "pthread_sigmask", "setitimer", "sigwait",
    ),
    socket: ("AF_UNIX", "SCM_RIGHTS", "recv_fds", "send_fds"),
}  # fmt: skip


class Missing:
    """Finds no module of POSIX."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> None:
        """Raise for a module that Windows has not."""
        del path, target
        if name in MODULES:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def lack(*, libraries: Sequence[str] = LIBRARIES) -> None:
    """Take away what Windows lacks, from here on."""
    for library in libraries:
        __import__(library)
    for each in (os, signal):  # the real Windows has another `subprocess`
        whole = ModuleType(each.__name__)
        whole.__dict__.update(each.__dict__)
        setattr(subprocess, each.__name__, whole)
    for name in MODULES:
        sys.modules.pop(name, None)
    sys.meta_path.insert(0, Missing())
    for module, names in LACKING.items():
        for name in names:
            if hasattr(module, name):
                delattr(module, name)
    os.supports_dir_fd, os.supports_fd = set(), set()
    sys.platform = "win32"


class Started(subprocess.Popen[bytes]):
    """A program as Windows starts one: the flag for no window is left out."""

    def __init__(self, command: list[str], **options: Any) -> None:  # noqa: ANN401 - all of Popen's
        """Start it."""
        options.pop("creationflags", None)
        options.pop("pass_fds", None)
        super().__init__(command, **options)


class Kernel:
    """The few functions of kernel32 that are called once a child is confined."""

    def CloseHandle(self, _: object) -> int:  # noqa: N802 - its name
        """Do nothing."""
        return 1


def confined(pid: int, memory: int) -> int:
    """Return what stands for a Job Object."""
    del pid, memory
    return 1


def main() -> None:
    """Run the command line."""
    lack()
    from aibom.scanners.isolate import windows  # noqa: PLC0415 - when all is taken away

    boot: str = getattr(windows, "_BOOT")  # noqa: B009 - private, and to be begun otherwise
    before = f"import runpy; runpy.run_path({__file__!r})['lack'](libraries=('ctypes',)); from"
    replaced: dict[str, object] = {
        "job_object": confined,
        "_kernel": Kernel,
        "_BOOT": boot.replace("from", before, 1),
    }
    for name, value in replaced.items():
        setattr(windows, name, value)
    setattr(subprocess, "Popen", Started)  # noqa: B010 - a type is in its place
    from aibom.__main__ import main as run  # noqa: PLC0415

    run()


if __name__ == "__main__":
    main()
