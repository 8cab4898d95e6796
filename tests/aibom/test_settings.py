"""Settings are the user's, and never the model's."""

from __future__ import annotations

from pathlib import Path

import pytest

from aibom.errors import TargetError
from aibom.settings import READERS, STRICTER, discovered, read_settings
from fixtures.hostile import calling_pickle
from tests.helpers.command import aibom
from tests.helpers.models import write_model

WHOLE = """
policy = "release"
fail-on = "low"
waivers = "w.yaml"
baseline = "b.json"
require-lock = true
sha512 = false
jobs = 2
cache = "c"
"""


def test_every_key_is_read_and_files_are_beside(tmp_path: Path) -> None:
    (tmp_path / "aibom.toml").write_text(WHOLE)
    assert read_settings(tmp_path / "aibom.toml") == {
        "policy": "release",
        "fail_on": "low",
        "waivers": str(tmp_path / "w.yaml"),
        "baseline": str(tmp_path / "b.json"),
        "require_lock": True,
        "sha512": False,
        "jobs": 2,
        "cache": str(tmp_path / "c"),
    }


def test_of_every_setting_it_is_known_whether_it_is_strict() -> None:
    assert {name.replace("-", "_") for name in READERS} == set(STRICTER)


def test_a_policy_may_be_a_file_beside(tmp_path: Path) -> None:
    (tmp_path / "ours.yaml").write_text("fail-on: low")
    (tmp_path / "pyproject.toml").write_text('[tool.aibom]\npolicy = "ours.yaml"')
    assert read_settings(tmp_path / "pyproject.toml") == {"policy": str(tmp_path / "ours.yaml")}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("polcy = 'x'", "'polcy' is unknown. Did you mean 'policy'?"),
        ("zzz = 1", "'zzz' is unknown. Known are policy, fail-on"),
        ("fail-on = 'bad'", "fail-on is 'bad', expected one of never, info"),
        ("jobs = -1", "jobs is -1, expected a number"),
        ("jobs = true", "jobs is True, expected a number"),
        ("require-lock = 'yes'", "require-lock is 'yes', expected true or false"),
        ("policy = ''", "policy is '', expected the name or the file"),
        ("= 1", "no TOML"),
    ],
)
def test_what_is_not_understood_is_refused(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "aibom.toml").write_text(text)
    with pytest.raises(TargetError, match=why):
        read_settings(tmp_path / "aibom.toml")


def test_a_table_of_another_type_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool]\naibom = 1")
    with pytest.raises(TargetError, match="is no table"):
        read_settings(tmp_path / "pyproject.toml")


class TestDiscovered:
    @pytest.fixture(autouse=True)
    def here(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "model").mkdir()
        return tmp_path

    def test_there_may_be_none(self) -> None:
        assert discovered(["model"]) == (None, None)

    def test_a_file_of_the_project_is_obeyed(self, here: Path) -> None:
        (here / "aibom.toml").write_text("jobs = 1")
        assert discovered(["model"]) == (Path("aibom.toml"), None)

    @pytest.mark.parametrize("target", [".", "..", "./model/.."])
    def test_one_that_lies_in_a_target_is_not(self, here: Path, target: str) -> None:
        (here / "aibom.toml").write_text("jobs = 1")
        assert discovered(["model", target]) == (None, Path("aibom.toml"))

    def test_a_link_in_a_target_is_not_obeyed_wherever_it_leads(
        self, here: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (here / "elsewhere.toml").write_text("jobs = 1")
        (here / "model" / "aibom.toml").symlink_to(here / "elsewhere.toml")
        monkeypatch.chdir(here / "model")
        assert discovered(["."]) == (None, Path("aibom.toml"))

    def test_a_pyproject_counts_only_with_a_table(self, here: Path) -> None:
        (here / "pyproject.toml").write_text("[project]\nname = 'x'")
        assert discovered(["model"]) == (None, None)
        (here / "pyproject.toml").write_text("[tool.aibom]\njobs = 1")
        assert discovered(["model"]) == (Path("pyproject.toml"), None)

    @pytest.mark.parametrize(
        "text",
        [
            "[ tool . 'aibom' ]\njobs = 1",
            "tool.aibom.jobs = 1",
            'tool."aibom" = {jobs = 1}',
            "tool = {aibom = {jobs = 1}}",
            "[tool]\naibom.jobs = 1",
            "[ 'tool'\t]\naibom = {jobs = 1}",
            '["\\u0074ool".aibom]\njobs = 1',
            '[tool."aib\\U0000006fm"]\njobs = 1',
        ],
    )
    def test_a_table_counts_however_it_is_spelt(self, here: Path, text: str) -> None:
        (here / "pyproject.toml").write_text(f"{text}\n[project]\nname = 'x'")
        assert discovered(["model"]) == (Path("pyproject.toml"), None)


class TestCommandLine:
    @pytest.fixture
    def here(self, tmp_path: Path) -> Path:
        write_model(tmp_path / "demo")
        (tmp_path / "demo" / "model.pkl").write_bytes(calling_pickle("posix", "system"))
        return tmp_path

    def test_settings_that_are_named_are_defaults_of_options(self, here: Path) -> None:
        (here / "aibom.toml").write_text('fail-on = "never"')
        named = ("scan", "demo", "--config", "aibom.toml")
        assert aibom(*named, cwd=here).code == 0
        assert aibom(*named, "--fail-on", "high", cwd=here).code == 1

    @pytest.mark.parametrize(
        "text",
        ['fail-on = "never"', 'baseline = "b.json"', 'policy = "p.yaml"\nwaivers = "w.yaml"'],
        ids=["never", "baseline", "waivers"],
    )
    def test_settings_that_were_found_turn_no_failure_into_a_pass(
        self, here: Path, text: str
    ) -> None:
        aibom("scan", "demo", "--write-baseline", "b.json", cwd=here)
        (here / "p.yaml").write_text("fail-on: never")
        (here / "w.yaml").write_text("")
        (here / "aibom.toml").write_text(text)
        ended = aibom("scan", "demo", cwd=here)
        assert ended.code == 1
        assert ended.err.startswith("note: settings of aibom.toml, but ")
        assert ended.err.endswith(": only with --config aibom.toml\n")

    def test_settings_that_were_found_may_be_stricter(self, here: Path) -> None:
        (here / "demo" / "model.pkl").unlink()
        (here / "aibom.toml").write_text('fail-on = "info"')
        ended = aibom("scan", "demo", cwd=here)
        assert (ended.code, ended.err) == (1, "note: settings of aibom.toml\n")

    def test_settings_in_the_target_are_not_obeyed(self, here: Path) -> None:
        (here / "demo" / "aibom.toml").write_text('fail-on = "never"')
        ended = aibom("scan", ".", cwd=here / "demo")
        assert ended.code == 1
        assert "aibom.toml lies in what is scanned: --config aibom.toml, if it is" in ended.err
        assert aibom("scan", ".", "--config", "aibom.toml", cwd=here / "demo").code == 0

    def test_a_mistake_is_told(self, here: Path) -> None:
        (here / "aibom.toml").write_text("fial-on = 1")
        ended = aibom("scan", "demo", cwd=here)
        assert (ended.code, ended.out) == (2, "")
        assert "Did you mean 'fail-on'?" in ended.err
