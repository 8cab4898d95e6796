"""A BOM as a model card in Markdown. Every text of it is code, so it is no markup and no link."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .card import ALL, ALL_ROOM, MOST, ROOM, TEXT_LINES, UNVERIFIED
from .escape import cell, cut, fenced, safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..bom.show_card import Ground, Line, Passage, Section


def render(sections: Iterable[Section], *, is_full: bool = False, evidence: bool = False) -> str:
    """Return the card; the arguments are those of the form for terminals."""
    shown = ["# AI-BOM"]
    for section in sections:
        if not section.is_empty:
            shown += ["", *_section(section, is_full=is_full, evidence=evidence)]
    return "\n".join([*shown, "", UNVERIFIED]) + "\n"


def _section(section: Section, *, is_full: bool, evidence: bool) -> Iterator[str]:
    yield f"## {section.title}"
    if section.note:
        yield from ("", safe(section.note))
    most, room = (ALL, ALL_ROOM) if is_full else (MOST, ROOM)
    if section.lines:
        yield from ("", *_head(evidence=evidence))
        yield from (_row(line, room, evidence=evidence) for line in section.lines[:most])
    for passage in section.passages[:most]:
        yield from _passage(passage, is_full=is_full, evidence=evidence)
    hidden = max(0, len(section.lines) - most) + max(0, len(section.passages) - most)
    if hidden:
        yield from ("", f"… and {hidden:,} more; `--all` shows them.")


def _head(*, evidence: bool) -> tuple[str, str]:
    more = " evidence |" if evidence else ""
    return (
        f"| what | value | of | known as |{more}",
        f"|---|---|---|---|{'---|' if evidence else ''}",
    )


def _row(line: Line, room: int, *, evidence: bool) -> str:
    texts = (cell(cut(text, room)) for text in (line.label, line.text, line.of, line.status))
    more = f" {_places(line.grounds)} |" if evidence else ""
    return f"| {' | '.join(texts)} |{more}"


def _places(grounds: Iterable[Ground]) -> str:
    told = (f"{each.status} by {each.place}" if each.status else each.place for each in grounds)
    return "<br>".join(cell(cut(text, ROOM)) for text in told)


def _passage(passage: Passage, *, is_full: bool, evidence: bool) -> Iterator[str]:
    yield from ("", f"{cell(cut(passage.heading, ROOM))}:", "")
    lines = passage.text.split("\n")
    most = ALL if is_full else TEXT_LINES
    yield fenced(cut("\n".join(lines[:most]), ALL_ROOM))
    if len(lines) > most:
        yield from ("", f"… and {len(lines) - most:,} more lines; `--all` shows them.")
    if evidence and passage.grounds:
        yield from ("", f"Evidence: {_places(passage.grounds)}")
