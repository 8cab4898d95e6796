"""The commit that a clone stands at, read from its `.git` as bytes: git is never run.

Running git in a folder of a stranger runs what its configuration says. Here a few small files are
read, no link is followed, and nothing but a commit in full comes out. Whether the files of the
folder are those of the commit, `git_same` looks.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from .errors import TargetError
from .folder import NO_FOLLOW, OPEN_FILE, OPEN_FOLDER

GIT = ".git"
MAX_REF = 4096  # bytes of `HEAD` or of a branch
MAX_PACKED = 8 << 20  # bytes of `packed-refs`; a repository of 50,000 branches has half of it
COMMIT = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?")
BRANCH = re.compile(rb"ref: (refs/[A-Za-z0-9_][A-Za-z0-9._/@+-]{0,250})")  # as `HEAD` names it
HIDDEN = re.compile(r"(?:\A|/)(?:\.|\Z)|//")  # a step that is empty or begins with a dot


def head_commit(folder: str | os.PathLike[str]) -> str:
    """Return the commit in full that the clone `folder` stands at.

    Raises:
        TargetError: It is no clone, or its `.git` says nothing that can be relied on.
    """
    shown = f"{str(folder)!r:.200}"
    if os.open not in os.supports_dir_fd:  # Windows: nothing would hold a folder against links
        raise TargetError("a clone cannot be asked on this system. Give --commit SHA.")
    try:
        git = os.open(Path(folder) / GIT, OPEN_FOLDER)
    except OSError as error:
        why = error.strerror or "cannot be opened"
        raise TargetError(f"{shown} has no folder {GIT} ({why}). Give --commit SHA.") from error
    try:
        commit = _commit(git)
    except OSError as error:
        why = error.strerror or "cannot be read"
        raise TargetError(f"the {GIT} of {shown}: {why}. Give --commit SHA.") from error
    finally:
        os.close(git)
    if not commit:
        raise TargetError(f"the {GIT} of {shown} names no commit of HEAD. Give --commit SHA.")
    return commit.decode("ascii")


def _commit(git: int) -> bytes:
    head = _read(git, "HEAD", MAX_REF).strip()
    if COMMIT.fullmatch(head):
        return head
    named = BRANCH.fullmatch(head)
    branch = named[1].decode("ascii") if named else ""
    if not branch or HIDDEN.search(branch):
        return b""
    try:
        found = _read(git, branch, MAX_REF).strip()
    except FileNotFoundError:
        return _packed(_read(git, "packed-refs", MAX_PACKED), branch.encode())
    return found if COMMIT.fullmatch(found) else b""


def _packed(text: bytes, branch: bytes) -> bytes:
    """Return the commit of a branch in `packed-refs`: lines of a commit, a space and a name."""
    for line in text.splitlines():
        commit, _, name = line.partition(b" ")
        if name == branch and COMMIT.fullmatch(commit):
            return commit
    return b""


def _read(folder: int, name: str, most: int) -> bytes:
    """Return a file below `folder`, through folders that are no links, up to `most` bytes."""
    *steps, last = name.split("/")
    here = os.dup(folder)
    try:
        for step in steps:
            below = os.open(step, OPEN_FOLDER, dir_fd=here)
            os.close(here)
            here = below
        file = os.open(last, OPEN_FILE | NO_FOLLOW, dir_fd=here)
    finally:
        os.close(here)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            return b""
        return os.read(file, most)
    finally:
        os.close(file)
