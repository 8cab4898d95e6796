"""The hooks, run by the real pre-commit from a clone of this checkout, without a network."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from aibom.scanners.formats import FORMATS
from fixtures.hostile import calling_pickle
from tests.action.runner import GIT, commit, copy_of_ours, wheels
from tests.helpers.checkout import ROOT
from tests.helpers.command import aibom
from tests.helpers.models import WEIGHTS, make_keys, sign_model, write_model

if TYPE_CHECKING:
    from tests.helpers.models import Keys

HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
LOOKED_AT = re.compile(HOOKS["aibom-scan"]["files"])
PROGRAM = Path(sys.executable).with_name("pre-commit")


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of this checkout with its hooks, and the place where pre-commit keeps its own."""
    if sys.platform != "linux" or not PROGRAM.exists():
        pytest.skip("tried with the pre-commit of Linux alone")
    place = tmp_path_factory.mktemp("ours") / "aibom"
    place.mkdir()
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", place)
    return copy_of_ours(place)


def repository(place: Path, ours: Path, hooks: list[dict[str, object]]) -> Path:
    """Make a repository at `place` that uses our hooks."""
    head = subprocess.run(
        [GIT, "rev-parse", "HEAD"], cwd=ours, capture_output=True, text=True, check=True
    ).stdout.strip()
    place.mkdir(exist_ok=True)
    config = {"repos": [{"repo": str(ours), "rev": head, "hooks": hooks}]}
    (place / ".pre-commit-config.yaml").write_text(json.dumps(config))
    return commit(place)


def ran(place: Path, ours: Path) -> tuple[int, str]:
    """Commit what is in `place` to the index and run every hook on all files."""
    subprocess.run([GIT, "add", "--all"], cwd=place, check=True)
    done = subprocess.run(
        [PROGRAM, "run", "--all-files", "--color=never"],
        cwd=place,
        env={
            **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            "PRE_COMMIT_HOME": str(ours.parent / "home"),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(wheels()),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.slow
def test_clean_files_pass_and_files_that_are_no_model_are_not_looked_at(
    tmp_path: Path, ours: Path
) -> None:
    place = repository(tmp_path / "repo", ours, [{"id": "aibom-scan"}])
    (place / "model.safetensors").write_bytes(WEIGHTS)
    (place / "notes.txt").write_bytes(calling_pickle("posix", "system"))
    code, text = ran(place, ours)
    assert (code, text.split()[-1]) == (0, "scan" + "." * 63 + "Passed"), text


@pytest.mark.slow
def test_a_file_that_starts_a_program_fails_whatever_blanks_are_in_its_name(
    tmp_path: Path, ours: Path
) -> None:
    place = repository(tmp_path / "repo", ours, [{"id": "aibom-scan"}])
    (place / "sub folder").mkdir()
    (place / "sub folder" / "my model.pkl").write_bytes(calling_pickle("posix", "system"))
    code, text = ran(place, ours)
    assert code == 1
    assert "- exit code: 1" in text
    assert "critical[pickle-spawns-process]" in text
    assert "--> sub folder/my model.pkl" in text


@pytest.mark.slow
def test_settings_at_the_root_are_obeyed(tmp_path: Path, ours: Path) -> None:
    place = repository(tmp_path / "repo", ours, [{"id": "aibom-scan"}])
    (place / "aibom.toml").write_text('policy = "release"\n')
    (place / "model.safetensors").write_bytes(WEIGHTS)
    code, text = ran(place, ours)
    assert (code, "policy release@" in text) == (1, True), text


@pytest.mark.slow
def test_waivers_count_where_the_hook_scans_the_folder(tmp_path: Path, ours: Path) -> None:
    model = write_model(tmp_path / "repo" / "model")
    (model / "config.json").write_text('{"auto_map": {"AutoModel": "x.Y"}}')
    (model / "x.py").write_text("")
    settings = ["model", "--config", "aibom.toml"]
    hook: dict[str, object] = {"id": "aibom-scan", "pass_filenames": False, "args": settings}
    place = repository(tmp_path / "repo", ours, [hook])
    (place / "aibom.toml").write_text('policy = "release"\n')
    code, text = ran(place, ours)
    assert (code, "medium[remote-code]" in text) == (1, True), text
    answer = ("--reason", "we read every line", "--owner", "me", "--expires", "30d")
    waived = aibom("waive", "model", "--rule", "remote-code", *answer, cwd=place)
    assert waived.code == 0, waived.err
    (place / "aibom.toml").write_text('policy = "release"\nwaivers = ".aibom-waivers.yaml"\n')
    code, text = ran(place, ours)
    assert (code, text.split()[-1].endswith("Passed")) == (0, True), text


@pytest.mark.slow
def test_a_signed_model_is_verified_and_a_changed_one_is_not(tmp_path: Path, ours: Path) -> None:
    keys: Keys = make_keys(tmp_path)
    place = tmp_path / "repo"
    sign_model(write_model(place / "my model"), keys)
    shutil.copy(keys.public, place / "release.pub")
    hook: dict[str, object] = {"id": "aibom-verify", "args": ["my model", "--key", "release.pub"]}
    repository(place, ours, [hook])
    code, text = ran(place, ours)
    assert (code, text.split()[-1].endswith("Passed")) == (0, True), text
    (place / "my model" / "LICENSE").write_text("Other")
    code, text = ran(place, ours)
    assert (code, "- exit code: 4" in text, "digest-mismatch" in text) == (1, True, True), text


@pytest.mark.parametrize("suffix", sorted({each for f in FORMATS for each in f.suffixes}))
def test_every_suffix_that_promises_a_format_is_looked_at(suffix: str) -> None:
    named = f"a b/model{suffix}".upper() if suffix.startswith(".") else f"x/{suffix}"
    assert LOOKED_AT.search(named)


@pytest.mark.parametrize(
    "name",
    ["README.md", "train.py", "json", "binary", "config.json.md", "src/pickle.py", "a.tart"],
)
def test_other_files_are_not_looked_at(name: str) -> None:
    assert not LOOKED_AT.search(name)
