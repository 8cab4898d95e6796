"""What somebody answers for does not count; everything else does."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from aibom.binding import UNKNOWN, Bindings
from aibom.errors import Exit
from aibom.fingerprint import fingerprints
from aibom.policy import Policy, Verdict
from aibom.scanners.artifact import Artifact
from aibom.scanners.facts import Tensor
from aibom.scanners.record import replace
from aibom.scanners.rule import Severity
from aibom.waiver import Accepted, Baseline, Waiver, baseline_of
from tests.helpers.outcomes import LICENCE, remote_code, template
from tests.helpers.reports import report_of

if TYPE_CHECKING:
    from aibom.report import Report

TODAY = date(2026, 11, 26)
WAIVER = Waiver("remote-code", "read at this commit", "ml@example.org", date(2026, 12, 31))
TEMPLATE = replace(WAIVER, rule="template-runs-code")
STRICT = Policy(Severity.MEDIUM)


def hashed(artifact: Artifact, digit: str = "a") -> Artifact:
    return replace(artifact, digests=(("sha256", digit * 64),))


def code(digit: str, name: str = "x.py", *formats: str) -> Artifact:
    return hashed(Artifact((name,), 9, formats=formats), digit)


def model(digit: str = "a") -> Report:
    return report_of(hashed(remote_code("config.json"), digit), LICENCE)


def bare(digit: str) -> Report:
    """Return a model without a licence."""
    weights = Artifact(("m.gguf",), 9, facts=(Tensor(name="w", dtype="F32", shape=(2,)),))
    return report_of(hashed(remote_code("config.json"), digit), hashed(weights, digit))


def bound(report: Report) -> str:
    return Bindings(report).of(report.findings[-1])


def rules(verdict: Verdict) -> list[str]:
    return [finding.rule for finding in verdict.findings]


def judged(report: Report, *waivers: Waiver, policy: Policy = STRICT) -> Verdict:
    return policy.apply(report, Accepted(waivers, today=TODAY))


def test_a_waived_finding_does_not_count_and_is_told() -> None:
    verdict = judged(model(), WAIVER)
    assert (verdict.exit_code, rules(verdict)) == (Exit.OK, [])
    assert [each.as_dict() for each in verdict.waived] == [
        {
            "rule": "remote-code",
            "severity": "medium",
            "path": ["config.json"],
            "message": "auto_map.AutoModel names the code 'x.Y'",
            "reason": "read at this commit",
            "owner": "ml@example.org",
            "expires": "2026-12-31",
        }
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"rule": "template-runs-code"},
        {"fingerprint": "0" * 64},
        {"digest": "b" * 64},
        {"rule": "licence-missing", "paths": ("config.json",)},
    ],
    ids=["rule", "fingerprint", "digest", "rule in a file"],
)
def test_a_waiver_that_fits_nothing_waives_nothing_and_is_told(changes: dict[str, str]) -> None:
    verdict = judged(model(), replace(WAIVER, **changes))
    assert (verdict.exit_code, rules(verdict)) == (Exit.FINDINGS, ["waiver-unused", "remote-code"])


class TestOfAnotherModel:
    """A list of waivers may be of several models, of which one is scanned."""

    DIGEST = "b" * 64

    @pytest.mark.parametrize(
        "changes",
        [
            {"paths": ("other.json", "*.pkl")},
            {"paths": ("LICENSE",), "digest": DIGEST},
            {"rule": "licence-missing", "paths": ("config.json",), "digest": DIGEST},
            {"rule": "licence-missing", "paths": ("*",)},
            {"paths": ("other.json",), "expires": date(2026, 11, 25)},
        ],
        ids=["path", "bytes", "bytes and rule", "the whole model", "expired"],
    )
    def test_a_waiver_is_named_and_no_finding(self, changes: dict[str, str]) -> None:
        other = replace(WAIVER, **changes)
        verdict = judged(model(), WAIVER, other)
        assert (verdict.passed, verdict.findings, verdict.not_here) == (True, (), (other,))
        assert verdict.as_dict()["not_here"] == [other.as_dict()]

    def test_a_waiver_that_any_of_several_uses_is_not_unused(self) -> None:
        accepted = Accepted((WAIVER, TEMPLATE), today=TODAY)
        reports = (report_of(template("tokenizer.json"), LICENCE), model())
        both = Policy(may_waive_danger=True).apply_all(reports, accepted)
        assert [(each.passed, rules(each), each.not_here) for each in both] == [(True, [], ())] * 2

    def test_a_waiver_that_none_uses_is_told_once(self) -> None:
        unused = replace(WAIVER, fingerprint="0" * 64, paths=("config.json",))
        both = Policy().apply_all((model(), model()), Accepted((unused,), today=TODAY))
        assert [rules(each) for each in both] == [["waiver-unused", "remote-code"], ["remote-code"]]

    def test_a_file_of_the_very_bytes_in_which_nothing_is_found_makes_it_unused(self) -> None:
        waiver = replace(TEMPLATE, paths=("config.json",), digest="a" * 64)
        assert rules(judged(model(), WAIVER, waiver)) == ["waiver-unused"]


def test_a_waiver_may_be_as_narrow_as_one_finding_in_certain_bytes() -> None:
    (mark,) = fingerprints(model().findings)
    narrow = replace(WAIVER, paths=("conf*.json",), fingerprint=mark[:12], digest=bound(model()))
    assert judged(model(), narrow).passed
    assert not judged(model("b"), narrow).passed


def test_an_expired_waiver_returns_its_finding_and_is_one() -> None:
    last = replace(WAIVER, expires=TODAY)
    over = replace(WAIVER, expires=date(2026, 11, 25))
    assert judged(model(), last).passed
    verdict = judged(model(), over)
    assert rules(verdict) == ["remote-code", "waiver-expired"]
    assert verdict.findings[1].message == (
        "the waiver of remote-code by ml@example.org ended on 2026-11-25"
    )
    assert STRICT.apply(model(), Accepted((over,))).passed  # without a day nothing expires


def test_of_two_waivers_one_that_holds_is_enough() -> None:
    over = replace(WAIVER, expires=date(2026, 11, 25))
    verdict = judged(model(), over, WAIVER)
    assert (len(verdict.waived), rules(verdict)) == (1, ["waiver-expired"])


def test_danger_is_waived_only_where_the_policy_consents() -> None:
    report = report_of(template("tokenizer.json"), LICENCE)
    assert {finding.severity for finding in report.findings} == {Severity.CRITICAL}
    refused = judged(report, TEMPLATE, policy=Policy())
    assert (refused.exit_code, refused.waived) == (Exit.FINDINGS, ())
    assert rules(refused) == ["waiver-refused", "template-runs-code"]
    assert judged(report, TEMPLATE, policy=Policy(may_waive_danger=True)).passed


def test_a_finding_of_the_whole_model_is_waived_by_any_path() -> None:
    report = model()
    whole = replace(report, findings=(replace(report.findings[0], path=()),))
    assert judged(whole, replace(WAIVER, paths=("*",))).passed


class TestCode:
    def report(self, *more: Artifact) -> Report:
        return report_of(hashed(remote_code("config.json")), LICENCE, *more)

    @pytest.mark.parametrize(
        "other",
        [
            (code("b"),),
            (code("a"), code("c", "helper.py")),
            (code("a"), code("c", "lib.so.1", "elf")),
            (code("a", "y.py"),),
            (),
        ],
        ids=["changed", "more of it", "a library", "renamed", "gone"],
    )
    def test_a_waiver_ends_when_the_code_beside_changes(self, other: tuple[Artifact, ...]) -> None:
        waiver = replace(WAIVER, digest=bound(self.report(code("a"))))
        assert judged(self.report(code("a")), waiver).passed
        verdict = judged(self.report(*other), waiver)
        assert rules(verdict) == ["waiver-unused", "remote-code"]

    def test_a_waiver_holds_when_anything_else_changes(self) -> None:
        waiver = replace(WAIVER, digest=bound(self.report(code("a"))))
        more = hashed(Artifact(("README.md",), 9), "f")
        assert judged(self.report(code("a"), more), waiver).passed

    def test_code_whose_bytes_are_not_known_is_nothing_to_answer_for(self) -> None:
        report = self.report(Artifact(("x.py",), 9))
        assert bound(report) == UNKNOWN
        assert not judged(report, replace(WAIVER, digest=UNKNOWN)).passed


class TestBaseline:
    def test_only_what_is_new_counts(self) -> None:
        accepted = Accepted(baseline=baseline_of(model(), Policy()))
        assert STRICT.apply(model(), accepted).passed
        more = report_of(hashed(remote_code("config.json")), remote_code("b.json"), LICENCE)
        verdict = STRICT.apply(more, accepted)
        assert [finding.path for finding in verdict.findings] == [("b.json",)]

    def test_a_harmless_one_stays_known_when_files_change(self) -> None:
        accepted = Accepted(baseline=baseline_of(bare("a"), Policy()))
        assert rules(STRICT.apply(bare("b")))[1:] == ["licence-missing", "remote-code"]
        assert rules(STRICT.apply(bare("b"), accepted)) == ["remote-code"]

    def test_what_names_code_is_known_with_the_same_code_alone(self) -> None:
        def report(digit: str) -> Report:
            return report_of(hashed(remote_code("config.json")), code(digit), LICENCE)

        accepted = Accepted(baseline=baseline_of(report("a"), Policy()))
        assert STRICT.apply(report("a"), accepted).passed
        assert rules(STRICT.apply(report("b"), accepted)) == ["remote-code"]

    def test_a_dangerous_one_of_the_whole_model_is_known_in_the_same_files_alone(self) -> None:
        strict = Policy(at_least=(("licence-missing", Severity.HIGH),))
        accepted = Accepted(baseline=baseline_of(bare("a"), strict))
        assert strict.apply(bare("a"), accepted).passed
        assert rules(strict.apply(bare("b"), accepted)) == ["remote-code", "licence-missing"]

    def test_what_the_policy_forbids_is_known_as_well(self) -> None:
        strict = Policy(refuse_formats=("gguf",))
        report = report_of(hashed(Artifact(("m.gguf",), 9, formats=("gguf",))))
        assert not strict.apply(report).passed
        assert strict.apply(report, Accepted(baseline=baseline_of(report, strict))).passed

    def test_a_dangerous_one_is_known_in_the_same_bytes_alone(self) -> None:
        def report(digit: str) -> Report:
            return report_of(hashed(template("tokenizer.json"), digit), LICENCE)

        accepted = Accepted(baseline=baseline_of(report("a"), Policy()))
        assert Policy().apply(report("a"), accepted).passed
        assert not Policy().apply(report("b"), accepted).passed

    def test_bytes_that_are_not_known_are_not_the_same(self) -> None:
        report = report_of(template("tokenizer.json"), LICENCE)
        (known,) = baseline_of(report, Policy()).known
        assert known.digest == "unknown"
        nobody_recorded = Baseline((replace(known, digest=""),))
        assert not Policy().apply(report, Accepted(baseline=nobody_recorded)).passed

    @pytest.mark.parametrize("said", [{"rule": "licence-missing"}, {"path": ("README.md",)}])
    def test_what_a_reviewer_reads_is_true_or_nothing_is_known(self, said: dict[str, str]) -> None:
        report = report_of(hashed(template("tokenizer.json")), LICENCE)
        (known,) = baseline_of(report, Policy()).known
        verdicts = [
            Policy().apply(report, Accepted(baseline=Baseline((each,))))
            for each in (known, replace(known, **said))
        ]
        assert [each.passed for each in verdicts] == [True, False]

    def test_danger_that_it_knows_is_signed_only_where_the_policy_consents(self) -> None:
        report = report_of(hashed(template("tokenizer.json")), LICENCE)
        accepted = Accepted(baseline=baseline_of(report, Policy()))
        verdicts = [
            Policy(may_waive_danger=consents).apply(report, accepted) for consents in (False, True)
        ]
        assert [each.passed for each in verdicts] == [True, True]
        assert [each.must_not_be_signed for each in verdicts] == [report.findings, ()]

    def test_what_is_not_dangerous_may_be_signed(self) -> None:
        verdict = STRICT.apply(model(), Accepted(baseline=baseline_of(model(), STRICT)))
        assert (len(verdict.known), verdict.must_not_be_signed) == (1, ())
