"""Claims about licences as CycloneDX's choices: an SPDX id, a name, or an expression.

`declared` is what somebody wrote; `concluded` is what a text was told to be. An id that is not in
SPDX's list is a name, since `id` takes no other; which known licence a name means, a property says.
An expression stands only where it is the one choice: readers before 1.7 refuse it beside others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..scanners.licences.expression import known
from ..scanners.licences.ids import meaning
from .model import Field, Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .model import Claim

ACKNOWLEDGED = {Status.DECLARED: "declared", Status.INFERRED: "concluded"}
MEANS = "aibom:licence:means"  # property: the known licence that a name stands for


def choices(claims: Iterable[Claim]) -> list[dict[str, Any]]:
    """Return each licence once for each way in which it is known, in a fixed order."""
    said = sorted(
        {
            (ACKNOWLEDGED[claim.status], claim.value)
            for claim in claims
            if claim.field is Field.LICENCE and claim.status in ACKNOWLEDGED
        },
        key=lambda pair: (pair[0] != "declared", pair[1]),
    )
    return [_choice(value, how, alone=len(said) == 1) for how, value in said]


def _choice(value: str, how: str, *, alone: bool) -> dict[str, Any]:
    meant = meaning(value)
    listed = known().get(meant.expression.lower())
    if listed is not None:
        return {"license": {"id": listed, "acknowledgement": how}}
    if meant.expression and len(meant.ids) > 1 and alone:
        return {"expression": meant.expression, "acknowledgement": how}
    licence: dict[str, Any] = {"name": value, "acknowledgement": how}
    if meant.expression and meant.expression != value:
        licence["properties"] = [{"name": MEANS, "value": meant.expression}]
    return {"license": licence}
