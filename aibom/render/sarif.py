"""Findings for code scanning: SARIF 2.1.0, within what GitHub takes.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/ and GitHub's "SARIF support for code scanning": a
result must name a file and a line, so a binary file has line 1; the byte and the path inside stand
beside it. Only the first thousands of results are kept there, so the worst come first.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import quote

from ..fingerprint import VERSION, fingerprints
from ..scanners.rule import Severity
from ..version import REPOSITORY
from ..version import VERSION as TOOL_VERSION
from .escape import counted, place, safe
from .words import NOT_READ, explained, waived_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..outcome import Outcome
    from ..scanners.artifact import Artifact
    from ..scanners.facts import Unread
    from ..scanners.rule import Finding
    from ..waiver import Waiver
    from .words import Explained

Json: TypeAlias = dict[str, Any]

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MAX_RESULTS = 25_000  # of a run; GitHub refuses more
MAX_TAGS = 20  # of a rule
MAX_TEXT = 1000  # characters; GitHub takes 1,024 of a description

LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
SCORES = {  # GitHub's bands: above 9.0 critical, from 7.0 high, from 4.0 medium, else low
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.0",
    Severity.INFO: "0.1",
}
SPEAKING = ("README.md", "config.json")  # files that stand for a folder as a whole


def document(outcomes: Sequence[Outcome]) -> str:
    """Return one run over all targets, the worst results first."""
    told = sorted(
        (result for outcome in outcomes for result in _results(outcome)),
        key=lambda result: result["rank"],
    )
    left_out = len(told) - MAX_RESULTS
    told = told[:MAX_RESULTS]
    policies = [each.verdict.policy for each in outcomes]
    rules = explained({result["ruleId"] for result in told}, policies)
    number = {id_: at for at, id_ in enumerate(sorted(rules))}
    for result in told:
        del result["rank"]
        result["ruleIndex"] = number[result["ruleId"]]
    run = {
        "tool": {"driver": _driver([_descriptor(rules[id_]) for id_ in sorted(rules)])},
        "automationDetails": {"id": "aibom/scan/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(outcomes, left_out)],
        "results": told,
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _driver(rules: list[Json]) -> Json:
    return {
        "name": "aibom",
        "semanticVersion": TOOL_VERSION,
        "informationUri": REPOSITORY,
        "rules": rules,
    }


def _invocation(outcomes: Sequence[Outcome], left_out: int) -> Json:
    """Return how the run ended; what was not read is said here too, for readers of the log."""
    unread = sum(len(each.report.unread) for each in outcomes)
    notes = [f"{counted(unread, 'thing')} could not be read: the scan is incomplete"] * bool(unread)
    if left_out > 0:
        notes.append(f"{left_out:,} more results of lower severity are left out")
    told = [{"level": "warning", "message": {"text": note}} for note in notes]
    return {"executionSuccessful": not unread, "toolExecutionNotifications": told}


# --- Rules ----------------------------------------------------------------------------------------


def _descriptor(rule: Explained) -> Json:
    why, what = safe(rule.why), safe(rule.what)
    return {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.id.split("-")),
        "shortDescription": {"text": f"{_short(safe(rule.title)).rstrip('.')}."},
        "fullDescription": {"text": _short(why)},
        "help": {"text": f"{why} What to do: {what}", "markdown": f"{why}\n\n**Do:** {what}"},
        "helpUri": REPOSITORY,
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {
            "precision": "high" if rule.severity >= Severity.HIGH else "medium",
            "security-severity": SCORES[rule.severity],
            "tags": ["security", *map(_tag, rule.refs)][:MAX_TAGS],
        },
    }


def _tag(ref: str) -> str:
    """Return a reference to another catalogue as GitHub spells those that it knows."""
    return f"external/cwe/{ref.lower()}" if ref.startswith("CWE-") else ref


# --- Results --------------------------------------------------------------------------------------


def _results(outcome: Outcome) -> Iterator[Json]:
    """Yield what was found, waived and not read, each with its `rank`: the least is the worst."""
    waivers = {each.finding: each.waiver for each in outcome.verdict.waived}
    findings = [*outcome.findings, *waivers]
    for finding, mark in zip(findings, fingerprints(findings), strict=True):
        yield _result(outcome, finding, mark, waivers.get(finding))
    for artifact, fact in outcome.report.unread:
        yield _unread(outcome, artifact, fact)


def _result(outcome: Outcome, finding: Finding, mark: str, waiver: Waiver | None) -> Json:
    path = finding.path or (_spokesman(outcome),)
    region: Json = {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 2}
    if len(finding.path) == 1 and (finding.at.start or finding.at.length):
        region |= {"byteOffset": finding.at.start, "byteLength": finding.at.length}
    inner = f" ({place(finding.path[1:])})" if finding.path[1:] else ""
    return {
        "rank": (waiver is not None, -finding.severity),
        "ruleId": finding.rule,
        "level": LEVELS[finding.severity],
        "message": {"text": f"{_short(safe(finding.message))}{inner}."},
        "locations": [_location(outcome.prefix + path[0], region, finding.path)],
        "partialFingerprints": {
            "primaryLocationLineHash": mark,
            f"aibomFinding/v{VERSION}": mark,
        },
        "properties": {"severity": finding.severity.name.lower()},
        **({"suppressions": [_suppression(waiver)]} if waiver else {}),
    }


def _unread(outcome: Outcome, artifact: Artifact, fact: Unread) -> Json:
    from hashlib import sha256  # noqa: PLC0415 - most targets are read whole

    text = _short(safe(f"not read: {fact.detail} [{fact.reason}]"))
    mark = sha256(json.dumps([NOT_READ, artifact.path, fact.reason]).encode()).hexdigest()
    region = {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 2}
    return {
        "rank": (False, -Severity.MEDIUM),
        "ruleId": NOT_READ,
        "level": "warning",
        "message": {"text": f"{text}."},
        "locations": [_location(outcome.prefix + artifact.path[0], region, artifact.path)],
        "partialFingerprints": {"primaryLocationLineHash": mark},
    }


def _spokesman(outcome: Outcome) -> str:
    """Return the file that stands for the whole target: a result must name one."""
    names = [artifact.path[0] for artifact in outcome.report.artifacts]
    return next((name for name in (*SPEAKING, *names) if name in names), "")


def _location(name: str, region: Json, path: Sequence[str]) -> Json:
    inside = [
        {"name": safe(step), "fullyQualifiedName": place(tuple(path[: at + 1])), "kind": "member"}
        for at, step in enumerate(path)
        if at
    ]
    return {
        "physicalLocation": {"artifactLocation": {"uri": _uri(name)}, "region": region},
        **({"logicalLocations": inside[-1:]} if inside else {}),
    }


def _suppression(waiver: Waiver) -> Json:
    told = safe(waived_by(waiver))
    return {"kind": "external", "status": "accepted", "justification": told}


def _uri(name: str) -> str:
    """Return a path as seen from the working directory; what lies outside of that in full."""
    whole = os.path.normpath(os.path.abspath(name or "."))  # noqa: PTH100 - follows no link
    inside = os.path.relpath(whole)
    if inside.startswith(os.pardir) or os.path.isabs(inside):  # noqa: PTH117 - another drive
        return f"file://{_quoted(whole if whole.startswith('/') else f'/{whole}')}"
    return _quoted(inside)


def _quoted(path: str) -> str:
    return quote(path.replace(os.sep, "/"), safe="/~", errors="backslashreplace")


def _short(text: str) -> str:
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"
