"""Findings that somebody answers for, and the policy that judged, as a signed BOM states them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from aibom.expect import Expectations
from aibom.scanners.record import replace
from aibom.scanners.rule import Severity
from aibom.signatures import SignatureError, Signed
from tests.aibom.test_expect import DIGEST, NOW, RULES, SUBJECT, bom, check, finding, tools


def waived(severity: str, **told: str) -> dict[str, Any]:
    properties = [{"name": f"aibom:waiver:{name}", "value": text} for name, text in told.items()]
    return {**finding(severity), "bom-ref": "finding:1", "properties": properties}


MINE = {"owner": "me", "reason": "read"}
WAIVED: dict[str, tuple[list[dict[str, Any]], Expectations, bool]] = {  # findings, demand, passes
    "for good": ([waived("medium", **MINE)], Expectations(fail_on=Severity.LOW), True),
    "until today": (
        [waived("medium", **MINE, expires="2026-06-01")],
        Expectations(fail_on=Severity.LOW),
        True,
    ),
    "until yesterday": (
        [waived("medium", **MINE, expires="2026-05-31")],
        Expectations(fail_on=Severity.LOW),
        False,
    ),
    "until some day": (
        [waived("medium", **MINE, expires="soon")],
        Expectations(fail_on=Severity.LOW),
        False,
    ),
    "by nobody": ([waived("medium", reason="read")], Expectations(fail_on=Severity.LOW), False),
    "danger": ([waived("high", **MINE)], Expectations(fail_on=Severity.LOW), False),
    "danger, as the policy lets": (
        [waived("high", **MINE)],
        Expectations(fail_on=Severity.LOW, may_waive_danger=True),
        True,
    ),
    "of no known severity": ([waived("odd", **MINE)], Expectations(fail_on=Severity.LOW), False),
    "of no name": (
        [{**waived("low", **MINE), "bom-ref": ""}],
        Expectations(fail_on=Severity.LOW),
        False,
    ),
    "below the threshold": ([finding("low")], Expectations(fail_on=Severity.MEDIUM), True),
    "where none at all may be": (
        [waived("medium", **MINE)],
        Expectations(no_findings=Severity.LOW),
        False,
    ),
    "beside one that is not": (
        [waived("low", **MINE), {**finding("low"), "bom-ref": "finding:2"}],
        Expectations(fail_on=Severity.LOW),
        False,
    ),
}


@pytest.mark.parametrize(("findings", "demand", "passes"), WAIVED.values(), ids=WAIVED)
def test_a_finding_that_is_waived(
    findings: list[dict[str, Any]], demand: Expectations, *, passes: bool
) -> None:
    signed = Signed(b"", "somebody")
    document = bom(vulnerabilities=findings)
    if passes:
        demand.check(document, subjects={}, signed=signed, now=NOW)
        return
    with pytest.raises(SignatureError) as caught:
        demand.check(document, subjects={}, signed=signed, now=NOW)
    assert caught.value.code == "policy-findings"


@pytest.mark.parametrize(
    ("finding_", "told"),
    [
        (
            waived("medium", **MINE, expires="2026-05-31"),
            "'medium[some-rule]' (waived by 'me' until 2026-05-31, which is over)",
        ),
        (
            waived("high", **MINE),
            "'high[some-rule]' (waived by 'me', which this policy lets nobody do at high or above)",
        ),
        (waived("low"), "'low[some-rule]'"),
    ],
    ids=["expired", "dangerous", "not waived"],
)
def test_a_refusal_says_why_a_waiver_does_not_hold(finding_: dict[str, Any], told: str) -> None:
    demand = Expectations(fail_on=Severity.LOW)
    with pytest.raises(SignatureError) as caught:
        demand.check_scan(bom(vulnerabilities=[finding_]), now=NOW)
    assert str(caught.value) == f"the signed BOM states {told}"


def test_a_later_scan_knows_the_waivers_of_the_signed_bom() -> None:
    signed, fresh = bom(vulnerabilities=[waived("low", **MINE)]), waived("low")
    demand = Expectations(fail_on=Severity.LOW)
    demand.check_scan(bom(vulnerabilities=[fresh]), waivers=signed, now=NOW)
    with pytest.raises(SignatureError, match=r"states 'low\[some-rule\]'"):
        demand.check_scan(bom(vulnerabilities=[fresh]), now=NOW)


def judged(*told: tuple[str, str]) -> dict[str, Any]:
    properties = [RULES, *({"name": f"aibom:policy:{name}", "value": text} for name, text in told)]
    return bom(**tools({"name": "aibom", "version": "0.3.0", "properties": properties}))


JUDGED = {
    "by nothing": judged(),
    "by another policy": judged(("name", "x"), ("sha256", "e" * 64)),
    "by two": judged(("sha256", DIGEST), ("sha256", "e" * 64)),
    "by a name alone": judged(("name", "x")),
    "by another tool": bom(**tools({"name": "other", "properties": []})),
    "by no tool": bom(metadata={"component": SUBJECT}),
}


@pytest.mark.parametrize("document", JUDGED.values(), ids=JUDGED)
def test_refuses_what_was_judged(document: dict[str, Any]) -> None:
    with pytest.raises(SignatureError) as caught:
        check({"expect-policy": DIGEST}, document)
    assert caught.value.code == "policy-judged"


def test_accepts_what_was_judged_by_one_of_the_policies() -> None:
    document = judged(("name", "x"), ("sha256", DIGEST))
    check({"expect-policy": ["e" * 64, DIGEST]}, document)


UNREAD = {"components": [{"properties": [{"name": "aibom:unread", "value": "cut"}]}]}
LEFT_OUT = {"components": [{"properties": [{"name": "aibom:not-covered", "value": ".git"}]}]}


@pytest.mark.parametrize(("told", "passes"), [(UNREAD, False), (LEFT_OUT, True), ({}, True)])
def test_what_was_not_read_is_refused_and_what_was_left_out_is_not(
    told: dict[str, Any], *, passes: bool
) -> None:
    code = ""
    try:
        Expectations(all_read=True).check_scan(bom(**told))
    except SignatureError as error:
        code = error.code
    assert code == ("" if passes else "policy-incomplete")


def test_before_it_is_signed_a_bom_has_no_age() -> None:
    demand = Expectations(max_age=timedelta(days=1), signed_before=NOW, model="acme")
    demand.check_before_signing(bom(), {})
    with pytest.raises(SignatureError, match="the model is 'acme', expected 'other'"):
        replace(demand, model="other").check_before_signing(bom(), {})


def test_a_policy_that_leaves_something_to_a_scan_says_what() -> None:
    demand = Expectations(policies=(DIGEST,), left_to_scan=("refuse-formats", "licences"))
    with pytest.raises(SignatureError) as caught:
        demand.check_before_signing(bom(), {})
    assert str(caught.value) == (
        f"judged by no policy of anybody's, expected {DIGEST}, and a scan alone can judge "
        "refuse-formats, licences"
    )
