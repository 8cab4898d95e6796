"""What an operator expects, as a policy file or a bundled policy says it."""

import os
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from aibom.errors import TargetError
from aibom.expect import Expectations
from aibom.expect_file import read_policy, read_subjects
from aibom.policy_file import MAX_FILE
from aibom.scanners.rule import Severity
from tests.aibom.test_expect import COMMIT, DIGEST


def read(path: Path) -> Expectations:
    return read_policy(path, path.parent / "demo")


class TestPolicyFile:
    def test_says_what_the_options_say(self, tmp_path: Path) -> None:
        path = tmp_path / "policy.yaml"
        path.write_text(
            "# for the deployment\n"
            "expect-model: acme\n"
            "expect-version: 1.20\n"
            f"expect-commit: {COMMIT}\n"
            f"expect-subject: [img@sha256:{DIGEST}]\n"
            "max-age: 2w\n"
            "signed-after: 2026-01-31\n"
            "signed-before: 2026-03-01\n"
            "min-rules-version: 0.3\n"
            f"rules-digest: {DIGEST}\n"
            f"expect-policy: {DIGEST}\n"
            "no-findings: HIGH\n"
            "require-complete: true\n"
        )
        assert read(path) == Expectations(
            model="acme",
            version="1.20",  # YAML would make a number of it
            commit=COMMIT,
            subjects=(("img", DIGEST),),
            max_age=timedelta(weeks=2),
            signed_after=datetime(2026, 1, 31, tzinfo=UTC),
            signed_before=datetime(2026, 3, 1, tzinfo=UTC),
            min_rules_version="0.3",
            rules=(DIGEST,),
            policies=(DIGEST,),
            no_findings=Severity.HIGH,
            complete=True,
        )

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("expect-modle: acme", "'expect-modle' is unknown"),
            ("expect-model: a\nexpect-model: b", "'expect-model' stands twice"),
            ("- expect-model", "expected keys with values"),
            ("", "expected keys with values"),
            ("fail-on: hihg", "fail-on is 'hihg', expected"),
            ("name: release", "the policy demands nothing"),
            ("waive-dangerous: true", "the policy demands nothing"),
            ("{}", "the policy demands nothing"),
            ("require-complete: false", "the policy demands nothing"),
            ("expect-model:", "expect-model is None, expected a name"),
            ("expect-model: [a]", "expected a name"),
            ("expect-commit: abc", "expected 40 or 64 hexadecimal digits"),
            ("expect-subject: img", "expected NAME@sha256:DIGEST"),
            ("max-age: 30", "expected a number and h, d or w"),
            ("max-age: 0d", "expected a number and h, d or w"),
            ("signed-after: soon", "expected a date"),
            ("min-rules-version: latest", "expected a version"),
            ("rules-digest: []", "expected 64 hexadecimal digits"),
            ("no-findings: bad", "expected info, low, medium, high or critical"),
            ("require-complete: yes", "expected true or false"),
            ("a: &x 1\nb: *x", "no plain YAML"),
            ("a: [", "no plain YAML"),
            ("\xff", "no plain YAML"),
            ("x" * (MAX_FILE + 1), "allowed are"),
        ],
    )
    def test_refuses_what_it_does_not_understand(self, tmp_path: Path, text: str, why: str) -> None:
        path = tmp_path / "policy.yaml"
        path.write_bytes(text.encode("latin-1"))
        with pytest.raises(TargetError) as caught:
            read_policy(path, tmp_path / "demo")
        assert why in str(caught.value)

    def test_one_in_the_model_is_no_demand_of_the_operators(self, tmp_path: Path) -> None:
        path = tmp_path / "policy.yaml"
        path.write_text("expect-model: acme\n")
        with pytest.raises(TargetError, match="the policy lies in the model"):
            read_policy(path, tmp_path)
        inside = read_policy(path, tmp_path, allow_inside=True)
        assert inside == Expectations(model="acme")

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("fail-on: medium", Expectations(fail_on=Severity.MEDIUM)),
            (
                "fail-on: high\nwaive-dangerous: true",
                Expectations(fail_on=Severity.HIGH, may_waive_danger=True),
            ),
            ("fail-on: never\nexpect-model: a", Expectations(model="a")),
            ("not-read: fail", Expectations(all_read=True)),
            ("not-read: pass\nexpect-model: a", Expectations(model="a")),
        ],
        ids=["threshold", "waived danger", "never", "gaps", "gaps that pass"],
    )
    def test_may_be_the_file_that_models_are_scanned_by(
        self, tmp_path: Path, text: str, expected: Expectations
    ) -> None:
        (tmp_path / "policy.yaml").write_text(text)
        assert read(tmp_path / "policy.yaml") == expected

    @pytest.mark.parametrize(
        ("text", "keys"),
        [
            ("fail-on: low\nno-findings: high", ("fail-on",)),
            (
                (
                    "name: release\nrefuse-formats: [pickle]\n"
                    "max-waiver-days: 90\nlicences: {deny: [agpl-3.0]}\n"
                    "at-least: {licence-missing: high}\n"
                    "rules: [{id: small, when: 'model.bytes > 1', message: shrink it}]"
                ),
                ("refuse-formats", "max-waiver-days", "licences", "at-least", "rules"),
            ),
        ],
        ids=["two thresholds", "all of scanning's"],
    )
    def test_what_a_scan_alone_judges_the_very_policy_must_have_judged(
        self, tmp_path: Path, text: str, keys: tuple[str, ...]
    ) -> None:
        path = tmp_path / "policy.yaml"
        path.write_text(text)
        own = sha256(text.encode()).hexdigest()
        assert (read(path).policies, read(path).left_to_scan) == ((own,), keys)
        named = read_policy(path, tmp_path / "demo", judged_by=(DIGEST,))
        assert named.policies == (DIGEST,)
        path.write_text(f"{text}\nexpect-policy: {DIGEST}")
        assert read(path).policies == (DIGEST,)

    def test_may_be_a_bundled_one_by_its_name(self, tmp_path: Path) -> None:
        assert read_policy("baseline", tmp_path) == Expectations(
            fail_on=Severity.HIGH, all_read=True
        )

    def test_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(TargetError, match="the policy is a FIFO, expected a regular file"):
            read_policy(tmp_path / "pipe", tmp_path / "demo")

    def test_one_that_is_not_there_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(TargetError, match="the policy cannot be read: no such file"):
            read_policy(tmp_path / "x", tmp_path / "demo")
        with pytest.raises(TargetError, match=r"no such policy\. Did you mean 'release'\?"):
            read_policy("relaese", tmp_path / "demo")


def test_subjects_are_a_name_and_a_digest_each() -> None:
    assert read_subjects([f"ghcr.io/a/m:1@sha256:{DIGEST}"]) == {"ghcr.io/a/m:1": DIGEST}
    with pytest.raises(TargetError, match="given twice"):
        read_subjects([f"a@sha256:{DIGEST}"] * 2)
    with pytest.raises(TargetError, match="expected NAME@sha256:DIGEST"):
        read_subjects(["a@sha512:00"])
