"""Input that breaks programs: each ends soon, with a sentence and the right code."""

import ctypes
import io
import os
import resource
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from aibom.layout import BOM_NAME, BUNDLE_NAME
from fixtures import gguf, onnx
from fixtures.hostile import torch_zip
from tests.helpers.command import COMMAND, aibom, environment
from tests.helpers.models import WEIGHTS, write_model


def pickled() -> bytes:
    """Return a pickle of numbers and text."""
    return b"\x80\x04}(\x8c\x01aK\x01\x8c\x01bX\x05\x00\x00\x00helloK\x02u."


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/dev/zero", "this is a character device. Give a folder or a regular file."),
        ("/dev/null", "this is a character device."),
        ("missing", "missing: no such file or folder."),
        ("", "no such file or folder."),
    ],
)
def test_a_path_that_is_no_file(path: str, sentence: str, tmp_path: Path) -> None:
    ended = aibom("scan", path, cwd=tmp_path)
    assert (ended.code, ended.out) == (2, "")
    assert sentence in ended.err


def test_an_empty_folder(tmp_path: Path) -> None:
    ended = aibom("scan", tmp_path)
    assert ended.code == 2
    assert "there is no file in this folder" in ended.err


def test_a_pipe_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert aibom("scan", tmp_path / "pipe").code == 2
    assert aibom("scan", tmp_path).code == 3


def test_a_sparse_terabyte(tmp_path: Path) -> None:
    with (tmp_path / "model.safetensors").open("wb") as file:
        file.truncate(1 << 40)
    ended = aibom("scan", tmp_path)
    assert ended.code == 3
    assert "1099511627776 bytes, more than the limit file_bytes" in ended.out


def test_the_same_as_a_target(tmp_path: Path) -> None:
    with (tmp_path / "m").open("wb") as file:
        file.truncate(1 << 40)
    assert aibom("scan", tmp_path / "m").code == 3


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.bin"
    secret.write_bytes(b"x")
    secret.chmod(0)
    done = subprocess.run(
        [*COMMAND, "scan", str(tmp_path)],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=_obey_file_modes,
    )
    assert done.returncode == 3, done.stderr
    assert "/secret.bin: cannot be opened: permission denied [denied]" in done.stdout


def _obey_file_modes() -> None:
    """Give up what lets root read every file; for anybody else this does nothing."""
    libc = ctypes.CDLL(None)
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP: not regained by exec


def test_a_disk_that_is_full_leaves_nothing_behind(tmp_path: Path) -> None:
    model = write_model(tmp_path / "demo")
    aibom("keys", "generate", "-o", "k", cwd=tmp_path)
    before = sorted(path.name for path in model.iterdir())

    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    command = [*COMMAND, "attest", "demo", "--key", "k.key"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=environment(PYTHONDONTWRITEBYTECODE="1"),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=no_room,
    )
    assert done.returncode == 2, done.stderr
    assert f"{BOM_NAME}' cannot be written: file too large" in done.stderr
    assert sorted(path.name for path in model.iterdir()) == before


def test_output_into_a_missing_folder(tmp_path: Path) -> None:
    write_model(tmp_path / "demo")
    ended = aibom("bom", "demo", "-o", "nowhere/x.json", cwd=tmp_path)
    assert ended.code == 2
    assert "cannot be written: no such file or directory. Make the folder first" in ended.err


def test_output_that_finds_no_room_is_no_bug_of_ours(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, "scan", str(tmp_path)],
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert "the output could not be written: no space left on device." in done.stderr
    assert "bug" not in done.stderr


def test_a_reader_that_goes_away(tmp_path: Path) -> None:
    for number in range(300):
        (tmp_path / f"{number}.bin").write_bytes(b"x")
    command = f"{sys.executable} -m aibom scan --format json '{tmp_path}' | head -c 10"
    done = subprocess.run(
        ["/bin/bash", "-c", command], env=environment(), capture_output=True, text=True, check=False
    )
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("redirected", "code"),
    [
        ("scan harmless | true", 2),
        ("scan harmless --format json | true", 2),
        ("scan missing 2>/dev/full", 2),
        ("scan harmless 2>/dev/full", 0),
        ("scan harmless 2>&-", 0),
        ("scan harmful 2>&-", 1),
        ("scan harmless >&-", 2),
        ("scan harmless >&- 2>&-", 2),
        ("scan harmless <&-", 0),
        ("verify harmless --key missing 2>/dev/full", 2),
    ],
)
def test_streams_that_nobody_reads_change_no_verdict(
    redirected: str, code: int, tmp_path: Path
) -> None:
    for name, content in (("harmless", pickled()), ("harmful", b"cos\nsystem\n(S'x'\ntR.")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "m.pkl").write_bytes(content)
    command = f"{sys.executable} -m aibom {redirected}; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["/bin/bash", "-c", command],
        env=environment(),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert "bug" not in done.stderr


def test_a_locale_without_utf8_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "m.pkl").write_bytes(pickled())
    plain = {**environment(), "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for name, given in (("one.json", environment()), ("other.json", plain)):
        command = [*COMMAND, "bom", str(tmp_path / "m.pkl"), "-o", str(tmp_path / name)]
        done = subprocess.run(command, env=given, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "Exception" not in done.stderr
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "other.json").read_bytes()


@pytest.mark.parametrize(
    ("words", "section"),
    [((), "Scan"), (("keys",), "Commands")],
    ids=["aibom", "aibom keys"],
)
def test_no_command_shows_the_commands(words: tuple[str, ...], section: str) -> None:
    ended = aibom(*words)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"Usage: {' '.join(['aibom', *words])} [OPTIONS] COMMAND")
    assert f"\n{section}:\n" in ended.err


@pytest.mark.parametrize(
    "words",
    [
        ("scan", "a", "b", "--name", "x"),
        ("keys", "generate", "-o", ""),
        ("keys", "generate", "-o", "."),
    ],
    ids=["one name for two", "no prefix", "a folder as prefix"],
)
def test_options_that_cannot_be_meant(words: tuple[str, ...], tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_bytes(pickled())
    ended = aibom(*words, cwd=tmp_path)
    assert (ended.code, ended.out) == (2, "")
    assert "error: --" in ended.err


@pytest.mark.parametrize("name", ["a" * 255, "'; rm -rf ~; '", "%s%n", "-rf", " ", "\\"])
def test_odd_names(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"x")
    assert aibom("scan", ".", cwd=tmp_path).code == 0


def test_interrupting_leaves_no_process_and_no_output(tmp_path: Path) -> None:
    write_model(tmp_path / "demo")
    with (tmp_path / "demo" / "big.bin").open("wb") as file:
        file.truncate(200 << 30)  # minutes of hashing
    aibom("keys", "generate", "-o", "k", cwd=tmp_path)
    process = subprocess.Popen(
        [*COMMAND, "attest", "demo", "--key", "k.key"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(1.5)
    children = _children(process.pid)
    assert children, "the locked process runs"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (130, "\ninterrupted\n")
    deadline = time.monotonic() + 5
    while any(map(_lives, children)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(_lives, children))
    assert not (tmp_path / "demo" / BOM_NAME).exists()
    assert not (tmp_path / "demo" / BUNDLE_NAME).exists()


def _children(pid: int) -> set[int]:
    found, pending = set[int](), [pid]
    while pending:
        for task in Path(f"/proc/{pending.pop()}/task").iterdir():
            below = set(map(int, (task / "children").read_text().split()))
            found |= below
            pending += below
    return found


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_hundred_thousand_files(tmp_path: Path) -> None:
    for number in range(100_000):
        (tmp_path / f"{number}.txt").touch()
    ended = aibom("scan", "--quiet", tmp_path)
    assert (ended.code, ended.out.splitlines()[0]) == (
        0,
        "100,000 files, 0 bytes: 100,000 not a model format; no model file among them",
    )


def test_a_zip_bomb_is_no_load(tmp_path: Path) -> None:
    out = io.BytesIO()
    archive = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED)
    with archive, archive.open("zeros", "w") as member:
        for _ in range(300):
            member.write(bytes(1 << 20))
    (tmp_path / "bomb.zip").write_bytes(out.getvalue())
    ended = aibom("scan", tmp_path)
    assert ended.code in {1, 3}
    assert "archive-bomb" in ended.out


@pytest.mark.parametrize("name", ["m.safetensors", "m.gguf", "m.onnx", "m.pkl", "m.pt", "m.json"])
def test_a_truncated_file_of_every_format_is_incomplete(name: str, tmp_path: Path) -> None:
    whole = {
        "m.safetensors": WEIGHTS,
        "m.gguf": gguf.honest(),
        "m.onnx": onnx.honest(),
        "m.pkl": pickled(),
        "m.pt": torch_zip(pickled()),
        "m.json": b'{"model_type": "x"}',
    }[name]
    (tmp_path / name).write_bytes(whole)
    assert aibom("scan", tmp_path).code == 0
    (tmp_path / name).write_bytes(whole[: len(whole) * 2 // 3])
    assert aibom("scan", tmp_path).code == 3


def test_an_empty_file_with_a_models_name_is_incomplete(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").touch()
    ended = aibom("scan", tmp_path)
    assert ended.code == 3
    assert "the name promises safetensors, it is empty" in ended.out


def test_a_pointer_in_place_of_weights_is_incomplete(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(
        b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 1234567\n"
    )
    ended = aibom("scan", tmp_path)
    assert ended.code == 3
    assert "git lfs pull" in ended.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("export", "x"), "error: Missing option '--to'. Choose from: spdx3"),
        (
            ("completion",),
            "error: Missing argument '{bash|zsh|fish}'. Choose from: bash, zsh, fish",
        ),
    ],
    ids=["export", "completion"],
)
def test_a_choice_that_is_missing_is_told_on_one_line(words: tuple[str, ...], told: str) -> None:
    ended = aibom(*words)
    assert (ended.code, ended.err.splitlines()[-1]) == (2, told)
