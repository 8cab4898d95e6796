"""Print what a sandbox costs, in milliseconds: medians, with a handler that is cheap to import."""

from __future__ import annotations

import statistics
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent))  # where the zygote finds this module

from aibom.scanners.isolate import Done, Sandbox
from aibom.scanners.source import BytesSource

if TYPE_CHECKING:
    from collections.abc import Callable

    from aibom.scanners.isolate.outcome import Start
    from aibom.scanners.source import Source

TARGET = f"{Path(__file__).stem}:handle"
STARTS: tuple[Start, ...] = ("fork", "exec")


def handle(job: Any, source: Source) -> Any:  # noqa: ANN401 - JSON
    """Return the job and the length of the source."""
    return [job, source.size]


def milliseconds(act: Callable[[], object], *, times: int) -> float:
    """Return the median cost of one call."""
    costs: list[float] = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        costs.append(time.perf_counter() - start)
    return statistics.median(costs) * 1000


def start_to_end(start: Start) -> None:
    """Start a sandbox, run one tiny job, close it."""
    with Sandbox(TARGET, start=start) as box:
        if not isinstance(box.run(1), Done):
            raise SystemExit("the job was lost")


def main() -> None:
    """Measure each start, then jobs in a reused and in a fresh child."""
    for start in STARTS:
        cost = milliseconds(partial(start_to_end, start), times=21)
        print(f"start, first job and close, by {start}: {cost:.1f} ms")
    source = BytesSource(bytes(1000))
    for fresh in (False, True):
        with Sandbox(TARGET, fresh=fresh, start="fork") as box:
            box.run(0)
            cost = milliseconds(partial(box.run, 1, source), times=300)
        print(f"job in a {'fresh' if fresh else 'reused'} child: {cost:.2f} ms")


if __name__ == "__main__":
    main()
