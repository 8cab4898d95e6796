"""A BOM as a model card for a person at a terminal. Every text of it is escaped and bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .escape import cut, lines, safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..bom.show_card import Ground, Line, Passage, Section

MOST, ROOM = 40, 300  # lines of a section, and characters of one
TEXT_LINES, TEXT_ROOM = 40, 200  # of a passage
ALL, ALL_ROOM = 1_000_000, 20_000  # of both, where nothing is to be cut
WIDTH = 18  # characters of a label
UNVERIFIED = "As it stands in the BOM. Nothing was verified here: that is what `aibom verify` does."


def render(sections: Iterable[Section], *, is_full: bool = False, evidence: bool = False) -> str:
    """Return the whole screen.

    Long lists and texts are cut unless `is_full`; with `evidence` each value is followed by the
    places that it rests on.
    """
    shown: list[str] = []
    for section in sections:
        if not section.is_empty:
            shown += [*_section(section, is_full=is_full, evidence=evidence), ""]
    return "\n".join([*shown, UNVERIFIED]) + "\n"


def _section(section: Section, *, is_full: bool, evidence: bool) -> Iterator[str]:
    yield click.style(section.title, bold=True)
    if section.note:
        yield f"  {safe(section.note)}"
    most = ALL if is_full else MOST
    for line in section.lines[:most]:
        yield _line(line, ALL_ROOM if is_full else ROOM)
        yield from _grounds(line.grounds, shown=evidence)
    for passage in section.passages[:most]:
        yield from _passage(passage, is_full=is_full)
        yield from _grounds(passage.grounds, shown=evidence)
    hidden = max(0, len(section.lines) - most) + max(0, len(section.passages) - most)
    if hidden:
        yield f"  … and {hidden:,} more; `--all` shows them"


def _line(line: Line, room: int) -> str:
    of = f"  ({safe(cut(line.of, room))})" if line.of else ""
    status = f"  [{safe(line.status)}]" if line.status else ""
    return f"  {safe(cut(line.label, room)):{WIDTH}}  {safe(cut(line.text, room))}{of}{status}"


def _grounds(grounds: Iterable[Ground], *, shown: bool) -> Iterator[str]:
    if shown:
        for ground in grounds:
            told = f"{ground.status} by {ground.place}" if ground.status else ground.place
            yield f"  {'':{WIDTH}}    {safe(cut(told, ROOM))}"


def _passage(passage: Passage, *, is_full: bool) -> Iterator[str]:
    yield f"  {safe(cut(passage.heading, ROOM))}:"
    found = lines(passage.text)
    most, room = (ALL, ALL_ROOM) if is_full else (TEXT_LINES, TEXT_ROOM)
    for line in found[:most]:
        yield f"  | {cut(line, room)}"
    if len(found) > most:
        yield f"  | … and {len(found) - most:,} more lines; `--all` shows them"
