"""By which policy a model was judged, and which of its findings somebody answers for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..scanners.record import replace
from .findings import fingerprint
from .model import Waiver

if TYPE_CHECKING:
    from .. import waiver
    from ..policy import Verdict
    from .model import Bom


def with_verdict(bom: Bom, verdict: Verdict) -> Bom:
    """Return `bom` with what was judged. No finding of it is left out or made less severe."""
    waivers = {
        f"finding:{fingerprint(each.finding)}": _waiver(each.waiver) for each in verdict.waived
    }
    return replace(
        bom,
        policy=(verdict.policy.name, verdict.policy.digest),
        vulnerabilities=tuple(
            replace(each, waiver=waivers.get(each.ref)) for each in bom.vulnerabilities
        ),
    )


def _waiver(found: waiver.Waiver) -> Waiver:
    expires = found.expires.isoformat() if found.expires else ""
    return Waiver(found.owner, found.reason, expires)
