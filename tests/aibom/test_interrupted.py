"""A signal while results are written: all is tidied; what a killed process left is refused."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from aibom.cli import run
from aibom.errors import OutputError
from aibom.layout import BOM_NAME, BUNDLE_NAME, OMS_NAME
from tests.helpers.command import environment
from tests.helpers.models import make_keys, sign_model, write_model

if TYPE_CHECKING:
    from pathlib import Path

# Sends itself the signal, twice as `timeout` does, when the second result takes its place.
SIGNALLED = """
import os, sys
from aibom import __main__, output
number, real, calls = int(sys.argv.pop(1)), output._move, []
def move(*arguments, **named):
    calls.append(1)
    if len(calls) == 2:
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)
    real(*arguments, **named)
output._move = move
__main__.main()
"""


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_signal_while_results_take_their_places_leaves_what_was_there(
    tmp_path: Path, name: str
) -> None:
    model, keys, number = write_model(tmp_path / "demo"), make_keys(tmp_path), signal.Signals[name]
    sign_model(model, keys)
    (model / "LICENSE").write_bytes(b"MIT\n")
    before = content(model)
    done = subprocess.run(
        [sys.executable, "-c", SIGNALLED, str(int(number)), "attest", "demo", "--key", "k.key"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )
    assert (done.returncode, done.stderr.strip().splitlines()[-1:]) == (
        128 + number,
        ["interrupted"],
    )
    assert content(model) == before


@pytest.mark.parametrize("where", ["", "sub"], ids=["at the top", "in a folder"])
@pytest.mark.parametrize("suffix", ["old", "tmp"])
def test_what_a_killed_process_left_behind_is_never_signed(
    tmp_path: Path, where: str, suffix: str
) -> None:
    model, keys = write_model(tmp_path / "demo"), make_keys(tmp_path)
    (model / where / f".aibom-0123456789abcdef.{suffix}").write_bytes(b"{}")
    with pytest.raises(
        OutputError, match=rf"cdef\.{suffix}': aibom is writing here, or was killed"
    ):
        sign_model(model, keys)
    assert not {BOM_NAME, BUNDLE_NAME, OMS_NAME} & content(model).keys()
    assert run(["attest", "--no-isolation", str(model), "--key", str(keys.private)]) == 2
