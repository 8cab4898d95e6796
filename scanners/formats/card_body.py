"""The text of a model card that is meant for people: its sections, verbatim.

A kit (see `kits`): it imports no library, but is needed only where there are cards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..facts import Licence, Metadata, Passage, shorten
from ..limits import MIB
from ..markdown import outline
from ..source import Span
from .card_labels import LICENCE, labelled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..facts import Fact
    from ..format import Subject
    from ..markdown import Section

MAX_BODY = MIB  # bytes; the longest cards of the hub have some hundred thousand
MAX_SECTIONS = 200
MAX_HEADING = 300  # characters
MAX_TEXT = 8192  # characters of a section; `shorten` says how many more there are
OPENING = "body.first-paragraph"
CUT = "body.cut"


def read_body(subject: Subject, start: int = 0, *, has_licence: bool = False) -> Iterator[Fact]:
    """Yield every section of the text that begins `start` bytes into a card.

    Its first paragraph of prose is told apart, and so are values behind known labels, the first of
    each, and what was left out. A licence is told if the front matter has none.
    """
    size = subject.source.size
    body = subject.source.read_at(start, min(size - start, MAX_BODY))
    found = outline(body)
    if found.opening:
        yield Metadata(
            at=_moved(found.opening, start), key=OPENING, value=_text(body, found.opening)
        )
    known = {LICENCE} if has_licence else set[str]()
    for section in found.sections[:MAX_SECTIONS]:
        yield _passage(body, section, start)
        for each in labelled(body, section):
            if each.key not in known:
                known.add(each.key)
                value = shorten(each.value.decode("utf-8", "backslashreplace"))
                kind = Licence if each.key == LICENCE else Metadata
                yield kind(at=_moved(each.at, start), key=each.key, value=value)
    left = len(found.sections) - MAX_SECTIONS
    if left > 0:
        yield Metadata(key=CUT, value=f"{left} more sections after the first {MAX_SECTIONS}")
    if start + len(body) < size:
        told = f"{size - start - len(body)} bytes after the first {len(body)}"
        yield Metadata(at=Span(start + len(body), 0), key=CUT, value=told)


def _passage(body: bytes, section: Section, start: int) -> Passage:
    return Passage(
        at=_moved(section.at, start),
        heading=_heading(section.heading),
        above=tuple(_heading(each) for each in section.above),
        text=_text(body, section.at),
    )


def _moved(at: Span, start: int) -> Span:
    return Span(at.start + start, at.length)


def _heading(raw: bytes) -> str:
    return shorten(raw.decode("utf-8", "backslashreplace"), MAX_HEADING)


def _text(body: bytes, at: Span) -> str:
    return shorten(body[at.start : at.end].decode("utf-8", "backslashreplace"), MAX_TEXT)
