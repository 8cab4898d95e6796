"""What a job may cost, and the ways in which it can end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from ..limits import GIB, KIB, MIB
from ..record import record
from ..source import Source

JSON = Any  # what `json.loads` can return; whoever receives it checks its shape
Handler = Callable[[JSON, Source], JSON]
Lock = dict[str, list[str]]  # "worn": what was put on; "shut": what was tried and found closed
Start = Literal["auto", "fork", "exec"]
Why = Literal[
    "timeout", "cpu", "memory", "crash", "violation", "killed", "protocol", "error", "unavailable"
]
DEFAULT_TARGET = "aibom.scanners.child:handle"


@record
class Bounds:
    """What one job may cost; the kernel or the host enforces each, never the child's goodwill."""

    wall: float = 330.0  # seconds, by the host's clock
    cpu: int = 300  # seconds of processor time for each job
    memory: int = GIB  # bytes of address space above what the zygote itself maps
    result: int = 48 * MIB  # bytes of JSON that a job may answer
    nodes: int = 3_000_000  # upper bound on the JSON values in an answer
    asked: int = 8 * GIB  # bytes that a job may read through the asking door
    block: int = 256 * KIB  # bytes that one question through the asking door may want


DEFAULT_BOUNDS = Bounds()


@record
class Done:
    """The job answered with well-formed JSON; whether it is true is for the caller to judge."""

    value: JSON


@record
class Lost:
    """The job gave no usable answer: never to be read as clean.

    `why` is one of:
        timeout: No answer within `Bounds.wall`.
        cpu: `Bounds.cpu` was used up.
        memory: An allocation failed at `Bounds.memory`.
        crash: The child exited, or died by a fault such as a segmentation fault.
        violation: It made a system call that only a taken-over parser makes.
        killed: Somebody killed it, or it hung up and had to be.
        protocol: It sent something that is no lawful answer.
        error: The handler raised; `detail` has the text.
        unavailable: No child could be started.
    """

    why: Why
    detail: str = ""


Outcome = Done | Lost


class Unavailable(Exception):  # noqa: N818 - it names a state of the sandbox
    """No locked child can be had, for the reason given as text."""


@record
class Wanted:
    """The child stopped at `NeedsKit`; `kit` is what it said, not yet believed."""

    kit: str
