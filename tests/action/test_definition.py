"""What linters of others say of the Action and of our workflows: nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from aibom.action.inputs import Inputs
from aibom.scanners.record import fields
from tests.helpers.checkout import ROOT

WORKFLOWS = sorted(map(str, (ROOT / ".github" / "workflows").glob("*.yml")))
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
BIN = Path(sys.executable).parent


def said(*command: str) -> tuple[int, str]:
    program = BIN / command[0]
    if not program.exists():
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(
        [program, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    return done.returncode, done.stdout + done.stderr


def test_the_schema_of_actions_holds() -> None:
    schema = ("--builtin-schema", "vendor.github-actions")
    assert said("check-jsonschema", *schema, "action.yml")[0] == 0


def test_the_schema_of_workflows_holds() -> None:
    schema = ("--builtin-schema", "vendor.github-workflows")
    assert said("check-jsonschema", *schema, *WORKFLOWS)[0] == 0


def test_zizmor_finds_nothing_however_pedantic() -> None:
    code, text = said("zizmor", "--offline", "--persona=pedantic", "action.yml", *WORKFLOWS)
    assert (code, "No findings to report" in text) == (0, True), text


def test_actionlint_finds_nothing() -> None:
    assert said("actionlint", *WORKFLOWS) == (0, "")


def test_shellcheck_finds_nothing_in_the_scripts(tmp_path: Path) -> None:
    scripts = [step["run"] for step in ACTION["runs"]["steps"] if "run" in step]
    assert len(scripts) == 3
    for number, script in enumerate(scripts):
        place = tmp_path / f"{number}.sh"
        place.write_text(f"#!/usr/bin/env bash\n{script}")
        assert said("shellcheck", str(place)) == (0, "")


def test_no_script_holds_an_expression() -> None:
    scripts = [step["run"] for step in ACTION["runs"]["steps"] if "run" in step]
    assert [script for script in scripts if "${{" in script] == []


def test_every_input_reaches_the_program() -> None:
    (scan,) = (step for step in ACTION["runs"]["steps"] if step.get("id") == "scan")
    passed = {name.removeprefix("AIBOM_INPUT_").lower() for name in scan["env"]}
    assert passed == set(fields(Inputs))
    declared = {name.replace("-", "_") for name in ACTION["inputs"]}
    assert declared - passed == {"upload_sarif"}
    assert {name: ACTION["inputs"][name.replace("_", "-")]["default"] for name in passed} == {
        name: getattr(Inputs(), name) for name in fields(Inputs)
    }


def test_every_action_of_others_is_pinned_to_a_commit() -> None:
    used = [step["uses"] for step in ACTION["runs"]["steps"] if "uses" in step]
    assert used
    assert [uses for uses in used if len(uses.rpartition("@")[2]) != 40] == []
