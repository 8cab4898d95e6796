"""Journeys of a workflow: each step is a use of the Action, run for real."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from fixtures.hostile import calling_pickle
from tests.action import runner
from tests.helpers.command import aibom
from tests.helpers.models import write_model

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ODD = 'it\'s a "model" $(touch pwned) `id` ;&'
# What Python would import from the current folder, if the Action let it.
MODULES = ("venv.py", "pip/__init__.py", "sitecustomize.py", "aibom/__init__.py", "json.py")
PWNED = "import os\nopen(os.environ['AIBOM_TEST_RESULTS'] + '/pwned', 'w')\n"


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> runner.Run:
    """Run one workflow with a step for each journey."""
    here = tmp_path_factory.mktemp("act")
    repository = here / "repository"
    write_model(repository / "clean")
    shutil.copytree(repository / "clean", repository / ODD)
    (repository / "evil").mkdir()
    (repository / "evil" / "model.pkl").write_bytes(calling_pickle("posix", "system"))
    aibom("keys", "generate", "-o", str(repository / "k"))
    shutil.copytree(repository / "clean", repository / "signed")
    signed = aibom("attest", repository / "signed", "--key", repository / "k.key")
    assert signed.code == 0, signed.err
    shutil.copytree(repository / "signed", repository / "tampered")
    (repository / "tampered" / "config.json").write_text('{"model_type": "gpt2"}')
    (repository / "cut").mkdir()
    (repository / "cut" / "model.safetensors").write_bytes(b"\x80" + bytes(20))
    known = aibom("scan", "evil", "--write-baseline", "b.json", cwd=repository)
    assert known.code == 1, known.err
    (repository / "aibom.toml").write_text('baseline = "b.json"\nrequire-lock = true\n')
    for module in MODULES:
        (repository / module).parent.mkdir(exist_ok=True)
        (repository / module).write_text(PWNED)
    runner.commit(repository)
    verify = {"verify": "true", "verify-key": "k.pub"}
    return runner.run(
        repository,
        {
            "clean": {"path": "clean", "bom": "true"},
            "evil": {"path": "evil"},
            "lax": {"path": "evil", "fail-on": "never", "upload-sarif": "false"},
            "several": {"path": "clean\nevil"},
            "odd": {"path": ODD, "sign": "attest"},
            "signed": {"path": "signed", **verify},
            "unsigned": {"path": "clean", **verify},
            "tampered": {"path": "tampered", **verify},
            "option": {"path": "--help"},
            "typo": {"path": "clean", "fail-on": "hgih"},
            "nowhere": {"path": "nowhere"},
            "cut": {"path": "cut"},
            "partial": {"path": "clean\nnowhere"},
            "settings": {"path": "evil", "config": "aibom.toml"},
        },
        scratch=here,
    )


@pytest.mark.parametrize(
    ("step", "outcome", "verdict", "code"),
    [
        ("clean", "success", "pass", "0"),
        ("evil", "failure", "fail", "1"),
        ("lax", "success", "pass", "0"),
        ("several", "failure", "fail", "1"),
        ("odd", "success", "pass", "0"),
        ("signed", "success", "pass", "0"),
        ("unsigned", "failure", "not-verified", "4"),
        ("tampered", "failure", "not-verified", "4"),
        ("option", "failure", "", ""),
        ("typo", "failure", "", ""),
        ("nowhere", "failure", "", ""),
        ("cut", "failure", "incomplete", "3"),
        ("partial", "failure", "incomplete", "3"),
        ("settings", "success", "pass", "0"),
    ],
)
def test_ends_as_the_command_line_would(
    done: runner.Run, step: str, outcome: str, verdict: str, code: str
) -> None:
    found = done.steps[step]
    told = (found.outcome, found.outputs.get("verdict", ""), found.outputs.get("exit-code", ""))
    assert told == (outcome, verdict, code), done.log[-4000:]


def test_counts_what_was_found(done: runner.Run) -> None:
    outputs = done.steps["evil"].outputs
    names = ("critical", "high", "not-read", "waived")
    assert [outputs[name] for name in names] == ["1", "0", "0", "0"]


def test_hands_findings_to_code_scanning_also_when_it_fails(done: runner.Run) -> None:
    uploaded = done.given_to("codeql-action")
    assert len(uploaded) == 10  # all but those that were told not to, or had wrong inputs
    assert {each["category"] for each in uploaded} == {"aibom"}
    assert all(each["sarif_file"].endswith("/aibom.sarif") for each in uploaded)


def test_hands_a_model_that_passes_to_attest(done: runner.Run) -> None:
    (given,) = done.given_to("attest")
    assert given["subject-checksums"].endswith("/SHA256SUMS")
    assert given["sbom-path"].endswith("/aibom.cdx.json")


def test_nothing_of_inputs_or_workspace_is_run(done: runner.Run) -> None:
    assert "pwned" not in {path.name for path in done.results.parent.rglob("*")}


def test_wrong_inputs_are_told_in_a_sentence(done: runner.Run) -> None:
    assert "input path is '--help', which looks like an option." in done.log
    assert "input fail-on is 'hgih', expected never, info, low, medium" in done.log
    assert "nowhere: no such file or folder" in done.log


def test_the_worst_is_annotated(done: runner.Run) -> None:
    assert "REDUCE calls posix.system('echo pwned'), which starts a program" in done.log
    assert "## ❌ FAIL `evil`" in done.log


class TestPullRequest:
    def run(self, here: Path, change: Callable[[Path], object]) -> runner.Run:
        repository = here / "repository"
        (repository / "evil").mkdir(parents=True)
        (repository / "evil" / "old.pkl").write_bytes(calling_pickle("posix", "system"))
        runner.commit(repository)
        base = (repository / ".git" / "refs" / "heads" / "main").read_text().strip()
        change(repository)
        runner.commit(repository)
        return runner.run(
            repository,
            {"auto": {"path": "evil"}, "none": {"path": "evil", "baseline": "none"}},
            scratch=here,
            event="pull_request",
            payload={"pull_request": {"base": {"sha": base, "ref": "main"}}},
        )

    def test_only_what_is_new_fails(self, tmp_path: Path) -> None:
        def change(repository: Path) -> None:
            (repository / "README.md").write_text("words")

        done = self.run(tmp_path, change)
        assert [done.steps[name].outcome for name in ("auto", "none")] == ["success", "failure"]
        assert done.steps["auto"].outputs["waived"] != "0"

    def test_what_is_new_fails(self, tmp_path: Path) -> None:
        def change(repository: Path) -> None:
            (repository / "evil" / "new.pkl").write_bytes(calling_pickle("posix", "popen"))

        done = self.run(tmp_path, change)
        outputs = done.steps["auto"].outputs
        assert (done.steps["auto"].outcome, outputs["critical"]) == ("failure", "1"), done.log[
            -3000:
        ]
