"""Whole processes, timed from outside, two side by side."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

Command = list[str]
SAMPLE = 0.005  # seconds between two looks at memory

# As after an installation: with compiled modules, which some machines forbid to write.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True)
class Comparison:
    """Medians of two commands that ran in turn."""

    ours: float  # seconds
    theirs: float  # seconds
    ratio: float  # median of the ratios, pair by pair


def seconds(command: Command, codes: frozenset[int] = frozenset({0})) -> float:
    """Return the wall time of one run; a run that ends with another code is an error."""
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False, env=ENVIRONMENT)
    took = time.perf_counter() - started
    if done.returncode not in codes:
        raise RuntimeError(f"{command} ended with {done.returncode}: {done.stderr.decode()[-500:]}")
    return took


def compare(
    ours: Command,
    theirs: Command,
    *,
    runs: int,
    codes: frozenset[int] = frozenset({0}),
) -> Comparison:
    """Run the two commands in turn, after one unmeasured run of each.

    Pairing keeps the ratio meaningful when the machine's speed drifts.
    """
    pairs: list[tuple[float, float]] = []
    for number in range(runs + 1):
        pair = seconds(ours, codes), seconds(theirs, codes)
        if number:
            pairs.append(pair)
    return Comparison(
        ours=statistics.median(ours for ours, _ in pairs),
        theirs=statistics.median(theirs for _, theirs in pairs),
        ratio=statistics.median(ours / theirs for ours, theirs in pairs),
    )


def peak_memory(command: Command) -> int:
    """Return the peak of bytes that a command and all its descendants hold together.

    Shared pages count once (proportional set size, sampled).
    """
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=quiet, stderr=quiet, env=ENVIRONMENT)
    peak = 0
    done = threading.Event()

    def wait() -> None:
        process.wait()
        done.set()

    threading.Thread(target=wait).start()
    while not done.wait(SAMPLE):
        peak = max(peak, sum(map(_held, _descendants(process.pid))))
    return peak


def _descendants(pid: int) -> set[int]:
    found, pending = set[int](), [pid]
    while pending:
        current = pending.pop()
        found.add(current)
        with suppress(OSError):
            for task in Path(f"/proc/{current}/task").iterdir():
                pending += map(int, (task / "children").read_text().split())
    return found


def _held(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def machine() -> str:
    """Return the machine's shape and the date, in one line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {memory:.0f} GiB, "
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    )
