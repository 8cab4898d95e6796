"""Facts into findings."""

from __future__ import annotations

import re

from aibom.scanners.artifact import Artifact, Target
from aibom.scanners.facts import Import, Kind, Member, Unclaimed
from aibom.scanners.judge import judge, rules_digest
from aibom.scanners.rule import Severity
from aibom.scanners.source import Span

ESCAPE = Member(at=Span(7, 1), name="../x", kind=Kind.FILE)


def target(*artifacts: Artifact) -> Target:
    return Target(artifacts)


def test_a_finding_says_where_it_is() -> None:
    inner = Artifact(("a.zip", "b.zip"), 9, facts=(ESCAPE,))
    (finding,) = judge(target(Artifact(("a.zip",), 99, parts=(inner,))))
    assert (finding.rule, finding.severity) == ("archive-path-escape", Severity.HIGH)
    assert (finding.path, finding.at) == (("a.zip", "b.zip"), Span(7, 1))
    assert finding.message == "member '../x' would be written outside of the folder"


def test_equal_findings_are_told_once() -> None:
    assert len(judge(target(Artifact(("a",), 9, facts=(ESCAPE, ESCAPE))))) == 1


def test_the_worst_stands_last_and_the_order_is_always_the_same() -> None:
    facts = (Import(module="os", name="system"), Unclaimed(at=Span(0, 5000)), ESCAPE)
    one = judge(target(Artifact(("a",), 5000, facts=facts)))
    other = judge(target(Artifact(("a",), 5000, facts=facts[::-1])))
    assert one == other
    assert [f.severity for f in one] == sorted(f.severity for f in one)


def test_nothing_known_is_nothing_found() -> None:
    assert judge(target()) == []
    assert judge(target(Artifact(("a",), 9))) == []


def test_the_digest_names_the_rules() -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", rules_digest())
    assert rules_digest() == rules_digest()
