"""By which policy a model was judged, and which of its findings somebody answers for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..scanners.record import replace
from .findings import fingerprint
from .model import Waiver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .. import waiver
    from ..policy import Verdict
    from .model import Bom, Vulnerability


def with_verdict(bom: Bom, verdict: Verdict) -> Bom:
    """Return `bom` with what was judged. No finding of it is left out or made less severe."""
    waivers = {
        f"finding:{fingerprint(each.finding)}": _waiver(each.waiver) for each in verdict.waived
    }
    return replace(
        bom,
        policy=(verdict.policy.name, verdict.policy.digest),
        vulnerabilities=tuple(
            replace(each, waiver=common(each, waivers)) for each in bom.vulnerabilities
        ),
    )


def common(found: Vulnerability, waivers: Mapping[str, Waiver]) -> Waiver | None:
    """Return the waiver of a finding; of one that stands for many, that of all of them."""
    told = {waivers.get(ref) for ref in found.stands_for or (found.ref,)}
    return told.pop() if len(told) == 1 else None


def _waiver(found: waiver.Waiver) -> Waiver:
    expires = found.expires.isoformat() if found.expires else ""
    return Waiver(found.owner, found.reason, expires)
