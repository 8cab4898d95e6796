"""Choose few inputs that together reach what many reach."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import FrameType

ROOT = Path(__file__).parent.parent.parent
CODE = tuple(str(ROOT / name) for name in ("aibom", "scanners", "signatures"))
Step = tuple[str, int, int]  # a file, and two of its lines, one run after the other


def fewest(inputs: Iterable[bytes], read: Callable[[bytes], object]) -> list[bytes]:
    """Return inputs, short ones first, each of which reaches a step that none before it does."""
    reached: set[Step] = set()
    chosen: list[bytes] = []
    for data in sorted(inputs, key=lambda data: (len(data), data)):
        steps = steps_of(lambda data=data: read(data))  # type: ignore[misc]
        if not steps <= reached:
            reached |= steps
            chosen.append(data)
    return chosen


def steps_of(run: Callable[[], object]) -> set[Step]:
    """Return the steps that `run` takes in the project's own code, whatever it raises."""
    steps: set[Step] = set()
    last: dict[FrameType, int] = {}

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:  # noqa: ANN401 - sys.settrace
        file = frame.f_code.co_filename
        if not file.startswith(CODE):
            return None
        if event == "line":
            steps.add((file, last.get(frame, 0), frame.f_lineno))
            last[frame] = frame.f_lineno
        elif event == "return":
            last.pop(frame, None)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        run()
    except Exception:  # noqa: BLE001, S110 - what it raises is for others to judge
        pass
    finally:
        sys.settrace(before)
    return steps
