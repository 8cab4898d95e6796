"""sigstore-js, installed once for all processes of a test run, and asked to verify and to sign."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.helpers.checkout import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Path(__file__).parent / "js"
BUILD = ROOT / "build" / "sigstore-js"
NOTHING: dict[str, list[object]] = {
    "tlogs": [],
    "ctlogs": [],
    "certificateAuthorities": [],
    "timestampAuthorities": [],
}


@dataclass(frozen=True)
class SigstoreJs:
    """The program `client.mjs`."""

    modules: Path
    folder: Path  # for files between the two of us

    def verify(self, bundle: bytes, root: Mapping[str, Any], **options: Any) -> str:  # noqa: ANN401 - JSON
        """Return whom it believes, or the code and the text of its refusal."""
        (self.folder / "bundle.json").write_bytes(bundle)
        (self.folder / "root.json").write_text(json.dumps(root))
        return self._run("verify", "bundle.json", "root.json", json.dumps(options))

    def verify_by_key(self, bundle: bytes, public: bytes) -> str:
        """Return `a key`, or the code and the text of its refusal."""
        none = {"tlogThreshold": 0, "ctlogThreshold": 0, "timestampThreshold": 0}
        return self.verify(bundle, NOTHING, key=public.decode(), thresholds=none)

    def sign(self, payload: bytes, url: str, token: str) -> bytes:
        """Return a bundle."""
        (self.folder / "payload").write_bytes(payload)
        return self._run("sign", "payload", url, token).encode()

    def _run(self, verb: str, *arguments: str) -> str:
        command = ["node", str(HERE / "client.mjs"), verb, str(self.modules), *arguments]
        ran = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, check=False, timeout=60
        )
        assert not ran.stderr, ran.stderr
        return ran.stdout.strip()


def installed() -> Path:
    """Return the folder with the modules, as the lock names them.

    Where there is no Node.js or no registry the test is skipped, but never in CI.
    """
    lock = (HERE / "package-lock.json").read_bytes()
    folder = BUILD / hashlib.sha256(lock).hexdigest()[:16]
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "lock").open("w") as taken:
        fcntl.flock(taken, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            _install(folder)
    return folder


def _install(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    npm = shutil.which("npm")
    ran = (
        subprocess.run(
            [npm, "ci", *quiet],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        if npm and shutil.which("node")
        else None
    )
    if ran is None or ran.returncode:
        why = "Node.js is not installed" if ran is None else f"npm: {ran.stderr.strip()}"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(why)
    (folder / "done").touch()
