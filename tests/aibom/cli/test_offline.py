"""What is done on this machine touches no other."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from aibom.cli import VERBS
from fixtures.hostile import calling_pickle
from tests.helpers.command import environment
from tests.helpers.models import write_model

if TYPE_CHECKING:
    from pathlib import Path

# Every verb, in an order in which each finds what it needs.
COMMANDS = {
    "keys": ["keys generate --output release"],
    "init": ["init repo"],
    "doctor": ["doctor"],
    "completion": ["completion bash"],
    "scan": [
        "scan model bad -o json=r.json -o sarif=r.sarif -o markdown=r.md",
        "scan model --policy release --sha512 --format json",
    ],
    "cache": ["scan model --cache c", "cache stats c", "cache check c model", "cache clear c"],
    "formats": ["formats"],
    "inspect": ["inspect bad/m.pkl"],
    "weights": ["weights model --against model"],
    "bom": ["bom model -o old.cdx.json", "bom bad -o new.cdx.json"],
    "show": ["show old.cdx.json"],
    "diff": ["diff old.cdx.json new.cdx.json"],
    "merge": ["merge old.cdx.json new.cdx.json --name both -o both.cdx.json"],
    "lint": ["lint old.cdx.json"],
    "export": ["export old.cdx.json --to spdx3"],
    "attest": ["attest model --key release.key"],
    "sign": ["sign new.cdx.json --model bad --key release.key"],
    "verify": ["verify model --key release.pub", "verify model --key release.pub --rescan"],
    "policy": ["policy show release", "policy explain model --policy baseline"],
    "waive": [
        "waive bad --rule pickle-spawns-process --reason it-was-read --owner me --expires 9d"
    ],
    "rules": ["rules"],
    "explain": ["explain pickle-spawns-process"],
    "explain-global": ["explain-global os.system"],
}


FAILING = ("scan model bad", "bom bad", "diff ")  # beginnings of commands that end with 1


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, str]]:
    """The exit code of each command, and what it tried to reach."""
    place = tmp_path_factory.mktemp("desk")
    write_model(place / "model")
    for name in ("bad", "repo"):
        (place / name).mkdir()
    (place / "bad" / "m.pkl").write_bytes(calling_pickle("posix", "system"))
    return {each: ran(place, each) for commands in COMMANDS.values() for each in commands}


def ran(place: Path, command: str) -> tuple[int, str]:
    (place / "log").write_text("")
    done = subprocess.run(
        [sys.executable, "-m", "tests.helpers.no_network", str(place / "log"), *command.split()],
        cwd=place,
        env=environment(SOURCE_DATE_EPOCH="1700000000"),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        stdin=subprocess.DEVNULL,
    )
    return done.returncode, (place / "log").read_text()


def test_every_verb_is_tried() -> None:
    assert sorted(COMMANDS) == sorted(VERBS)


@pytest.mark.parametrize("command", [each for known in COMMANDS.values() for each in known])
def test_no_verb_reaches_out(done: dict[str, tuple[int, str]], command: str) -> None:
    assert done[command] == (int(command.startswith(FAILING)), "")


def test_a_connection_is_refused_and_told(tmp_path: Path) -> None:
    program = (
        "import socket, pathlib; from tests.helpers.no_network import forbid\n"
        "forbid(pathlib.Path('log'))\n"
        "left, right = socket.socketpair(); left.send(b'x'); right.recv(1)\n"
        "try: socket.create_connection(('127.0.0.1', 9))\n"
        "except PermissionError: print('refused')\n"
    )
    (tmp_path / "log").write_text("")
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout == "refused\n"
    assert "socket.getaddrinfo" in (tmp_path / "log").read_text()
