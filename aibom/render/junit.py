"""Results for build servers: JUnit's XML, a test case for each file.

https://github.com/testmoapp/junitxml: there is no standard, only what servers read. A file with a
finding that fails is a failure, one that was not read is an error, everything else passes.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from .escape import place, safe
from .words import waived_by

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..outcome import Outcome
    from ..scanners.rule import Finding

WHOLE = "(the target as a whole)"


def document(outcomes: Sequence[Outcome]) -> str:
    """Return one suite for each target."""
    root = ET.Element("testsuites", name="aibom")
    for outcome in outcomes:
        root.append(_suite(outcome))
    ET.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(outcome: Outcome) -> ET.Element:
    failing = _by_file(outcome)
    unread: dict[str, list[str]] = defaultdict(list)
    for artifact, fact in outcome.report.unread if outcome.verdict.policy.not_read_fails else ():
        inside = f"{place(artifact.path[1:])}: " if artifact.path[1:] else ""
        unread[artifact.path[0]].append(f"{inside}{safe(fact.detail)} [{fact.reason}]")
    waived = _waived(outcome)
    names = [artifact.path[0] for artifact in outcome.report.artifacts]
    suite = ET.Element("testsuite", name=safe(outcome.path))
    for name in [*([""] if "" in failing or "" in waived else []), *names]:
        suite.append(_case(name or WHOLE, failing[name], unread[name], waived[name]))
    counts = {"tests": len(suite), "failures": len(suite.findall("*/failure"))}
    for key, count in (counts | {"errors": len(suite.findall("*/error"))}).items():
        suite.set(key, str(count))
    return suite


def _by_file(outcome: Outcome) -> dict[str, list[Finding]]:
    """Return the findings that fail, by the file they are in; "" is the target as a whole."""
    level = outcome.verdict.fail_on
    found: dict[str, list[Finding]] = defaultdict(list)
    for finding in outcome.findings:
        if level is not None and finding.severity >= level:
            found[finding.path[0] if finding.path else ""].append(finding)
    return found


def _waived(outcome: Outcome) -> dict[str, list[str]]:
    """Return a line for each finding that does not count, by the file it is in."""
    told: dict[str, list[str]] = defaultdict(list)
    for each in outcome.verdict.waived:
        name = each.finding.path[0] if each.finding.path else ""
        told[name].append(f"waived {_line(each.finding)}: {safe(waived_by(each.waiver))}")
    return told


def _case(name: str, failing: list[Finding], unread: list[str], waived: list[str]) -> ET.Element:
    case = ET.Element("testcase", classname="aibom.scan", name=safe(name))
    if failing:
        worst = failing[-1]
        failure = ET.SubElement(case, "failure", type=worst.rule, message=safe(worst.message))
        failure.text = "\n".join(_line(finding) for finding in failing)
    elif unread:
        error = ET.SubElement(case, "error", type="not-read", message=unread[0])
        error.text = "\n".join(unread)
    if waived:
        ET.SubElement(case, "system-out").text = "\n".join(waived)
    return case


def _line(finding: Finding) -> str:
    inside = f"{place(finding.path[1:])}: " if finding.path[1:] else ""
    level = finding.severity.name.lower()
    return f"{level}[{finding.rule}] {inside}{safe(finding.message)}"
