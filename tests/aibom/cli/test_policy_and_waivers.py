"""Policies, waivers and baselines as users meet them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from fixtures.hostile import calling_pickle
from tests.helpers.command import aibom
from tests.helpers.models import write_model

if TYPE_CHECKING:
    from pathlib import Path

ANSWER = ("--reason", "we read every line of it", "--owner", "ml@example.org", "--expires", "60d")


@pytest.fixture
def evil(tmp_path: Path) -> Path:
    """Return where a folder lies with a model that starts a program."""
    (tmp_path / "evil").mkdir()
    (tmp_path / "evil" / "model.pkl").write_bytes(calling_pickle("posix", "system"))
    return tmp_path


def test_a_baseline_lets_only_new_findings_count(evil: Path) -> None:
    written = aibom("scan", "evil", "--write-baseline", "b.json", cwd=evil)
    assert written.code == 1
    assert "recorded in b.json; scan with --baseline" in written.err
    known = aibom("scan", "evil", "--baseline", "b.json", cwd=evil)
    told = "1 finding known to the baseline, 1 of them at high or above"
    assert (known.code, known.out.splitlines()[0]) == (0, f"{told}, not shown")
    quiet = aibom("scan", "evil", "--baseline", "b.json", "--quiet", cwd=evil)
    assert quiet.out.splitlines()[-1] == f"PASS: no new finding at high or above; {told}"
    (evil / "evil" / "new.pkl").write_bytes(calling_pickle("posix", "popen"))
    new = aibom("scan", "evil", "--baseline", "b.json", "--format", "json", cwd=evil)
    report = json.loads(new.out)
    assert (new.code, report["verdict"]["failing"]) == (1, 1)
    assert ["model.pkl"] in [each["path"] for each in report["verdict"]["waived"]]
    found = [each["path"] for each in report["findings"]]
    assert [path in found for path in (["model.pkl"], ["new.pkl"])] == [True, True]


def test_a_baseline_that_the_settings_name_can_be_written_for_the_first_time(evil: Path) -> None:
    (evil / "aibom.toml").write_text('baseline = "b.json"\n')
    scan = ("scan", "evil", "--config", "aibom.toml")
    missing = aibom(*scan, cwd=evil)
    other = aibom(*scan, "--write-baseline", "c.json", cwd=evil)
    first = aibom(*scan, "--write-baseline", "evil/../b.json", cwd=evil)
    told = "error: b.json: the baseline cannot be read: no such file or directory. Check the path."
    assert [each.err.splitlines()[-1] == told for each in (missing, other, first)] == [
        *(True, True, False)
    ]
    assert [missing.code, other.code, first.code, aibom(*scan, cwd=evil).code] == [2, 2, 1, 0]


def test_danger_known_to_a_baseline_is_not_signed_without_consent(evil: Path) -> None:
    aibom("scan", "evil", "--write-baseline", "b.json", cwd=evil)
    aibom("keys", "generate", "-o", "k", cwd=evil)
    options = ("attest", "evil", "--baseline", "b.json", "--key", "k.key")
    refused = aibom(*options, "--quiet", cwd=evil)
    assert (refused.code, refused.out) == (1, "")
    assert (
        "not signed: critical[pickle-spawns-process] in model.pkl is known to the baseline"
        in refused.err
    )
    assert [path.name for path in (evil / "evil").iterdir()] == ["model.pkl"]
    (evil / "p.yaml").write_text("waive-dangerous: true\n")
    assert aibom(*options, "--policy", "p.yaml", cwd=evil).code == 0


def test_a_waiver_is_written_by_a_command_and_shown_by_the_scan(evil: Path) -> None:
    (evil / "p.yaml").write_text("fail-on: low\nwaive-dangerous: true\n")
    rule = ("--rule", "pickle-spawns-process")
    waived = aibom("waive", "evil", *rule, *ANSWER, "-o", "w.yaml", cwd=evil)
    assert (waived.code, waived.out) == (0, "")
    assert "1 waiver added to w.yaml, until " in waived.err
    options = ("--policy", "p.yaml", "--waivers", "w.yaml")
    scanned = aibom("scan", "evil", *options, cwd=evil)
    assert (
        "waived critical[pickle-spawns-process] evil/model.pkl: we read every line of it "
        "(ml@example.org, until " in scanned.out
    )
    assert "policy p@" in scanned.out.splitlines()[-1]
    strict = aibom("scan", "evil", "--waivers", "w.yaml", cwd=evil)
    assert (strict.code, "waiver-refused" in strict.out) == (1, True)


def test_a_waiver_that_is_there_is_renewed_and_not_added_again(evil: Path) -> None:
    waive = ("waive", "evil", "--rule", "pickle-spawns-process", *ANSWER[:-1])
    ended = [aibom(*waive, days, "-o", "w.yaml", cwd=evil) for days in ("60d", "60d", "90d")]
    told = [each.err.splitlines()[-1].partition(", until")[0] for each in ended]
    assert told == [
        "1 waiver added to w.yaml",
        "1 waiver in w.yaml already, word for word. Scan with --waivers w.yaml.",
        "1 waiver renewed in w.yaml",
    ]
    assert (evil / "w.yaml").read_text().count("- rule:") == 1


def test_waivers_of_other_models_are_named_and_fail_nothing(evil: Path) -> None:
    (evil / "p.yaml").write_text("fail-on: low\nwaive-dangerous: true\n")
    for number in range(5):
        (evil / str(number)).mkdir()
        content = calling_pickle("posix", "system", str(number).encode())
        (evil / str(number) / f"{number}.pkl").write_bytes(content)
        rule = ("--rule", "pickle-spawns-process", "--policy", "p.yaml", "-o", "w.yaml")
        assert aibom("waive", str(number), *rule, *ANSWER, cwd=evil).code == 0
    judging = ("--policy", "p.yaml", "--waivers", "w.yaml")
    one = aibom("scan", "1", *judging, "-o", "json=1.json", cwd=evil)
    assert (one.code, "waiver-unused" in one.out) == (0, False)
    told = [f"the waiver of pickle-spawns-process in {n}.pkl by ml@example.org" for n in (0, 2, 3)]
    assert one.err == (
        f"note: 4 waivers about files that are not here, or have other bytes: {', '.join(told)} "
        "and 1 more\n"
    )
    assert len(json.loads((evil / "1.json").read_text())["verdict"]["not_here"]) == 4
    every = aibom("scan", "0", "1", "2", "3", "4", *judging, "--format", "json", cwd=evil)
    assert (every.code, every.err) == (0, "")


def test_a_waiver_that_will_not_hold_is_told_when_it_is_written(evil: Path) -> None:
    rule = ("--rule", "pickle-spawns-process")
    ended = aibom("waive", "evil", *rule, *ANSWER, "-o", "w.yaml", cwd=evil)
    assert "which this policy lets nobody waive" in ended.err
    short = aibom("waive", "evil", *rule, "--reason", "ok", *ANSWER[2:], cwd=evil)
    assert (short.code, "--reason has 10 characters or more" in short.err) == (2, True)


def test_nothing_is_waived_that_is_not_there(evil: Path) -> None:
    ended = aibom("waive", "evil", "--rule", "remote-code", *ANSWER, cwd=evil)
    assert ended.code == 2
    assert "there is no finding of 'remote-code', so there is nothing to waive." in ended.err
    assert "pickle-spawns-process" in ended.err


def test_the_stricter_of_option_and_policy_counts(evil: Path) -> None:
    (evil / "p.yaml").write_text("fail-on: critical\n")
    lax = aibom("scan", "evil", "--policy", "p.yaml", "--fail-on", "never", cwd=evil)
    assert "at critical or above" in lax.out
    strict = aibom("scan", "evil", "--policy", "p.yaml", "--fail-on", "low", cwd=evil)
    assert "at low or above" in strict.out


@pytest.mark.parametrize("verb", ["scan", "bom"])
def test_a_mistake_in_a_file_is_told_before_the_scan(evil: Path, verb: str) -> None:
    (evil / "p.yaml").write_text("fial-on: low\n")
    ended = aibom(verb, "evil", "--policy", "p.yaml", cwd=evil)
    assert (ended.code, ended.out) == (2, "")
    assert "p.yaml: 'fial-on' is unknown. Did you mean 'fail-on'?" in ended.err


def test_what_a_bom_says_against_its_model_is_told_when_it_is_signed(evil: Path) -> None:
    (evil / "evil" / "cut.pkl").write_bytes(b"\x80\x04")
    aibom("keys", "generate", "-o", "k", cwd=evil)
    aibom("bom", "evil", "-o", "evil/aibom.cdx.json", cwd=evil)
    sign = ("sign", "evil/aibom.cdx.json", "--key", "k.key")
    for policy, why in (
        ("baseline", "the signed BOM states 'critical[pickle-spawns-process]'."),
        ("release", "judged by no policy of anybody's, expected "),
    ):
        refused = aibom(*sign, "--policy", policy, cwd=evil)
        assert (refused.code, refused.out) == (1, "")
        assert f"error: not signed, as {policy} demands: {why}" in refused.err
    assert not (evil / "evil" / "aibom.sigstore.json").exists()
    signed = aibom(*sign, "-q", cwd=evil)
    danger, gap = (line for line in signed.err.splitlines() if line.startswith("warning: "))
    assert danger == (
        "warning: the BOM states critical[pickle-spawns-process]: a signature says who vouches for "
        "it, not that the model is good"
    )
    assert gap.startswith("warning: the BOM states that cut.pkl was not read (malformed: ")
    assert signed.code == 0


def test_a_bom_with_nothing_against_its_model_is_signed_without_a_word(evil: Path) -> None:
    write_model(evil / "demo")
    aibom("keys", "generate", "-o", "k", cwd=evil)
    judging = ("--policy", "release")
    aibom("bom", "demo", "-o", "demo/aibom.cdx.json", *judging, cwd=evil)
    sign = ("sign", "demo/aibom.cdx.json", "--key", "k.key", *judging, "-q")
    signed = aibom(*sign, cwd=evil)
    assert (signed.code, signed.err) == (0, "")


def test_attest_obeys_a_policy(evil: Path) -> None:
    write_model(evil / "demo")
    aibom("keys", "generate", "-o", "k", cwd=evil)
    (evil / "p.yaml").write_text("refuse-formats: [safetensors]\n")
    ended = aibom("attest", "demo", "--key", "k.key", "--policy", "p.yaml", cwd=evil)
    assert ended.code == 1
    assert "refused-format" in ended.err
    assert "not signed: the policy is not met" in ended.err


def test_policy_show_and_explain(evil: Path) -> None:
    shown = aibom("policy", "show", "release", cwd=evil)
    assert (shown.code, shown.out.splitlines()[0]) == (0, "policy release")
    explained = aibom("policy", "explain", "evil", "--policy", "release", cwd=evil)
    assert explained.code == 1
    assert "FAIL   refuse-formats pickle, torch-zip" in explained.out
    assert explained.out.splitlines()[-1] == "verdict fail"


class TestCases:
    CASES = """
policy: p.yaml
cases:
  - {report: evil.json, expect: fail, rules: [pickle-spawns-process]}
  - {report: demo.json, expect: pass}
"""

    @pytest.fixture
    def here(self, evil: Path) -> Path:
        (evil / "p.yaml").write_text("fail-on: high\n")
        write_model(evil / "demo")
        for name in ("evil", "demo"):
            aibom("scan", name, "-o", f"json={name}.json", cwd=evil)
        return evil

    def test_a_policy_is_tested_with_saved_reports(self, here: Path) -> None:
        (here / "cases.yaml").write_text(self.CASES)
        ended = aibom("policy", "test", "cases.yaml", cwd=here)
        assert (ended.code, ended.out) == (0, "ok evil.json\nok demo.json\n")

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            (
                ("expect: fail", "expect: pass"),
                "FAIL evil.json: fail, expected pass: critical[pickle-spawns-process] in model.pkl",
            ),
            (
                ("[pickle-spawns-process]", "other"),
                "FAIL evil.json: other was not found, but pickle-spawns-process",
            ),
            (
                ("evil.json, expect: fail", "demo.json, expect: fail"),
                "FAIL demo.json: pass, expected fail: nothing at high or above, below it info[",
            ),
            (
                ("evil.json, expect: fail", "cut.json, expect: pass"),
                "FAIL cut.json: incomplete, expected pass: not read: ",
            ),
        ],
        ids=["verdict", "rule", "passes", "not read"],
    )
    def test_a_case_that_comes_out_otherwise_fails(
        self, here: Path, change: tuple[str, str], said: str
    ) -> None:
        (here / "cases.yaml").write_text(self.CASES.replace(*change))
        (here / "cut.safetensors").write_bytes(b"\x00" * 20)
        aibom("scan", "cut.safetensors", "-o", "json=cut.json", cwd=here)
        ended = aibom("policy", "test", "cases.yaml", cwd=here)
        first = ended.out.splitlines()[0]
        assert (ended.code, first[: len(said)]) == (1, said)
        assert "`aibom policy explain MODEL --policy FILE` shows each demand" in ended.err

    def test_a_report_of_several_targets_is_named_and_no_model_file(self, here: Path) -> None:
        (here / "two").mkdir()
        aibom("scan", "evil", "demo", "-o", "json=two/both.json", cwd=here)
        (here / "cases.yaml").write_text(
            "policy: baseline\ncases: [{report: two/both.json, expect: pass}]"
        )
        ended = aibom("policy", "test", "cases.yaml", cwd=here)
        assert (ended.code, ended.out) == (2, "")
        told = " ".join(ended.err.split())
        assert "two/both.json: this holds several reports, one a line: it is of" in told
        assert "Scan each target into a file of its own" in told
        (here / "two" / "none.json").write_text("{}")
        (here / "cases.yaml").write_text(
            "policy: baseline\ncases: [{report: two/none.json, expect: pass}]"
        )
        none = aibom("policy", "test", "cases.yaml", cwd=here)
        assert "two/none.json: this is not a report of" in " ".join(none.err.split())
        scanned = aibom("scan", "two", cwd=here)
        assert (scanned.code, "malformed" in scanned.out) == (0, False)

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("policy: p.yaml\nkases: []", "'kases' is unknown; known are policy, cases."),
            ("cases: []", "expected `policy: NAME|FILE` and a list `cases`"),
            ("policy: p.yaml\ncases: [x]", r"cases[0] names no report"),
            ("policy: p.yaml\ncases: [{report: x, expect: y}]", "expect is one of pass, fail"),
            (
                "policy: p.yaml\ncases: [{report: x, expect: pass, z: 1}]",
                "'z' is unknown; known are report, expect, rules",
            ),
        ],
        ids=["a slip", "no policy", "no report", "no verdict", "unknown"],
    )
    def test_what_is_no_case_is_refused(self, here: Path, text: str, why: str) -> None:
        (here / "cases.yaml").write_text(text)
        ended = aibom("policy", "test", "cases.yaml", cwd=here)
        assert ended.code == 2
        assert why in ended.err
