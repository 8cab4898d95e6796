"""How well licence texts are told: right, not told, wrong, and the time that it takes.

Usage: python benchmarks/licences.py [--packages SITE_PACKAGES …] [--wheels FOLDER]
       [--npm NODE_MODULES] [--texts FOLDER] [--times FOLDER …]

A package's own LICENSE is held against what its metadata says. `licences.tsv` beside it labels
texts by their SHA-256: licences of AI models in public repositories, of which FOLDER holds copies
by any names; and files that are not what their package says, with the reason. ``-`` is a text that
no licence of the table explains, so that silence is right. Prints every answer that is not right.

Times are the least of 25 runs each, of what a file costs once its process has started; `--times`
takes those of all files below folders that are named as licences, whatever they are.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
import zipfile
from collections import Counter
from email import message_from_bytes
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from aibom.scanners.formats.licence_text import NAME, NOT_TEXT  # noqa: E402
from aibom.scanners.licences.texts import MAX_TEXT, TEXTS, Found, told  # noqa: E402
from benchmarks.measure import machine  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

OWN = re.compile(r"(licen[sc]e|copying)(\.(txt|md|rst))?", re.IGNORECASE)
IN_WHEEL = re.compile(r"[^/]+\.dist-info/(licenses/)?([^/]+)")
ID = re.compile(r"[A-Za-z0-9.+-]+")
LATER = re.compile(r"-(only|or-later)$")
SAME = {
    "Python-2.0": "PSF-2.0"
}  # the stack of CPython's licences, which packages call by its first
NONE = "-"
RUNS = 25  # of each file, of which the fastest counts: others use the machine too
BOUND = 0.005  # seconds that a file may take
LABELS = Path(__file__).with_suffix(".tsv")

Case = tuple[str, bytes, set[str]]  # where, the text, the licences that it is


def expression_ids(expression: str) -> set[str]:
    """Return the ids in a licence expression."""
    return set(ID.findall(expression)) - {"AND", "OR", "WITH"}


def of_packages(folders: Iterable[Path]) -> Iterator[tuple[Path, set[str]]]:
    """Yield each different LICENSE of a package with the ids of its `License-Expression`."""
    seen: set[bytes] = set()
    for folder in folders:
        for metadata in sorted(folder.glob("*.dist-info/METADATA")):
            expression = message_from_bytes(metadata.read_bytes()).get("License-Expression")
            own = [*metadata.parent.iterdir(), *metadata.parent.glob("licenses/*")]
            for path in sorted(path for path in own if OWN.fullmatch(path.name)):
                digest = sha256(path.read_bytes()).digest()
                if expression and digest not in seen:
                    seen.add(digest)
                    yield path, expression_ids(expression)


def of_wheels(folder: Path) -> Iterator[Case]:
    """Yield each LICENSE of the wheels in a folder with the ids of its `License-Expression`."""
    for path in sorted(folder.glob("*.whl")):
        with zipfile.ZipFile(path) as wheel:
            names = [found for name in wheel.namelist() if (found := IN_WHEEL.fullmatch(name))]
            metadata = next(found[0] for found in names if found[2] == "METADATA")
            expression = message_from_bytes(wheel.read(metadata)).get("License-Expression")
            for found in names:
                if expression and OWN.fullmatch(found[2]):
                    yield (
                        f"{path.name}/{found[2]}",
                        wheel.read(found[0]),
                        expression_ids(expression),
                    )


def of_npm(folder: Path) -> Iterator[Case]:
    """Yield each LICENSE below `node_modules` with the ids of the `package.json` beside it."""
    for path in sorted(folder.rglob("package.json")):
        if path.parent.parent.name != "node_modules" and path.parent.parent.name[:1] != "@":
            continue
        named = json.loads(path.read_bytes()).get("license")
        if not isinstance(named, str) or named.startswith(("SEE ", "UNLICENSED")):
            continue
        for text in sorted(path.parent.iterdir()):
            if OWN.fullmatch(text.name) and text.is_file():
                yield f"{path.parent.name}/{text.name}", text.read_bytes(), expression_ids(named)


def of_texts(folder: Path) -> Iterator[Case]:
    """Yield each labelled text that is somewhere in a folder."""
    known = labels()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        data = path.read_bytes()
        digest = sha256(data).hexdigest()
        if digest in known:
            yield known[digest][1], data, known[digest][0]


def labels() -> dict[str, tuple[set[str], str]]:
    """Return the licences of each labelled text, and where it was found, by its SHA-256."""
    rows = [line.split("\t") for line in LABELS.read_text().splitlines() if line[:1] != "#"]
    return {row[0]: (set(row[1].split()), row[2]) for row in rows}


def once(cases: Iterable[Case]) -> Iterator[Case]:
    """Yield each text once, as it is labelled if it is."""
    known, seen = labels(), set[str]()
    for where, data, ids in cases:
        digest = sha256(data).hexdigest()
        if digest not in seen:
            seen.add(digest)
            yield where, data, known.get(digest, (ids, ""))[0]


def judge(expected: set[str], ids: tuple[str, ...]) -> str:
    """Say whether an answer is right, missing, or wrong: right ones name a licence of the text."""
    if not ids:
        return "right" if expected == {NONE} else "not told"
    return "right" if _plain(ids) & _plain(expected) else "wrong"


def _plain(ids: Iterable[str]) -> set[str]:
    return {LATER.sub("", SAME.get(each, each)) for each in ids}


def timed(text: str) -> tuple[Found, float]:
    """Return what a text is, and the seconds of processor time that it takes to tell."""
    found, least = Found(), float("inf")
    for _ in range(RUNS):
        started = time.process_time()
        found = told(text, TEXTS)
        least = min(least, time.process_time() - started)
    return found, least


def spread(seconds: list[float]) -> str:
    """Return the middle and the longest of times."""
    middle, worst = sorted(seconds)[len(seconds) // 2], max(seconds)
    slow = sum(each > BOUND for each in seconds)
    return (
        f"median {middle * 1000:.2f} ms, slowest {worst * 1000:.2f} ms of processor time, "
        f"{slow} over {BOUND * 1000:.0f} ms"
    )


def times(folders: Iterable[Path]) -> None:
    """Print how long the files take that are named as licences, each different text once."""
    texts = {
        path.read_bytes(): path
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file() and NAME.fullmatch(path.name) and not NOT_TEXT.fullmatch(path.name)
    }
    found = {
        path: timed(data.decode("utf-8", "replace"))[1]
        for data, path in texts.items()
        if len(data) <= MAX_TEXT
    }
    for path, seconds in found.items():
        if seconds > BOUND:
            print(f"slow: {path}: {path.stat().st_size} bytes, {seconds * 1000:.2f} ms")
    print(f"{len(found)} files named as licences, {spread([*found.values()])}")


def measure(name: str, cases: Iterable[Case]) -> None:
    """Print what is not right, and the figures."""
    counts: Counter[str] = Counter()
    seconds: list[float] = []
    same = 0
    for where, data, expected in once(cases):
        text = data.decode("utf-8", "replace")
        found, took = timed(text)
        seconds.append(took)
        verdict = judge(expected, found.ids)
        counts[verdict] += 1
        same += _plain(found.ids or (NONE,)) == _plain(expected)
        if verdict != "right":
            print(f"{verdict}: {where}: {sorted(expected)} {found.ids or found.why}")
    if seconds:
        print(
            f"{name}: {len(seconds)} files, {dict(counts)}, {same} with the same set of licences, "
            f"{spread(seconds)}"
        )


def main() -> None:
    """Measure what the command line names; the packages of this environment by default."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    here = [Path(each) for each in sys.path if each.endswith("site-packages")]
    parser.add_argument("--packages", nargs="*", type=Path, default=here)
    parser.add_argument("--wheels", type=Path)
    parser.add_argument("--npm", type=Path)
    parser.add_argument("--texts", type=Path)
    parser.add_argument("--times", nargs="*", type=Path, default=[])
    options = parser.parse_args()
    print(machine())
    installed = of_packages(options.packages)
    measure("installed packages", ((path.name, path.read_bytes(), ids) for path, ids in installed))
    if options.wheels:
        measure("wheels", of_wheels(options.wheels))
    if options.npm:
        measure("packages of npm", of_npm(options.npm))
    if options.texts:
        measure("licences of AI models", of_texts(options.texts))
    if options.times:
        times(options.times)


if __name__ == "__main__":
    main()
