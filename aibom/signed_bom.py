"""What a signed BOM holds against its model: a good signature does not make a good model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .scanners.record import record
from .scanners.rule import Severity
from .scanners.shapes import is_list, is_object
from .signatures.components import components

if TYPE_CHECKING:
    from collections.abc import Iterator

UNREAD = "aibom:unread"
PATH = "aibom:path"
SHOWN = 5  # lines of each kind


@record
class Held:
    """The findings of a BOM by severity, worst first, and what was not read when it was written."""

    findings: tuple[tuple[str, str], ...]  # (severity, rule), worst first
    unread: tuple[tuple[str, str], ...]  # (path of the file, why)

    @property
    def counts(self) -> dict[str, int]:
        """How many findings there are of each severity, worst first."""
        counts: dict[str, int] = {}
        for severity, _ in self.findings:
            counts[severity] = counts.get(severity, 0) + 1
        return counts


def held_against(bom: dict[str, Any]) -> Held:
    """Return the findings and gaps that a CycloneDX document states, in our form or another's.

    Raises:
        SignatureError: `bom-malformed`.
    """
    found = sorted(_findings(bom), key=lambda pair: (-_rank(pair[0]), pair[1]))
    return Held(tuple(found), tuple(_unread(bom)))


def _rank(severity: str) -> int:
    return Severity[severity.upper()] if severity.upper() in Severity.__members__ else -1


def _findings(bom: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for each in _objects(bom.get("vulnerabilities")):
        ratings = [str(rating.get("severity")) for rating in _objects(each.get("ratings"))]
        yield max(ratings, key=_rank, default="unknown"), str(each.get("id", "?"))


def _unread(bom: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for component in components(bom):
        told = [(p.get("name"), p.get("value")) for p in _objects(component.get("properties"))]
        path = next(
            (str(value) for name, value in told if name == PATH), str(component.get("name"))
        )
        yield from ((path, str(value)) for name, value in told if name == UNREAD)
        yield from ((str(value), "") for name, value in told if name == "aibom:not-covered")


def _objects(value: object) -> Iterator[dict[str, Any]]:
    yield from (item for item in (value if is_list(value) else ()) if is_object(item))
