"""Equal claims as one, with the evidence of all, in an order that depends on nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .model import Claim, Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable


def merged(told: Iterable[Claim]) -> tuple[Claim, ...]:
    """Return the claims sorted, equal ones once, with the evidence of all."""
    grouped: dict[tuple[str, str, str, str], list[Claim]] = {}
    for claim in told:
        key = (claim.field, claim.detail, claim.value, claim.status)
        grouped.setdefault(key, []).append(claim)
    return tuple(_one(grouped[key]) for key in sorted(grouped))


def _one(equal: list[Claim]) -> Claim:
    evidence = {each for claim in equal for each in claim.evidence}
    first, places = equal[0], tuple(sorted(evidence, key=_place))
    return Claim(first.field, first.value, first.status, places, first.detail)


def _place(evidence: Evidence) -> tuple[str, tuple[str, ...], int, str]:
    offset = -1 if evidence.offset is None else evidence.offset
    return evidence.file, evidence.member, offset, evidence.key
