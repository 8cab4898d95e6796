"""A BOM in short: one line for each subject. Every text of it is escaped and bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..bom.show_card import ANALYSIS, WAIVED
from .card import UNVERIFIED, WIDTH
from .escape import counted, cut, safe

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..bom.show_card import Line, Section

FEW = 3  # values of a section
ROOM = 60  # characters of a value
FIRST = ("name", "version", "supplier", "type")  # of what the BOM is about
MORE = "`--full` shows every value, `--evidence` what it rests on."


def render(sections: Iterable[Section]) -> str:
    """Return a line for each section that says something."""
    told = [(section.title, _short(section)) for section in sections if not section.is_empty]
    width = max((len(title) for title, _ in told), default=WIDTH)
    lines = [f"{click.style(f'{title:{width}}', bold=True)}  {text}" for title, text in told]
    return "\n".join([*lines, "", MORE, UNVERIFIED]) + "\n"


def _short(section: Section) -> str:
    match section.title:
        case "findings":
            found = [each.label for each in section.lines if each.label not in {WAIVED, ANALYSIS}]
            worst = f"; the worst: {found[-1]}" if found else ""
            return safe(f"{section.note}{worst}")
        case "files":
            names = [_cut(line.label) for line in section.lines]
            return f"{section.note or counted(len(names), 'file')}: {_few(names)}"
        case "identity":
            lines = [line for name in FIRST for line in section.lines if line.label == name]
            return _few([_cut(line.text) for line in lines]) or _cut(section.note)
        case _:
            return _values(section)


def _values(section: Section) -> str:
    told = [f"{_cut(line.label)} {_cut(line.text)}{_of(line)}" for line in section.lines]
    told += [_cut(passage.heading) for passage in section.passages]
    grounds = [each.grounds for each in section.lines]
    grounds += [each.grounds for each in section.passages]
    ways = sorted({ground.status for each in grounds for ground in each} - {""})
    return (_few(told) or _cut(section.note)) + (f"  [{safe(', '.join(ways))}]" if ways else "")


def _of(line: Line) -> str:
    return f" ({_cut(line.of)})" if line.of else ""


def _few(texts: list[str]) -> str:
    more = f" and {len(texts) - FEW:,} more" if len(texts) > FEW else ""
    return "; ".join(texts[:FEW]) + more


def _cut(text: str) -> str:
    return safe(cut(text, ROOM))
