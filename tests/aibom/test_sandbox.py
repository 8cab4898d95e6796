"""What the processes that parse can see of the one that signs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from aibom.sandbox import holds_secrets
from tests.helpers.checkout import ROOT

SECRET = "correct horse battery"  # noqa: S105 - of nothing
PLAIN = {"PATH": "/usr/bin", "HOME": "/root", "LANG": "C.UTF-8", "AWS_REGION": "x", "TOKENS": ""}

# Looks for the secret in all memory of the zygote and of a child that waits for work. It is told
# the secret reversed, on standard input, so that no copy of its own is found.
LOOK = """
import os, sys
from pathlib import Path
secret = sys.stdin.read()[::-1].encode()
from aibom.sandbox import start_early

def parent(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]
    except (FileNotFoundError, ProcessLookupError):  # any other program, which ended just now
        return ""

def memory(pid):
    yield Path(f"/proc/{pid}/environ").read_bytes()
    with open(f"/proc/{pid}/mem", "rb", 0) as file:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            start, end = (int(each, 16) for each in line.split()[0].split("-"))
            try:
                file.seek(start)
                yield file.read(end - start)
            except (OSError, OverflowError):  # no memory that can be read
                pass

with start_early() as box:
    box.locked()
    zygote = str(box.launcher.pid)
    pids = [zygote, *(p for p in filter(str.isdigit, os.listdir("/proc")) if parent(p) == zygote)]
    print(len(pids), any(secret in each for pid in pids for each in memory(pid)))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads memory by /proc")
@pytest.mark.parametrize(
    ("name", "seen"), [("AIBOM_KEY_PASSWORD", "False"), ("UNKNOWN_NAME", "True")]
)
def test_no_parser_has_a_secret_of_the_environment(name: str, seen: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOOK],
        input=SECRET[::-1],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**PLAIN, "PYTHONPATH": str(ROOT), name: SECRET},
    )
    assert (done.stdout.split(), done.stderr) == (["2", seen], "")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AIBOM_KEY_PASSWORD", "x"),
        ("RELEASE", "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"),
        ("WHO", "eyJhbGciOi.eyJ.x"),
        ("SIGSTORE_IDENTITY", "x"),
        ("ACTIONS_ID_TOKEN_REQUEST_URL", "x"),
        ("AWS_ACCESS_KEY_ID", "x"),
        ("AWS_SESSION_TOKEN", "x"),
        ("AZURE_CLIENT_SECRET", "x"),
        ("AZURE_PASSWORD", "x"),
        ("VAULT_TOKEN", "x"),
        ("GOOGLE_APPLICATION_CREDENTIALS", "x"),
        ("HTTPS_PROXY", "http://me:x@proxy:3128"),
        ("hf_token", "x"),
    ],
)
def test_an_environment_with_a_secret_is_known_as_one(name: str, value: str) -> None:
    assert holds_secrets({**PLAIN, name: value})


def test_a_plain_environment_is_known_as_one() -> None:
    assert not holds_secrets(PLAIN)
