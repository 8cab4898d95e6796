"""Run `aibom` in a process that can reach no other, and that tells whoever tried.

    python -m tests.helpers.no_network LOG ARGUMENTS...

Connections between parts of this machine by a path (AF_UNIX) are allowed: the locked process has
one. Everything else is written to LOG and refused, so that a caller that takes a refusal in silence
is found as well. Python asks its audit hooks before each (PEP 578).
"""

from __future__ import annotations

import sys
from pathlib import Path

WATCHED = {  # event -> which of its arguments is an address; None: asking is enough
    "socket.connect": 1,
    "socket.sendto": 1,
    "socket.sendmsg": 1,
    "socket.bind": 1,
    "socket.getaddrinfo": None,
    "socket.gethostbyname": None,
    "socket.gethostbyaddr": None,
    "urllib.Request": None,
    "http.client.connect": None,
}


def forbid(log: Path) -> None:
    """Refuse every connection of this process from now on, and note it in `log`."""

    def refuse(event: str, arguments: tuple[object, ...]) -> None:
        if event not in WATCHED:
            return
        place = WATCHED[event]
        address = arguments[place] if place is not None else arguments
        if isinstance(address, str | bytes) or (place is not None and address is None):
            return  # a path, or a pair of sockets that were made together
        with log.open("a") as file:
            file.write(f"{event} {address!r}\n")
        raise PermissionError(f"{event}: the network is forbidden here")

    sys.addaudithook(refuse)


def main() -> None:
    """Run `aibom` with the arguments behind the first."""
    log = Path(sys.argv.pop(1))
    forbid(log)
    from aibom.__main__ import main as run  # noqa: PLC0415 - watched from its first import

    run()


if __name__ == "__main__":
    main()
