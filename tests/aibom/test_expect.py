"""What is expected of a signed model is held against the signed BOM and the vouched time alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aibom.expect_file import read_values
from aibom.signatures import SignatureError, Signed

NOW = datetime(2026, 6, 1, tzinfo=UTC)
COMMIT = "c" * 40
DIGEST = "d" * 64
RULES = {"name": "aibom:rules:sha256", "value": DIGEST}
SUBJECT = {
    "bom-ref": "subject",
    "name": "acme",
    "version": "1.2.0",
    "purl": "pkg:huggingface/acme/model@1.2.0",
    "pedigree": {"commits": [{"uid": COMMIT}]},
}


def bom(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any member of a document
    return {
        "metadata": {
            "component": SUBJECT,
            "tools": {"components": [{"name": "aibom", "version": "0.3.0", "properties": [RULES]}]},
        },
        "components": [],
        "compositions": [
            {"aggregate": "unknown", "assemblies": ["file:a"]},
            {"aggregate": "complete", "assemblies": ["subject"]},
        ],
        **changes,
    }


def finding(severity: str) -> dict[str, Any]:
    return {"id": "some-rule", "ratings": [{"severity": severity}]}


def tools(*tools: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"component": SUBJECT, "tools": {"components": list(tools)}}}


def subject(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any member of a component
    return {"metadata": {**bom()["metadata"], "component": {**SUBJECT, **changes}}}


def check(given: dict[str, Any], document: dict[str, Any], *ages: timedelta) -> None:
    """Hold `given` against a document that was signed keyless, at each of `ages` before now."""
    times = tuple(NOW - age for age in ages)
    signed = Signed(b"", "somebody", times, min(times, default=None))
    read_values(given).check(document, subjects={"img": DIGEST}, signed=signed, now=NOW)


MET: dict[str, dict[str, Any]] = {
    "nothing": {},
    "the model by its name": {"expect-model": "acme"},
    "the model by its package URL": {"expect-model": "pkg:huggingface/acme/model@1.2.0"},
    "the version": {"expect-version": "1.2.0"},
    "the commit": {"expect-commit": COMMIT},
    "a further subject": {"expect-subject": [f"img@sha256:{DIGEST}"]},
    "no older than it is": {"max-age": "2d"},
    "signed later": {"signed-after": "2026-05-30"},
    "signed later in another zone": {"signed-after": "2026-05-31T00:59:00+02:00"},
    "signed earlier": {"signed-before": "2026-06-01"},
    "signed in between": {"signed-after": "2026-05-30", "signed-before": "2026-06-01"},
    "the very rules": {"rules-digest": ["a" * 64, DIGEST]},
    "rules of this version": {"min-rules-version": "0.3"},
    "rules of an older version": {"min-rules-version": "0.2.9"},
    "rules of a version before its release": {"min-rules-version": "0.3.0rc1"},
    "no findings": {"no-findings": "info"},
    "all read": {"require-complete": "true"},
    "not that all was read": {"require-complete": "false"},
}


@pytest.mark.parametrize("given", MET.values(), ids=MET)
def test_is_met_by_the_example(given: dict[str, Any]) -> None:
    check(given, bom(), timedelta(days=1))


def declared(context: str) -> dict[str, Any]:
    """Return a subject of which a file says something."""
    return subject(evidence={"occurrences": [{"location": "m.gguf", "additionalContext": context}]})


def test_a_name_is_the_signers_whatever_a_file_declares() -> None:
    check({"expect-model": "acme"}, bom(**declared("declared: group, purl")), timedelta(days=1))


FINE = {"no-findings": "high"}
UNMET: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "another model": ({"expect-model": "acme-2"}, {}, "policy-model"),
    "a prefix of the model": ({"expect-model": "acm"}, {}, "policy-model"),
    "another package URL": ({"expect-model": "pkg:x/acme"}, {}, "policy-model"),
    "a package URL by a file's word": (
        {"expect-model": "pkg:huggingface/acme/model@1.2.0"},
        declared("declared: group, purl"),
        "policy-model",
    ),
    "a version by a file's word": (
        {"expect-version": "1.2.0"},
        declared("observed: size; declared: commit, version"),
        "policy-version",
    ),
    "no model": ({"expect-model": "acme"}, {"metadata": {}}, "policy-model"),
    "metadata that is none": ({"expect-model": "acme"}, {"metadata": 7}, "policy-model"),
    "another version": ({"expect-version": "1.2.1"}, {}, "policy-version"),
    "a version that is a number": (
        {"expect-version": "1.2"},
        subject(version=1.2),
        "policy-version",
    ),
    "no version": ({"expect-version": "1.2.0"}, subject(version=None), "policy-version"),
    "another commit": ({"expect-commit": "0" * 40}, {}, "policy-commit"),
    "no commit": ({"expect-commit": COMMIT}, subject(pedigree={}), "policy-commit"),
    "two commits": (
        {"expect-commit": COMMIT},
        subject(pedigree={"commits": [{"uid": COMMIT}, {"uid": "0" * 40}]}),
        "policy-commit",
    ),
    "another further subject": (
        {"expect-subject": f"img@sha256:{'0' * 64}"},
        {},
        "policy-subject",
    ),
    "no such further subject": ({"expect-subject": f"x@sha256:{DIGEST}"}, {}, "policy-subject"),
    "too old": ({"max-age": "23h"}, {}, "policy-age"),
    "far too old": ({"max-age": "1h"}, {}, "policy-age"),
    "signed before": ({"signed-after": "2026-05-31"}, {}, "policy-age"),
    "signed later": ({"signed-before": "2026-05-31"}, {}, "policy-age"),
    "other rules": ({"rules-digest": "a" * 64}, {}, "policy-rules"),
    "older rules": ({"min-rules-version": "0.3.1"}, {}, "policy-rules"),
    "rules before a release": (
        {"min-rules-version": "0.3.0"},
        tools({"name": "aibom", "version": "0.3.0rc1", "properties": [RULES]}),
        "policy-rules",
    ),
    "rules of no version": (
        {"min-rules-version": "0.0.1"},
        tools({"name": "aibom", "version": "new", "properties": [RULES]}),
        "policy-rules",
    ),
    "no scan at all": (FINE, tools({"name": "other", "properties": [RULES]}), "policy-rules"),
    "a scan without rules": (FINE, tools({"name": "aibom"}), "policy-rules"),
    "two scans": (
        FINE,
        tools(*[{"name": "aibom", "version": "9", "properties": [RULES]}] * 2),
        "policy-rules",
    ),
    "a finding": (FINE, {"vulnerabilities": [finding("high")]}, "policy-findings"),
    "a worse finding": (FINE, {"vulnerabilities": [finding("critical")]}, "policy-findings"),
    "a finding of no known severity": (
        FINE,
        {"vulnerabilities": [finding("none of your business")]},
        "policy-findings",
    ),
    "a finding without rating": (FINE, {"vulnerabilities": [{"id": "x"}]}, "policy-findings"),
    "five findings": (FINE, {"vulnerabilities": [finding("high")] * 5}, "policy-findings"),
    "something unread": (
        {"require-complete": "true"},
        {"components": [{"name": "a", "properties": [{"name": "aibom:unread", "value": "x"}]}]},
        "policy-incomplete",
    ),
    "an incomplete composition": (
        {"require-complete": "true"},
        {"compositions": [{"aggregate": "incomplete", "assemblies": ["subject"]}]},
        "policy-incomplete",
    ),
    "two compositions that differ": (
        {"require-complete": "true"},
        {
            "compositions": [
                {"aggregate": "complete", "assemblies": ["subject"]},
                {"aggregate": "unknown", "assemblies": ["subject"]},
            ]
        },
        "policy-incomplete",
    ),
    "no composition": (
        {"require-complete": "true"},
        {"compositions": [{"aggregate": "complete", "assemblies": 7}]},
        "policy-incomplete",
    ),
}


@pytest.mark.parametrize(("given", "changes", "code"), UNMET.values(), ids=UNMET)
def test_refuses(given: dict[str, Any], changes: dict[str, Any], code: str) -> None:
    with pytest.raises(SignatureError) as caught:
        check(given, bom(**changes), timedelta(days=1))
    assert caught.value.code == code


def test_a_milder_finding_is_accepted() -> None:
    check(FINE, bom(vulnerabilities=[finding("medium")]))


TIMES: dict[str, tuple[list[timedelta], str]] = {
    "nobody vouches for": ([], "policy-time"),
    "one witness calls too old": ([timedelta(hours=1), timedelta(days=40)], "policy-age"),
    "is yet to come": ([timedelta(hours=-1)], "policy-time"),
}


@pytest.mark.parametrize(("ages", "code"), TIMES.values(), ids=TIMES)
@pytest.mark.parametrize("given", [{"max-age": "30d"}, {"signed-after": "2026-05-02"}], ids=str)
def test_refuses_a_time_that(given: dict[str, Any], ages: list[timedelta], code: str) -> None:
    with pytest.raises(SignatureError) as caught:
        check(given, bom(), *ages)
    assert caught.value.code == code


def test_a_timestamp_does_not_show_that_a_signature_is_new() -> None:
    """Whoever has an old signature of a key can have it stamped today."""
    signed = Signed(b"", "key", (NOW,))
    for given in ({"max-age": "30d"}, {"signed-after": "2026-05-02"}):
        with pytest.raises(SignatureError, match="may be older than its timestamp") as caught:
            read_values(given).check(bom(), subjects={}, signed=signed, now=NOW)
        assert caught.value.code == "policy-time"


def test_a_timestamp_shows_that_a_signature_is_old() -> None:
    """By the earliest of several: the signature was there when the first was made."""
    times = NOW - timedelta(days=40), NOW
    expected = read_values({"signed-before": "2026-05-01"})
    expected.check(bom(), subjects={}, signed=Signed(b"", "key", times), now=NOW)
    with pytest.raises(SignatureError, match="no timestamp and no log") as caught:
        expected.check(bom(), subjects={}, signed=Signed(b"", "key"), now=NOW)
    assert caught.value.code == "policy-time"


def test_two_clocks_may_differ_a_little() -> None:
    check({"max-age": "30d"}, bom(), timedelta(minutes=-5))


def test_a_refusal_says_what_was_found_and_what_was_expected() -> None:
    with pytest.raises(SignatureError, match=r"^the version is '1\.2\.0', expected '1\.3\.0'$"):
        check({"expect-version": "1.3.0"}, bom())
    with pytest.raises(SignatureError, match=r"5 days|120\.0 hours") as caught:
        check({"max-age": "1d"}, bom(), timedelta(days=5))
    assert (
        str(caught.value)
        == "signed at 2026-05-27 00:00:00 UTC or later, 5 days ago; accepted are 24.0 hours"
    )
