"""Make `scanners/data/licences/texts.bin` from collected licence texts, or compare it with them.

Usage: python tools/licences.py --source NAME=FOLDER … [--check]

`texts.toml` beside it says which file of which source is which licence. No text is shipped: only
hashes of three words in a row. A source that is a git repository is read by `git show` into a
folder first; ScanCode's texts have YAML front matter, which is left out.
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from aibom.scanners.licences.shingles import shingles, words  # noqa: E402
from aibom.scanners.licences.table import pack  # noqa: E402

DATA = ROOT / "scanners" / "data" / "licences"
FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
POINTER = re.compile(r"^\[For .*\]$", re.MULTILINE)  # a collector's note, no part of a licence


def plain(text: str, until: str = "") -> str:
    """Return a collected text without what its collector added, up to the line `until`."""
    text = POINTER.sub("", FRONT_MATTER.sub("", text, count=1))
    return text.partition(until)[0] if until else text


def build(sources: dict[str, Path]) -> bytes:
    """Return the table of all texts that `texts.toml` lists."""
    listed = tomllib.loads((DATA / "texts.toml").read_text())["text"]
    rows: list[tuple[str, bool, list[int]]] = []
    for entry in listed:
        source, _, name = entry["from"].partition(":")
        text = (sources[source] / name).read_text(encoding="utf-8")
        own = shingles(words(plain(text, entry.get("until", ""))))
        rows.append((entry["id"], entry.get("exact", False), own))
    return pack(rows)


def main(arguments: list[str]) -> int:
    """Write the table, or with --check return 1 if it is not the one that the sources give."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--source", action="append", default=[], metavar="NAME=FOLDER")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args(arguments)
    pairs = (each.partition("=") for each in options.source)
    made = build({name: Path(folder) for name, _, folder in pairs})
    table = DATA / "texts.bin"
    if options.check:
        return int(table.read_bytes() != made)
    table.write_bytes(made)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
