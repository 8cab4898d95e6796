"""Reports for programs: the form that ``docs/report-schema.json`` describes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ..report import as_dict, to_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..outcome import Outcome


def document(outcomes: Sequence[Outcome]) -> str:
    """Return one report as a JSON document; of several, each as one on a line of its own."""
    if len(outcomes) == 1:
        (only,) = outcomes
        return to_json(only.report, verdict=only.verdict.as_dict(only.report))
    told = (as_dict(each.report, verdict=each.verdict.as_dict(each.report)) for each in outcomes)
    return "".join(json.dumps(each) + "\n" for each in told)
