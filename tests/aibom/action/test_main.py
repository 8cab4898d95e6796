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
from tests.action.runner import commit
from tests.aibom.action.stepping import IDENTITY, git, pull_request, step
from tests.helpers.command import aibom
from tests.local_sigstore import GITHUB_ISSUER
from tests.signatures.keyless_examples import WORKFLOW

if TYPE_CHECKING:
    from pathlib import Path

    from tests.local_sigstore import LocalSigstore


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


class TestBase:
    def test_what_the_base_has_does_not_count(self, here: Path) -> None:
        commit(here)
        head = (here / ".git" / "refs" / "heads" / "main").read_text().strip()
        (here / "evil" / "card.md").write_text("words")
        done = step(here, pull_request(here, head), path="evil")
        assert (done.outputs["verdict"], done.outputs["waived"]) != ("fail", "0")
        assert done.outputs["verdict"] == "pass"
        assert not (here.parent / "temp" / "aibom-base").exists()

    def test_a_base_that_is_not_at_hand_makes_everything_count(
        self, here: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        commit(here)
        done = step(here, pull_request(here, "0" * 40), path="evil")
        assert done.outputs["verdict"] == "fail"
        assert "the base is not at hand, so every finding counts" in capsys.readouterr().out

    def test_a_path_outside_of_the_base_is_not_looked_up_there(self, here: Path) -> None:
        commit(here)
        head = (here / ".git" / "refs" / "heads" / "main").read_text().strip()
        done = step(here, pull_request(here, head), path=str(here / "evil"))
        assert done.outputs["verdict"] == "fail"

    @pytest.mark.parametrize("sha", ["main", "-x", "0" * 39, "", 7, None])
    def test_only_a_commit_in_full_is_a_base(self, here: Path, sha: str) -> None:
        assert base.base_commit(pull_request(here, sha)) is None

    def test_an_event_that_cannot_be_read_has_no_base(self, here: Path) -> None:
        event = pull_request(here, "0" * 40)
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
        event = pull_request(here, older, head=git(here, "rev-parse", "HEAD"))
        assert base.base_commit(event) == older
        git(here, "checkout", "--quiet", "main")
        git(here, *IDENTITY, "merge", "--quiet", "--no-ff", "theirs", "-m", "x")
        assert base.base_commit(event) == newer
        assert base.base_commit(pull_request(here, older, head=newer)) == older

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
