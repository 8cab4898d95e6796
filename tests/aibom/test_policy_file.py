"""Policies as files: every demand is understood, or the file is refused."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from aibom.errors import Exit, TargetError
from aibom.policy import Policy, PolicyRule
from aibom.policy_file import BUNDLED, policy_named, read_policy
from aibom.policy_text import demands
from aibom.scanners.artifact import Artifact
from aibom.scanners.rule import Severity
from aibom.settings import read_settings
from tests.helpers.outcomes import LICENCE, unread
from tests.helpers.reports import report_of

WHOLE = b"""
name: ours
fail-on: medium
not-read: pass
waive-dangerous: true
max-waiver-days: 30
refuse-formats: [pickle, pyc]
at-least: {licence-missing: critical}
expect-model: acme
rules:
  - id: no-large-files
    each: file
    when: 'file.bytes > 10'
    message: too large
    severity: low
  - {id: whole, when: 'model.complete', message: m}
"""


def test_every_key_is_read() -> None:
    assert read_policy(WHOLE, where="p.yaml") == Policy(
        Severity.MEDIUM,
        not_read_fails=False,
        may_waive_danger=True,
        max_days=30,
        at_least=(("licence-missing", Severity.CRITICAL),),
        refuse_formats=("pickle", "pyc"),
        rules=(
            PolicyRule("no-large-files", "file.bytes > 10", "too large", Severity.LOW, "file"),
            PolicyRule("whole", "model.complete", "m"),
        ),
        name="ours",
        digest=sha256(WHOLE).hexdigest(),
    )


def test_what_a_policy_demands_is_shown() -> None:
    digest = sha256(WHOLE).hexdigest()
    assert demands(read_policy(WHOLE, where="p.yaml")) == (
        "policy ours\n"
        f"  sha256           {digest}\n"
        "  fail-on          medium\n"
        "  not-read         pass\n"
        "  waive-dangerous  true\n"
        "  max-waiver-days  30\n"
        "  refuse-formats   pickle, pyc\n"
        "  at-least         licence-missing: critical\n"
        "  rule             no-large-files (low), of each file:\n"
        "                   must not be: file.bytes > 10\n"
        "  rule             whole (high), of each model:\n"
        "                   must not be: model.complete\n"
    )
    assert demands(Policy(None)).splitlines()[:2] == [
        "policy (default)",
        "  fail-on          never",
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("fail-on: bad", "fail-on is 'bad', expected info, low, medium, high, critical or never"),
        ("fial-on: high", "'fial-on' is unknown. Did you mean 'fail-on'?"),
        ("zzz: high", "'zzz' is unknown. Known are name, rules, fail-on"),
        ("fail-on: high\nfail-on: low", "'fail-on' stands twice"),
        ("not-read: ignore", "not-read is 'ignore', expected fail or pass"),
        ("max-waiver-days: 0", "expected a number of days"),
        ("refuse-formats: [pickel]", "expected ids of formats"),
        ("refuse-formats: []", "expected ids of formats"),
        ("at-least: {no-rule: high}", "expected ids of rules"),
        ("at-least: [x]", "expected ids of rules"),
        ("- x", "expected keys with values"),
        ("a: *b", r"p\.yaml: no plain YAML: an alias \(character 3\)\.$"),
        ("a: [b\nc: }", r"p\.yaml: no plain YAML: did not find expected [^\n]*, line 2\.$"),
        ("a: \x01", r"p\.yaml: no plain YAML: not YAML\.$"),
        ("rules: x", "rules: expected a list"),
        ("rules: [x]", r"rules\[0\]: expected id, when and message"),
        ("rules: [{id: a, when: 'true'}]", r"rules\[0\] has no message"),
        ("rules: [{id: a, when: x, message: m, y: z}]", "'y' is unknown; known are id, each"),
        ("rules: [{id: A B, when: x, message: m}]", "lower-case words joined by hyphens"),
        ("rules: [{id: a, when: x, message: m, each: page}]", "model, file or finding"),
        (
            "rules: [{id: a, when: x, message: m}, {id: a, when: x, message: m}]",
            "the rule 'a' stands twice",
        ),
    ],
)
def test_what_is_not_understood_is_refused(text: str, why: str) -> None:
    with pytest.raises(TargetError, match=why):
        read_policy(text.encode(), where="p.yaml")


def test_a_policy_has_a_length() -> None:
    with pytest.raises(TargetError, match="1100000 bytes, allowed are 1048576"):
        read_policy(b"#" * 1_100_000, where="p.yaml")


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_policies_are_there_by_name(name: str) -> None:
    assert policy_named(name).name == name


def test_other_names_are_files(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("fail-on: low")
    assert policy_named(str(tmp_path / "own.yaml")).name == "own"
    with pytest.raises(TargetError, match="Did you mean 'release'"):
        policy_named("relase")
    with pytest.raises(TargetError, match="Bundled are baseline, release, registry-upload"):
        policy_named("zzz")


def test_no_file_takes_the_name_of_a_bundled_policy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("release").write_text("fail-on: never")
    assert policy_named("release").fail_on is Severity.MEDIUM
    assert policy_named("./release").fail_on is None
    Path("aibom.toml").write_text('policy = "release"')
    assert read_settings(Path("aibom.toml")) == {"policy": "release"}


def test_severities_are_raised_and_never_lowered() -> None:
    report = report_of(Artifact(("w.safetensors",), 9, formats=("safetensors",)), LICENCE)
    assert Policy().apply(report).passed
    code = report_of(unread("cut.pkl"), LICENCE)
    assert Policy().apply(code).exit_code is Exit.INCOMPLETE
    assert Policy(not_read_fails=False).apply(code).exit_code is Exit.OK


def test_a_refused_format_is_found_in_archives_too() -> None:
    inner = Artifact(("a.zip", "x.pkl"), 3, formats=("pickle",))
    report = report_of(Artifact(("a.zip",), 9, formats=("zip",), parts=(inner,)), LICENCE)
    verdict = Policy(refuse_formats=("pickle", "pyc")).apply(report)
    assert [(f.rule, f.path, f.message) for f in verdict.findings] == [
        ("refused-format", ("a.zip", "x.pkl"), "the policy refuses the format 'pickle'")
    ]
    assert verdict.exit_code is Exit.FINDINGS
