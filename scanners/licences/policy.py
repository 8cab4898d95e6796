"""Lists of licences that may be used, must be looked at, or may not: one word for a target.

What a list does not name is looked up by its terms, and what has none is for people: `review`. The
command line does not read such lists yet.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from ..record import record
from .ids import meaning, plain
from .terms import terms

if TYPE_CHECKING:
    from collections.abc import Iterable


class Decision(StrEnum):
    """What to do with a licence; later is worse."""

    ALLOW = "allow"
    REVIEW = "review"
    DENY = "deny"


ORDER = tuple(Decision)


@record
class Policy:
    """Names of licences, as people write them: ids of the Hub or of SPDX, families, LicenseRefs.

    The worst list that names a licence decides. Attributes of terms, as ``commercial=no``, stand
    for every licence whose terms have them.
    """

    allow: tuple[str, ...] = ()
    review: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    otherwise: Decision = Decision.REVIEW  # for what no list names


class PolicyError(ValueError):
    """A list names what means no licence."""


@record
class Decided:
    """The decision about one licence or one name, and the entry that made it."""

    decision: Decision
    why: str


def decide(name: str, policy: Policy) -> Decided:
    """Return the decision about what somebody wrote for a licence.

    A family is as bad as its worst member; so is an expression, since which of its licences would
    be chosen is not known here. What means no known licence is never better than `review`.

    Raises:
        PolicyError: An entry of the policy means no licence and no terms.
    """
    for entry in (*policy.allow, *policy.review, *policy.deny):
        _names(entry, "MIT")  # a misspelt entry of any list is refused, whatever is asked
    meant = meaning(name)
    if not meant.ids:
        worst = max(Decision.REVIEW, policy.otherwise, key=ORDER.index)
        return Decided(worst, f"{name[:100]!r} means no known licence")
    return _worst(_one(licence, policy) for licence in meant.ids)


def _worst(decided: Iterable[Decided]) -> Decided:
    return max(decided, key=lambda each: ORDER.index(each.decision))


def _one(licence: str, policy: Policy) -> Decided:
    for decision, entries in (
        (Decision.DENY, policy.deny),
        (Decision.REVIEW, policy.review),
        (Decision.ALLOW, policy.allow),
    ):
        for entry in entries:
            if _names(entry, licence):
                return Decided(decision, f"{licence}: {entry!r} is on the list {decision.value!r}")
    return Decided(policy.otherwise, f"{licence}: on no list")


def _names(entry: str, licence: str) -> bool:
    column, is_term, word = entry.partition("=")
    if is_term:
        said = terms(licence)
        if column not in {"family", "commercial", "change", "share", "notice", "same", "use"}:
            raise PolicyError(f"{entry!r}: there is no attribute {column!r}")
        return said is not None and getattr(said, column) == word
    ids = meaning(entry).ids
    if not ids:
        raise PolicyError(f"{entry!r} means no licence. Give an id of SPDX or of the Hub")
    return plain(licence) in ids
