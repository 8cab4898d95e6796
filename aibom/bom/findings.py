"""Findings into vulnerabilities, with what their rules say about them."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from ..scanners.facts import NOWHERE
from ..scanners.rules import named
from .model import Vulnerability

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from ..scanners.rule import Finding, Rule

ADVICE = re.compile(r"(?:\A|\n)\s*What to do:\s*")
CWE = re.compile(r"CWE-([1-9][0-9]{0,8})")


def vulnerabilities(
    findings: Collection[Finding],
    refs: Mapping[str, str],
    subject: str,
    rules: Iterable[Rule[Any]] | None = None,
) -> tuple[Vulnerability, ...]:
    """Return the findings, worst last, equal ones once.

    `refs` gives the ref of a file's component; what has none counts for the `subject`. `rules` are
    by default our own.
    """
    ids = {finding.rule for finding in findings}
    by_id = named(ids) if rules is None else {rule.id: rule for rule in rules}
    order = sorted(
        findings, key=lambda f: (f.severity, f.path, f.at.start, f.at.length, f.rule, f.message)
    )
    found: dict[str, Vulnerability] = {}
    for finding in order:
        affects = refs.get(finding.path[0], subject) if finding.path else subject
        one = _vulnerability(finding, by_id.get(finding.rule), affects)
        found[one.ref] = one
    return tuple(found.values())


def _vulnerability(finding: Finding, rule: Rule[Any] | None, affects: str) -> Vulnerability:
    why, advice = split_help(rule.help if rule else "")
    references = rule.refs if rule else ()
    somewhere = finding.at != NOWHERE
    return Vulnerability(
        ref=f"finding:{fingerprint(finding)}",
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
    )


def split_help(text: str) -> tuple[str, str]:
    """Return a rule's help as why it matters and what to do."""
    why, *advice = ADVICE.split(text, maxsplit=1)
    return why.strip(), advice[0].strip() if advice else ""


def fingerprint(finding: Finding) -> str:
    """Return 16 hexadecimal digits that name a finding in every run over the same bytes."""
    at = [finding.at.start, finding.at.length]
    identity = json.dumps([finding.rule, list(finding.path), at, finding.message])
    return sha256(identity.encode()).hexdigest()[:16]
