"""Judge a report by a policy: may the target be used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from .errors import Exit
from .scanners.facts import NOWHERE
from .scanners.record import record, replace
from .scanners.rule import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .report import Report
    from .scanners.licences.policy import LicencePolicy
    from .waiver import Accepted, Sorted, Waived, Waiver

REFUSED_FORMAT = "refused-format"  # the id of a rule; see `own_rules`


@record
class Policy:
    """What must hold for a target to pass."""

    fail_on: Severity | None = Severity.HIGH  # findings at or above it fail; None: none does
    not_read_fails: bool = True  # whether a target passes only if all of it was read
    may_waive_danger: bool = False  # whether findings at high and above can be waived
    max_days: int = 180  # that a waiver may be valid from today
    at_least: tuple[tuple[str, Severity], ...] = ()  # (rule, severity it has here)
    refuse_formats: tuple[str, ...] = ()  # ids of formats of which there may be no file
    licences: tuple[LicencePolicy, ...] = ()  # lists of them; each must be met
    rules: tuple[PolicyRule, ...] = ()  # of its own
    name: str = ""  # "" is the default policy
    digest: str = ""  # SHA-256 of its file, hexadecimal

    def __new__(cls, *values: object, **named: object) -> Self:
        """Refuse a severity that is a text: it would fail only when a report is judged."""
        level = named.get("fail_on", values[0] if values else None)
        if level is not None and not isinstance(level, Severity):
            raise TypeError(
                f"fail_on is {level!r:.80}, expected one of aibom.Severity, such as "
                "aibom.Severity.MEDIUM, or None. load_policy reads a policy's file."
            )
        return object.__new__(cls)

    def apply(self, report: Report, accepted: Accepted | None = None) -> Verdict:
        """Return what this policy says of `report`, of which `accepted` findings do not count."""
        (verdict,) = self.apply_all((report,), accepted)
        return verdict

    def apply_all(
        self, reports: Sequence[Report], accepted: Accepted | None = None
    ) -> tuple[Verdict, ...]:
        """Return what this policy says of each of `reports`, which share what is `accepted`.

        A waiver that one of them uses is not unused in the others.
        """
        found = [self.findings_of(each) for each in reports]
        sorted_out = self._sorted_out(reports, found, accepted) if accepted else [None] * len(found)
        return tuple(map(self._verdict, reports, found, sorted_out))

    def _verdict(
        self, report: Report, found: tuple[Finding, ...], sorted_out: Sorted | None
    ) -> Verdict:
        waived = sorted_out.waived if sorted_out else ()
        not_counted = {each.finding for each in waived}
        findings = [each for each in found if each not in not_counted]
        findings += sorted_out.about_waivers if sorted_out else ()
        level = self.fail_on
        failing = sum(level is not None and found.severity >= level for found in findings)
        is_whole = report.is_complete or not self.not_read_fails
        code = Exit.FINDINGS if failing else Exit.OK if is_whole else Exit.INCOMPLETE
        return Verdict(
            code,
            level,
            failing,
            len(report.unread),
            findings=tuple(sorted(findings, key=lambda found: found.severity)),
            waived=waived,
            policy=self,
            not_here=sorted_out.not_here if sorted_out else (),
        )

    def findings_of(self, report: Report) -> tuple[Finding, ...]:
        """Return the findings of `report`, as severe as they are here, and those of this policy."""
        return (*map(self._raised, report.findings), *self._broken(report))

    def _sorted_out(
        self, reports: Sequence[Report], found: Sequence[tuple[Finding, ...]], accepted: Accepted
    ) -> list[Sorted]:
        from .binding import Bindings  # noqa: PLC0415 - most scans waive nothing
        from .waiver import sort_out  # noqa: PLC0415 - most scans waive nothing

        pairs = zip(found, map(Bindings, reports), strict=True)
        return sort_out(pairs, accepted, may_waive_danger=self.may_waive_danger)

    def _raised(self, finding: Finding) -> Finding:
        """Return a finding with the severity that its rule has here, if that is more."""
        least = dict(self.at_least).get(finding.rule, finding.severity)
        return finding if least <= finding.severity else replace(finding, severity=least)

    def _broken(self, report: Report) -> list[Finding]:
        """Return a finding for everything that this policy alone forbids."""
        found = [*self._refused_formats(report)] if self.refuse_formats else []
        if self.licences:
            from . import licence_policy  # noqa: PLC0415 - few policies name any

            for lists in self.licences:
                found += licence_policy.broken(lists, report.target)
        if self.rules:
            from .policy_rules import broken  # noqa: PLC0415 - brings an engine for expressions

            found += broken(self.rules, report)
        return found

    def _refused_formats(self, report: Report) -> Iterator[Finding]:
        for artifact in report.artifacts:
            for each in artifact.walk():
                for name in sorted({*each.formats} & {*self.refuse_formats}):
                    message = f"the policy refuses the format {name!r}"
                    yield Finding(REFUSED_FORMAT, Severity.HIGH, message, each.path, NOWHERE)

    @property
    def shown(self) -> str:
        """The policy in a few words, or "" for the default one."""
        return f"{self.name}@{self.digest[:12]}" if self.name else ""


@record
class PolicyRule:
    """One rule of a policy: an expression that must be false of everything it is asked of."""

    id: str
    when: str  # an expression in CEL; true is a finding
    message: str
    severity: Severity = Severity.HIGH
    each: str = "model"  # what it is asked of: "model", "file" or "finding"


@record
class Verdict:
    """The outcome of a policy. Findings win over incompleteness: a known danger comes first."""

    exit_code: Exit
    fail_on: Severity | None
    failing: int  # findings at or above the threshold
    unread: int  # things that were not read
    findings: tuple[Finding, ...] = ()  # that count, those of the policy too, worst last
    waived: tuple[Waived, ...] = ()  # findings of the report that do not
    policy: Policy = Policy()
    not_here: tuple[Waiver, ...] = ()  # waivers about files that were not scanned in the run

    def __repr__(self) -> str:
        """Return the outcome and its counts."""
        counts = f"{self.failing} failing, {self.unread} not read, {len(self.waived)} waived"
        return f"<Verdict: exit code {int(self.exit_code)}, {counts}>"

    @property
    def passed(self) -> bool:
        """Whether the policy is met."""
        return self.exit_code is Exit.OK

    @property
    def known(self) -> tuple[Finding, ...]:
        """Findings that do not count since a baseline has them."""
        from .waiver import BASELINE  # noqa: PLC0415 - imported already where anything is waived

        return tuple(each.finding for each in self.waived if each.waiver.owner == BASELINE)

    @property
    def known_danger(self) -> tuple[Finding, ...]:
        """Those of them at high and above."""
        from .binding import DANGEROUS  # noqa: PLC0415 - as above

        return tuple(each for each in self.known if each.severity >= DANGEROUS)

    @property
    def must_not_be_signed(self) -> tuple[Finding, ...]:
        """Dangerous findings that a baseline keeps from failing, where the policy lets nobody.

        That is enough for a scan, of which only new findings are to fail, and not for a signature.
        """
        return () if self.policy.may_waive_danger else self.known_danger

    def as_dict(self, report: Report | None = None) -> dict[str, Any]:
        """Return the verdict as JSON-shaped values; findings of `report` itself stand there."""
        outcome = {Exit.OK: "pass", Exit.FINDINGS: "fail", Exit.INCOMPLETE: "incomplete"}
        return {
            "outcome": outcome[self.exit_code],
            "fail_on": "never" if self.fail_on is None else self.fail_on.name.lower(),
            "failing": self.failing,
            "exit_code": int(self.exit_code),
            **({"policy": self._policy()} if self.policy.name else {}),
            **({"waived": [each.as_dict() for each in self.waived]} if self.waived else {}),
            **({"not_here": [each.as_dict() for each in self.not_here]} if self.not_here else {}),
            **self._added(report),
        }

    def _policy(self) -> dict[str, Any]:
        return {"name": self.policy.name, "sha256": self.policy.digest}

    def _added(self, report: Report | None) -> dict[str, Any]:
        """Return the findings of the policy, and those whose severity it raised."""
        from .report import finding_dict  # noqa: PLC0415 - that module imports late, too

        known = {*report.findings} if report else set[Finding]()
        added = [finding_dict(found) for found in self.findings if found not in known]
        return {"added": added} if report and added else {}
