"""How well licence texts are told: right, not told, wrong, and the time that it takes.

Usage: python benchmarks/licences.py [--packages SITE_PACKAGES …] [--texts FOLDER]

A package's own LICENSE is held against its `License-Expression`. `licences.tsv` beside it labels
licences of AI models in public repositories: ``owner/repository/path<TAB>ids``, where ``-`` is a
text that no licence of the table explains, so that silence is right; FOLDER holds them at these
paths. Prints every answer that is not right.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter
from email import message_from_string
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from aibom.scanners.licences.texts import TEXTS, told  # noqa: E402
from benchmarks.measure import machine  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

OWN = re.compile(r"(licen[sc]e|copying)(\.(txt|md|rst))?", re.IGNORECASE)
ID = re.compile(r"[A-Za-z0-9.+-]+")
LATER = re.compile(r"-(only|or-later)$")
SAME = {
    "Python-2.0": "PSF-2.0"
}  # the stack of CPython's licences, which packages call by its first
NONE = "-"
LABELS = Path(__file__).with_suffix(".tsv")


def of_packages(folders: Iterable[Path]) -> Iterator[tuple[Path, set[str]]]:
    """Yield each different LICENSE of a package with the ids of its `License-Expression`."""
    seen: set[bytes] = set()
    for folder in folders:
        for metadata in sorted(folder.glob("*.dist-info/METADATA")):
            text = metadata.read_text(encoding="utf-8", errors="replace")
            expression = message_from_string(text).get("License-Expression")
            own = [*metadata.parent.iterdir(), *metadata.parent.glob("licenses/*")]
            for path in sorted(path for path in own if OWN.fullmatch(path.name)):
                digest = sha256(path.read_bytes()).digest()
                if expression and digest not in seen:
                    seen.add(digest)
                    yield path, set(ID.findall(expression)) - {"AND", "OR", "WITH"}


def of_models(folder: Path) -> Iterator[tuple[Path, set[str]]]:
    """Yield each labelled text with its ids."""
    for line in LABELS.read_text().splitlines():
        name, _, ids = line.partition("\t")
        yield folder / name, set(ids.split())


def judge(expected: set[str], ids: tuple[str, ...]) -> str:
    """Say whether an answer is right, missing, or wrong."""
    if not ids:
        return "right" if expected == {NONE} else "not told"
    plain = {LATER.sub("", SAME.get(each, each)) for each in ids}
    wanted = {LATER.sub("", SAME.get(each, each)) for each in expected}
    return "right" if plain & wanted else "wrong"


def measure(name: str, cases: Iterable[tuple[Path, set[str]]]) -> None:
    """Print what is not right, and the figures."""
    counts: Counter[str] = Counter()
    seconds: list[float] = []
    for path, expected in cases:
        text = path.read_text(encoding="utf-8", errors="replace")
        started = time.process_time()
        found = told(text, TEXTS)
        seconds.append(time.process_time() - started)
        verdict = judge(expected, found.ids)
        counts[verdict] += 1
        if verdict != "right":
            print(f"{verdict}: {path.name}: {sorted(expected)} {found.ids or found.why}")
    if seconds:
        middle, worst = sorted(seconds)[len(seconds) // 2], max(seconds)
        print(
            f"{name}: {len(seconds)} files, {dict(counts)}, "
            f"median {middle * 1000:.1f} ms, slowest {worst * 1000:.1f} ms of processor time"
        )


def main() -> None:
    """Measure what the command line names; the packages of this environment by default."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    here = [Path(each) for each in sys.path if each.endswith("site-packages")]
    parser.add_argument("--packages", nargs="*", type=Path, default=here)
    parser.add_argument("--texts", type=Path)
    options = parser.parse_args()
    print(machine())
    measure("packages", of_packages(options.packages))
    if options.texts:
        measure("licences of AI models", of_models(options.texts))


if __name__ == "__main__":
    main()
