"""The base of a pull request: what was found there before does not count."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..scanners.shapes import is_object

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
PATIENCE = 600  # seconds for git


def base_commit(environment: Mapping[str, str]) -> str | None:
    """Return the commit that a pull request is to be merged into, or None outside of one."""
    if environment.get("GITHUB_EVENT_NAME") not in {"pull_request", "pull_request_target"}:
        return None
    try:
        event: object = json.loads(Path(environment["GITHUB_EVENT_PATH"]).read_bytes())
    except (KeyError, OSError, ValueError):
        return None
    for key in ("pull_request", "base", "sha"):
        event = event.get(key) if is_object(event) else None
    return event if isinstance(event, str) and COMMIT.fullmatch(event) else None


@contextmanager
def checked_out(commit: str, place: Path) -> Generator[Path | None]:
    """Yield a folder with the files of `commit`, or None if git cannot bring them."""
    there = _git("cat-file", "-e", f"{commit}^{{commit}}") or _git(
        "fetch", "--quiet", "--no-tags", "--depth=1", "origin", commit
    )
    there = there and _git("worktree", "add", "--quiet", "--force", "--detach", str(place), commit)
    try:
        yield place if there else None
    finally:
        if there:
            _git("worktree", "remove", "--force", str(place))


def _git(*arguments: str) -> bool:
    """Return whether git did it. No hook of the repository runs."""
    git = shutil.which("git")
    if git is None:
        return False
    command = [git, "-c", "core.hooksPath=/dev/null", *arguments]
    try:
        done = subprocess.run(  # noqa: S603 - git itself, with a commit that was checked
            command, capture_output=True, check=False, timeout=PATIENCE
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
