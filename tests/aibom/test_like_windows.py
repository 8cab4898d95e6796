"""On Python without what Windows lacks the whole way can be gone; see `like_windows`."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from aibom import folder
from aibom.folder import Found
from aibom.scan import leaves
from aibom.scanners import source
from fixtures.hostile import calling_pickle
from tests.helpers.checkout import ROOT
from tests.helpers.command import Ended, aibom, environment
from tests.helpers.models import write_model

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PROGRAM = ROOT / "tests" / "helpers" / "like_windows.py"
ANSWER = ("--reason", "we read every line", "--owner", "x", "--expires", "9d")
OPEN = "parsers were locked in, but could reach files and network and processes"


def run(*arguments: str | Path, **more: str) -> Ended:
    done = subprocess.run(
        [sys.executable, PROGRAM, *arguments],
        env=environment(**more),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def test_a_model_is_scanned_signed_and_verified(tmp_path: Path) -> None:
    model, key = write_model(tmp_path / "model"), tmp_path / "k"
    assert run("keys", "generate", "-o", key).code == 0
    scanned = run("scan", model)
    assert (scanned.code, OPEN in scanned.out) == (0, True), scanned.err
    attested = run("attest", model, "--key", f"{key}.key")
    assert attested.code == 0, attested.err
    assert run("verify", model, "--key", f"{key}.pub").code == 0
    assert aibom("verify", model, "--key", f"{key}.pub").code == 0


def test_what_is_dangerous_is_found_and_a_lock_in_whole_refused(tmp_path: Path) -> None:
    (tmp_path / "x.pkl").write_bytes(calling_pickle("posix", "system"))
    for options in ([], ["--no-isolation"], ["--cache", tmp_path.parent / "cache"]):
        found = run("scan", tmp_path, *options)
        assert (found.code, "critical[pickle-spawns-process]" in found.out) == (1, True), found.err
    assert run("scan", tmp_path, "--require-lock").code == 3
    assert not (tmp_path.parent / "cache").exists()


def test_the_doctor_says_what_is_open() -> None:
    assert "not shut to parsers: files, network, processes" in run("doctor").out


def test_who_hashes_and_who_parses_may_read_one_file_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - here alone

    monkeypatch.setattr(source, "read_some", source.read_in_turn)
    data = b"".join(number.to_bytes(4, "big") for number in range(1 << 14))
    (tmp_path / "x").write_bytes(data)
    with (tmp_path / "x").open("rb") as file, ThreadPoolExecutor(4) as threads:
        whole = source.FileSource(file.fileno(), len(data))

        def read(start: int) -> bytes:
            return whole.read_at(start, 64)

        assert b"".join(threads.map(read, range(0, len(data), 64))) == data
        with pytest.raises(OSError, match="shrank"):
            source.FileSource(file.fileno(), len(data) + 9).read_at(0, len(data) + 9)


@pytest.mark.parametrize(
    "target", ["\\\\?\\C:\\x", "C:\\x", "\\\\host\\share", "..\\x", "a\\..\\..\\x"]
)
def test_links_of_windows_that_lead_out_are_told(target: str) -> None:
    assert leaves("link", target)


def test_a_junction_is_a_link_and_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "inside").touch()

    class Seen:
        st_mode = (tmp_path / "x").stat().st_mode
        st_reparse_tag = folder.JUNCTION

    def told(value: object) -> Callable[..., object]:
        def answer(_: object, *, dir_fd: None) -> object:
            return value if dir_fd is None else None

        return answer

    monkeypatch.setattr(folder, "BY_DESCRIPTOR", False)
    monkeypatch.setattr(os, "lstat", told(Seen))
    monkeypatch.setattr(os, "readlink", told(r"\\?\C:\x"))
    found = [(entry.name, entry.found) for entry in folder.walk(tmp_path)]
    assert found == [("x", Found.SYMLINK)]


@pytest.mark.parametrize("form", ["json", "sarif", "markdown", "html", "junit", "github"])
def test_a_document_is_utf_8_whatever_the_screen_takes(tmp_path: Path, form: str) -> None:
    (tmp_path / "\xe9\u6f22.pkl").write_bytes(calling_pickle("posix", "system"))
    done = subprocess.run(
        [sys.executable, "-m", "aibom", "scan", tmp_path, "--format", form],
        env=environment(PYTHONIOENCODING="cp1252"),
        capture_output=True,
        check=False,
        timeout=120,
    )
    document = tmp_path / "document"
    assert aibom("scan", tmp_path, "-o", f"{form}={document}").code == done.returncode == 1
    assert done.stdout == document.read_bytes()


def test_a_screen_that_lacks_characters_shows_their_numbers(tmp_path: Path) -> None:
    (tmp_path / "\u6f22.pkl").write_bytes(calling_pickle("posix", "system"))
    scanned = aibom("scan", tmp_path, PYTHONIOENCODING="cp1252")
    assert (scanned.code, r"\u6f22.pkl, byte" in scanned.out) == (1, True)
    waived = aibom("waive", tmp_path, "--rule", "\u6f22", *ANSWER, PYTHONIOENCODING="cp1252")
    assert (waived.code, r"no finding of '\u6f22'" in waived.err) == (2, True)
