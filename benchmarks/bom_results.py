"""What the comparison of BOMs found, and the page that tells it."""

from __future__ import annotations

import shlex
import sys
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.bom_fields import Json
from benchmarks.measure import machine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SHOWN = 80  # characters of a wrong value


class Cell(StrEnum):
    """How a generator filled a field of a model."""

    RIGHT = "right"  # all of it
    PART = "part"  # nothing wrong, not all
    MISSING = "missing"
    WRONG = "wrong"  # at least one value that is nowhere in the folder, or is not about this
    SILENT = "silent"  # nothing is there to say, and nothing is said


@dataclass
class Result:
    """What one generator wrote of one model."""

    document: Json | None = None
    why: str = ""  # there is no document
    cells: dict[str, Cell] = field(default_factory=dict[str, Cell])
    wrong: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    faults: int = 0  # of the schema, by cyclonedx-python-lib
    problems: int = 0  # by aibom lint
    scores: dict[str, float] = field(default_factory=dict[str, float])


Results = dict[str, dict[str, Result]]  # generator -> model


def document(results: Results, versions: dict[str, str], missing: Iterable[str]) -> str:
    """Return the whole page."""
    absent = ", ".join(missing)
    count = len(next(iter(results.values())))
    return f"""# BOMs, side by side

Generated; do not edit. Command:

    {shlex.join(["python", "benchmarks/boms.py", *map(_named, sys.argv[1:])])}

Run {machine()}.

{count} folders: the three real models of [the examples](bom-examples.md), and `demo`, a folder of
our tests that fills every field. What is true of each, and where it stands, was written down by
hand: [`boms.tsv`](../benchmarks/boms.tsv). A field is **right** if all of it is there, **part** if
something lacks, **wrong** if a value is nowhere in the folder or is of something else. Values count
in any spelling, and in properties of any name that says what they are; descriptions and other texts
in a generator's own words count as missing. Who wrote the table also
wrote `aibom`: read it, and [how documents are read](../benchmarks/bom_fields.py).
{f"Not installed, so not compared: {absent}." if absent else ""}
{_summary(results, versions)}
Digests count where they are those of files of weights. Faults are of the schema, by
`cyclonedx-python-lib`, strict; problems by `aibom lint`. Scores are means over the documents that
there are, by scorers that are not ours; OWASP's looks at the first component and at names of its
own alone, in which `aibom` repeats what it says elsewhere
([why](adr/0016-first-weights-and-owasp-names.md)). OWASP's generator (`owasp`) knows models of the
Hub alone: it got each folder in place of the Hub's answers, and what it made of the name that we
gave the folder was left out.

## Scores, folder by folder

{_scores(results)}
These scorers count what is filled, true or not: [what is wrong](#what-is-wrong) counts, too.

## Field by field

{_matrix(results)}
A dash: nothing is there to say, and nothing is said.

## What is wrong

{_wrongs(results)}"""


def _named(argument: str) -> str:
    return Path(argument).name if argument.startswith("/") else argument


def _row(cells: Iterable[object]) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"


def _table(head: list[str], rows: Iterable[Iterable[object]]) -> str:
    return "\n".join([_row(head), _row(["---"] * len(head)), *map(_row, rows)]) + "\n"


def _summary(results: Results, versions: dict[str, str]) -> str:
    counts = {
        name: Counter(cell for each in found.values() for cell in each.cells.values())
        for name, found in results.items()
    }
    rows: list[list[object]] = [
        [f"fields {cell}", *(counts[name][cell] for name in results)]
        for cell in (Cell.RIGHT, Cell.PART, Cell.MISSING, Cell.WRONG)
    ]
    rows.append(["documents", *(len(_written(found)) for found in results.values())])
    for what in ("faults", "problems"):
        sums = (sum(getattr(each, what) for each in f.values()) for f in results.values())
        rows.append([what, *sums])
    for each in _scorers(results):
        means: list[object] = [_mean(found, each) for found in results.values()]
        rows.append([each, *means])
    return "\n" + _table(["", *(f"{name} {versions[name]}" for name in results)], rows)


def _scorers(results: Results) -> list[str]:
    return sorted({name for f in results.values() for each in f.values() for name in each.scores})


def _scores(results: Results) -> str:
    rows = (
        [model, scorer, *(found[model].scores.get(scorer, "-") for found in results.values())]
        for scorer in _scorers(results)
        for model in next(iter(results.values()))
    )
    return _table(["model", "scorer", *results], rows)


def _written(found: dict[str, Result]) -> list[Result]:
    return [each for each in found.values() if each.document is not None]


def _mean(found: dict[str, Result], scorer: str) -> str:
    scores = [each.scores[scorer] for each in _written(found)]
    return f"{sum(scores) / len(scores):.1f}" if scores else "-"


def _matrix(results: Results) -> str:
    def rows() -> Iterator[list[str]]:
        for model in next(iter(results.values())):
            names = {name for found in results.values() for name in found[model].cells}
            for name in sorted(names):
                cells = [found[model].cells.get(name) for found in results.values()]
                if any(cell not in (None, Cell.SILENT) for cell in cells):
                    yield [model, name, *map(_shown, cells)]

    return _table(["model", "field", *results], rows())


def _shown(cell: Cell | None) -> str:
    if cell is None or cell is Cell.SILENT:
        return "-"
    return f"**{cell}**" if cell is Cell.WRONG else str(cell)


def _wrongs(results: Results) -> str:
    lines: list[str] = []
    for name, found in results.items():
        for model, result in found.items():
            if result.why:
                lines.append(f"- {name}, {model}: {result.why}")
            for about, values in result.wrong.items():
                shown = ", ".join(f"`{_cut(each)}`" for each in values[:3])
                more = f" and {len(values) - 3} more" if len(values) > 3 else ""  # noqa: PLR2004
                lines.append(f"- {name}, {model}, {about}: {shown}{more}")
    return "\n".join(lines or ["Nothing."]) + "\n"


def _cut(value: str) -> str:
    plain = " ".join(value.replace("`", "'").replace("|", "/").split())
    return plain if len(plain) <= SHOWN else plain[:SHOWN] + "…"
