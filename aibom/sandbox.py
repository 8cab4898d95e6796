"""Start the process that parses; imports little, because the command line starts it first."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from .scanners.isolate import Bounds, Sandbox
from .scanners.job import TARGET
from .scanners.kits import KITS
from .scanners.limits import Limits

if TYPE_CHECKING:
    from .scanners.isolate import InProcess

DEFAULT_LIMITS = Limits()


def start_sandbox(limits: Limits = DEFAULT_LIMITS) -> Sandbox:
    """Start the locked process that parses, and return at once.

    Call it before a program starts threads: it can then be forked, which costs a third.
    """
    bounds = Bounds(wall=limits.seconds + 30.0, cpu=limits.seconds)
    return Sandbox(TARGET, bounds, kits=KITS)


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
