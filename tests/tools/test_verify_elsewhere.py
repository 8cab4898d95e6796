"""The script that runs other verifiers gives each the trusted roots in the form that it reads."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.helpers.checkout import ROOT

if TYPE_CHECKING:
    from pathlib import Path

GITHUB = {"certificateAuthorities": [{"uri": "fulcio.githubapp.com"}]}
PUBLIC = {"tlogs": [{"baseUrl": "https://rekor.sigstore.dev"}]}
STANDS_IN = """#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in --trusted-root|--custom-trusted-root) cp "$2" "$KEPT/$(basename "$0")" ;; esac
  shift
done
"""


@pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("openssl") is None, reason="a script of Linux"
)
@pytest.mark.parametrize(
    ("written", "roots"),
    [
        (f"{json.dumps(GITHUB)}\n{json.dumps(PUBLIC)}\n", [GITHUB, PUBLIC]),
        (f"{json.dumps(GITHUB)}\r\n\r\n{json.dumps(PUBLIC)}", [GITHUB, PUBLIC]),
        (json.dumps(PUBLIC, separators=(",", ":")), [PUBLIC]),
        (json.dumps(PUBLIC, indent=2), [PUBLIC]),
        (json.dumps(PUBLIC, indent=2).replace("\n", "\r\n"), [PUBLIC]),
    ],
    ids=["two lines", "two lines of Windows", "one line", "many lines", "many of Windows"],
)
def test_every_root_reaches_gh_and_the_one_with_a_log_cosign(
    tmp_path: Path, written: str, roots: list[object]
) -> None:
    places = {name: tmp_path / name for name in ("model", "bin", "kept")}
    for place in places.values():
        place.mkdir()
    (places["model"] / "aibom.cdx.json").write_text("{}")
    (tmp_path / "roots.jsonl").write_bytes(written.encode())
    for name in ("cosign", "gh"):
        (places["bin"] / name).write_text(STANDS_IN)
        (places["bin"] / name).chmod(0o755)
    who = ("--identity", "https://x", "--issuer", "https://y", "--repo", "acme/model")
    done = subprocess.run(
        [ROOT / "tools" / "verify_elsewhere.sh", "model", *who, "--trusted-root", "roots.jsonl"],
        cwd=tmp_path,
        env={"PATH": f"{places['bin']}:/usr/bin:/bin", "KEPT": str(places["kept"])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "1 files verified\n"), done.stderr
    lines = (places["kept"] / "gh").read_text().split("\n")
    assert [json.loads(line) for line in lines if line.strip()] == roots
    assert json.loads((places["kept"] / "cosign").read_text()) == PUBLIC
