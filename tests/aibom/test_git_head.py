"""The commit of a clone is read from a few small files, and nothing of a stranger is run."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from aibom.errors import TargetError
from aibom.git_head import MAX_PACKED, head_commit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COMMIT, OTHER = "c0" * 20, "ab" * 20
MAIN = "refs/heads/main"


def clone(folder: Path, **files: str) -> Path:
    """Write files below `.git`, "__" in their names for a slash."""
    for name, text in files.items():
        path = folder / ".git" / name.replace("__", "/").replace("packed_refs", "packed-refs")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"HEAD": f"{COMMIT}\n"}, id="a commit itself"),
        pytest.param({"HEAD": f"ref: {MAIN}\n", "refs__heads__main": f"{COMMIT}\n"}, id="a branch"),
        pytest.param(
            {
                "HEAD": f"ref: {MAIN}\n",
                "packed_refs": f"# pack-refs with: peeled\n{OTHER} {MAIN}2\n{COMMIT} {MAIN}\n",
            },
            id="a packed branch",
        ),
        pytest.param(
            {
                "HEAD": f"ref: {MAIN}\n",
                "refs__heads__main": COMMIT,
                "packed_refs": f"{OTHER} {MAIN}\n",
            },
            id="a branch that moved since it was packed",
        ),
    ],
)
def test_a_clone_stands_at(files: dict[str, str], tmp_path: Path) -> None:
    assert head_commit(clone(tmp_path, **files)) == COMMIT


GIT = shutil.which("git") or ""


@pytest.mark.skipif(not GIT, reason="git is not installed")
def test_reads_what_git_wrote(tmp_path: Path) -> None:
    def git(*words: str) -> str:
        settings = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        done = subprocess.run(
            [GIT, *who, *words],
            cwd=tmp_path,
            env=settings,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    git("init", "-b", "model/v1")
    git("commit", "--allow-empty", "-m", "first")
    assert head_commit(tmp_path) == git("rev-parse", "HEAD")
    git("pack-refs", "--all")
    assert head_commit(tmp_path) == git("rev-parse", "HEAD")


@pytest.mark.parametrize(
    "head",
    [
        *("", "ref: ", "c0c0c0", f"{COMMIT}0", "ref: HEAD", "ref: refs/heads/gone"),
        *("ref: refs/../HEAD2", "ref: refs/heads/./main", "ref: refs//heads", f"ref: {MAIN}\nx"),
        *("ref: /etc/hostname", f"ref: refs/heads/{'a' * 300}", "ref: refs/.hidden", "\x00" * 99),
    ],
)
def test_a_head_that_leads_nowhere_is_refused(head: str, tmp_path: Path) -> None:
    clone(tmp_path, HEAD=head, HEAD2=COMMIT, packed_refs="junk\n", refs__x="")
    with pytest.raises(TargetError, match="Give --commit SHA"):
        head_commit(tmp_path)


def link(git: Path, elsewhere: Path) -> None:
    (git / "HEAD").symlink_to(elsewhere / "HEAD")


def linked_folder(git: Path, elsewhere: Path) -> None:
    (git / "HEAD").write_text(f"ref: {MAIN}")
    (git / "refs").symlink_to(elsewhere / "refs")


def fifo(git: Path, _: Path) -> None:
    os.mkfifo(git / "HEAD")


@pytest.mark.parametrize("make", [link, linked_folder, fifo])
def test_no_link_is_followed_and_nothing_is_waited_for(
    make: Callable[[Path, Path], None], tmp_path: Path
) -> None:
    elsewhere = clone(tmp_path / "elsewhere", HEAD=COMMIT, refs__heads__main=COMMIT) / ".git"
    (tmp_path / "model" / ".git").mkdir(parents=True)
    make(tmp_path / "model" / ".git", elsewhere)
    with pytest.raises(TargetError, match="Give --commit SHA"):
        head_commit(tmp_path / "model")


def test_a_clone_that_is_a_link_or_a_file_is_none(tmp_path: Path) -> None:
    clone(tmp_path / "elsewhere", HEAD=COMMIT)
    for name in ("linked", "worktree"):
        (tmp_path / name).mkdir()
    (tmp_path / "linked" / ".git").symlink_to(tmp_path / "elsewhere" / ".git")
    (tmp_path / "worktree" / ".git").write_text("gitdir: ../elsewhere/.git\n")
    for name in ("linked", "worktree", "elsewhere/.git"):
        with pytest.raises(TargetError, match=r"has no folder \.git"):
            head_commit(tmp_path / name)


def test_of_a_huge_list_of_branches_the_beginning_is_read(tmp_path: Path) -> None:
    line = f"{OTHER} refs/heads/other\n"
    text = line * (MAX_PACKED // len(line) + 1) + f"{COMMIT} {MAIN}\n"
    clone(tmp_path, HEAD=f"ref: {MAIN}", packed_refs=text)
    with pytest.raises(TargetError, match="names no commit"):
        head_commit(tmp_path)
