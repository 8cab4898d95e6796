"""Lists of licences that may be used, must be looked at, or may not: one word for a target.

What no list names is for people, `review`, if some licences are allowed; if some are only refused,
the others are allowed. `statements` says what of a target is asked about.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from ..record import record
from .ids import meaning, plain
from .terms import attributes, terms

if TYPE_CHECKING:
    from collections.abc import Iterable


class Decision(StrEnum):
    """What to do with a licence; later is worse."""

    ALLOW = "allow"
    REVIEW = "review"
    DENY = "deny"


ORDER = tuple(Decision)


@record
class LicencePolicy:
    """Names of licences, as people write them: ids of the Hub or of SPDX, families, LicenseRefs.

    The worst list that names a licence decides. Attributes of terms, as ``commercial=no``, stand
    for every licence whose terms have them. Make it by `lists`, which refuses misspelt names.
    """

    allow: tuple[str, ...] = ()
    review: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    otherwise: Decision = Decision.REVIEW  # for what no list names

    def __str__(self) -> str:
        """Return the lists in one line, as a policy's file names them."""
        named = (("allow", self.allow), ("review", self.review), ("deny", self.deny))
        parts = [f"{verb} {', '.join(entries)}" for verb, entries in named if entries]
        return "; ".join([*parts, f"other {self.otherwise.value}"])


class PolicyError(ValueError):
    """A list names what means no licence."""


@record
class Decided:
    """The decision about one licence or one name, and the entry that made it."""

    decision: Decision
    why: str


def lists(
    allow: Iterable[str] = (),
    review: Iterable[str] = (),
    deny: Iterable[str] = (),
    otherwise: Decision | None = None,
) -> LicencePolicy:
    """Return the policy of three lists; without a word for the rest, it is as this module says.

    Raises:
        PolicyError: An entry means no licence and no terms.
    """
    allow, review, deny = tuple(allow), tuple(review), tuple(deny)
    for entry in (*allow, *review, *deny):
        _names(entry, "MIT")
    rest = Decision.REVIEW if allow else Decision.ALLOW
    return LicencePolicy(allow, review, deny, rest if otherwise is None else otherwise)


def decide(name: str, policy: LicencePolicy) -> Decided:
    """Return the decision about what somebody wrote for a licence.

    A family is as bad as its worst member; so is an expression, since which of its licences would
    be chosen is not known here. What means no known licence is never better than `review`.
    """
    return decide_ids(meaning(name).ids, name, policy)


def decide_ids(ids: Iterable[str], name: str, policy: LicencePolicy) -> Decided:
    """Return the worst decision about some licences by their ids, which are what `name` means."""
    decided = [_one(licence, policy) for licence in ids]
    if not decided:
        worst = max(Decision.REVIEW, policy.otherwise, key=ORDER.index)
        return Decided(worst, f"{name[:100]!r} means no known licence")
    return _worst(decided)


def _worst(decided: Iterable[Decided]) -> Decided:
    return max(decided, key=lambda each: ORDER.index(each.decision))


def _one(licence: str, policy: LicencePolicy) -> Decided:
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
        words = attributes()
        if word not in words.get(column, ()):
            known = words.get(column) or words
            raise PolicyError(f"{entry!r:.100} is no attribute. Known are {', '.join(known)}")
        said = terms(licence)
        return said is not None and getattr(said, column) == word
    ids = meaning(entry).ids
    if not ids:
        raise PolicyError(f"{entry!r:.100} means no licence. Give an id of SPDX or of the Hub")
    return plain(licence) in ids
