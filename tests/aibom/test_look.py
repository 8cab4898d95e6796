"""A second look at a folder, without opening a file, tells what changed since the first."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from aibom import look
from aibom.folder import MAX_DEPTH, Found, walk
from aibom.layout import OMS_NAME
from aibom.signatures import SignatureError
from aibom.verify import verify_model_signature, verify_target
from tests.helpers.models import Keys, make_keys, sign_model, write_model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class TestLooking:
    @pytest.fixture
    def tree(self, tmp_path: Path) -> Path:
        for name in ("b.txt", "a/z.bin", ".config", ".git/x", "sub/.git/x"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(b"x" * len(name))
        (tmp_path / "link").symlink_to("b.txt")
        (tmp_path / os.fsdecode(b"a\xff")).touch()
        os.mkfifo(tmp_path / "pipe")
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(tmp_path / "socket"))
        deep = tmp_path / "d"
        for _ in range(MAX_DEPTH + 2):
            deep.mkdir()
            deep /= "d"
        return tmp_path

    def test_sees_what_a_walk_does(self, tree: Path) -> None:
        walked: dict[str, tuple[object, ...]] = {}
        for entry in walk(tree):
            stamp = entry.stamp if entry.found is Found.FILE else ()
            walked[entry.name] = entry.found, entry.size, stamp
            entry.close()
        looked = {e.name: (e.found, e.size, stamp) for e, stamp in look.look(tree)}
        assert looked == walked
        assert list(looked) == list(walked)

    def test_does_without_descriptors_of_folders(
        self, tree: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen = list(look.look(tree))
        monkeypatch.setattr(look, "BY_DESCRIPTOR", False)
        assert [(e.name, s) for e, s in look.look(tree)] == [(e.name, s) for e, s in seen]

    def test_tells_what_vanished_or_cannot_be_listed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("a", "b", "c/d"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).touch()
        listing, real = os.listdir, os.lstat

        def listed(fd: int) -> list[str]:
            if (names := listing(fd)) == ["d"]:
                raise PermissionError(13, "Permission denied")
            return names

        def stat(path: str, *, dir_fd: int | None = None) -> os.stat_result:
            if path == "b":
                raise PermissionError(13, "Permission denied")
            return real(path, dir_fd=dir_fd)

        steps = look.look(tmp_path)
        monkeypatch.setattr(os, "listdir", listed)
        monkeypatch.setattr(os, "lstat", stat)
        found = [(e.name, e.found) for e, _ in steps]
        assert found == [("a", Found.FILE), ("b", Found.DENIED), ("c", Found.DENIED)]
        monkeypatch.undo()
        later = look.look(tmp_path)
        next(later)
        (tmp_path / "b").unlink()
        assert next((e.name, e.found) for e, _ in later) == ("b", Found.VANISHED)

    def test_a_folder_that_cannot_be_listed_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            list(look.look(tmp_path / "missing"))


def replaced(path: Path) -> None:
    new = path.with_name("new")
    new.write_bytes(path.read_bytes())
    new.replace(path)


def linked(path: Path) -> None:
    path.rename(path.parent / ".git")
    path.symlink_to(".git")


def piped(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


LATE: dict[str, tuple[Callable[[Path], object], str]] = {
    "was added": (lambda m: (m / "evil.py").touch(), "extra-file"),
    "was removed": (lambda m: (m / "config.json").unlink(), "changed-while-reading"),
    "was replaced by the same": (lambda m: replaced(m / "config.json"), "changed-while-reading"),
    "was written to": (
        lambda m: (m / "config.json").write_bytes(b'{"model_type": "y"}'),
        "changed-while-reading",
    ),
    "became a link": (lambda m: linked(m / "config.json"), "symlink"),
    "became a pipe": (
        lambda m: piped(m / "sub" / "tokens.txt"),
        "not-regular",
    ),
    "is of git and became a link": (
        lambda m: linked(m / ".gitattributes"),
        "symlink",
    ),
    "is a result of signing": (lambda m: replaced(m / OMS_NAME), "changed-while-reading"),
    "is the BOM and became a link": (lambda m: linked(m / "aibom.cdx.json"), "symlink"),
}


@pytest.mark.parametrize(("harm", "code"), LATE.values(), ids=LATE)
def test_refuses_a_file_that_at_last(
    tmp_path: Path, harm: Callable[[Path], object], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, model = make_keys(tmp_path), write_model(tmp_path / "demo")
    sign_model(model, keys)
    assert late(model, keys, harm, monkeypatch) == code


def late(
    model: Path, keys: Keys, harm: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch
) -> str:
    """Do harm once all was read and compared; return the code of the refusal."""
    real = look.look

    def after(root: Path) -> object:
        harm(model)
        return real(root)

    monkeypatch.setattr("aibom.hashed.look", after)
    with pytest.raises(SignatureError) as caught:
        verify_target(model, keys.trust)
    return caught.value.code


def test_a_result_of_signing_that_comes_late_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, model = make_keys(tmp_path), write_model(tmp_path / "demo")
    sign_model(model, keys)
    content = (model / OMS_NAME).read_bytes()
    (model / OMS_NAME).unlink()
    code = late(model, keys, lambda m: (m / OMS_NAME).write_bytes(content), monkeypatch)
    assert code == "extra-file"


def test_a_file_system_that_numbers_open_files_otherwise_is_no_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, model = make_keys(tmp_path), write_model(tmp_path / "demo")
    sign_model(model, keys)
    real = look.look

    def numbered(root: Path) -> Iterator[look.Seen]:
        yield from ((entry, (*stamp[:3], 1, 1)) for entry, stamp in real(root))

    monkeypatch.setattr("aibom.hashed.look", numbered)
    assert verify_target(model, keys.trust).files == 5


def test_single_files_and_model_signatures_are_looked_at_too(tmp_path: Path) -> None:
    keys, model = make_keys(tmp_path), write_model(tmp_path / "demo")
    sign_model(model, keys)
    assert verify_model_signature(model, keys.trust).files == 6
    sign_model(model / "LICENSE", keys)
    assert verify_target(model / "LICENSE", keys.trust).files == 1
