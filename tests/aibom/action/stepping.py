"""Steps of a workflow, run in this process, and the pull requests that start them."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

from aibom.action.__main__ import main
from tests.action.runner import GIT

if TYPE_CHECKING:
    from pathlib import Path

IDENTITY = ("-c", "user.name=x", "-c", "user.email=x@example.org")


def git(here: Path, *arguments: str) -> str:
    """Return what git says of the workspace."""
    done = subprocess.run([GIT, *arguments], cwd=here, capture_output=True, check=True, text=True)
    return done.stdout.strip()


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
    """Run a step in the workspace, in an environment with `more`."""
    return Step(here.parent / "temp", more or {}, **inputs)


def pull_request(here: Path, sha: str, head: str = "") -> dict[str, str]:
    """Return the environment of a pull request whose base is the commit `sha`."""
    payload = {"pull_request": {"base": {"sha": sha}, "head": {"sha": head}}}
    (here.parent / "event").write_text(json.dumps(payload))
    return {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": f"{here.parent}/event"}
