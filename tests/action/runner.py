"""A workflow of steps that use our Action, run by act on this machine, without a network."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.helpers.checkout import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
LOCK = ROOT / "requirements-action.lock"
WHEELS = ROOT / "build" / "action-wheels"
GIT = shutil.which("git") or "git"
CHECKOUT = "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683"
OTHERS = [step["uses"] for step in ACTION["runs"]["steps"] if "uses" in step]
RECORD = """
name: stub
description: Records what it is given.
inputs: {{{inputs}}}
runs:
  using: composite
  steps:
    - shell: bash
      env: {{GIVEN: "${{{{ toJson(inputs) }}}}"}}
      run: printf '%s\\n' "$GIVEN" >> "$AIBOM_TEST_RESULTS/{name}.json"
"""


@dataclass(frozen=True)
class Step:
    """How one use of the Action ended."""

    outcome: str  # "success" or "failure"
    outputs: dict[str, str]


@dataclass(frozen=True)
class Run:
    """How a workflow ended."""

    log: str
    steps: dict[str, Step]
    results: Path  # what the stubs of other actions were given

    def given_to(self, stub: str) -> list[dict[str, str]]:
        """Return the inputs of each use of another action."""
        file = self.results / f"{stub}.json"
        if not file.exists():
            return []
        decoder, text, found = json.JSONDecoder(), file.read_text(), list[dict[str, str]]()
        while text.strip():
            value, end = decoder.raw_decode(text := text.strip())
            found.append(value)
            text = text[end:]
        return found


def wheels() -> Path:
    """Return a folder with every wheel of the Action's lock, fetched once."""
    folder = WHEELS / hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()[:16]
    WHEELS.mkdir(parents=True, exist_ok=True)
    with (WHEELS / "lock").open("w") as taken:
        fcntl.flock(taken, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
            command += ["--require-hashes"]
            subprocess.run([*command, "-r", str(LOCK), "-d", str(folder)], check=True, timeout=600)
            (folder / "done").touch()
    return folder


def copy_of_ours(place: Path) -> Path:
    """Copy what git knows or would add of this checkout, links as links, as its own repository."""
    listing = [GIT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(
        listing, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    wanted = ("aibom", "scanners", "signatures", "README.md", "LICENSE", "pyproject.toml")
    more = ("hatch_build.py", "action.yml", LOCK.name)
    for name in filter(None, names):
        if name.split("/")[0] in {*wanted, *more} and (ROOT / name).exists():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, place / name, follow_symlinks=False)
    return commit(place)


def commit(place: Path, message: str = "x") -> Path:
    """Commit everything in a folder, which becomes a repository if it is none."""
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    for arguments in (
        ["init", "--quiet", "--initial-branch=main"],
        ["add", "--all"],
        [*identity, "commit", "--quiet", "--allow-empty", "-m", message],
    ):
        subprocess.run([GIT, *arguments], cwd=place, check=True, capture_output=True)
    return place


def _stubs(place: Path) -> list[str]:
    """Return options that put stubs in the place of other repositories' actions."""
    options: list[str] = []
    for uses in (CHECKOUT, *OTHERS):
        path, _, ref = uses.partition("@")
        owner, repository, *below = path.split("/")
        folder = place / repository
        inputs = ", ".join(f"{name}: {{required: false}}" for name in _inputs_of(uses))
        (folder / "/".join(below)).mkdir(parents=True, exist_ok=True)
        stub = RECORD.format(inputs=inputs, name=repository)
        (folder / "/".join(below) / "action.yml").write_text(stub)
        options += ["--local-repository", f"{owner}/{repository}@{ref}={folder}"]
    return options


def _inputs_of(uses: str) -> list[str]:
    return [
        name
        for step in ACTION["runs"]["steps"]
        if step.get("uses") == uses
        for name in step.get("with", {})
    ]


def run(  # noqa: PLR0913 - all but two named
    repository: Path,
    uses: Mapping[str, Mapping[str, str]],
    *,
    scratch: Path,
    event: str = "push",
    payload: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Run:
    """Run one job in `repository` with one use of the Action for each of `uses`.

    `environment` is what the runner gives to its steps.
    """
    program = Path(sys.executable).with_name("act")
    if sys.platform != "linux" or not program.exists():
        pytest.skip("act runs here on Linux alone")
    ours, results = copy_of_ours(scratch / "ours"), scratch / "results"
    results.mkdir()
    (repository / ".github" / "workflows").mkdir(parents=True, exist_ok=True)
    workflow = repository / ".github" / "workflows" / "test.yml"
    workflow.write_text(json.dumps(_workflow(event, uses)))
    (scratch / "event.json").write_text(json.dumps(payload or {}))
    command = [str(program), event, "-P", "ubuntu-latest=-self-hosted", "--no-cache-server"]
    command += ["--local-repository", f"aibom/aibom@v1={ours}", *_stubs(scratch / "stubs")]
    command += [
        "--eventpath",
        str(scratch / "event.json"),
        "--env",
        f"AIBOM_TEST_RESULTS={results}",
    ]
    given = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels()), **(environment or {})}
    command += [text for pair in given.items() for text in ("--env", "=".join(pair))]
    ran = subprocess.run(
        command,
        cwd=repository,
        env={
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",  # this Python is python3
            "XDG_CACHE_HOME": str(scratch / "cache"),
            "HOME": str(scratch),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=1500,  # each use starts programs of Python, and machines are shared
    )
    log = ran.stdout + ran.stderr
    steps = {
        name: Step(told["outcome"], told["outputs"])
        for name in uses
        for told in [json.loads((results / f"step-{name}").read_text())]
    }
    return Run(log, steps, results)


def _workflow(event: str, uses: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"uses": CHECKOUT}]
    for name, given in uses.items():
        steps += [
            {"id": name, "uses": "aibom/aibom@v1", "with": given, "continue-on-error": True},
            {
                "env": {"TOLD": f"${{{{ toJson(steps.{name}) }}}}"},
                "run": f'printf "%s" "$TOLD" > "$AIBOM_TEST_RESULTS/step-{name}"',
            },
        ]
    return {"on": event, "jobs": {"test": {"runs-on": "ubuntu-latest", "steps": steps}}}
