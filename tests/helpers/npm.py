"""Programs from npm, installed once for all processes of a test run, as a lock names them."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.helpers.checkout import ROOT

if TYPE_CHECKING:
    from pathlib import Path

BUILD = ROOT / "build" / "npm"


def installed(project: Path) -> Path:
    """Return the folder whose ``node_modules`` holds what the lock in `project` names.

    Where there is no Node.js or no registry the test is skipped, but never in CI.
    """
    lock = (project / "package-lock.json").read_bytes()
    folder = BUILD / f"{project.name}-{hashlib.sha256(lock).hexdigest()[:16]}"
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "lock").open("w") as taken:
        fcntl.flock(taken, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            _install(project, folder)
    return folder


def _install(project: Path, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(project / name, folder)
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    npm = shutil.which("npm")
    ran = (
        subprocess.run(
            [npm, "ci", *quiet],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        if npm and shutil.which("node")
        else None
    )
    if ran is None or ran.returncode:
        why = "Node.js is not installed" if ran is None else f"npm: {ran.stderr.strip()}"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(why)
    (folder / "done").touch()
