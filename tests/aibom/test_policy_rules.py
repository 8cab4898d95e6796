"""Rules that a policy writes itself: what holds, what does not, and what cannot be told."""

from __future__ import annotations

import sys

import pytest

from aibom.errors import TargetError
from aibom.policy import Policy, PolicyRule
from aibom.policy_explained import explanation
from aibom.policy_rules import broken, judge
from aibom.scanners.artifact import Artifact
from aibom.scanners.facts import Licence, Metadata
from aibom.scanners.record import replace
from aibom.scanners.rule import Severity
from aibom.waiver import Accepted, baseline_of
from tests.helpers.outcomes import LICENCE, everything, remote_code
from tests.helpers.reports import report_of

CARD = replace(
    LICENCE,
    path=("README.md",),
    formats=("model-card",),
    digests=(("sha256", "a" * 64),),
    facts=(Licence(key="license", value="mit"), Metadata(key="pipeline_tag", value="fill-mask")),
)
REPORT = report_of(CARD, remote_code("config.json"))


def found(when: str, each: str = "model") -> list[tuple[tuple[str, ...], str]]:
    rule = PolicyRule("r", when, "not so", each=each)
    return [(finding.path, finding.message) for finding in broken([rule], REPORT)]


@pytest.mark.parametrize(
    ("when", "each", "paths"),
    [
        ("size(model.licences) == 0", "model", []),
        ("'mit' in model.licences", "model", [()]),
        ("model.files == 2 && model.complete && model.name == 'model'", "model", [()]),
        ("'remote-code' in model.rules", "model", [()]),
        ("file.path.endsWith('.md')", "file", [("README.md",)]),
        ("'json' in file.formats", "file", [("config.json",)]),
        ("file.sha256 == ''", "file", [("config.json",)]),
        ("size(file.licences) > 0", "file", [("README.md",)]),
        ("'pipeline_tag' in file.metadata", "file", [("README.md",)]),
        ("size(file.rules) > 0 && model.bytes > 0", "file", [("config.json",)]),
        ("finding.level >= 2", "finding", [("config.json",)]),
        ("finding.rule == 'other' || size(finding.inside) > 3", "finding", []),
    ],
)
def test_a_rule_is_asked_of_each(when: str, each: str, paths: list[tuple[str, ...]]) -> None:
    assert found(when, each) == [(path, "not so") for path in paths]


@pytest.mark.parametrize(
    ("when", "why"),
    [
        ("model.nothing == 1", "there is no field 'nothing'"),
        ("file.metadata.licence == 'mit'", "there is no field 'licence'"),
        ("1 / 0 == 1", "it cannot be judged, so it is not met"),
        ("model.files", "the expression gives 2, not a bool"),
        ("model.name + 1 == 'x'", "it cannot be judged, so it is not met"),
        ("unknown == 1", "it cannot be judged, so it is not met"),
    ],
)
def test_what_cannot_be_judged_is_not_met(when: str, why: str) -> None:
    each = "file" if when.startswith("file") else "model"
    assert {message for _, message in found(when, each)} != set()
    assert all(why in message for _, message in found(when, each))


@pytest.mark.parametrize(
    ("when", "each", "why"),
    [
        (
            "model.name > (",
            "model",
            r"^rule 'r': 'model\.name > \(' is no expression: line 1, column 15: [^\n]*\.$",
        ),
        ("file.bytes > 1", "model", "is asked of each model, so it cannot name 'file'"),
        ("finding.level > 1", "file", "is asked of each file, so it cannot name 'finding'"),
    ],
)
def test_a_mistake_in_a_rule_is_told(when: str, each: str, why: str) -> None:
    with pytest.raises(TargetError, match=why):
        found(when, each)


def test_without_the_extra_the_sentence_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cel", None)
    with pytest.raises(TargetError, match=r"pip install 'aibom\[policy\]'"):
        found("true")


def test_an_explanation_shows_the_values_used() -> None:
    rule = PolicyRule("small", "file.bytes > 100 && model.name != 'file.path'", "m", each="file")
    (readme, config) = judge([rule], REPORT)
    assert (readme.is_broken, readme.values) == (
        False,
        (("file.bytes", "9"), ("model.name", "'model'")),
    )
    assert config.is_broken
    raised = (("remote-code", Severity.HIGH),)
    policy = Policy(rules=(rule,), refuse_formats=("pyc",), at_least=raised)
    assert explanation(REPORT, policy.apply(REPORT)) == (
        "ok     not-read fail: 0 things not read\n"
        "ok     refuse-formats pyc: none found\n"
        "       at-least remote-code: high (1 finding)\n"
        "FAIL   rule small (high): 1 of 2 files\n"
        "       file.bytes > 100 && model.name != 'file.path'\n"
        "         config.json: file.bytes = 1000, model.name = 'model'\n"
        "FAIL   fail-on high: 2 findings\n"
        "         high[small]: 1 time\n"
        "         high[remote-code]: 1 time\n"
        "verdict fail\n"
    )
    each = explanation(REPORT, policy.apply(REPORT), everything=True).splitlines()
    assert each[5:7] == [
        "         README.md: file.bytes = 9, model.name = 'model'",
        "         config.json: file.bytes = 1000, model.name = 'model'",
    ]


def test_an_explanation_is_short_however_many_files_there_are() -> None:
    report = report_of(*(Artifact((f"{n:03}\x1b",), n) for n in range(100)))
    rules = (
        PolicyRule("odd", "file.bytes >= 10", "m", Severity.LOW, each="file"),
        PolicyRule("vague", "model.nothing == 1", "m", Severity.INFO),
    )
    lines = explanation(report, Policy(rules=rules).apply(report)).splitlines()
    assert lines[1:] == [
        "below  rule odd (low): 90 of 100 files",
        "       file.bytes >= 10",
        *(f"         0{n}\\x1b: file.bytes = {n}" for n in range(10, 15)),
        "         … and 85 more; --all shows each",
        "below  rule vague (info): broken",
        "       model.nothing == 1",
        "         (it cannot be judged, so it is not met: there is no field 'nothing')",
        "ok     fail-on high: 0 findings",
        "verdict pass",
    ]


def test_an_explanation_tells_apart_what_fails_and_what_somebody_answers_for() -> None:
    policy = Policy(refuse_formats=("model-card",))
    accepted = Accepted(baseline=baseline_of(REPORT, policy))
    lines = explanation(REPORT, policy.apply(REPORT, accepted)).splitlines()
    assert lines == [
        "ok     not-read fail: 0 things not read",
        "waived refuse-formats model-card: found model-card",
        "waived refused-format: it was there when the baseline was written (baseline)",
        "ok     fail-on high: 0 findings",
        "verdict pass",
    ]


def test_an_explanation_names_what_is_waived_and_what_is_not_read() -> None:
    outcome = everything()
    lines = explanation(outcome.report, outcome.verdict).splitlines()
    assert lines == [
        "FAIL   not-read fail: 2 things not read",
        "waived remote-code: read by us x (ml@example.org, until 2027-02-28)",
        "FAIL   fail-on high: 2 findings",
        "         critical[template-runs-code]: 2 times",
        "verdict fail",
    ]
