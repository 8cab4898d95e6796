"""Fuzz every reader, one after the other: `python -m tools.fuzz SECONDS [TARGET …]`.

SECONDS are divided among the targets. Each starts from the seeds, the stored corpus and what
earlier runs left in ``build/fuzz``. `--keep` stores a small choice of what was found; `--keep
TARGET …` of these alone. Prints a table; exits 1 if an input broke an invariant, and says where it
lies and how to read it once more.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz import corpora, seeds, targets
from tools.fuzz import choose

ROOT = Path(__file__).parent.parent.parent
WORK = ROOT / "build" / "fuzz"
ATHERIS = WORK / "atheris"  # where `make fuzz` installs it
MOST_CRASHES = 5  # of one target and run
SECONDS_OF_ONE = 60  # of wall-clock time; a hang
MEMORY = 2048  # MiB
STORED = 11 << 10  # bytes of the file that stores the inputs of a target
SHORT = 8192  # bytes; longer inputs are not stored
STATE = re.compile(r"#\d+\s+\w+\s+cov: (\d+) ft: (\d+) corp: (\d+)/\S+.* rss: (\d+)Mb")
RUNS = re.compile(r"stat::number_of_executed_units: (\d+)|#(\d+)\s")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What fuzzing one target came to."""

    target: str
    seconds: float
    runs: int
    before: int  # edges that the corpus reached at the start
    after: int
    inputs: int  # of the corpus at the end
    rss: tuple[int, int]  # MiB, once the corpus was read and at the end
    crashes: tuple[Path, ...]


def main(arguments: list[str]) -> int:
    """Fuzz, or store what was found."""
    if arguments[:1] == ["--keep"]:
        for target in arguments[1:] or list(targets.BY_NAME):
            keep(target)
        return 0
    names = arguments[1:] or list(targets.BY_NAME)
    each = max(1, int(arguments[0]) // len(names))
    print(f"{time.strftime('%Y-%m-%d')}, Python {platform.python_version()}, ", end="")
    print(f"{platform.machine()}, {os.cpu_count()} processors, {each} s for each target")
    print("| target | runs | edges before | after | inputs | MiB | broken |")
    print("|---|---|---|---|---|---|---|", flush=True)
    outcomes: list[Outcome] = []
    for name in names:
        outcomes.append(fuzz(name, each))
        print(row(outcomes[-1]), flush=True)
    runs = sum(outcome.runs for outcome in outcomes)
    crashes = [crash for outcome in outcomes for crash in outcome.crashes]
    print(f"{runs:,} runs in {sum(o.seconds for o in outcomes):.0f} s, {len(crashes)} inputs broke")
    idle = [outcome.target for outcome in outcomes if not outcome.runs]
    for name in idle:
        print(f"{name}: did not run; {WORK / name / 'log'} says why")
    for crash in crashes:
        print(f"{crash}: python -m tools.fuzz.worker {crash.parent.parent.name} {crash}")
    return 1 if crashes or idle else 0


def states_of(log: str) -> list[tuple[int, ...]]:
    """Return each state that libFuzzer tells of: edges, features, inputs, MiB."""
    return [tuple(map(int, found)) for found in STATE.findall(log)]


def runs_of(log: str) -> int:
    """Return how many inputs were run."""
    return max((int(a or b) for a, b in RUNS.findall(log)), default=0)


def row(outcome: Outcome) -> str:
    """Return an outcome as a row of the table."""
    name, first, last = outcome.target, *outcome.rss
    numbers = f"{outcome.runs:,} | {outcome.before} | {outcome.after} | {outcome.inputs}"
    return f"| {name} | {numbers} | {first} to {last} | {len(outcome.crashes)} |"


def fuzz(target: str, seconds: int) -> Outcome:
    """Fuzz one target; go on after an input that broke an invariant."""
    folder = WORK / target
    corpus, crashes = folder / "corpus", folder / "broken"
    for each in (corpus, crashes):
        each.mkdir(parents=True, exist_ok=True)
    _fill(corpus, [*seeds.seeds(target), *corpora.load(target)])
    known = set(crashes.iterdir())
    started, runs, states = time.monotonic(), 0, list[tuple[int, ...]]()
    while (left := seconds - (time.monotonic() - started)) > 1:
        log = _worker(target, [f"-max_total_time={int(left)}", str(corpus)])
        (folder / "log").write_text(log, "utf-8")
        states += states_of(log)
        runs += runs_of(log)
        if len(set(crashes.iterdir()) - known) >= MOST_CRASHES or not STATE.search(log):
            break
    return Outcome(
        target=target,
        seconds=time.monotonic() - started,
        runs=runs,
        before=states[0][0] if states else 0,
        after=max((state[0] for state in states), default=0),
        inputs=sum(1 for _ in corpus.iterdir()),
        rss=(states[0][3], states[-1][3]) if states else (0, 0),
        crashes=tuple(sorted(set(crashes.iterdir()) - known)),
    )


def _fill(folder: Path, inputs: list[bytes]) -> None:
    for data in inputs:
        (folder / hashlib.sha1(data, usedforsecurity=False).hexdigest()).write_bytes(data)


def _worker(target: str, options: list[str]) -> str:
    """Run the worker; return what libFuzzer wrote."""
    command = [
        sys.executable, "-m", "tools.fuzz.worker", target,
        f"-timeout={SECONDS_OF_ONE}", f"-rss_limit_mb={MEMORY}", f"-max_len={targets.LONGEST}",
        f"-artifact_prefix={WORK / target / 'broken'}/", "-print_final_stats=1", *options,
    ]  # fmt: skip
    path = os.pathsep.join([str(ATHERIS), str(ROOT), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(  # noqa: S603 - our own program
        command,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return done.stdout.decode("utf-8", "replace")


def keep(target: str) -> None:
    """Store short inputs that together reach what all reach, as far as there is room."""
    found = [path.read_bytes() for path in (WORK / target / "corpus").glob("*")]
    short = {data for data in (*found, *corpora.load(target)) if len(data) <= SHORT}
    room, stored = STORED, list[bytes]()
    for data in choose.fewest(short, targets.BY_NAME[target].read):
        room -= len(corpora.packed(data)) + 1
        if room >= 0:
            stored.append(data)
    corpora.save(target, stored)
    print(f"{target}: {len(stored)} inputs stored, of {len(short)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
