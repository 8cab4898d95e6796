"""Adopting aibom in a repository: what is written, what is left alone, and what linters say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from aibom import project
from aibom.cli.init import COMMIT
from aibom.errors import TargetError
from fixtures.hostile import calling_pickle
from tests.helpers.checkout import ROOT
from tests.helpers.command import aibom
from tests.helpers.models import WEIGHTS

SHA = "0123456789abcdef0123456789abcdef01234567"
BIN = Path(sys.executable).parent
# Where CI is set, zizmor colours its report even where no terminal is.
ZIZMOR = ("--offline", "--persona=pedantic", "--color=never")
NEW = [".github/workflows/aibom.yml", ".pre-commit-config.yaml", "aibom.toml"]


def repository(place: Path, *names: str) -> Path:
    (place / ".git").mkdir(parents=True)
    for name in names:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(WEIGHTS if name.endswith(".safetensors") else b"x")
    return place


def files(place: Path) -> list[str]:
    return sorted(p.relative_to(place).as_posix() for p in place.rglob("*") if p.is_file())


def linter(place: Path, *command: str) -> tuple[int, str]:
    program = BIN / command[0]
    if not program.exists():
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(
        [program, *command[1:]], cwd=place, capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stdout + done.stderr


def test_a_project_with_models_gets_three_files_and_the_next_commands(tmp_path: Path) -> None:
    place = repository(tmp_path / "r", "train.py", "models/a/m.safetensors", "models/b/m.onnx")
    ended = aibom("init", cwd=place)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines() == [
        "a project with models: 2 files in models",
        "",
        "written  aibom.toml",
        "written  .github/workflows/aibom.yml",
        "written  .pre-commit-config.yaml",
        "",
        "next:",
        "  aibom scan models --config aibom.toml               # what is there now",
        (
            "  aibom scan models --config aibom.toml --write-baseline aibom-baseline.json  "
            "# let only new findings fail; then name it in aibom.toml"
        ),
        (
            "  aibom explain ID                                    "
            "# why a finding matters and what to do"
        ),
        "  aibom waive models --help                           # answer for a finding",
        "  pre-commit install                                  # scan before each commit",
        "  aibom is named by its tag v0.1.0, which can be moved: --commit SHA pins it",
    ]
    assert set(NEW) <= set(files(place))


def test_a_waiver_is_for_one_of_several_paths(tmp_path: Path) -> None:
    place = repository(tmp_path / "r", "a b/m.onnx", "c/m.onnx", "d/m.onnx")
    lines = aibom("init", cwd=place).out.splitlines()
    assert "  aibom scan 'a b' c d --config aibom.toml            # what is there now" in lines
    (line,) = (line for line in lines if " waive " in line)
    command, _, why = line.partition("#")
    assert command.rstrip() == "  aibom waive 'a b' --help"
    assert why == " answer for a finding, in one PATH at a time"


def test_what_was_written_is_what_the_scan_obeys(tmp_path: Path) -> None:
    place = repository(tmp_path / "r", "models/m.safetensors")
    aibom("init", cwd=place)
    (place / "models" / "m.pkl").write_bytes(calling_pickle("posix", "system"))
    ended = aibom("scan", "models", cwd=place)
    assert (ended.code, "policy baseline@" in ended.out) == (1, True)


def test_a_model_repository_is_scanned_whole_and_its_settings_are_named(tmp_path: Path) -> None:
    place = repository(tmp_path / "r", "model.safetensors", "config.json")
    lines = aibom("init", cwd=place).out.splitlines()
    assert lines[0] == "a model repository: 1 file in ."
    (place / "config.json").write_text("{}")
    (command,) = (line.partition("#")[0].split()[1:] for line in lines if "what is there" in line)
    assert command == ["scan", ".", "--config", "aibom.toml"]
    ended = aibom(*command, cwd=place)
    assert (ended.code, "policy baseline@" in ended.out, ended.err) == (0, True, "")


def test_without_models_everything_is_scanned_when_they_come(tmp_path: Path) -> None:
    place = repository(tmp_path / "r", "main.py", "node_modules/x/m.onnx", ".hidden/m.onnx")
    assert aibom("init", cwd=place).out.splitlines()[0] == "no model file yet"


def test_a_folder_without_git_is_told(tmp_path: Path) -> None:
    ended = aibom("init", tmp_path)
    assert "not the root of a git repository" in ended.out


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    place = repository(tmp_path / "r", "models/m.safetensors")
    aibom("init", cwd=place)
    before = {name: (place / name).read_bytes() for name in files(place)}
    ended = aibom("init", "--commit", SHA, cwd=place)
    assert {name: (place / name).read_bytes() for name in files(place)} == before
    kept = [line for line in ended.out.splitlines() if line.startswith("kept")]
    assert kept == [
        "kept     aibom.toml: it is there already",
        "kept     .github/workflows/aibom.yml: it is there already",
        "kept     .pre-commit-config.yaml: it is there already",
    ]


def test_other_hooks_stay_and_the_lines_to_add_are_told(tmp_path: Path) -> None:
    place = repository(tmp_path / "r", "models/m.safetensors")
    theirs = "repos:\n  - repo: local\n    hooks: []\n"
    (place / ".pre-commit-config.yaml").write_text(theirs)
    lines = aibom("init", cwd=place).out.splitlines()
    start = lines.index("  - repo: https://github.com/aibom/aibom")
    assert lines[start - 2].endswith("it is there already; add this to its `repos`:")
    added = theirs + "\n".join(lines[start : start + 4]) + "\n"
    assert [each["repo"] for each in yaml.safe_load(added)["repos"]] == [
        "local",
        "https://github.com/aibom/aibom",
    ]
    assert (place / ".pre-commit-config.yaml").read_text() == theirs


def test_settings_in_pyproject_stay_the_only_ones(tmp_path: Path) -> None:
    place = repository(tmp_path / "r", "models/m.safetensors")
    (place / "pyproject.toml").write_text('[tool.aibom]\npolicy = "release"\n')
    assert "kept     aibom.toml" in aibom("init", cwd=place).out
    assert not (place / "aibom.toml").exists()
    assert action_of(place)["config"] == "pyproject.toml"


def action_of(place: Path) -> dict[str, str]:
    """Return what the workflow that was written tells the Action."""
    workflow = yaml.safe_load((place / ".github" / "workflows" / "aibom.yml").read_text())
    told: dict[str, str] = workflow["jobs"]["scan"]["steps"][-1]["with"]
    return told


def test_the_workflow_goes_by_the_same_settings(tmp_path: Path) -> None:
    place = repository(tmp_path / "r", "models/m.safetensors")
    aibom("init", cwd=place)
    assert action_of(place) == {"path": "models", "config": "aibom.toml"}


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    place = repository(tmp_path / "r", "models/m.safetensors")
    before = files(place)
    ended = aibom("init", "--dry-run", cwd=place)
    assert (ended.code, ended.out.count("would write")) == (0, 3)
    assert files(place) == before


def test_a_link_out_of_the_folder_is_not_written_through(tmp_path: Path) -> None:
    place = repository(tmp_path / "r", "models/m.safetensors")
    (tmp_path / "elsewhere").mkdir()
    (place / ".github").symlink_to(tmp_path / "elsewhere")
    ended = aibom("init", cwd=place)
    assert (ended.code, "a link leads out of the folder" in ended.err) == (2, True)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_file_where_a_folder_should_be_is_told(tmp_path: Path) -> None:
    place = repository(tmp_path / "r", "models/m.safetensors")
    (place / ".github").write_text("")
    ended = aibom("init", cwd=place)
    assert (ended.code, ended.out) == (2, "")
    assert ".github/workflows/aibom.yml: " in ended.err


@pytest.mark.parametrize(
    ("name", "why"), [("nowhere", "no such folder"), ("file", "no such folder")]
)
def test_what_is_no_folder_is_refused(tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / "file").touch()
    ended = aibom("init", name, cwd=tmp_path)
    assert (ended.code, why in ended.err) == (2, True)


@pytest.mark.parametrize("sha", ["v1", SHA[:-1], SHA + "0", "$" * 40])
def test_what_is_no_commit_is_refused(tmp_path: Path, sha: str) -> None:
    ended = aibom("init", "--commit", sha, cwd=tmp_path)
    assert (ended.code, "all of its 40 hexadecimal digits" in ended.err) == (2, True)
    assert COMMIT.fullmatch(SHA)


@pytest.mark.parametrize(
    "name", ["${{ github.token }}", "a\nb", "-x", 'a"b', "$(id)"], ids=lambda _: "name"
)
def test_a_folder_whose_name_a_workflow_would_read_into_is_not_named(
    tmp_path: Path, name: str
) -> None:
    place = repository(tmp_path / "r", f"{name}/m.safetensors")
    assert project.look(place).paths == (".",)


def test_several_folders_are_several_lines(tmp_path: Path) -> None:
    place = repository(tmp_path / "r", "a b/m.safetensors", "c/d/m.pt")
    found = project.look(place)
    assert found == project.Project(project.Kind.PROJECT, 2, ("a b", "c"), is_git=True)
    written = yaml.safe_load(project.workflow(found.paths, None))
    assert written["jobs"]["scan"]["steps"][-1]["with"]["path"] == "a b\nc"


def test_very_many_folders_are_named_by_the_root(tmp_path: Path) -> None:
    place = repository(tmp_path / "r", *(f"d{n}/m.pt" for n in range(project.MOST_PLACES + 1)))
    assert project.look(place).paths == (".",)


def test_too_many_folders_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project, "MOST_FOLDERS", 1)
    place = repository(tmp_path / "r", "a/x", "b/x", "c/x")
    with pytest.raises(TargetError, match="more than 1 folders"):
        project.look(place)


@pytest.mark.parametrize("paths", [("models",), (".",), ("a b", "c")], ids=["one", "all", "two"])
@pytest.mark.parametrize("commit", [None, SHA], ids=["by tag", "pinned"])
def test_linters_have_nothing_against_the_workflow_but_a_tag(
    tmp_path: Path, paths: tuple[str, ...], commit: str | None
) -> None:
    place = tmp_path / ".github" / "workflows"
    place.mkdir(parents=True)
    (place / "aibom.yml").write_text(project.workflow(paths, commit))
    schema = ("--builtin-schema", "vendor.github-workflows", "aibom.yml")
    assert linter(place, "check-jsonschema", *schema)[0] == 0
    assert linter(place, "actionlint", "aibom.yml") == (0, "")
    code, said = linter(place, "zizmor", *ZIZMOR, "aibom.yml")
    if commit:
        assert (code, "No findings to report" in said) == (0, True), said
    else:
        assert ("error[unpinned-uses]" in said, "1 finding:" in said) == (True, True), said


@pytest.mark.parametrize("commit", [None, SHA], ids=["by tag", "pinned"])
def test_pre_commit_takes_the_hooks(tmp_path: Path, commit: str | None) -> None:
    (tmp_path / "c.yaml").write_text("repos:\n" + project.hooks(commit))
    assert linter(tmp_path, "pre-commit", "validate-config", "c.yaml") == (0, "")
    ids = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    assert {"aibom-scan"} <= ids


def test_actions_of_others_are_pinned_as_in_our_own_workflow() -> None:
    ours = (ROOT / ".github" / "workflows" / "model.yml").read_text()
    assert [pin in ours for pin in (project.CHECKOUT, project.SETUP_PYTHON)] == [True, True]
