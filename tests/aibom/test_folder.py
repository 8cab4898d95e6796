"""Walking a folder: everything is named, nothing is followed, nothing waits."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from aibom.folder import MAX_DEPTH, Entry, Found, open_file, readable, walk


@pytest.fixture
def seen(tmp_path: Path) -> Iterator["Seen"]:
    """List what the walk finds, and close it."""
    made = Seen(tmp_path)
    yield made
    for entry in made.entries:
        entry.close()


class Seen:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.entries: list[Entry] = []

    def list(self) -> list[tuple[str, Found]]:
        self.entries += walk(self.root)
        return [(entry.name, entry.found) for entry in self.entries]


def test_names_files_by_their_path_in_order(seen: Seen) -> None:
    for name in ("b.txt", "a/z.bin", "a/.hidden", ".config"):
        path = seen.root / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x" * len(name))
    assert seen.list() == [
        (".config", Found.FILE),
        ("a/.hidden", Found.FILE),
        ("a/z.bin", Found.FILE),
        ("b.txt", Found.FILE),
    ]
    assert [entry.size for entry in seen.entries] == [7, 9, 7, 5]


def test_names_links_with_their_target_and_follows_none(seen: Seen) -> None:
    (seen.root / "folder").symlink_to("/etc")
    (seen.root / "file").symlink_to("missing")
    seen.list()
    assert [(e.name, e.found, e.detail) for e in seen.entries] == [
        ("file", Found.SYMLINK, "missing"),
        ("folder", Found.SYMLINK, "/etc"),
    ]


def test_opens_no_pipe_and_no_socket(seen: Seen) -> None:
    os.mkfifo(seen.root / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(seen.root / "sock"))
        seen.list()
    assert [(e.name, e.found, e.detail) for e in seen.entries] == [
        ("pipe", Found.SPECIAL, "a FIFO"),
        ("sock", Found.SPECIAL, "a socket"),
    ]


def test_leaves_out_the_top_history_alone(seen: Seen) -> None:
    for name in (".git/objects/x", "sub/.git/x"):
        path = seen.root / name
        path.parent.mkdir(parents=True)
        path.touch()
    assert seen.list() == [(".git", Found.SKIPPED), ("sub/.git/x", Found.FILE)]


def test_shows_names_that_are_no_text(seen: Seen) -> None:
    (seen.root / os.fsdecode(b"a\xff\n\x1b[31m")).touch()
    assert seen.list() == [("a\\xff\n\x1b[31m", Found.FILE)]


def test_stops_at_folders_that_are_too_deep(seen: Seen) -> None:
    fd = os.open(seen.root, os.O_RDONLY)
    for _ in range(MAX_DEPTH + 5):
        os.mkdir("d", dir_fd=fd)
        below = os.open("d", os.O_RDONLY, dir_fd=fd)
        os.close(fd)
        fd = below
    os.close(fd)
    assert [found for _, found in seen.list()] == [Found.DENIED]


def test_tells_what_vanished_while_it_walked(seen: Seen) -> None:
    (seen.root / "a").touch()
    (seen.root / "b").touch()
    steps = walk(seen.root)
    seen.entries.append(next(steps))
    (seen.root / "b").unlink()
    assert [(entry.name, entry.found) for entry in steps] == [("b", Found.VANISHED)]


def test_leaks_no_descriptor_when_it_is_given_up(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c").touch()
    before = sum(1 for _ in Path("/proc/self/fd").iterdir())
    steps = walk(tmp_path)
    next(steps).close()
    del steps
    assert sum(1 for _ in Path("/proc/self/fd").iterdir()) == before


def test_a_changed_file_has_another_stamp(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"1")
    entry = open_file(path, "a")
    before = entry.stamp
    path.write_bytes(b"2")
    os.utime(path, ns=(1, 1))
    assert entry.stamp != before
    entry.close()


def test_a_named_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert open_file(tmp_path / "pipe", "pipe").found is Found.SPECIAL


def test_text_stays_as_it_is() -> None:
    assert readable("modèle/重み.bin") == "modèle/重み.bin"


def test_a_folder_that_is_swapped_while_it_is_read_leads_nowhere_else(tmp_path: Path) -> None:
    """Between listing and opening, somebody puts another folder, then a link, in its place."""
    for folder in ("model/sub", "other"):
        (tmp_path / folder).mkdir(parents=True)
        for name in "abc":
            (tmp_path / folder / name).write_text(folder)
    seen: dict[str, str] = {}
    for entry in walk(tmp_path / "model"):
        with os.fdopen(entry.fd) as file:
            seen[entry.name] = file.read()
        if entry.name == "sub/a":
            (tmp_path / "model" / "sub").rename(tmp_path / "aside")
            (tmp_path / "other").rename(tmp_path / "model" / "sub")
        if entry.name == "sub/b":
            (tmp_path / "model" / "sub").rename(tmp_path / "other")
            (tmp_path / "model" / "sub").symlink_to(tmp_path / "other")
    assert seen == dict.fromkeys(["sub/a", "sub/b", "sub/c"], "model/sub")
