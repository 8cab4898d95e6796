"""What cannot be signed is refused before anything is read, with the sentence that helps."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from aibom.cli import run
from aibom.layout import BOM_NAME, BUNDLE_NAME, OMS_NAME
from tests.helpers.command import COMMAND, aibom, environment
from tests.helpers.models import Keys, make_keys, sign_model

if TYPE_CHECKING:
    from pathlib import Path

DIGEST = "d" * 64


def refused(
    capsys: pytest.CaptureFixture[str], model: Path, keys: Keys, *options: str, code: int = 2
) -> str:
    """Return what was said; nothing was read, so standard output has no result of a scan."""
    capsys.readouterr()
    assert (
        run(["attest", "--no-isolation", str(model), "--key", str(keys.private), *options]) == code
    )
    said = capsys.readouterr()
    assert said.out == ""
    return said.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ("--output-dir", "no/out"),
            "there is no folder 'no/out'. Make it first, or name another.",
        ),
        (("--name", "a/b"), "--name is 'a/b', which a folder cannot be called: no / in it."),
        (("--name", "a\nb"), "Give another --name."),
        (("--model-version", ""), "--model-version is '', expected some printable text."),
        (("--model-version", "1\n2"), "--model-version is '1\\n2', expected"),
        (("--model-version", "1\udcff"), "expected some printable text."),
        (("--subject", "x@sha256:12"), "expected NAME@sha256:DIGEST."),
        (("--subject", f"a/../b@sha256:{DIGEST}"), "--subject: name 'a/../b' is not a plain"),
        (("--timestamp-url", "ftp://x"), "is no address of a timestamp authority"),
    ],
)
def test_options(
    capsys: pytest.CaptureFixture[str],
    model: Path,
    keys: Keys,
    options: tuple[str, ...],
    said: str,
) -> None:
    assert said in refused(capsys, model, keys, *options)


def test_a_password_in_an_address_is_not_shown(
    capsys: pytest.CaptureFixture[str], model: Path, keys: Keys
) -> None:
    said = refused(capsys, model, keys, "--timestamp-url", "https://me:hunter2@tsa.example")
    assert "holds a user name or a password" in said
    assert "hunter2" not in said


@pytest.mark.parametrize("name", [b"a\nb", b"\xff", b"sub/a\\b"])
def test_names_of_files(
    capsys: pytest.CaptureFixture[str], model: Path, keys: Keys, name: bytes
) -> None:
    with open(os.path.join(os.fsencode(model), name), "wb"):  # noqa: PTH118, PTH123 - bytes
        pass
    said = refused(capsys, model, keys)
    assert "this cannot be signed: name " in said
    assert "Rename it, and sign then." in said


def test_names_that_are_not_covered_may_be_odd(model: Path, keys: Keys) -> None:
    (model / ".git").mkdir()
    (model / ".git" / "a\nb").touch()
    assert run(["attest", "--no-isolation", str(model), "--key", str(keys.private)]) == 0


def test_the_name_of_a_single_file(
    capsys: pytest.CaptureFixture[str], model: Path, keys: Keys
) -> None:
    (model / "a\\b").write_bytes(b"{}")
    assert "Rename it" in refused(capsys, model / "a\\b", keys, "--name", "ab")


@pytest.mark.parametrize("name", [BUNDLE_NAME, OMS_NAME, BOM_NAME])
def test_results_of_somebody_else(
    capsys: pytest.CaptureFixture[str], model: Path, keys: Keys, name: str
) -> None:
    (model / name).write_bytes(b"{}")
    said = refused(capsys, model, keys)
    assert "did not make" in said or "did not write" in said


def test_a_folder_that_may_not_be_written_to(
    capsys: pytest.CaptureFixture[str],
    model: Path,
    keys: Keys,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def access(path: Path, _: int) -> bool:
        return path != tmp_path / "out"

    monkeypatch.setattr(os, "access", access)
    (tmp_path / "out").mkdir()
    said = refused(capsys, model, keys, "--output-dir", str(tmp_path / "out"))
    assert "may not be written to. Name another folder (--output-dir)." in said


def test_the_model_is_no_key(capsys: pytest.CaptureFixture[str], model: Path) -> None:
    said = refused(capsys, model, Keys(model, model))
    assert "the key is the model itself" in said


def test_a_bom_that_is_not_there(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, keys: Keys
) -> None:
    assert run(["sign", str(tmp_path / "x.json"), "--key", str(keys.private)]) == 2
    assert "x.json: there is no BOM. `aibom bom` writes one" in capsys.readouterr().err


def test_a_bom_of_another_program_can_be_signed_but_not_over_anothers_signature(
    capsys: pytest.CaptureFixture[str], model: Path, keys: Keys, tmp_path: Path
) -> None:
    sign_model(model, keys)
    (tmp_path / "other").mkdir()
    other = make_keys(tmp_path / "other")
    arguments = ["sign", str(model / BOM_NAME), "--key"]
    assert run([*arguments, str(keys.private)]) == 0
    assert run([*arguments, str(other.private)]) == 2
    assert "this signer did not make" in capsys.readouterr().err


def test_a_key_through_a_pipe_is_refused_at_once(model: Path, keys: Keys) -> None:
    with subprocess.Popen(["/bin/cat", str(keys.private)], stdout=subprocess.PIPE) as cat:
        assert cat.stdout is not None
        done = subprocess.run(
            [*COMMAND, "attest", str(model), "--key", "/dev/stdin"],
            env=environment(),
            stdin=cat.stdout,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
    assert (done.returncode, done.stdout) == (2, "")
    assert "is a pipe, which can be read once only" in done.stderr


def test_a_key_that_others_may_read_is_told_of(
    capsys: pytest.CaptureFixture[str], model: Path, keys: Keys
) -> None:
    keys.private.chmod(0o644)
    assert run(["attest", "--no-isolation", str(model), "--key", str(keys.private)]) == 0
    assert (
        "warning: others may read or change the private key: chmod 600" in capsys.readouterr().err
    )


def test_a_password_need_not_be_text(model: Path, tmp_path: Path) -> None:
    password = {"AIBOM_KEY_PASSWORD": "p\udcff"}
    made = aibom("keys", "generate", "--encrypt", "-o", "e", cwd=tmp_path, **password)
    assert made.code == 0
    assert aibom("attest", model, "--key", "e.key", cwd=tmp_path, **password).code == 0
    password["AIBOM_KEY_PASSWORD"] = "p\udcfe"  # noqa: S105 - a wrong one
    wrong = aibom("attest", model, "--key", "e.key", cwd=tmp_path, **password)
    assert (wrong.code, "[key-password]" in wrong.err) == (2, True)
