"""CycloneDX's choices of licences as SPDX licence expressions, declared or concluded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from ...scanners.licences.expression import NotAnExpression, parse
from ..licences import MEANS
from .elements import element

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .elements import Json

RELATIONS = {"declared": "hasDeclaredLicense", "concluded": "hasConcludedLicense"}
UNFIT = re.compile(r"[^A-Za-z0-9.-]+")  # what a LicenseRef cannot hold


def licences(component: Json) -> Iterator[tuple[str, str, str]]:
    """Yield how each licence of a component is known, its expression and the name it was given.

    What was found as evidence is concluded; what says nothing of itself is declared, since it
    stands where CycloneDX has the declared ones.
    """
    for choice in component.get("licenses", ()):
        yield _one(choice, "declared")
    for choice in component.get("evidence", {}).get("licenses", ()):
        yield _one(choice, "concluded")


def expression(text: str, name: str, prefix: str) -> Json:
    """Return the element of an expression; those of the same text are the same element."""
    return element(
        "simplelicensing_LicenseExpression",
        f"{prefix}spdx:licence:{quote(text, safe='')}",
        name,
        simplelicensing_licenseExpression=text,
    )


def _one(choice: Json, otherwise: str) -> tuple[str, str, str]:
    licence: Json = choice.get("license", choice)
    how: str = licence.get("acknowledgement", otherwise)
    named: str = licence.get("name", "")
    means = (
        each.get("value", "") for each in licence.get("properties", ()) if each.get("name") == MEANS
    )
    told: str = choice.get("expression") or licence.get("id") or next(means, named)
    try:
        return RELATIONS[how], parse(told).text, named
    except NotAnExpression:
        reference = UNFIT.sub("-", told).strip("-") or "unnamed"
        return RELATIONS[how], f"LicenseRef-aibom-{reference}", named or told
