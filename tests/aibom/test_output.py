"""A result is written whole or not at all, and never over something that is no file."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from aibom import bom
from aibom.errors import OutputError
from aibom.output import write_atomic

from .bom.examples import small

posix = pytest.mark.skipif(os.name != "posix", reason="limits, links and FIFOs of POSIX")


@pytest.fixture
def umask() -> object:
    before = os.umask(0o022)
    yield
    os.umask(before)


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_writes_and_replaces(tmp_path: Path) -> None:
    place = tmp_path / "a"
    write_atomic(place, b"one")
    write_atomic(str(place), b"two")
    assert (place.read_bytes(), names(tmp_path)) == (b"two", ["a"])


@posix
@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize(("mode", "expected"), [(0o666, 0o644), (0o600, 0o600)])
@pytest.mark.parametrize("exclusive", [False, True], ids=["replacing", "exclusive"])
def test_a_new_file_has_the_mode_less_the_umask(
    tmp_path: Path, mode: int, expected: int, *, exclusive: bool
) -> None:
    write_atomic(tmp_path / "a", b"", mode=mode, exclusive=exclusive)
    assert (tmp_path / "a").stat().st_mode & 0o777 == expected


def test_exclusive_keeps_what_is_there(tmp_path: Path) -> None:
    place = tmp_path / "key"
    write_atomic(place, b"one", exclusive=True)
    with pytest.raises(OutputError, match=r"file exists\. Remove it"):
        write_atomic(place, b"two", exclusive=True)
    assert (place.read_bytes(), names(tmp_path)) == (b"one", ["key"])


@posix
def test_exclusive_takes_a_dangling_link_for_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").symlink_to("elsewhere")
    with pytest.raises(OutputError, match="file exists"):
        write_atomic(tmp_path / "key", b"", exclusive=True)
    assert names(tmp_path) == ["key"]


@posix
@pytest.mark.parametrize("code", [errno.EPERM, errno.ENOTSUP], ids=["FAT", "a network share"])
def test_exclusive_works_where_there_are_no_hard_links(
    tmp_path: Path, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(code, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    write_atomic(tmp_path / "key", b"one", exclusive=True)
    assert ((tmp_path / "key").read_bytes(), names(tmp_path)) == (b"one", ["key"])


@posix
def test_exclusive_loses_a_race_without_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_bytes(b"theirs")

    def not_yet(_: object) -> bool:
        return False

    monkeypatch.setattr(os.path, "lexists", not_yet)
    with pytest.raises(OutputError, match="file exists"):
        write_atomic(tmp_path / "key", b"ours", exclusive=True)
    assert ((tmp_path / "key").read_bytes(), names(tmp_path)) == (b"theirs", ["key"])


@posix
@pytest.mark.parametrize("call", ["open", "fsync"])
def test_a_folder_that_cannot_be_synchronised_is_no_failure(
    tmp_path: Path, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = getattr(os, call)

    def refuse(what: Path | int, *rest: int) -> object:
        if what == tmp_path or (isinstance(what, int) and stat.S_ISDIR(os.fstat(what).st_mode)):
            raise OSError(errno.EINVAL, "not here")
        return real(what, *rest)

    monkeypatch.setattr(os, call, refuse)
    write_atomic(tmp_path / "a", b"x")
    assert (tmp_path / "a").read_bytes() == b"x"


@posix
def test_a_link_is_replaced_not_followed(tmp_path: Path) -> None:
    (tmp_path / "kept").write_bytes(b"kept")
    (tmp_path / "a").symlink_to("kept")
    write_atomic(tmp_path / "a", b"new")
    assert not (tmp_path / "a").is_symlink()
    assert ((tmp_path / "a").read_bytes(), (tmp_path / "kept").read_bytes()) == (b"new", b"kept")


@posix
def test_nothing_but_a_file_is_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    (tmp_path / "null").symlink_to(os.devnull)
    for name, kind in [("fifo", "a FIFO"), ("folder", "a folder"), ("null", "a character device")]:
        with pytest.raises(OutputError, match=f"it is {kind}. Name a file"):
            write_atomic(tmp_path / name, b"x")
    assert names(tmp_path) == ["fifo", "folder", "null"]


def test_says_that_the_folder_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"no such file or directory\. Make the folder first"):
        write_atomic(tmp_path / "no" / "a", b"")


@posix
def test_leaves_nothing_when_the_rename_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomic(tmp_path / "a", b"x")
    assert names(tmp_path) == []


# The limit is the file system's own refusal (EFBIG), in the middle of the data.
LIMITED = """
import resource, sys
sys.path[:] = sys.argv[2:]
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
from aibom.errors import OutputError
from aibom.output import write_atomic
try:
    write_atomic(sys.argv[1], bytes(100_000))
except OutputError as error:
    print(error)
"""


@posix
def test_a_file_that_cannot_be_written_whole_leaves_the_old_one(tmp_path: Path) -> None:
    place = tmp_path / "a"
    place.write_bytes(b"old")
    done = subprocess.run(
        [sys.executable, "-IB", "-c", LIMITED, str(place), *sys.path],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
        env={},  # nothing measures its coverage: that too is a file
    )
    assert "file too large. Raise the limit on file sizes" in done.stdout
    assert (place.read_bytes(), names(tmp_path)) == (b"old", ["a"])


def small_disk(folder: Path) -> bool:
    mount = ["/bin/mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    return (
        hasattr(os, "geteuid")
        and os.geteuid() == 0
        and not subprocess.run(mount, stderr=subprocess.DEVNULL, check=False).returncode
    )


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    if not small_disk(tmp_path):
        pytest.skip("only root may mount a small disk")
    try:
        write_atomic(tmp_path / "a", b"old")
        with pytest.raises(OutputError, match=r"no space left on device\. Make room"):
            write_atomic(tmp_path / "a", bytes(100_000))
        assert ((tmp_path / "a").read_bytes(), names(tmp_path)) == (b"old", ["a"])
    finally:
        subprocess.run(["/bin/umount", str(tmp_path)], check=True)


def test_a_bom_is_written_as_it_is_returned(tmp_path: Path) -> None:
    place = tmp_path / "aibom.cdx.json"
    data = bom.write(place, bom.build(small()))
    assert place.read_bytes() == data == bom.to_json(bom.build(small()))
