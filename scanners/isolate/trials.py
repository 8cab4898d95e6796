"""Which powers a child still has: tried, not claimed.

Each trial uses the power for real, harmlessly. Only a refusal counts as shut; any other failure
(no such file, no network here) shows nothing.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping

Trial = Callable[[], object]


def shut(trials: Mapping[str, Trial]) -> list[str]:
    """Return the names of those trials that were refused."""
    return [power for power, attempt in trials.items() if _refused(attempt)]


def _refused(attempt: Trial) -> bool:
    try:
        attempt()
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def open_root() -> None:
    """Open a directory that everybody may read."""
    os.close(os.open("/", os.O_RDONLY))


def make_socket() -> None:
    """Make a datagram socket, the kind that is the easiest to forget."""
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()


def posix(parent: int) -> dict[str, Trial]:
    """Return the trials of a POSIX child; `parent` is the process it tries to signal."""
    return {
        "files": open_root,
        "network": make_socket,
        "processes": lambda: os.kill(parent, 0),
    }
