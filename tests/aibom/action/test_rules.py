"""By what the Action judges: settings, policy, waivers and keys, in a pull request its base's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixtures.hostile import calling_pickle
from tests.action.runner import commit
from tests.aibom.action.stepping import Step, git, pull_request, step
from tests.helpers.command import aibom

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


class TestRules:
    """A pull request that changes by what it is judged."""

    LAX = "fail-on: never\nwaive-dangerous: true\n"

    def judged(self, here: Path, **inputs: str) -> Step:
        """Judge a pull request whose base is the last commit."""
        sha = git(here, "rev-parse", "HEAD")
        return step(here, pull_request(here, sha), **inputs)

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
        event = pull_request(here, "0" * 40)
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
        event = pull_request(here, git(here, "rev-parse", "HEAD"))
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
        event = pull_request(here, git(here, "rev-parse", "HEAD"))
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
