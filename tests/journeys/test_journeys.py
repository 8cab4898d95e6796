"""Each journey comes out as it was recorded, screen for screen."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.journeys.journeys import JOURNEYS
from tests.journeys.walk import HERE, Journey, walk

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.skipif(sys.platform != "linux", reason="other systems lock less, and say so")
@pytest.mark.parametrize("journey", JOURNEYS, ids=[each.name for each in JOURNEYS])
def test_a_journey_shows_what_was_recorded(journey: Journey, tmp_path: Path) -> None:
    assert walk(journey, tmp_path) == journey.screen.read_text("utf-8")


def test_every_recorded_screen_is_of_a_journey() -> None:
    assert sorted(HERE.glob("*.txt")) == sorted(each.screen for each in JOURNEYS)
