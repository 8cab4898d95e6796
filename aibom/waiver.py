"""Findings that somebody answers for: waivers, and the baseline of what was there before.

A waiver says which rule, where, why, by whom and until when. A baseline knows single findings, and
of the dangerous ones and those about code also the bytes that they rest on (`binding`): other bytes
are another finding. Neither removes a finding: it is shown everywhere, and counts no more.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .binding import DANGEROUS, UNKNOWN, Bindings, is_bound, matching
from .fingerprint import fingerprints
from .scanners.facts import NOWHERE
from .scanners.record import record
from .scanners.rule import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from .policy import Policy
    from .report import Report

BEGINNING = 12  # digits of a fingerprint
BASELINE = "baseline"  # as the owner of what a baseline accepts


@record
class Waiver:
    """What is waived, why, by whom and until when."""

    rule: str  # the id of a rule
    reason: str
    owner: str
    expires: date | None  # the last day on which it holds; None: a baseline does not end
    paths: tuple[str, ...] = ()  # patterns of outer paths, "/" between folders; (): every path
    fingerprint: str = ""  # of one finding, or its beginning; "": of every one
    digest: str = ""  # SHA-256 of the bytes that it rests on, hexadecimal; "": whatever they are

    def fits(self, finding: Finding, mark: str, digest: str) -> bool:
        """Whether it is about a finding with that fingerprint, in bytes with that digest."""
        path = finding.path[0] if finding.path else ""
        return (
            finding.rule == self.rule
            and mark.startswith(self.fingerprint)
            and (not self.digest or self.digest == digest != UNKNOWN)
            and (not self.paths or any(fnmatchcase(path, pattern) for pattern in self.paths))
        )

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON-shaped values."""
        return {
            "rule": self.rule,
            "paths": list(self.paths),
            "reason": self.reason,
            "owner": self.owner,
            **({"expires": self.expires.isoformat()} if self.expires else {}),
        }

    @property
    def shown(self) -> str:
        """The waiver in a few words."""
        where = f" in {', '.join(self.paths)}" if self.paths else ""
        return f"the waiver of {self.rule}{where} by {self.owner}"


@record
class Waived:
    """A finding that does not count, and what it is waived by."""

    finding: Finding
    waiver: Waiver

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON-shaped values."""
        expires = self.waiver.expires
        return {
            "rule": self.finding.rule,
            "severity": self.finding.severity.name.lower(),
            "path": list(self.finding.path),
            "message": self.finding.message,
            "reason": self.waiver.reason,
            "owner": self.waiver.owner,
            **({"expires": expires.isoformat()} if expires else {}),
        }


@record
class Known:
    """A finding that was there before."""

    rule: str
    path: tuple[str, ...]  # as in the finding
    fingerprint: str
    digest: str  # SHA-256 of the bytes that it rests on, hexadecimal; "" if nobody recorded it


@record(caches=True)
class Baseline:
    """Findings that were there before."""

    known: tuple[Known, ...] = ()

    @cached_property
    def _by_mark(self) -> dict[str, Known]:
        return {each.fingerprint: each for each in self.known}

    def holds(self, finding: Finding, mark: str, digest: str) -> bool:
        """Whether it knows the finding; one that is bound only in the very bytes it was in.

        Rule and path are those that a reviewer of the file saw, so that they have to be true.
        """
        known = self._by_mark.get(mark)
        if known is None or (known.rule, known.path) != (finding.rule, finding.path):
            return False
        return not is_bound(finding) or known.digest == digest != UNKNOWN


def baseline_of(report: Report, policy: Policy) -> Baseline:
    """Return the baseline that knows every finding of `report` under `policy`."""
    bindings, findings = Bindings(report), policy.findings_of(report)
    pairs = zip(findings, fingerprints(findings), strict=True)
    return Baseline(
        tuple(Known(found.rule, found.path, mark, bindings.of(found)) for found, mark in pairs)
    )


@record
class Accepted:
    """What does not count, on one day."""

    waivers: tuple[Waiver, ...] = ()
    baseline: Baseline = Baseline()
    today: date | None = None  # without a day nothing expires

    def has_expired(self, waiver: Waiver) -> bool:
        """Whether the last day of a waiver is over."""
        return bool(self.today and waiver.expires and waiver.expires < self.today)


RECORDED = Waiver("", "it was there when the baseline was written", BASELINE, None)


@record
class Sorted:
    """The findings of one report that do not count, and what there is to say of the waivers."""

    waived: tuple[Waived, ...] = ()
    about_waivers: tuple[Finding, ...] = ()  # those that ended, fit nothing, or may not be
    not_here: tuple[Waiver, ...] = ()  # those about files that were not scanned


@record
class _Fitted:
    """What waivers and baseline do to the findings of one report."""

    bindings: Bindings
    waived: list[Waived]
    counting: dict[str, set[str]]  # rule -> files of its findings that count; "" is the whole
    uses: dict[Waiver, set[str]]  # "used" or "refused"; a waiver that fits no finding is not there


def sort_out(
    reports: Iterable[tuple[tuple[Finding, ...], Bindings]],
    accepted: Accepted,
    *,
    may_waive_danger: bool,
) -> list[Sorted]:
    """Return which findings of each report do not count; all are of one run, and share waivers.

    An expired waiver, and one of a dangerous finding that the policy does not consent to, waives
    nothing and is a finding itself. So is one that fits no finding of the run but names what was
    scanned: a file in the very bytes (of whatever bytes, if it has no digest), or in which its rule
    found something that counts. Any other is about something else, such as another model.
    """
    fitted = [_fitted(*each, accepted, may_waive_danger) for each in reports]
    fitting = {waiver for each in fitted for waiver in each.uses}
    idle = [each for each in dict.fromkeys(accepted.waivers) if each not in fitting]
    told: list[list[Finding]] = []
    for each in fitted:
        named = [waiver for waiver in idle if _names(waiver, each)]
        idle = [waiver for waiver in idle if waiver not in named]
        told.append([*_about(each.uses | {waiver: set() for waiver in named}, accepted)])
    return [
        Sorted(tuple(each.waived), tuple(about), tuple(idle))
        for each, about in zip(fitted, told, strict=True)
    ]


def _fitted(
    findings: tuple[Finding, ...],
    bindings: Bindings,
    accepted: Accepted,
    may_waive_danger: bool,  # noqa: FBT001 - passed on
) -> _Fitted:
    likely: dict[tuple[str, str], list[Waiver]] = {}  # by rule and beginning of the fingerprint
    for waiver in accepted.waivers:
        likely.setdefault((waiver.rule, _beginning(waiver.fingerprint)), []).append(waiver)
    found = _Fitted(bindings, [], {}, {})
    is_idle = not accepted.waivers and not accepted.baseline.known
    for finding, mark in () if is_idle else zip(findings, fingerprints(findings), strict=True):
        digest = bindings.of(finding)
        keys = [(finding.rule, _beginning(mark)), (finding.rule, "")]
        fitting = [
            each for key in keys for each in likely.get(key, ()) if each.fits(finding, mark, digest)
        ]
        holding = [each for each in fitting if not accepted.has_expired(each)]
        is_refused = finding.severity >= DANGEROUS and not may_waive_danger
        for each in fitting:
            found.uses.setdefault(each, set()).add("refused" if is_refused else "used")
        if holding and not is_refused:
            found.waived.append(Waived(finding, holding[0]))
        elif accepted.baseline.holds(finding, mark, digest):
            found.waived.append(Waived(finding, RECORDED))
        else:
            path = finding.path[0] if finding.path else ""
            found.counting.setdefault(finding.rule, set()).add(path)
    return found


def _beginning(mark: str) -> str:
    """Return what of a fingerprint every waiver of it has; "" of one that has less."""
    return mark[:BEGINNING] if len(mark) >= BEGINNING else ""


def _names(waiver: Waiver, fitted: _Fitted) -> bool:
    """Whether a waiver that fits nothing is about what was scanned, and not about another model."""
    if any(True for _ in matching(waiver.paths, fitted.counting.get(waiver.rule, ()))):
        return True
    if waiver.paths and any(True for _ in matching(waiver.paths, ("",))):
        return False  # it is about a whole model, and nobody knows which
    names = fitted.bindings.named(waiver.paths)
    return any(waiver.digest in {"", fitted.bindings.of_file(waiver.rule, name)} for name in names)


def _about(used: dict[Waiver, set[str]], accepted: Accepted) -> Iterator[Finding]:
    """Yield what is wrong with each waiver."""
    for waiver, uses in used.items():
        if accepted.has_expired(waiver):
            last = waiver.expires.isoformat() if waiver.expires else ""
            yield _finding("waiver-expired", Severity.MEDIUM, f"{waiver.shown} ended on {last}")
        elif not uses:
            yield _finding("waiver-unused", Severity.LOW, f"{waiver.shown} fits no finding")
        elif "refused" in uses:
            message = f"{waiver.shown} is about dangerous content, which the policy lets nobody do"
            yield _finding("waiver-refused", Severity.MEDIUM, message)


def _finding(rule: str, severity: Severity, message: str) -> Finding:
    return Finding(rule, severity, message, (), NOWHERE)
