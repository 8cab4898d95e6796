"""Progress is shown on a terminal alone, and only on long work."""

import os
import pty
import re
import subprocess
from pathlib import Path

import pytest

from aibom.cli.progress import Bar, clock
from tests.helpers.command import COMMAND, environment


def on_a_terminal(path: Path) -> tuple[str, str]:
    """Scan `path` with a terminal as standard error; return standard output and the terminal."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "scan", str(path)], env=environment(), stdout=subprocess.PIPE, stderr=slave
    )
    os.close(slave)
    seen = b""
    while True:
        try:
            more = os.read(master, 65536)
        except OSError:  # the other side closed
            break
        if not more:
            break
        seen += more
    os.close(master)
    out, _ = process.communicate(timeout=60)
    return out.decode(), seen.decode()


def test_long_work_shows_bytes_and_rate_and_leaves_nothing(tmp_path: Path) -> None:
    with (tmp_path / "big.bin").open("wb") as file:
        file.truncate(4 << 30)
    out, seen = on_a_terminal(tmp_path)
    assert "reading" in seen
    assert " of 4.29 GB, " in seen
    assert re.search(r"/s, \d+:\d\d left\x1b\[K", seen)
    assert seen.endswith("\r\x1b[K")
    assert "\x1b[K" not in out


def test_short_work_shows_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    _, seen = on_a_terminal(tmp_path)
    assert seen == ""


def test_a_bar_fills(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("aibom.cli.progress.PATIENCE", 0.0)
    monkeypatch.setattr("aibom.cli.progress.EVERY", 0.0)
    with Bar(3000, "reading") as bar:
        for _ in range(3):
            bar.advance(1000)
    shown = capsys.readouterr().err
    assert "━" * 30 + " 3 kB of 3 kB, " in shown


def test_nothing_is_left_when_more_came_than_was_expected(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("aibom.cli.progress.PATIENCE", 0.0)
    with Bar(1, "reading") as bar:
        bar.advance(1000)
    assert ", 0:00 left" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0:00"), (65, "1:05"), (3599, "59:59"), (7209, "2:00:09")]
)
def test_times_are_told_as_on_a_clock(seconds: int, shown: str) -> None:
    assert clock(seconds) == shown


def test_without_a_terminal_nothing_is_drawn(tmp_path: Path) -> None:
    with (tmp_path / "big.bin").open("wb") as file:
        file.truncate(1 << 30)
    done = subprocess.run(
        [*COMMAND, "scan", str(tmp_path)],
        env=environment(),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, b"")
