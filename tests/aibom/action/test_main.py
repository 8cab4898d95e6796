"""One step of a workflow: what it writes, hands on and says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from aibom.action import __main__ as action
from aibom.action import base, outputs
from aibom.action.__main__ import main
from aibom.action.inputs import Inputs, read
from aibom.errors import AibomError
from aibom.layout import BUNDLE_NAME
from fixtures.hostile import calling_pickle
from tests.action.runner import GIT, commit
from tests.helpers.command import aibom
from tests.helpers.models import write_model
from tests.local_sigstore import GITHUB_ISSUER
from tests.signatures.keyless_examples import WORKFLOW

if TYPE_CHECKING:
    from pathlib import Path

    from tests.local_sigstore import LocalSigstore


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a workspace, in which the process is, with a good and a bad model."""
    workspace = tmp_path / "workspace"
    write_model(workspace / "clean")
    (workspace / "evil").mkdir()
    (workspace / "evil" / "model.pkl").write_bytes(calling_pickle("posix", "system"))
    monkeypatch.chdir(workspace)
    return workspace


class Step:
    """A step that ended."""

    def __init__(self, place: Path, more: dict[str, str], **inputs: str) -> None:
        """Run it."""
        place.mkdir(exist_ok=True)
        files = {"GITHUB_OUTPUT": place / "output", "GITHUB_STEP_SUMMARY": place / "summary"}
        for file in files.values():
            file.unlink(missing_ok=True)
        given = {f"AIBOM_INPUT_{name.upper()}": value for name, value in inputs.items()}
        environment = {"RUNNER_TEMP": str(place), **given, **more}
        self.code = main(environment | {name: str(file) for name, file in files.items()})
        text = files["GITHUB_OUTPUT"].read_text() if files["GITHUB_OUTPUT"].exists() else ""
        self.outputs = dict(line.split("=", 1) for line in text.splitlines())
        summary = files["GITHUB_STEP_SUMMARY"]
        self.summary = summary.read_text() if summary.exists() else ""


def step(here: Path, more: dict[str, str] | None = None, **inputs: str) -> Step:
    return Step(here.parent / "temp", more or {}, **inputs)


def test_a_finding_is_an_output_and_no_failure_yet(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = step(here, path="evil")
    names = ("verdict", "exit-code", "critical", "high", "waived", "not-read")
    assert (done.code, [done.outputs[name] for name in names]) == (
        0,
        ["fail", "1", "1", "0", "0", "0"],
    )
    assert done.summary.startswith("## ❌ FAIL `evil`")
    assert json.loads((here.parent / "temp" / "aibom-results" / "aibom.sarif").read_text())["runs"]
    first, *_, last = capsys.readouterr().out.splitlines()
    assert re.fullmatch("::stop-commands::[0-9a-f]{32}", first)
    assert last.startswith("::")


def test_a_model_that_passes_is_made_ready_to_attest(here: Path) -> None:
    done = step(here, path="clean", sign="attest")
    assert (done.code, done.outputs["verdict"]) == (0, "pass")
    results = here.parent / "temp" / "aibom-results"
    assert done.outputs["checksums-path"] == str(results / "SHA256SUMS")
    sums = subprocess.run(
        ["/usr/bin/sha256sum", "--check", "--quiet", results / "SHA256SUMS"],
        cwd=here / "clean",
        capture_output=True,
        check=False,
    )
    assert (sums.returncode, sums.stdout) == (0, b"")
    assert done.outputs["bom-digest"].startswith("sha256:")
    assert done.outputs["bundle-path"] == ""


def test_a_model_that_fails_has_a_bom_and_no_signature(here: Path) -> None:
    done = step(here, path="evil", sign="attest", bom="true")
    assert done.outputs["bom-path"].endswith("aibom.cdx.json")
    assert done.outputs["checksums-path"] == ""
    assert step(here, path="evil", sign="keyless").outputs["bom-path"] == ""


def test_danger_known_to_a_baseline_passes_and_is_not_attested(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert aibom("scan", "evil", "--write-baseline", "b.json", cwd=here).code == 1
    done = step(here, path="evil", sign="attest", baseline="b.json")
    assert (done.outputs["verdict"], done.outputs["checksums-path"]) == ("pass", "")
    told = "::warning title=aibom::not signed: critical[pickle-spawns-process] in model.pkl is"
    assert told in capsys.readouterr().out


def test_keyless_without_an_identity_is_a_mistake(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    done = step(here, path="clean", sign="keyless", policy="baseline", fail_on="high")
    assert done.code == 2
    assert "::error title=aibom::the model was not signed: see above." in capfd.readouterr().out


def test_a_signature_is_demanded_and_believed(here: Path) -> None:
    aibom("keys", "generate", "-o", str(here / "k"))
    assert step(here, path="clean", verify="true", verify_key="k.pub").outputs["exit-code"] == "4"
    assert aibom("attest", here / "clean", "--key", here / "k.key").code == 0
    done = step(here, path="clean", verify="true", verify_key="k.pub", results="elsewhere")
    assert (done.outputs["verdict"], done.outputs["exit-code"]) == ("pass", "0")
    assert (here / "elsewhere" / "aibom.sarif").exists()


def test_signs_and_verifies_by_a_private_sigstore(
    here: Path, sigstore: LocalSigstore, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "trust.json").write_text(json.dumps(sigstore.trust_config()))
    for name, value in sigstore.on_github().items():
        monkeypatch.setenv(name, value)
    private = {"path": "clean", "trust_config": "trust.json"}
    signed = step(here, None, sign="keyless", require_lock="true", baseline="none", **private)
    assert (signed.code, signed.outputs["bundle-path"]) == (0, f"clean/{BUNDLE_NAME}")
    demand = {"verify": "true", "verify_issuer": GITHUB_ISSUER, **private}
    codes = [
        step(here, None, verify_identity=name, **demand).outputs["exit-code"]
        for name in (WORKFLOW, WORKFLOW.replace("acme", "acne"))
    ]
    assert codes == ["0", "4"]


def test_a_name_that_cannot_be_attested_is_refused(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "clean" / "a\nb.txt").write_text("x")
    assert step(here, path="clean", sign="attest").code == 2
    assert r"::error title=aibom::a\nb.txt: this name cannot be attested" in capsys.readouterr().out


def test_a_path_that_is_not_there_takes_no_finding_from_the_others(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    codes = {
        path: step(here, path=f"no\n{path}").outputs["exit-code"] for path in ("evil", "clean")
    }
    assert codes == {"evil": "1", "clean": "3"}
    assert "::error title=aibom::no: no such file or folder." in capsys.readouterr().out


def test_a_bug_writes_no_command(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("x\n::set-output name=verdict::pass")

    monkeypatch.setattr(action, "outcomes_of", broken)
    assert step(here, path="clean").code == 70
    first, *lines, last, _ = capsys.readouterr().out.split("\n")
    assert first.startswith("::stop-commands::")
    assert last == f"::{first.rpartition('::')[2]}::"
    assert "RuntimeError: x" in lines


def test_all_that_must_not_be_obeyed_goes_to_one_stream(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with outputs.plainly():
        sys.stderr.write("::error::x\n")
    told = capsys.readouterr()
    assert (told.err, told.out.split("\n")[1]) == ("", "::error::x")


def test_a_model_that_does_not_verify_is_handed_on_to_nobody(here: Path) -> None:
    aibom("keys", "generate", "-o", str(here / "k"))
    done = step(here, path="clean", sign="attest", verify="true", verify_key="k.pub")
    assert (done.outputs["exit-code"], done.outputs["checksums-path"]) == ("4", "")


@pytest.mark.parametrize(
    ("inputs", "why"),
    [
        ({"path": "-x"}, "input path is '-x', which looks like an option"),
        ({"path": "a\n--b"}, "input path is '--b', which looks like an option"),
        ({"fail_on": "x"}, "input fail-on is 'x', expected never, info, low"),
        ({"bom": "yes"}, "input bom is 'yes', expected true, false"),
        ({"rules_from": "x"}, "input rules-from is 'x', expected base, head"),
        ({"path": "a\nb", "sign": "attest"}, "several models"),
        ({"path": "a\nb", "bom": "true"}, "several models"),
    ],
    ids=["option", "second", "level", "yes", "rules", "sign", "bom"],
)
def test_wrong_inputs_are_refused(inputs: dict[str, str], why: str) -> None:
    given = {f"AIBOM_INPUT_{name.upper()}": value for name, value in inputs.items()}
    with pytest.raises(AibomError, match=why):
        read(given)


def test_an_input_that_is_not_given_has_its_default() -> None:
    assert read({"AIBOM_INPUT_PATH": "  ", "OTHER": "x"}) == Inputs()


def test_outside_of_a_workflow_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main({}) == 2
    assert "RUNNER_TEMP is not set" in capsys.readouterr().out


IDENTITY = ("-c", "user.name=x", "-c", "user.email=x@example.org")


def git(here: Path, *arguments: str) -> str:
    done = subprocess.run([GIT, *arguments], cwd=here, capture_output=True, check=True, text=True)
    return done.stdout.strip()


class TestBase:
    def event(self, here: Path, sha: str, head: str = "") -> dict[str, str]:
        payload = {"pull_request": {"base": {"sha": sha}, "head": {"sha": head}}}
        (here.parent / "event").write_text(json.dumps(payload))
        return {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": f"{here.parent}/event"}

    def test_what_the_base_has_does_not_count(self, here: Path) -> None:
        commit(here)
        head = (here / ".git" / "refs" / "heads" / "main").read_text().strip()
        (here / "evil" / "card.md").write_text("words")
        done = step(here, self.event(here, head), path="evil")
        assert (done.outputs["verdict"], done.outputs["waived"]) != ("fail", "0")
        assert done.outputs["verdict"] == "pass"
        assert not (here.parent / "temp" / "aibom-base").exists()

    def test_a_base_that_is_not_at_hand_makes_everything_count(
        self, here: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        commit(here)
        done = step(here, self.event(here, "0" * 40), path="evil")
        assert done.outputs["verdict"] == "fail"
        assert "the base is not at hand, so every finding counts" in capsys.readouterr().out

    def test_a_path_outside_of_the_base_is_not_looked_up_there(self, here: Path) -> None:
        commit(here)
        head = (here / ".git" / "refs" / "heads" / "main").read_text().strip()
        done = step(here, self.event(here, head), path=str(here / "evil"))
        assert done.outputs["verdict"] == "fail"

    @pytest.mark.parametrize("sha", ["main", "-x", "0" * 39, "", 7, None])
    def test_only_a_commit_in_full_is_a_base(self, here: Path, sha: str) -> None:
        assert base.base_commit(self.event(here, sha)) is None

    def test_an_event_that_cannot_be_read_has_no_base(self, here: Path) -> None:
        event = self.event(here, "0" * 40)
        assert base.base_commit({**event, "GITHUB_EVENT_NAME": "push"}) is None
        assert base.base_commit({**event, "GITHUB_EVENT_PATH": "nowhere"}) is None
        (here.parent / "event").write_text("[")
        assert base.base_commit(event) is None

    def test_of_the_merge_that_github_makes_the_first_parent_is_the_base(self, here: Path) -> None:
        commit(here)
        older = git(here, "rev-parse", "HEAD")
        commit(here, "newer")
        newer = git(here, "rev-parse", "HEAD")
        git(here, "checkout", "--quiet", "-b", "theirs", older)
        (here / "more").write_text("x")
        commit(here)
        event = self.event(here, older, head=git(here, "rev-parse", "HEAD"))
        assert base.base_commit(event) == older
        git(here, "checkout", "--quiet", "main")
        git(here, *IDENTITY, "merge", "--quiet", "--no-ff", "theirs", "-m", "x")
        assert base.base_commit(event) == newer
        assert base.base_commit(self.event(here, older, head=newer)) == older

    def test_without_git_there_is_no_base(
        self, here: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", "/nowhere")
        with base.checked_out("0" * 40, here.parent / "b") as place:
            assert place is None

    def test_a_git_that_does_not_answer_is_none(
        self, here: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def slow(*_: object, **__: object) -> None:
            raise subprocess.TimeoutExpired("git", 1)

        monkeypatch.setattr(subprocess, "run", slow)
        with base.checked_out("0" * 40, here.parent / "b") as place:
            assert place is None


class TestRules:
    """A pull request that changes by what it is judged."""

    LAX = "fail-on: never\nwaive-dangerous: true\n"

    def judged(self, here: Path, **inputs: str) -> Step:
        """Judge a pull request whose base is the last commit."""
        sha = git(here, "rev-parse", "HEAD")
        return step(here, TestBase().event(here, sha), **inputs)

    def test_a_policy_that_it_loosens_is_that_of_the_base(
        self, here: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (here / "ours.yaml").write_text("fail-on: medium")
        commit(here)
        (here / "ours.yaml").write_text(self.LAX)
        (here / "evil" / "new.pkl").write_bytes(calling_pickle("posix", "popen"))
        for policy in ("ours.yaml", "./clean/../ours.yaml", str(here / "ours.yaml")):
            done = self.judged(here, path="evil", policy=policy)
            assert (done.outputs["verdict"], done.outputs["critical"]) == ("fail", "1")
        assert "policy: ours.yaml counts as the base has it" in capsys.readouterr().out
        head = self.judged(here, path="evil", policy="ours.yaml", rules_from="head")
        assert head.outputs["verdict"] == "pass"

    def test_waivers_and_baselines_of_its_own_do_not_count(self, here: Path) -> None:
        (here / "ours.yaml").write_text("waive-dangerous: true")
        (here / "w.yaml").write_text("# none yet\n")
        assert aibom("scan", "clean", "--write-baseline", "b.json", cwd=here).code == 0
        commit(here)
        answer = ("--reason", "it is ours, really", "--owner", "me", "--expires", "9d")
        rule = ("--rule", "pickle-spawns-process")
        (here / "evil" / "new.pkl").write_bytes(calling_pickle("posix", "system"))
        assert aibom("waive", "evil", *rule, *answer, "-o", "w.yaml", cwd=here).code == 0
        assert aibom("scan", "evil", "--write-baseline", "b.json", cwd=here).code == 1
        waivers = {"policy": "ours.yaml", "waivers": "w.yaml"}
        assert self.judged(here, path="evil", **waivers).outputs["verdict"] == "fail"
        assert self.judged(here, path="evil", baseline="b.json").outputs["verdict"] == "fail"
        mine = {**waivers, "rules_from": "head"}
        assert self.judged(here, path="evil", **mine).outputs["verdict"] == "pass"

    def test_a_key_of_its_own_is_not_trusted(self, here: Path) -> None:
        for name in ("k", "mine"):
            aibom("keys", "generate", "-o", str(here / name))
        commit(here)
        assert aibom("attest", here / "clean", "--key", here / "mine.key").code == 0
        (here / "k.pub").write_bytes((here / "mine.pub").read_bytes())
        verify = {"path": "clean", "verify": "true", "verify_key": "k.pub"}
        assert self.judged(here, **verify).outputs["verdict"] == "not-verified"
        assert self.judged(here, rules_from="head", **verify).outputs["verdict"] == "pass"

    def test_what_the_base_lacks_is_new_and_said(
        self, here: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        commit(here)
        (here / "ours.yaml").write_text(self.LAX)
        assert self.judged(here, path="evil", policy="ours.yaml").outputs["verdict"] == "pass"
        assert "policy: the base has no ours.yaml" in capsys.readouterr().out

    def test_where_the_base_decides_and_is_not_at_hand_nothing_is_judged(
        self, here: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (here / "ours.yaml").write_text(self.LAX)
        event = TestBase().event(here, "0" * 40)
        assert step(here, event, path="evil", policy="ours.yaml").code == 2
        assert "input policy is a file that this pull request could" in capsys.readouterr().out
        assert step(here, event, path="evil", policy="release").outputs["verdict"] == "fail"

    def test_files_from_elsewhere_are_nobodys_to_change(self, here: Path) -> None:
        commit(here)
        (here.parent / "ours.yaml").write_text(self.LAX)
        done = self.judged(here, path="evil", policy=str(here.parent / "ours.yaml"))
        assert done.outputs["verdict"] == "pass"


class TestSettings:
    """The settings of a project, for the Action as at the desk."""

    RULE = ("--rule", "pickle-spawns-process", "--reason", "it is ours, really", "--owner", "me")

    def test_count_where_no_input_says_otherwise(self, here: Path) -> None:
        folder = here / "own"
        folder.mkdir()
        (folder / "p.yaml").write_text("name: ours\nwaive-dangerous: true\n")
        (folder / "aibom.toml").write_text(
            'policy = "p.yaml"\nwaivers = "w.yaml"\nfail-on = "low"\nrequire-lock = true\n'
        )
        policy = ("--policy", "own/p.yaml", "-o", "own/w.yaml", "--expires", "9d")
        assert aibom("waive", "evil", *self.RULE, *policy, cwd=here).code == 0
        done = step(here, path="evil", config="own/aibom.toml")
        assert (done.outputs["verdict"], done.outputs["waived"]) == ("pass", "1")
        assert "0 findings at low or above" in done.summary
        assert "policy `ours@" in done.summary
        strict = step(here, path="evil", config="own/aibom.toml", policy="release")
        assert strict.outputs["verdict"] == "fail"

    def test_their_baseline_counts_on_a_push_and_beside_the_base_of_a_pull_request(
        self, here: Path
    ) -> None:
        settings = {"path": "evil", "config": "aibom.toml"}
        (here / "aibom.toml").write_text('baseline = "b.json"\n')
        assert aibom("scan", "evil", "--write-baseline", "b.json", cwd=here).code == 1
        assert step(here, None, **settings).outputs["verdict"] == "pass"
        assert step(here, None, **settings, baseline="none").outputs["verdict"] == "fail"
        (here / "evil" / "merged.pkl").write_bytes(calling_pickle("posix", "popen"))
        assert step(here, None, **settings).outputs["verdict"] == "fail"
        commit(here)
        event = TestBase().event(here, git(here, "rev-parse", "HEAD"))
        assert step(here, event, **settings).outputs["verdict"] == "pass"
        (here / "evil" / "new.pkl").write_bytes(calling_pickle("posix", "system", b"x"))
        assert step(here, event, **settings).outputs["verdict"] == "fail"

    def test_a_pull_request_is_judged_by_those_of_its_base(
        self, here: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (here / "aibom.toml").write_text('policy = "baseline"\n')
        commit(here)
        (here / "aibom.toml").write_text('fail-on = "never"\n')
        (here / "evil" / "new.pkl").write_bytes(calling_pickle("posix", "popen"))
        event = TestBase().event(here, git(here, "rev-parse", "HEAD"))
        done = step(here, event, path="evil", config="aibom.toml")
        assert done.outputs["verdict"] == "fail"
        assert "config: aibom.toml counts as the base has it" in capsys.readouterr().out

    def test_a_mistake_in_them_ends_the_step(
        self, here: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (here / "aibom.toml").write_text('fail_on = "high"\n')
        assert step(here, path="clean", config="aibom.toml").code == 2
        assert (
            "aibom.toml: 'fail_on' is unknown. Did you mean 'fail-on'?" in capsys.readouterr().out
        )


def test_an_output_cannot_set_another(tmp_path: Path) -> None:
    file = tmp_path / "output"
    outputs.set_outputs({"a": "x\nexit-code=0"}, {"GITHUB_OUTPUT": str(file)})
    told = file.read_text().splitlines()
    assert told == [
        "bom-path=",
        "bom-digest=",
        "checksums-path=",
        "bundle-path=",
        r"a=x\nexit-code=0",
    ]
    outputs.set_outputs({"a": "x"}, {})


def test_a_long_summary_is_cut_at_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs, "MAX_SUMMARY", 10)
    file = tmp_path / "summary"
    outputs.add_summary("one\ntwo\nthree\n", {"GITHUB_STEP_SUMMARY": str(file)})
    assert file.read_text() == "one\ntwo\n\n(cut: see the report)\n"
