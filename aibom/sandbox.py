"""Start the process that parses; imports little, because the command line starts it first."""

from __future__ import annotations

import os
import re
from importlib import import_module
from typing import TYPE_CHECKING

from .scanners.isolate import Bounds, Sandbox
from .scanners.job import TARGET
from .scanners.kits import KITS
from .scanners.limits import Limits
from .scanners.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .scanners.isolate import InProcess
    from .scanners.isolate.outcome import Start

DEFAULT_LIMITS = Limits()

# How those name their variables that sign, log in or pay: key services, CI, registries, ourselves.
# A region or an address is no secret, so that one alone does not make every scan start later.
SECRET_NAME = pattern(
    r".*(?:TOKEN|SECRET|PASSW|CREDENTIAL|API_?KEY).*|(?:.*_)?KEY(?:_.*)?|SIGSTORE_.*",
    re.IGNORECASE,
)
SECRET_VALUE = pattern(r"PRIVATE KEY-----|\beyJ|://[^/@\s]+@")  # a key, a JWT, a URL with one


def start_sandbox(limits: Limits = DEFAULT_LIMITS) -> Sandbox:
    """Start the locked process that parses, and return at once.

    Call it before a program starts threads: it can then be forked, which costs a third. A fork has
    the memory of this process and the environment that it began with, so where secrets stand in the
    environment, a program is started instead that has neither.
    """
    bounds = Bounds(wall=limits.seconds + 30.0, cpu=limits.seconds)
    start: Start = "exec" if holds_secrets(os.environ) else "auto"
    return Sandbox(TARGET, bounds, kits=KITS, start=start)


def holds_secrets(environment: Mapping[str, str]) -> bool:
    """Return whether a variable's name or value looks like one that a parser must not see."""
    return any(
        value and (SECRET_NAME.fullmatch(name) or SECRET_VALUE.search(value))
        for name, value in environment.items()
    )


def start_early() -> Sandbox:
    """Start it from a process that has done nothing else yet.

    What both processes need is imported first, once for both.
    """
    import_module(".scanners.codec", __package__)
    return start_sandbox()


def without_isolation() -> InProcess:
    """Return a stand-in that parses in this very process. A parser's fault is then ours."""
    from .scanners.isolate import InProcess  # noqa: PLC0415 - rarely wanted

    return InProcess(TARGET, kits=KITS)
