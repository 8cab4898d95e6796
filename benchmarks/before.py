"""Whether a small scan became slower: ten pickles, by this checkout and by an earlier commit.

Usage: python benchmarks/before.py COMMIT [--runs N]

Processor time of all processes together, both in turn, with the same interpreter and libraries.
"""

from __future__ import annotations

import argparse
import io
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.cache import AIBOM, spent  # noqa: E402
from benchmarks.inputs import small_pickles  # noqa: E402
from benchmarks.measure import machine  # noqa: E402

FILES = 10
GIT = shutil.which("git") or "git"


def checkout(commit: str, place: Path) -> Path:
    """Write the files of a commit of this repository below `place`."""
    packed = subprocess.run([GIT, "archive", commit], cwd=ROOT, capture_output=True, check=True)
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(place, filter="data")
    return place


def main() -> int:
    """Measure and print one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("commit")
    parser.add_argument("--runs", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        small_pickles(scratch / "pickles", FILES)
        sides = (checkout("HEAD", scratch / "now"), checkout(options.commit, scratch / "before"))
        pairs: list[tuple[float, float]] = []
        for _ in range(options.runs + 1):  # the first compiles the modules, and does not count
            now, before = (spent([*AIBOM, str(scratch / "pickles")], side)[0] for side in sides)
            pairs.append((now, before))
    now, before = (statistics.median(side) for side in zip(*pairs[1:], strict=True))
    ratio = statistics.median(now / before for now, before in pairs[1:])
    print(f"Measured {machine()}.")
    print(f"{FILES} small pickles: {now:.3f} s, by {options.commit} {before:.3f} s: {ratio:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
