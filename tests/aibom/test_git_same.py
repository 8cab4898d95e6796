"""A clone's commit is told only if its files are the commit's; git itself is never run for it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zlib
from hashlib import sha1, sha256
from typing import TYPE_CHECKING

import pytest

from aibom import git_objects
from aibom.errors import TargetError
from aibom.git_objects import Blob
from aibom.git_same import POINTER, clean_commit
from tests.helpers.command import aibom

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GIT = shutil.which("git") or ""
needs_git = pytest.mark.skipif(not GIT, reason="git is not installed")


def git(folder: Path, *words: str) -> str:
    settings = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "gc.auto=0")
    done = subprocess.run(
        [GIT, *who, *words], cwd=folder, env=settings, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def committed(folder: Path, *more: str) -> Path:
    """Make a repository of a few files in folders, with a long history of one of them."""
    git(folder, "init", "-b", "main", *more)
    (folder / "sub" / "deep").mkdir(parents=True)
    for number in range(20):
        lines = [f"{line} {sha256(b'%d' % line).hexdigest()}\n" for line in range(200)]
        lines[number] = "changed\n"
        (folder / "README.md").write_text("".join(lines))
        for name in range(60):
            (folder / "sub" / f"file-{name}-{'x' * 20}").write_text(
                f"{number if name == 30 else 0}"
            )
        (folder / "sub" / "deep" / "w.bin").write_bytes(bytes(number))
        git(folder, "add", "-A")
        git(folder, "commit", "-m", str(number))
    return folder


def listed(model: Path, commit: str) -> dict[bytes, Blob]:
    """Return the files of a commit, as git tells them."""
    lines = git(model, "ls-tree", "-rz", commit).encode().split(b"\0")
    told = [line.replace(b"\t", b" ", 1).split(b" ", 3) for line in lines if line]
    return {path: Blob(int(mode, 8), bytes.fromhex(oid.decode())) for mode, _, oid, path in told}


def read(model: Path, commit: str) -> dict[bytes, Blob]:
    folder = os.open(model / ".git", os.O_RDONLY)
    try:
        return git_objects.files_of(folder, commit)
    finally:
        os.close(folder)


@needs_git
@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_commits_hold_what_git_says_loose_or_packed(algorithm: str, tmp_path: Path) -> None:
    model = committed(tmp_path, f"--object-format={algorithm}")
    commits = git(model, "rev-list", "HEAD").split()
    expected = [listed(model, each) for each in commits]
    assert [read(model, each) for each in commits] == expected
    assert clean_commit(model) == commits[0]
    git(model, "repack", "-adf", "--depth=50", "--window=50")
    (pack,) = (model / ".git" / "objects" / "pack").glob("*.idx")
    told = [line.split() for line in git(model, "verify-pack", "-v", str(pack)).splitlines()]
    assert {line[1] for line in told if len(line) == 7} >= {"tree"}  # deltas have a depth and base
    assert [read(model, each) for each in commits] == expected
    git(model, "-c", "repack.useDeltaBaseOffset=false", "repack", "-adf", "--depth=50")
    assert [read(model, each) for each in commits] == expected
    assert clean_commit(model) == commits[0]


@needs_git
def test_what_is_not_as_it_was_committed_is_named(tmp_path: Path) -> None:
    model = committed(tmp_path)
    (model / "README.md").write_text("other\n")
    (model / "aibom.cdx.json").write_text("what we write is no part of the model\n")
    (model / ".gitignore").write_text("nor is what belongs to git\n")
    (model / "new").write_text("x")
    (model / "sub" / "deep" / "w.bin").unlink()
    with pytest.raises(TargetError) as told:
        clean_commit(model)
    assert str(told.value).partition(": ")[2] == (
        "'README.md' differs, 'new' is not in it, 'sub/deep/w.bin' is missing."
        " Commit them, or give --commit SHA."
    )
    git(model, "rm", "-rq", "--cached", "sub")
    git(model, "commit", "-qm", "fewer")
    with pytest.raises(TargetError, match=r"and 59 more\. Commit"):
        clean_commit(model)


@needs_git
def test_a_pointer_of_lfs_stands_for_its_file_and_a_link_for_itself(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    weights = tmp_path / "w.bin"
    weights.write_text(POINTER.format(digest=sha256(b"values").hexdigest(), size=6))
    (tmp_path / "link").symlink_to("w.bin")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "a")
    assert clean_commit(tmp_path)
    weights.write_bytes(b"values")
    assert clean_commit(tmp_path)
    weights.write_bytes(b"valuez")
    (tmp_path / "link").unlink()
    (tmp_path / "link").symlink_to("README.md")
    with pytest.raises(TargetError, match=r"'link' differs, 'w\.bin' differs"):
        clean_commit(tmp_path)


def written(folder: Path, kind: bytes, data: bytes, name: str = "") -> bytes:
    """Write a loose object, under its own name or another, and return that name."""
    whole = b"%s %d\0%s" % (kind, len(data), data)
    name = name or sha1(whole, usedforsecurity=False).hexdigest()
    path = folder / ".git" / "objects" / name[:2] / name[2:]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(zlib.compress(whole))
    return bytes.fromhex(name)


def at_tree(folder: Path, tree: bytes) -> Path:
    commit = written(folder, b"commit", b"tree %s\nauthor a\n" % tree.hex().encode())
    (folder / ".git" / "HEAD").write_text(commit.hex())
    return folder


def other_digest(folder: Path) -> Path:
    return at_tree(folder, written(folder, b"tree", b"", "ab" * 20))


def missing(folder: Path) -> Path:
    return at_tree(folder, b"\xab" * 20)


def no_tree(folder: Path) -> Path:
    return at_tree(folder, written(folder, b"blob", b""))


def no_commit(folder: Path) -> Path:
    name = written(folder, b"tree", b"")
    (folder / ".git" / "HEAD").write_text(name.hex())
    return folder


def broken_tree(folder: Path) -> Path:
    return at_tree(folder, written(folder, b"tree", b"100644 a\0short"))


def doubled(folder: Path) -> Path:
    """Make a tree that holds a tree twice, that holds a tree twice, and so on."""
    tree = written(folder, b"tree", b"")
    for _ in range(60):
        tree = written(folder, b"tree", b"40000 a\0%s40000 b\0%s" % (tree, tree))
    return at_tree(folder, tree)


def no_zlib(folder: Path) -> Path:
    missing(folder)
    path = folder / ".git" / "objects" / "ab" / ("ab" * 19)
    path.parent.mkdir()
    path.write_bytes(b"text")
    return folder


def too_long(folder: Path) -> Path:
    return at_tree(folder, written(folder, b"tree", bytes(2000)))


def broken_index(folder: Path) -> Path:
    missing(folder)
    pack = folder / ".git" / "objects" / "pack" / f"pack-{'0' * 40}.idx"
    pack.parent.mkdir()
    pack.write_bytes(git_objects.INDEX_MAGIC + bytes(4 * 0xAB) + b"\xff" * 999)
    return folder


CASES: dict[Callable[[Path], Path], str] = {
    other_digest: "has another digest",
    missing: "is not among its objects",
    no_tree: "is no tree",
    no_commit: "is no commit",
    broken_tree: "is a broken tree",
    doubled: "too deep, or hold too many files",
    no_zlib: "an object is broken",
    too_long: "longer or shorter than it says",
    broken_index: "a pack's index is broken",
}


@pytest.mark.parametrize("make", CASES, ids=[each.__name__ for each in CASES])
def test_objects_that_cannot_be_relied_on_are_refused(
    make: Callable[[Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_objects, "MAX_OBJECT", 1000)
    monkeypatch.setattr(git_objects, "MAX_ENTRIES", 1000)
    model = make(tmp_path)
    with pytest.raises(TargetError, match=f"cannot be compared .*({CASES[make]})"):
        clean_commit(model)


@pytest.mark.parametrize(
    ("delta", "why"),
    [
        (b"\x04\x02\x91\x00\x05", "broken"),
        (b"\x05\x02\x01a", "another object"),
        (b"\x04\x02\x02a", "early"),
        (b"\x04\x02\x00", "broken"),
        (b"\x04\xff", "early"),
        (b"\x04\x05\x01a", "broken"),
    ],
    ids=["too much", "another base", "too few", "no step", "no size", "too little"],
)
def test_a_delta_that_is_none_is_refused(delta: bytes, why: str) -> None:
    assert git_objects.patched(b"abcd", b"\x04\x05\x91\x01\x03\x02xy") == b"bcdxy"
    with pytest.raises(git_objects.UnreadableError, match=why):
        git_objects.patched(b"abcd", delta)


def test_a_bom_has_the_commit_of_a_clean_clone_if_it_is_asked_for(tmp_path: Path) -> None:
    data = b"# A model\n"
    (tmp_path / "README.md").write_bytes(data)
    blob = sha1(b"blob %d\0%s" % (len(data), data), usedforsecurity=False).digest()
    model = at_tree(tmp_path, written(tmp_path, b"tree", b"100644 README.md\0" + blob))
    commit = (model / ".git" / "HEAD").read_text()
    subject = json.loads(aibom("bom", model, "--commit", "git").out)["metadata"]["component"]
    assert subject["version"] == commit
    assert subject["pedigree"]["commits"] == [{"uid": commit}]
    (model / "README.md").write_text("# Another\n")
    done = aibom("bom", model, "--commit", "git")
    assert (done.code, done.out) == (2, "")
    assert "'README.md' differs" in done.err
