"""Findings into vulnerabilities, with what their rules say about them."""

from __future__ import annotations

import json
import re
from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from ..scanners.facts import NOWHERE, Reason
from ..scanners.record import replace
from ..scanners.rule import Finding, Severity
from ..scanners.rules import FAMILIES, named
from .model import Unread, Vulnerability

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from ..scanners.rule import Rule

ADVICE = re.compile(r"(?:\A|\n)\s*What to do:\s*")
CWE = re.compile(r"CWE-([1-9][0-9]{0,8})")
MOST = 100  # findings of one rule on one component that are listed one by one
MOST_OF_ALL = 10_000  # listed one by one; from there on, one stands for all others of a rule


def vulnerabilities(
    findings: Collection[Finding],
    refs: Mapping[str, str],
    subject: str,
    rules: Iterable[Rule[Any]] | None = None,
) -> tuple[Vulnerability, ...]:
    """Return the findings, worst last, equal ones once.

    `refs` gives the ref of a file's component; what has none counts for the `subject`. `rules` are
    by default our own. Of very many of a rule, one with their number stands for all but the first.
    """
    ids = {finding.rule for finding in findings}
    by_id = named(ids) if rules is None else {rule.id: rule for rule in rules}
    order = sorted(
        findings, key=lambda f: (-f.severity, f.path, f.at.start, f.at.length, f.rule, f.message)
    )
    listed: list[Vulnerability] = []
    rest: dict[tuple[Severity, str, str], list[str]] = {}
    times: Counter[tuple[Severity, str, str]] = Counter()
    for ref, finding in {_ref(each): each for each in order}.items():
        affects = refs.get(finding.path[0], subject) if finding.path else subject
        kind = (finding.severity, finding.rule, affects)
        times[kind] += 1
        if len(listed) < MOST_OF_ALL and times[kind] <= MOST:
            listed.append(_vulnerability(finding, by_id.get(finding.rule), affects))
        else:
            kind = kind if len(listed) < MOST_OF_ALL else (*kind[:2], subject)
            rest.setdefault(kind, []).append(ref)
    more = [_more(kind, by_id.get(kind[1]), others) for kind, others in rest.items()]
    rank = {each.name.lower(): int(each) for each in Severity}
    return tuple(sorted([*listed, *more], key=lambda each: rank[each.severity]))


def _more(
    kind: tuple[Severity, str, str], rule: Rule[Any] | None, others: list[str]
) -> Vulnerability:
    """Return one finding in place of `others`, which are of one kind: severity, rule, component."""
    severity, name, affects = kind
    message = f"{len(others)} more findings of this rule, which are not listed one by one"
    one = _vulnerability(Finding(name, severity, message, (), NOWHERE), rule, affects)
    identity = json.dumps(["more", severity.name, name, affects])
    ref = f"finding:{sha256(identity.encode()).hexdigest()[:16]}"
    return replace(one, ref=ref, stands_for=tuple(others))


def gaps(found: Iterable[Vulnerability]) -> dict[str, tuple[Unread, ...]]:
    """Return, by the ref of a component, which findings of it are not listed one by one."""
    told: dict[str, tuple[Unread, ...]] = {}
    for each in found:
        if each.stands_for:
            said = f"findings: {len(each.stands_for)} more of {each.rule} are only counted here"
            gap = Unread(Reason.LIMIT.value, said)
            told[each.affects] = (*told.get(each.affects, ()), gap)
    return told


def _vulnerability(finding: Finding, rule: Rule[Any] | None, affects: str) -> Vulnerability:
    why, advice = split_help(rule.help if rule else "")
    references = rule.refs if rule else ()
    somewhere = finding.at != NOWHERE
    return Vulnerability(
        ref=_ref(finding),
        rule=finding.rule,
        title=rule.title if rule else "",
        severity=finding.severity.name.lower(),
        message=finding.message,
        why=why,
        advice=advice,
        cwes=tuple(int(match[1]) for ref in references if (match := CWE.fullmatch(ref))),
        references=tuple(ref for ref in references if not CWE.fullmatch(ref)),
        affects=affects,
        path=finding.path,
        offset=finding.at.start if somewhere else None,
        length=finding.at.length if somewhere else None,
        family=_family(rule) if rule else "",
    )


def _family(rule: Rule[Any]) -> str:
    """Return the family of a rule of ours, by the package that it is in."""
    package = rule.check.__module__.rpartition(".")[0].rpartition(".")[2]
    return package if package in FAMILIES else ""


def _ref(finding: Finding) -> str:
    return f"finding:{fingerprint(finding)}"


def split_help(text: str) -> tuple[str, str]:
    """Return a rule's help as why it matters and what to do."""
    why, *advice = ADVICE.split(text, maxsplit=1)
    return why.strip(), advice[0].strip() if advice else ""


def fingerprint(finding: Finding) -> str:
    """Return 16 hexadecimal digits that name a finding in every run over the same bytes."""
    at = [finding.at.start, finding.at.length]
    identity = json.dumps([finding.rule, list(finding.path), at, finding.message])
    return sha256(identity.encode()).hexdigest()[:16]
