"""What several renderers say in the same words: of rules, whoever they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import Exit
from ..scanners.record import record
from ..scanners.rule import Severity
from .escape import counted, place, safe

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from ..policy import Policy, PolicyRule, Verdict
    from ..scanners.rule import Finding, Rule
    from ..waiver import Waiver

NAMED = 3  # waivers in a sentence
NOT_READ = "not-read"  # no rule of the scanners: what renderers call a part that was not read


@record
class Explained:
    """A rule, for people."""

    id: str
    title: str
    severity: Severity
    why: str  # it matters
    what: str  # to do
    refs: tuple[str, ...] = ()
    is_ours: bool = True  # `aibom explain` knows it; else a policy does


OWN = {
    each.id: each
    for each in (
        Explained(
            NOT_READ,
            "A part of the model could not be read",
            Severity.MEDIUM,
            "What was not read may hold anything: nothing is known of it, so it is not clean.",
            "see the message for the reason; get a whole file, or one in a format that is read.",
        ),
        Explained(
            "refused-format",
            "The policy refuses a file of this format",
            Severity.HIGH,
            "Whoever wrote the policy wants no file of this kind, whatever it holds.",
            "convert the file, remove it, or ask the owner of the policy.",
        ),
        Explained(
            "licence-denied",
            "The policy denies a licence that the model is under",
            Severity.HIGH,
            "Whoever wrote the policy wants nothing under this licence, or under such terms.",
            "use another model, or ask the owner of the policy. This is no legal advice.",
        ),
        Explained(
            "licence-needs-review",
            "A licence is neither allowed nor denied by the policy",
            Severity.MEDIUM,
            "People must decide: a list says so, no list names it, or nobody knows which it is.",
            "read the licence; then put it on a list of the policy. This is no legal advice.",
        ),
        Explained(
            "waiver-expired",
            "A waiver has ended",
            Severity.MEDIUM,
            "Somebody answered for a finding until a day that is over. It counts again.",
            "solve what was found, or have somebody answer for it anew (`aibom waive`).",
        ),
        Explained(
            "waiver-refused",
            "A waiver is about what the policy lets nobody waive",
            Severity.MEDIUM,
            "A finding at high or above means that the file may attack whoever loads it.",
            "remove the file; or set `waive-dangerous: true` in the policy, if you mean it.",
        ),
        Explained(
            "waiver-unused",
            "A waiver fits no finding",
            Severity.LOW,
            "What is waived is gone, or the waiver has a mistake; it could hide what comes later.",
            "remove the waiver, or correct it.",
        ),
    )
}


def explained(ids: Collection[str], policies: Iterable[Policy] = ()) -> dict[str, Explained]:
    """Return what there is to say of the rules of these ids; an unknown one is left out."""
    from ..scanners.rules import named  # noqa: PLC0415 - imports the families that are named

    own = {id_: OWN[id_] for id_ in ids if id_ in OWN}
    written = {
        rule.id: _of_policy(rule, policy)
        for policy in policies
        for rule in policy.rules
        if rule.id in ids
    }
    found = named({*ids} - {*own} - {*written})
    return own | written | {rule.id: _of_scanners(rule) for rule in found.values()}


def _of_scanners(rule: Rule[Any]) -> Explained:
    return Explained(rule.id, rule.title, rule.severity, *reasons(rule), rule.refs)


def _of_policy(rule: PolicyRule, policy: Policy) -> Explained:
    why = f"The policy {policy.name} says so: {rule.when}"
    what = "ask the owner of the policy."
    return Explained(rule.id, rule.message, rule.severity, why, what, is_ours=False)


def reasons(rule: Rule[Any]) -> tuple[str, str]:
    """Return the rule's help as two lines: why it matters, and what to do."""
    why, _, what = rule.help.partition("What to do:")
    return " ".join(why.split()), " ".join(what.split())


def waived_by(waiver: Waiver) -> str:
    """Return who answers for a finding, why and until when; not escaped."""
    until = f", until {waiver.expires.isoformat()}" if waiver.expires else ""
    return f"{waiver.reason} ({waiver.owner}{until})"


def judged(verdict: Verdict) -> tuple[str, str]:
    """Return a verdict as a word and a sentence, safe to print: ``("PASS", "no finding …")``."""
    level = "never" if verdict.fail_on is None else verdict.fail_on.name.lower()
    unread = f"{counted(verdict.unread, 'thing')} could not be read"
    match verdict.exit_code:
        case Exit.OK:
            passing = f"; {unread}, which passes here" if verdict.unread else ""
            label, why = "PASS", _nothing(verdict, level) + passing + _known(verdict)
        case Exit.FINDINGS:
            label, why = "FAIL", f"{counted(verdict.failing, 'finding')} at {level} or above"
        case _:
            label, why = "INCOMPLETE", f"{_nothing(verdict, level)}, but {unread}"
    told = f" (policy {safe(verdict.policy.shown)})" if verdict.policy.shown else ""
    return label, why + told


def _known(verdict: Verdict) -> str:
    return f"; {known_to_baseline(verdict)}" if verdict.waived and verdict.known else ""


def known_to_baseline(verdict: Verdict) -> str:
    """Return how many findings the baseline knows, and how many of them are dangerous."""
    danger = len(verdict.known_danger)
    told = f", {danger} of them at high or above" if danger else ""
    return f"{counted(len(verdict.known), 'finding')} known to the baseline{told}"


def not_signed(findings: Collection[Finding]) -> str:
    """Return why these findings, which a baseline knows, are not signed; safe to print."""
    worst = max(findings, key=lambda each: each.severity)
    where = f"in {place(worst.path)}" if worst.path else "of the target as a whole"
    more = f" and {len(findings) - 1} more" if len(findings) > 1 else ""
    return (
        f"not signed: {worst.severity.name.lower()}[{safe(worst.rule)}] {where}{more} "
        f"{'are' if more else 'is'} known to the baseline, which keeps a scan from failing and "
        "answers for nothing. Remove what was found, or judge by a policy with "
        "`waive-dangerous: true`."
    )


def _nothing(verdict: Verdict, level: str) -> str:
    new = "new " if verdict.waived and verdict.known else ""
    return (
        "findings do not fail here" if level == "never" else f"no {new}finding at {level} or above"
    )


def not_here(verdict: Verdict) -> str:
    """Return which waivers are about files that were not scanned; safe to print."""
    waivers = verdict.not_here
    shown = ", ".join(safe(each.shown) for each in waivers[:NAMED])
    more = f" and {len(waivers) - NAMED} more" if len(waivers) > NAMED else ""
    return (
        f"{counted(len(waivers), 'waiver')} about files that are not here, or have other bytes: "
        f"{shown}{more}"
    )
