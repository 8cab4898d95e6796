"""The base of a pull request: what was found there before does not count, and its rules do."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..scanners.shapes import is_object

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

EVENTS = frozenset({"pull_request", "pull_request_target"})
COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
PATIENCE = 600  # seconds for git


def is_pull_request(environment: Mapping[str, str]) -> bool:
    """Return whether somebody asks for something to be merged."""
    return environment.get("GITHUB_EVENT_NAME") in EVENTS


def base_commit(environment: Mapping[str, str]) -> str | None:
    """Return the commit that a pull request is to be merged into, or None outside of one.

    If what is checked out is the merge that GitHub made, it is the merge's first parent: that is
    there without a network from a depth of two on, and no older than the commit of the event.
    """
    if not is_pull_request(environment):
        return None
    try:
        event: object = json.loads(Path(environment["GITHUB_EVENT_PATH"]).read_bytes())
    except (KeyError, OSError, ValueError, RecursionError):
        return None
    head, base = (_at(event, "pull_request", side, "sha") for side in ("head", "base"))
    if head and _answer("rev-parse", "--verify", "--quiet", "HEAD^2") == head:
        merged = _answer("rev-parse", "--verify", "--quiet", "HEAD^1")
        if COMMIT.fullmatch(merged):
            return merged
    return base


def _at(event: object, *keys: str) -> str | None:
    """Return the commit at that place of an event."""
    for key in keys:
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
    """Return whether git did it."""
    done = _run(*arguments)
    return done is not None and done.returncode == 0


def _answer(*arguments: str) -> str:
    """Return what git prints, "" if it does not know."""
    done = _run(*arguments)
    return done.stdout.decode("ascii", "replace").strip() if done and not done.returncode else ""


def _run(*arguments: str) -> subprocess.CompletedProcess[bytes] | None:
    """Run git, and no hook of the repository."""
    git = shutil.which("git")
    if git is None:
        return None
    command = [git, "-c", f"core.hooksPath={os.devnull}", *arguments]
    try:
        return subprocess.run(  # noqa: S603 - git itself, with a commit that was checked
            command, capture_output=True, check=False, timeout=PATIENCE
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
