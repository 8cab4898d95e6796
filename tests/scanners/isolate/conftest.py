"""Lets zygotes import the targets of this folder, by their bare names."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aibom.scanners.isolate import Bounds, Sandbox
from aibom.scanners.isolate.launch import threads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aibom.scanners.isolate.outcome import Start


HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.append(HERE)

SMALL = Bounds(
    wall=1.5, cpu=1, memory=256 << 20, result=1 << 20, nodes=10_000, asked=1 << 20, block=1 << 16
)


@pytest.fixture
def small() -> Bounds:
    """Bounds that every attack here runs into within two seconds."""
    return SMALL


@pytest.fixture(scope="module", params=["fork", "exec"])
def box(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """Yield a sandbox of hostile deeds, started each way."""
    start: Start = request.param
    if start == "fork" and threads() != 1:
        pytest.skip("this test run has threads")
    with Sandbox("hostile:target", SMALL, start=start) as made:
        yield made
