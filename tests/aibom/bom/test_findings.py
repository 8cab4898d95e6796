"""Each finding is a vulnerability of its file, with what its rule says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aibom import bom
from aibom.bom.findings import fingerprint, split_help, vulnerabilities
from aibom.bom.model import Vulnerability
from aibom.scanners.facts import NOWHERE, Unclaimed
from aibom.scanners.record import replace
from aibom.scanners.rule import Finding, Rule, Severity
from aibom.scanners.source import Span

from .examples import file, link, report, written

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(_: Unclaimed) -> Iterator[str]:
    """A loader skips these bytes.

    What to do: look at the bytes;
    re-save the model.
    """
    yield "12 bytes belong to no tensor"


RULE = Rule(
    id="unclaimed-bytes",
    title="Bytes that no tensor claims",
    severity=Severity.MEDIUM,
    on=Unclaimed,
    check=check,
    refs=("CWE-506", "AML.T0011.000"),
    flags=(),
    passes=(),
)
FOUND = Finding("unclaimed-bytes", Severity.MEDIUM, "12 bytes", ("a", "b", "c"), Span(0, 12))


def test_a_rule_says_why_and_what_to_do() -> None:
    assert vulnerabilities([FOUND], {"a": "file:a"}, "subject", [RULE]) == (
        Vulnerability(
            ref=f"finding:{fingerprint(FOUND)}",
            rule="unclaimed-bytes",
            title="Bytes that no tensor claims",
            severity="medium",
            message="12 bytes",
            why="A loader skips these bytes.",
            advice="look at the bytes;\nre-save the model.",
            cwes=(506,),
            references=("AML.T0011.000",),
            affects="file:a",
            path=("a", "b", "c"),
            offset=0,
            length=12,
        ),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("", "")),
        ("Why.", ("Why.", "")),
        ("What to do: this", ("", "this")),
        ("Why.\n\nWhat to do:\nthis", ("Why.", "this")),
    ],
)
def test_splits_help_at_the_advice(text: str, expected: tuple[str, str]) -> None:
    assert split_help(text) == expected


def test_the_name_of_a_finding_is_the_same_in_every_run() -> None:
    assert fingerprint(FOUND) == "4101d0929550263f"


def test_findings_are_listed_worst_last_and_equal_ones_once() -> None:
    low = Finding("a", Severity.LOW, "m", (), Span(0, 0))
    found = vulnerabilities([FOUND, low, FOUND, low], {}, "subject")
    assert [(each.rule, each.affects) for each in found] == [
        ("a", "subject"),
        ("unclaimed-bytes", "subject"),
    ]


def test_a_finding_about_no_component_affects_the_subject() -> None:
    about = [
        Finding("r", Severity.INFO, "m", path, Span(1, 1))
        for path in [(), ("l",), (".gitignore",), ("a", "b"), ("gone",)]
    ]
    found = written(report(file("a"), link("l"), file(".gitignore"), findings=about))
    affected = {
        tuple(p["value"] for p in each["properties"] if "finding:" in p["name"]): each["affects"]
        for each in found["vulnerabilities"]
    }
    subject = [{"ref": "subject"}]
    assert affected == {
        ("1", "1"): subject,
        (".gitignore", "1", "1"): subject,
        ("a", "b", "1", "1"): [{"ref": "file:a"}],
        ("gone", "1", "1"): subject,
        ("l", "1", "1"): subject,
    }


def test_all_that_a_rule_says_is_written() -> None:
    whole = replace(
        bom.build(report()),
        vulnerabilities=vulnerabilities([FOUND], {}, "subject", [RULE]),
    )
    (written_,) = bom.parse(bom.to_json(whole))["vulnerabilities"]
    assert written_ == {
        "bom-ref": f"finding:{fingerprint(FOUND)}",
        "id": "unclaimed-bytes",
        "source": {"name": "aibom"},
        "ratings": [{"source": {"name": "aibom"}, "severity": "medium", "method": "other"}],
        "cwes": [506],
        "description": "12 bytes",
        "detail": "A loader skips these bytes.",
        "recommendation": "look at the bytes;\nre-save the model.",
        "analysis": {"state": "in_triage"},
        "affects": [{"ref": "subject"}],
        "properties": [
            {"name": "aibom:finding:title", "value": "Bytes that no tensor claims"},
            {"name": "aibom:finding:file", "value": "a"},
            {"name": "aibom:finding:member", "value": "b"},
            {"name": "aibom:finding:member", "value": "c"},
            {"name": "aibom:finding:offset", "value": "0"},
            {"name": "aibom:finding:length", "value": "12"},
            {"name": "aibom:finding:reference", "value": "AML.T0011.000"},
        ],
    }


@pytest.mark.parametrize(
    ("rule", "family"),
    [
        ("pickle-spawns-process", "pickle"),
        ("licence-missing", "licence"),
        ("dtype-differs", "declared"),
        ("unknown-origin", "provenance"),
        ("rule-of-a-policy", ""),
    ],
)
def test_a_finding_says_of_which_family_its_rule_is(rule: str, family: str) -> None:
    (found,) = vulnerabilities([Finding(rule, Severity.INFO, "x", ("a",), NOWHERE)], {}, "subject")
    assert found.family == family


def test_findings_that_are_for_information_stand_where_all_do() -> None:
    info = Finding("unknown-origin", Severity.INFO, "no record", (), NOWHERE)
    document = written(report(file("a"), findings=[info]))
    (told,) = document["vulnerabilities"]
    assert [each["severity"] for each in told["ratings"]] == ["info"]
    assert {"name": "aibom:finding:family", "value": "provenance"} in told["properties"]
    assert "annotations" not in document
