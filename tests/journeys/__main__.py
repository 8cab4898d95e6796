"""Record the screen of every journey anew."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.journeys.journeys import JOURNEYS
from tests.journeys.walk import walk

for journey in JOURNEYS:
    with tempfile.TemporaryDirectory() as scratch:
        journey.screen.write_text(walk(journey, Path(scratch)), "utf-8")
