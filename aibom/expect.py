"""What an operator expects of a signed model beyond a signature that holds.

A good signature says who made a model, not that it is the model that was asked for: an old release
is signed as well as a new one. Everything here is read from the signed BOM and from the time that
others vouch for, never from a file beside it.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from .binding import DANGEROUS
from .scanners.record import record, replace
from .scanners.rule import Severity
from .scanners.shapes import is_list, is_object
from .signatures import SignatureError, Signed
from .signed_bom import Held, Stated, held_against, judged_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SKEW = timedelta(minutes=10)  # two clocks may differ by this much
VERSION = re.compile(r"(\d{1,9}(?:\.\d{1,9}){0,5})((?:a|b|rc|\.dev)\d{1,9})?(?:\+[0-9a-z.]{1,40})?")
NAMED = 3  # findings in a message
NO_REASONS: Mapping[str, str] = MappingProxyType({})


@record(kw_only=True)
class Expectations:
    """What must hold; None and empty ask for nothing. Each refusal has a code of its own."""

    model: str | None = None  # its name, or its package URL if this starts with "pkg:"
    version: str | None = None
    commit: str | None = None  # of the model's sources, in full
    subjects: tuple[tuple[str, str], ...] = ()  # (name, SHA-256) that must be signed besides
    max_age: timedelta | None = None  # of the signature; keyless alone shows it
    signed_after: datetime | None = None  # likewise
    signed_before: datetime | None = None  # a timestamp or a log must show it
    min_rules_version: str | None = None  # the oldest aibom whose scan counts
    rules: tuple[str, ...] = ()  # SHA-256 of the sets of rules whose scan counts
    no_findings: Severity | None = None  # none of this severity or above
    fail_on: Severity | None = None  # likewise, but for those that somebody answers for
    may_waive_danger: bool = False  # whether that may be done for findings at high and above
    policies: tuple[str, ...] = ()  # SHA-256 of the policies by which it may have been judged
    complete: bool = False  # everything was read when it was signed, and nothing was left out
    all_read: bool = False  # nothing of what was signed could not be read
    left_to_scan: tuple[str, ...] = ()  # keys of a policy that a scan alone judges; see `policies`

    def check(
        self,
        bom: dict[str, Any],
        *,
        subjects: Mapping[str, str],
        signed: Signed,
        now: datetime | None = None,
    ) -> None:
        """Raise unless `bom`, its further `subjects` and the times of `signed` fit, as verified.

        Raises:
            SignatureError: `policy-*`; the text says what was found and what was expected.
        """
        self._check_identity(bom)
        for name, digest in self.subjects:
            if subjects.get(name) != digest:
                raise SignatureError(
                    "policy-subject", f"{name!r:.200} with SHA-256 {digest} is not signed"
                )
        if self.max_age or self.signed_after or self.signed_before:
            self._check_time(signed, now or datetime.now(UTC))
        self._check_judged(bom)
        self.check_scan(bom, now=now)

    def check_before_signing(self, bom: dict[str, Any], subjects: Mapping[str, str]) -> None:
        """Raise unless `bom` would fit if it was signed now; when that is, nobody can say yet.

        Raises:
            SignatureError: As `check`.
        """
        timeless = replace(self, max_age=None, signed_after=None, signed_before=None)
        timeless.check(bom, subjects=subjects, signed=Signed(b"", by=""))

    def _check_judged(self, bom: dict[str, Any]) -> None:
        name, found = judged_by(bom)
        if not self.policies or found in self.policies:
            return
        shown = f"{name!r:.100}, of SHA-256 {found!r:.100}" if found else "no policy of anybody's"
        why = f", and a scan alone can judge {', '.join(self.left_to_scan)}"
        said = f"judged by {shown}, expected {' or '.join(self.policies):.200}"
        raise SignatureError("policy-judged", said + (why if self.left_to_scan else ""))

    def _check_identity(self, bom: dict[str, Any]) -> None:
        subject = _object(_object(bom.get("metadata")).get("component"))
        if self.model is not None:
            field = "purl" if self.model.startswith("pkg:") else "name"
            _equal("policy-model", "the model", subject.get(field), self.model)
            _vouched_for("policy-model", subject, field)
        if self.version is not None:
            _equal("policy-version", "the version", subject.get("version"), self.version)
            _vouched_for("policy-version", subject, "version")
        if self.commit is not None:
            commits = {str(each.get("uid")) for each in _objects(_pedigree(subject))}
            found = next(iter(commits)) if len(commits) == 1 else sorted(commits) or None
            _equal("policy-commit", "the commit", found, self.commit)

    def _check_time(self, signed: Signed, now: datetime) -> None:
        if max(signed.times, default=now) > now + SKEW:
            raise SignatureError(
                "policy-time", f"signed at {_shown(max(signed.times))}, by this clock in future"
            )
        if self.signed_before is not None:
            self._check_end(signed.times, self.signed_before)
        if self.max_age is not None or self.signed_after is not None:
            self._check_start(signed.since, now)

    def _check_end(self, times: Sequence[datetime], bound: datetime) -> None:
        """All of `times` are vouched for: by the earliest, the signature was there."""
        if not times:
            raise SignatureError("policy-time", "no timestamp and no log says when it was signed")
        if min(times) >= bound:
            raise SignatureError(
                "policy-age", f"signed at {_shown(min(times))}, accepted is before {_shown(bound)}"
            )

    def _check_start(self, since: datetime | None, now: datetime) -> None:
        if since is None:
            raise SignatureError(
                "policy-time",
                "only a keyless signature shows its age: one by a key or a certificate of yours "
                "may be older than its timestamp, which anybody can renew",
            )
        shown = f"signed at {_shown(since)} or later"
        if self.max_age is not None and now - since > self.max_age:
            raise SignatureError(
                "policy-age",
                f"{shown}, {_days(now - since)} ago; accepted are {_days(self.max_age)}",
            )
        if self.signed_after is not None and since <= self.signed_after:
            raise SignatureError(
                "policy-age", f"{shown}, accepted is after {_shown(self.signed_after)}"
            )

    def check_scan(
        self,
        bom: dict[str, Any],
        *,
        waivers: dict[str, Any] | None = None,
        now: datetime | None = None,
    ) -> None:
        """Raise unless what a scan put into `bom` fits.

        `waivers` is the BOM that says which findings somebody answers for, by default `bom`.

        Raises:
            SignatureError: `policy-rules`, `policy-findings` or `policy-incomplete`.
        """
        held = held_against(bom)
        asks = (
            *(self.complete, self.all_read),
            *(self.no_findings is not None, self.fail_on is not None),
        )
        if any(asks) or self.min_rules_version or self.rules:
            self._check_rules(_scanner(bom))
        who = "the signed BOM states" if waivers is None else "today's scan finds"
        _refuse(who, [each for each in held.findings if _counts(each, self.no_findings)])
        if self.fail_on is not None:
            said = held_against(waivers) if waivers is not None else held
            today = (now or datetime.now(UTC)).date()
            answered = {each.ref for each in said.findings if self._is_answered_for(each, today)}
            failing = [each for each in held.findings if _counts(each, self.fail_on)]
            left = [each for each in failing if not each.ref or each.ref not in answered]
            whys = {each.ref: self._why_not_answered_for(each, today) for each in said.findings}
            _refuse(who, left, whys)
        if self.complete:
            _check_complete(bom, held)
        if self.all_read:
            _refuse_unread([each for each in held.unread if each[1]])  # others were left out

    def _is_answered_for(self, finding: Stated, today: date) -> bool:
        """Whether a finding is waived today, by somebody who may."""
        waived = finding.waived
        if waived is None or (waived.expires is not None and waived.expires < today):
            return False
        return self.may_waive_danger or not _counts(finding, DANGEROUS)

    def _why_not_answered_for(self, finding: Stated, today: date) -> str:
        """Return why a waiver that the BOM states does not hold, or ""."""
        waived = finding.waived
        if waived is None or self._is_answered_for(finding, today):
            return ""
        who = f"waived by {waived.owner!r:.80}"
        if waived.expires is not None and waived.expires < today:
            return f"{who} until {waived.expires.isoformat()}, which is over"
        return f"{who}, which this policy lets nobody do at high or above"

    def _check_rules(self, scanner: dict[str, Any]) -> None:
        version = scanner.get("version")
        least = self.min_rules_version
        if least is not None and _ordered(version) < _ordered(least):
            raise SignatureError(
                "policy-rules", f"scanned by aibom {version!r:.40}, expected {least} or newer"
            )
        digests = list(_values(scanner, "aibom:rules:sha256"))
        if self.rules and (len(digests) != 1 or digests[0] not in self.rules):
            raise SignatureError(
                "policy-rules", f"scanned by the rules {digests!r:.100}, expected other ones"
            )


def _refuse(who: str, found: Sequence[Stated], whys: Mapping[str, str] = NO_REASONS) -> None:
    """Raise if there is any; `whys` says by its ref why the waiver of one does not hold."""
    if found:
        more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
        told = ((f"{each.severity}[{each.rule}]", whys.get(each.ref, "")) for each in found[:NAMED])
        shown = ", ".join(f"{each!r:.100}" + (f" ({why})" if why else "") for each, why in told)
        raise SignatureError("policy-findings", f"{who} {shown}{more}")


def _counts(finding: Stated, least: Severity | None) -> bool:
    """Whether a finding is of `least` or above; one of no known severity always is."""
    known = Severity.__members__.get(finding.severity.upper())
    return least is not None and (known is None or known >= least)


def _vouched_for(code: str, subject: dict[str, Any], field: str) -> None:
    """Raise if a field is what a file of the model says: its author could say anything.

    A BOM names the files that a field comes from, and none for what its signer says of the model.
    """
    for place in _objects(_object(subject.get("evidence")).get("occurrences")):
        for told in str(place.get("additionalContext", "")).split("; "):
            status, _, fields = told.partition(": ")
            if status == "declared" and field in fields.split(", "):
                raise SignatureError(
                    code,
                    f"the {field} is what {str(place.get('location'))!r:.200} says, and the signer "
                    "does not vouch for it",
                )


def _equal(code: str, what: str, found: object, expected: str) -> None:
    if found != expected:
        shown = "not stated" if found is None else f"{found!r:.200}"
        raise SignatureError(code, f"{what} is {shown}, expected {expected!r:.200}")


def _scanner(bom: dict[str, Any]) -> dict[str, Any]:
    """Return the one entry of this program among the BOM's tools: the scan that it speaks of."""
    tools = _object(_object(bom.get("metadata")).get("tools")).get("components")
    found = [tool for tool in _objects(tools) if tool.get("name") == "aibom"]
    if len(found) != 1 or not list(_values(found[0], "aibom:rules:sha256")):
        raise SignatureError("policy-rules", "the signed BOM states no scan by aibom")
    return found[0]


def _check_complete(bom: dict[str, Any], held: Held) -> None:
    """Raise unless the BOM says that it knows all of its subject, and nothing to the contrary."""
    _refuse_unread(held.unread)
    subject = _object(_object(bom.get("metadata")).get("component")).get("bom-ref")
    degrees = [
        each.get("aggregate")
        for each in _objects(bom.get("compositions"))
        if is_list(parts := each.get("assemblies")) and subject in parts
    ]
    if degrees != ["complete"]:
        raise SignatureError("policy-incomplete", "the BOM does not say that it is complete")


def _refuse_unread(unread: Sequence[tuple[str, str]]) -> None:
    if unread:
        path, why = unread[0]
        raise SignatureError("policy-incomplete", f"{path!r:.200} was not read: {why!r:.200}")


def _ordered(version: object) -> tuple[tuple[int, ...], bool]:
    """Return what orders versions: the numbers, and whether it is a release; first all others."""
    match = VERSION.fullmatch(version) if isinstance(version, str) else None
    if match is None:
        return (), False
    numbers = [int(part) for part in match[1].split(".")]
    while numbers and numbers[-1] == 0:  # 1.0 is 1
        numbers.pop()
    return (*numbers,), match[2] is None


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _days(span: timedelta) -> str:
    days = span / timedelta(days=1)
    return f"{days:.0f} days" if days >= 2 else f"{days * 24:.1f} hours"  # noqa: PLR2004 - days


def _pedigree(subject: dict[str, Any]) -> object:
    return _object(subject.get("pedigree")).get("commits")


def _values(component: dict[str, Any], name: str) -> Iterator[str]:
    for each in _objects(component.get("properties")):
        if each.get("name") == name:
            yield str(each.get("value"))


def _object(value: object) -> dict[str, Any]:
    return value if is_object(value) else {}


def _objects(value: object) -> Iterator[dict[str, Any]]:
    yield from (item for item in (value if is_list(value) else ()) if is_object(item))
