"""What a signed BOM holds against its model: a good signature does not make a good model."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from .scanners.record import record
from .scanners.rule import Severity
from .scanners.shapes import is_list, is_object
from .signatures.components import components

if TYPE_CHECKING:
    from collections.abc import Iterator

UNREAD = "aibom:unread"
NOT_COVERED = "aibom:not-covered"
PATH = "aibom:path"
WAIVER = "aibom:waiver:"
POLICY_NAME, POLICY_DIGEST = "aibom:policy:name", "aibom:policy:sha256"
SHOWN = 5  # lines of each kind


@record
class Waived:
    """Who answers for a finding, as the signed BOM has it."""

    owner: str
    reason: str
    expires: date | None  # the last day; None if it does not end


@record
class Stated:
    """One finding of a BOM."""

    severity: str
    rule: str
    ref: str = ""  # the same in every scan of the same bytes
    waived: Waived | None = None


@record
class Held:
    """The findings of a BOM by severity, worst first, and what was not read when it was written."""

    findings: tuple[Stated, ...]  # worst first
    unread: tuple[tuple[str, str], ...]  # (path of the file, why)

    @property
    def counts(self) -> dict[str, int]:
        """How many findings there are of each severity, worst first."""
        counts: dict[str, int] = {}
        for each in self.findings:
            counts[each.severity] = counts.get(each.severity, 0) + 1
        return counts


def held_against(bom: dict[str, Any]) -> Held:
    """Return the findings and gaps that a CycloneDX document states, in our form or another's.

    Raises:
        SignatureError: `bom-malformed`.
    """
    found = sorted(_findings(bom), key=lambda each: (-_rank(each.severity), each.rule))
    return Held(tuple(found), tuple(_unread(bom)))


def warnings_of(bom: dict[str, Any], today: date | None = None) -> Iterator[str]:
    """Yield in sentences what whoever signs a BOM should know of it: danger, and what was not read.

    Danger that somebody answers for today is left out.

    Raises:
        SignatureError: `bom-malformed`.
    """
    held = held_against(bom)
    day = today or datetime.now(UTC).date()
    danger = [each for each in held.findings if _is_danger(each) and not _is_waived(each, day)]
    if danger:
        more = f" and {len(danger) - 1} more findings at high or above" if len(danger) > 1 else ""
        yield (
            f"the BOM states {danger[0].severity}[{danger[0].rule}]{more}: a signature says who "
            "vouches for it, not that the model is good"
        )
    unread = [(path, why) for path, why in held.unread if why]
    if unread:
        more = f" and {len(unread) - 1} more" if len(unread) > 1 else ""
        yield f"the BOM states that {unread[0][0]} was not read ({unread[0][1]}){more}"


def _is_danger(finding: Stated) -> bool:
    rank = _rank(finding.severity)
    return rank < 0 or rank >= Severity.HIGH  # of an unknown severity, nobody knows


def _is_waived(finding: Stated, today: date) -> bool:
    waived = finding.waived
    return waived is not None and (waived.expires is None or waived.expires >= today)


def judged_by(bom: dict[str, Any]) -> tuple[str, str]:
    """Return name and SHA-256 of the policy that aibom judged by before the BOM was signed.

    Both are "" if there was none but the default, or if several are named.
    """
    metadata = bom.get("metadata")
    tools = metadata.get("tools") if is_object(metadata) else None
    found = [
        tool
        for tool in _objects(tools.get("components") if is_object(tools) else None)
        if tool.get("name") == "aibom"
    ]
    told = [
        (p.get("name"), str(p.get("value"))) for t in found for p in _objects(t.get("properties"))
    ]
    names = [value for name, value in told if name == POLICY_NAME]
    digests = [value for name, value in told if name == POLICY_DIGEST]
    return (names[0] if len(names) == 1 else "", digests[0]) if len(digests) == 1 else ("", "")


def _rank(severity: str) -> int:
    return Severity[severity.upper()] if severity.upper() in Severity.__members__ else -1


def _findings(bom: dict[str, Any]) -> Iterator[Stated]:
    for each in _objects(bom.get("vulnerabilities")):
        ratings = [str(rating.get("severity")) for rating in _objects(each.get("ratings"))]
        severity = max(ratings, key=_rank, default="unknown")
        rule, ref = str(each.get("id", "?")), str(each.get("bom-ref", ""))
        yield Stated(severity, rule, ref, _waived(each))


def _waived(finding: dict[str, Any]) -> Waived | None:
    """Return the waiver of a finding; None if there is none, or one that cannot be understood."""
    told = [(p.get("name"), p.get("value")) for p in _objects(finding.get("properties"))]
    said = {str(name).removeprefix(WAIVER): str(value) for name, value in told}
    if len([name for name, _ in told if name == WAIVER + "owner"]) != 1:
        return None
    try:
        expires = date.fromisoformat(said["expires"]) if "expires" in said else None
    except ValueError:
        return None
    return Waived(said["owner"], said.get("reason", ""), expires)


def _unread(bom: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for component in components(bom):
        told = _objects(component.get("properties"))
        unread, left_out = (
            [str(each.get("value")) for each in told if each.get("name") == name]
            for name in (UNREAD, NOT_COVERED)
        )
        if unread:
            paths = (str(each.get("value")) for each in told if each.get("name") == PATH)
            path = next(paths, str(component.get("name")))
            yield from ((path, why) for why in unread)
        yield from ((path, "") for path in left_out)


def _objects(value: object) -> list[dict[str, Any]]:
    return [item for item in value if is_object(item)] if is_list(value) else []
