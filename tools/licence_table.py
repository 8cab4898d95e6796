"""Write docs/licence-table.md, what each known licence asks, from the tables that ship.

Usage: python tools/licence_table.py [--check]
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
DATA = ROOT / "scanners" / "data" / "licences"
PAGE = ROOT / "docs" / "licence-table.md"

HEAD = """# What licences ask

Made by `tools/licence_table.py` from `scanners/data/licences/`; change these tables, not this
page. It is no legal advice: a word stands for a clause that must be read. How licences are told and
judged is in [licences.md](licences.md).

- **commerce**: use in business: *yes*, *no*, or *limited* to what stands below
- **changes**: whether it may be changed, trained further, merged, quantised
- **passing on**: whether copies may be passed on
- **notice**: whether authorship or the licence must be told along
- **same terms**: under which terms goes on what is made from it: *no* (any), *file*, *work*,
  *network* (also of a service), *terms* (the agreement or its use restrictions go along)
- **use**: *free*, or *restricted*: the text, or a policy that it names, forbids some uses
"""
COLUMNS = (
    ("commerce", "commercial"),
    ("changes", "change"),
    ("passing on", "share"),
    ("notice", "notice"),
    ("same terms", "same"),
    ("use", "use"),
)
BASES = """
## Base models

By these names a card, an adapter or a file of weights names a base model whose publisher says what
its licence is. `*` stands for anything. A name is no proof.

| names | licence | why | since |
|---|---|---|---|
"""


def page(folder: Path = DATA) -> str:
    """Return the page as Markdown."""
    groups = tomllib.loads((folder / "terms.toml").read_text(encoding="utf-8"))["group"]
    bases = tomllib.loads((folder / "bases.toml").read_text(encoding="utf-8"))["base"]
    parts = [HEAD, _summary(groups)]
    parts += map(_group, groups)
    parts.append(BASES)
    parts += [
        _row(
            ", ".join(f"`{name}`" for name in base["names"]),
            f"`{base['licence']}`",
            base["why"],
            base["since"],
        )
        for base in bases
    ]
    return "".join(parts)


def _summary(groups: list[dict[str, Any]]) -> str:
    heads = [name for name, _ in COLUMNS]
    lines = [_row("family", "licences", *heads), _row(*["---"] * (len(heads) + 2))]
    lines += [
        _row(group["family"], str(len(group["ids"])), *(group[key] for _, key in COLUMNS))
        for group in groups
    ]
    return "\n" + "".join(lines)


def _group(group: dict[str, Any]) -> str:
    told = [
        ("clause", group.get("clause")),
        ("limit", group.get("limit")),
        ("name", group.get("name")),
    ]
    listed = ", ".join(f"`{each}`" for each in group["ids"])
    lines = [f"- {key}: {text}" for key, text in told if text]
    return "\n".join(
        ("", f"### {group['family']}", "", listed, "", *lines, *([""] if lines else []))
    )


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"


def main(arguments: list[str]) -> int:
    """Write the page, or with --check return 1 if it is not the one that the tables give."""
    made = page()
    if "--check" in arguments:
        return int(PAGE.read_text(encoding="utf-8") != made)
    PAGE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
