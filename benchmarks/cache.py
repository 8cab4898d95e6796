"""What `aibom scan --cache` saves: a folder read again, against the same scan without a cache.

Usage: python benchmarks/cache.py [--files N] [--runs N]

Three folders of files of four megabytes: pickles of many opcodes, checkpoints of torch with many
tensors, and arrays of bytes, of which nothing but hashing takes time. Each is scanned without a
cache, with an empty one (which is then written) and with a full one, in turn; the least of the runs
counts, in processor time of all processes together. Every scan must print the same, or there is no
figure.
"""

from __future__ import annotations

import argparse
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.inputs import state_dict  # noqa: E402
from benchmarks.measure import ENVIRONMENT, machine  # noqa: E402

AIBOM = [sys.executable, "-P", "-m", "aibom", "scan"]
MB = 1_000_000
OK = frozenset({0, 1})
TENSORS = 1000  # of a checkpoint
SIZE = 4 * MB  # bytes of a file


def opcodes(path: Path, number: int) -> None:
    """Write names and numbers: two bytes and more for each opcode."""
    entries = {f"feature_{number}_{each}": each * 1.1 for each in range(SIZE // 32)}
    path.with_suffix(".pkl").write_bytes(pickle.dumps(entries, protocol=4))


def checkpoint(path: Path, number: int) -> None:
    """Write a torch zip of 1000 tensors; `number` makes its bytes its own."""
    length = SIZE // TENSORS
    with zipfile.ZipFile(path.with_suffix(".pt"), "w") as archive:
        archive.writestr("archive/data.pkl", state_dict(TENSORS, length // 4))
        archive.writestr("archive/version", b"3\n")
        for tensor in range(TENSORS):
            archive.writestr(f"archive/data/{tensor}", bytes([number % 256]) * length)


def array(path: Path, number: int) -> None:
    """Write a pickle that is one object of bytes."""
    path.with_suffix(".pkl").write_bytes(pickle.dumps(bytes([number % 256]) * SIZE, protocol=4))


KINDS: dict[str, Callable[[Path, int], None]] = {
    "pickles of many opcodes": opcodes,
    "torch zips of 1000 tensors": checkpoint,
    "pickles of one text of bytes": array,
}


@dataclass(frozen=True)
class Found:
    """Processor seconds of the three scans of one folder."""

    what: str
    files: int
    size: int  # bytes
    plain: float
    cold: float
    warm: float

    @property
    def row(self) -> str:
        """The figures as a row of a table."""
        return (
            f"| {self.files} {self.what}, {self.size / MB:,.0f} MB | {self.plain:.2f} s "
            f"| {self.cold:.2f} s ({self.cold / self.plain:.2f}) "
            f"| {self.warm:.2f} s ({self.warm / self.plain:.2f}) |"
        )


ALL_OF_IT = """
import ctypes, os, resource, subprocess, sys
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER: what is left behind comes here
code = subprocess.run(sys.argv[1:], check=False).returncode
try:
    while True:
        os.waitpid(-1, 0)
except ChildProcessError:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, file=sys.stderr)
sys.exit(code)
"""


def spent(command: list[str], root: Path = ROOT) -> tuple[float, bytes]:
    """Return the processor seconds of a command and all that it starts, and what it prints.

    `root` is the checkout whose modules it imports.
    """
    whole = [sys.executable, "-I", "-c", ALL_OF_IT, *command]
    environment = {**ENVIRONMENT, "PYTHONPATH": str(root)}
    done = subprocess.run(
        whole, capture_output=True, check=False, env=environment, cwd=tempfile.gettempdir()
    )
    if done.returncode not in OK:
        raise RuntimeError(f"{command} ended with {done.returncode}: {done.stderr!r:.500}")
    return float(done.stderr.split()[-1]), done.stdout


def measured(what: str, folder: Path, runs: int) -> Found:
    """Scan `folder` in the three ways, `runs` times.

    Raises:
        RuntimeError: A scan printed something else, or left the cache unused.
    """
    cache = folder.parent / "cache"
    least = dict.fromkeys(("plain", "cold", "warm"), float("inf"))
    printed = set[bytes]()
    for number in range(runs + 1):  # the first, which warms the disk's own cache, does not count
        shutil.rmtree(cache, ignore_errors=True)
        for way in least:
            options = [] if way == "plain" else ["--cache", str(cache)]
            seconds, output = spent([*AIBOM, str(folder), *options])
            printed.add(output)
            least[way] = min(least[way], seconds) if number else least[way]
    files = list(folder.iterdir())
    kept = len(list(cache.rglob("*.json")))
    if len(printed) != 1 or kept != len(files):
        raise RuntimeError(f"{what}: {len(printed)} outputs, {kept} of {len(files)} files kept")
    return Found(what, len(files), sum(file.stat().st_size for file in files), **least)


def main() -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    rows: list[str] = []
    for what, write in KINDS.items():
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "models"
            folder.mkdir()
            for number in range(options.files):
                write(folder / f"{number:03d}", number)
            os.sync()
            rows.append(measured(what, folder, options.runs).row)
    print(f"Measured {machine()}.\n")
    print("| folder | without a cache | with an empty one | with a full one |\n|---|---|---|---|")
    print("\n".join(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
