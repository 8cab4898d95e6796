"""What verifying many small files is made of, in parts of the time that hashing them alone takes.

`python -m benchmarks.verify_parts` makes 10,000 files of 4 kB, signs them, and prints processor
time, the best of several rounds, so that other work on the machine counts for little.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from aibom import layout
from aibom.hashed import Files
from aibom.scan import Silent, open_target
from aibom.signatures import KeyTrust, verify
from aibom.signatures.components import listed_files
from aibom.signatures.statement import (
    Statement,
    compare_bom,
    compare_files,
    oms_root,
    parse_statement,
)
from aibom.signatures.strictjson import loads
from aibom.signed_bom import held_against
from benchmarks.inputs import many_small

if TYPE_CHECKING:
    from collections.abc import Callable

FILES = 10_000
ROUNDS = 9
AIBOM = [sys.executable, "-P", "-m", "aibom"]


def hash_all(folder: Path) -> None:
    """Do what `benchmarks.run` compares with."""
    for place, _, names in os.walk(folder):
        for name in sorted(names):
            with Path(place, name).open("rb") as file:
                hashlib.file_digest(file, "sha256")


def start() -> None:
    """Run the command on nothing, to the same modules' import."""
    subprocess.run([*AIBOM, "verify", "--key", "x", "x"], capture_output=True, check=False)


def seconds(work: Callable[[], object]) -> float:
    """Return the processor time of `work`, that of its children included."""
    own, before = time.process_time(), os.times()
    work()
    after = os.times()
    return time.process_time() - own + sum(after[2:4]) - sum(before[2:4])


def parts(folder: Path, key: Path) -> dict[str, Callable[[], object]]:
    """Return the steps of a verification, each by itself."""
    bundle, bom = (
        (folder / layout.BUNDLE_NAME).read_bytes(),
        (folder / layout.BOM_NAME).read_bytes(),
    )
    trust = KeyTrust.from_pem(key.read_bytes())
    payload = verify(bundle, trust).payload
    statement = parse_statement(payload, bom_name=layout.BOM_NAME)
    own = layout.Outputs.of(folder).within(folder)
    read = Files(covers=layout.is_covered, own=own, progress=Silent())
    read.take(open_target(folder)[2], None)
    return {
        "open the bundle and verify its signature": lambda: verify(bundle, trust),
        "read the signed statement": lambda: loads(payload),
        "read its names and digests": lambda: names(statement, read.digests),
        "hold the BOM's file against it": lambda: compare_bom(
            layout.BOM_NAME, bom, statement.bom, statement.bom_text
        ),
        "read and hash the files": lambda: Files(
            covers=layout.is_covered, own=own, progress=Silent()
        ).take(open_target(folder)[2], None),
        "look at the files once more": lambda: read.confirm(folder),
    }


def names(statement: Statement, digests: dict[str, str]) -> None:
    """Do what is done with every name."""
    listed_files(statement.bom)
    oms_root(statement.files)
    compare_files(statement.files, digests)
    held_against(statement.bom)


def main() -> None:
    """Print a line for each part."""
    with tempfile.TemporaryDirectory() as scratch:
        folder, key = Path(scratch, "many"), Path(scratch, "key")
        many_small(folder, FILES)
        for command in (
            ["keys", "generate", "-o", str(key)],
            ["attest", str(folder), "--key", f"{key}.key", "--fail-on", "never"],
        ):
            subprocess.run([*AIBOM, *command], check=True, capture_output=True)
        steps = {
            "hash all": lambda: hash_all(folder),
            "start": start,
            **parts(folder, Path(f"{key}.pub")),
        }
        best = dict.fromkeys(steps, float("inf"))
        for _ in range(ROUNDS):
            for name, step in steps.items():
                best[name] = min(best[name], seconds(step))
    for name, took in best.items():
        print(f"{took / best['hash all']:.2f}  {took * 1000:4.0f} ms  {name}")


if __name__ == "__main__":
    main()
