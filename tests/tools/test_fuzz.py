"""The fuzzer's driver: what it reads in libFuzzer's words, and what it says of them."""

from __future__ import annotations

from pathlib import Path

from aibom.scanners.source import BytesSource
from tools.fuzz.__main__ import Outcome, row, runs_of, states_of
from tools.fuzz.choose import fewest

LOG = """\
INFO: seed corpus: files: 8 min: 22b max: 894b total: 3214b rss: 81Mb
#9\tINITED cov: 362 ft: 609 corp: 8/3214b exec/s: 0 rss: 82Mb
#1024\tpulse  cov: 530 ft: 1220 corp: 131/60Kb lim: 894 exec/s: 512 rss: 84Mb
#21820\tDONE   cov: 537 ft: 1300 corp: 210/80Kb lim: 1200 exec/s: 2182 rss: 85Mb
stat::number_of_executed_units: 21821
"""


def test_reads_coverage_inputs_and_memory() -> None:
    assert states_of(LOG) == [(362, 609, 8, 82), (530, 1220, 131, 84), (537, 1300, 210, 85)]


def test_counts_runs_also_of_a_run_that_ended_early() -> None:
    assert runs_of(LOG) == 21821
    assert runs_of("".join(LOG.splitlines(keepends=True)[:3])) == 1024
    assert runs_of("ModuleNotFoundError: No module named 'atheris'") == 0


def test_chooses_the_shortest_inputs_that_reach_something_new() -> None:
    def read(data: bytes) -> object:
        if data.startswith(b"b"):
            return BytesSource(data).read_at(0, 9)  # raises, after steps that no other takes
        return BytesSource(data).read_at(0, 1) if data else None

    assert fewest([b"b", b"aaa", b"aa", b"", b"bb"], read) == [b"b", b"aa"]


def test_a_row_has_every_figure() -> None:
    outcome = Outcome("zip", 10.0, 21821, 362, 537, 217, (82, 85), (Path("crash-1"),))
    assert row(outcome) == "| zip | 21,821 | 362 | 537 | 217 | 82 to 85 | 1 |"
