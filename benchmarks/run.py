"""Every figure that the README quotes, each as a ratio within one run.

Usage: python benchmarks/run.py [--size GIB] [--runs N] [--output FILE]
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.inputs import (  # noqa: E402
    large_gguf,
    large_safetensors,
    large_torch_zip,
    many_small,
    small_pickles,
)
from benchmarks.measure import Comparison, compare, machine, peak_memory  # noqa: E402

GIB = 1 << 30
AIBOM = [sys.executable, "-P", "-m", "aibom"]
HASH = (
    "import hashlib, sys; print(hashlib.file_digest(open(sys.argv[1], 'rb'), 'sha256').hexdigest())"
)
HASH_ALL = """
import hashlib, os, sys
for folder, _, names in os.walk(sys.argv[1]):
    for name in sorted(names):
        with open(os.path.join(folder, name), "rb") as file:
            print(hashlib.file_digest(file, "sha256").hexdigest(), name)
"""
MANY = 10_000
CLEAN_OR_NOT = frozenset({0, 1, 2, 3})  # rivals differ in what they call clean


@dataclass(frozen=True)
class Row:
    """One measured figure and what it should be."""

    what: str
    against: str
    figure: str
    goal: str
    met: bool


def ratio_row(what: str, against: str, found: Comparison, goal: float | None) -> Row:
    """Return the row of a ratio that should be at most `goal`, if there is one."""
    times = f"{found.ratio:.2f} ({found.ours:.2f} s / {found.theirs:.2f} s)"
    if goal is None:
        return Row(what, against, times, "-", met=True)
    return Row(what, against, times, f"≤ {goal}", found.ratio <= goal)


def attesting(scratch: Path, size: int, runs: int) -> list[Row]:
    """Attest large files against hashing them; and the memory that it takes."""
    keys = [*AIBOM, "keys", "generate", "--output", str(scratch / "bench")]
    if subprocess.run(keys, capture_output=True, check=False).returncode:
        raise RuntimeError("no key")
    rows: list[Row] = []
    for name, write in (
        ("model.safetensors", large_safetensors),
        ("model.pt", large_torch_zip),
        ("model.gguf", large_gguf),
    ):
        folder = scratch / Path(name).suffix[1:]
        folder.mkdir()
        write(folder / name, size)
        ours = [*AIBOM, "attest", str(folder), "--key", str(scratch / "bench.key")]
        hashing = [sys.executable, "-c", HASH, str(folder / name)]
        label = f"`aibom attest`, {size / GIB:g} GiB {name}"
        found = compare(ours, hashing, runs=runs)
        rows.append(ratio_row(label, "`hashlib` over the same bytes", found, 1.10))
        peak = peak_memory(ours) / 1e6
        rows.append(Row(f"{label}: peak memory", "-", f"{peak:.0f} MB", "≤ 100 MB", peak <= 100))  # noqa: PLR2004
        for path in folder.iterdir():
            path.unlink()
    return rows


def verifying(scratch: Path, size: int, runs: int) -> list[Row]:
    """Verify many small files, and one large one, against hashing and against a rival."""
    keys = scratch / "verify"
    if subprocess.run([*AIBOM, "keys", "generate", "-o", str(keys)], check=False).returncode:
        raise RuntimeError("no key")
    many, large = scratch / "many", scratch / "large"
    many_small(many, MANY)
    large.mkdir()
    large_safetensors(large / "model.safetensors", size)
    rows: list[Row] = []
    for folder, what in (
        (many, f"{MANY} files of 4 kB"),
        (large, f"one file of {size / GIB:g} GiB"),
    ):
        attest = [*AIBOM, "attest", str(folder), "--key", f"{keys}.key", "--fail-on", "never"]
        subprocess.run(attest, check=True, capture_output=True)
        ours = [*AIBOM, "verify", str(folder), "--key", f"{keys}.pub"]
        hashing = [sys.executable, "-c", HASH_ALL, str(folder)]
        rival = [str(Path(sys.executable).with_name("model_signing")), "verify", "key"]
        rival += [
            "--public_key",
            f"{keys}.pub",
            "--signature",
            str(folder / "model.sig"),
            str(folder),
        ]
        label = f"`aibom verify`, {what}"
        found = compare(ours, hashing, runs=runs)
        rows.append(ratio_row(label, "`hashlib` over the same bytes", found, 1.10))
        rows.append(
            ratio_row(label, "`model_signing verify`", compare(ours, rival, runs=runs), 0.7)
        )
    shutil.rmtree(large)
    return rows


def starting(runs: int) -> list[Row]:
    """Ask for help."""
    click = [sys.executable, "-c", "import click"]
    found = compare([*AIBOM, "--help"], click, runs=4 * runs)
    return [ratio_row("`aibom --help`", '`python -c "import click"`', found, 2.0)]


def scanning(scratch: Path, runs: int) -> list[Row]:
    """Scan ten small pickles, the sandbox included, against rivals without one."""
    folder = scratch / "pickles"
    small_pickles(folder, 10)
    ours = [*AIBOM, "scan", str(folder)]
    bin_ = Path(sys.executable).parent
    rivals = {  # with the goal
        "picklescan": ([str(bin_ / "picklescan"), "-p", str(folder)], None),
        "hayward": ([str(bin_ / "hayward"), "scan", str(folder)], 1.0),
    }
    return [
        ratio_row(
            "`aibom scan`, ten small pickles",
            f"`{name}`",
            compare(ours, command, runs=4 * runs, codes=CLEAN_OR_NOT),
            goal,
        )
        for name, (command, goal) in rivals.items()
    ]


def isolating(scratch: Path, runs: int) -> list[Row]:
    """Say what the locked process adds to the scan of a small folder."""
    ours = [*AIBOM, "scan", str(scratch / "pickles")]
    found = compare(ours, [*ours, "--no-isolation"], runs=4 * runs, codes=CLEAN_OR_NOT)
    added = (found.ours - found.theirs) * 1000
    figure = f"{added:+.0f} ms ({found.ours:.3f} s / {found.theirs:.3f} s)"
    against = "`--no-isolation`"
    return [Row("`aibom scan`, the locked process", against, figure, "≤ 25 ms", added <= 25)]  # noqa: PLR2004


def table(rows: list[Row]) -> str:
    """Return the rows as Markdown."""
    lines = [f"Measured {machine()}.", "", "| what | against | figure | goal | met |"]
    lines.append("|---|---|---|---|---|")
    for row in rows:
        met = "-" if row.goal == "-" else "yes" if row.met else "**no**"
        lines.append(f"| {row.what} | {row.against} | {row.figure} | {row.goal} | {met} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Measure, print the table, and exit with 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=float, default=2.0, help="GiB of the large files")
    parser.add_argument("--verify-size", type=float, default=4.0, help="GiB of the file to verify")
    parser.add_argument("--only", choices=["verifying"], help="measure this alone")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        rows: list[Row] = []
        if options.only is None:
            rows += starting(options.runs) + scanning(scratch, options.runs)
            rows += isolating(scratch, options.runs)
            rows += attesting(scratch, int(options.size * GIB), options.runs)
        rows += verifying(scratch, int(options.verify_size * GIB), options.runs)
    text = table(rows)
    print(text)
    if options.output:
        options.output.write_text(text, encoding="utf-8")
    return 0 if all(row.met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
