"""What a policy about licences says of a target: what is denied, and what people must look at."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from .scanners.facts import NOWHERE, Licence, Operator, Tensor
from .scanners.licences.declared import LICENCE, TEXT
from .scanners.licences.ids import meaning
from .scanners.licences.lineage import named
from .scanners.licences.policy import Decided, Decision, decide, decide_ids
from .scanners.record import record
from .scanners.rule import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .scanners.artifact import Artifact, Path, Target
    from .scanners.licences.policy import LicencePolicy
    from .scanners.source import Span

DENIED = "licence-denied"
NEEDS_REVIEW = "licence-needs-review"
FOUND = {  # decision -> id and severity of what it finds
    Decision.DENY: (DENIED, Severity.HIGH),
    Decision.REVIEW: (NEEDS_REVIEW, Severity.MEDIUM),
}
MAX_FINDINGS = 100  # different ones of a target; the denied ones come first
NAME, ADDRESS = "license_name", "license_link"  # of a card whose license is "other"


@record
class Judged:
    """The decision about one statement of a target."""

    decided: Decided
    where: str  # for people
    path: Path
    at: Span


def broken(policy: LicencePolicy, target: Target) -> list[Finding]:
    """Return a finding for each licence that the policy does not allow, denied ones first.

    Statements that say the same are one finding, where the first of them stands.
    """
    alike: dict[tuple[Decision, str], list[Judged]] = {}
    for each in _judged(policy, target):
        if each.decided.decision in FOUND:
            alike.setdefault((each.decided.decision, each.decided.why), []).append(each)
    order = sorted(alike, key=lambda pair: (pair[0] is not Decision.DENY, pair[1]))
    return [_finding(decision, alike[decision, why]) for decision, why in order[:MAX_FINDINGS]]


def _finding(decision: Decision, said: list[Judged]) -> Finding:
    rule, severity = FOUND[decision]
    first = said[0]
    places = len(said) - 1
    more = f", and so in {places} more place{'s' if places > 1 else ''}" if places else ""
    message = f"{first.where}: {first.decided.why}{more}"
    return Finding(rule, severity, message, first.path, first.at)


def _judged(policy: LicencePolicy, target: Target) -> Iterator[Judged]:
    """Yield the decision about every licence that a file names, is, or has from a base model."""
    said = [(artifact, fact) for artifact, fact in target.facts() if isinstance(fact, Licence)]
    clear = {_folder(artifact) for artifact, fact in said if fact.ids or _means(artifact, fact)}
    for artifact, fact in said:
        decided = _decided(policy, artifact, fact, is_clear=_folder(artifact) in clear)
        if decided is not None:
            yield Judged(decided, f"{fact.key!r} is {fact.value[:100]!r}", artifact.path, fact.at)
    for base in named(target):
        decided = decide_ids(base.meant.ids, base.licence, policy)
        where = f"made from {base.name[:100]!r}, which its publisher gives under {base.licence!r}"
        yield Judged(decided, where, base.path, base.at)
    if not said and any(isinstance(fact, Tensor | Operator) for _, fact in target.facts()):
        yield Judged(decide_ids((), "nothing", policy), "no licence is named", (), NOWHERE)


def _folder(artifact: Artifact) -> str:
    return posixpath.dirname(artifact.path[0])


def _means(artifact: Artifact, fact: Licence) -> bool:
    return TEXT not in artifact.formats and bool(meaning(fact.value).ids)


def _decided(
    policy: LicencePolicy, artifact: Artifact, fact: Licence, *, is_clear: bool
) -> Decided | None:
    """Return the decision about one statement, or None if another one says what it means."""
    if TEXT in artifact.formats:
        if not fact.ids and not LICENCE.search(posixpath.basename(artifact.path[0])):
            return None  # a notice or a policy
        return decide_ids(fact.ids, fact.value, policy)
    meant = meaning(fact.value)
    says_elsewhere = meant.is_blank or (fact.key == NAME and not meant.ids)
    if fact.key == ADDRESS or (is_clear and says_elsewhere):
        return None
    return decide(fact.value, policy)
