"""The model card: what the files say of the model, how each value is known, and where it stands.

The sections are those of `aibom show`, made from the BOM that would be written of this very scan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .element import add, block, h, said
from .parts import first, more, section, sequence, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ...bom.show_card import Ground, Line, Passage, Section
    from .bounds import Bounds
    from .element import Child, Element

APART = frozenset({"findings", "files", "licences"})  # sections that have parts of their own
LICENCES = "licences"
KNOWN = frozenset({"declared", "concluded"})
GROUNDS = 3  # places of one value that are shown
OF_BOM = frozenset({"described by", "serial number", "written", "written by"})  # none was written


def card(id_: str, sections: Sequence[Section], bounds: Bounds) -> Element:
    """Return all that is said of the model, but what stands elsewhere on the page."""
    element = section(id_, "Model card")
    for number, told in enumerate(each for each in sections if each.title not in APART):
        if not told.is_empty:
            add(element, *_section(f"{id_}-{number}", told, bounds))
    return element


def licences(id_: str, sections: Sequence[Section], bounds: Bounds) -> Element:
    """Return every licence: declared by somebody, or concluded from a text."""
    lines = [line for told in sections if told.title == LICENCES for line in told.lines]
    if not lines:
        return section(id_, "Licences", h("p", "No file names a licence, none is a known text."))
    note = h("p", "This is no legal advice.", class_="note")
    caption = "Declared by somebody, or concluded from a text"
    return section(id_, "Licences", _table(id_, caption, lines, bounds), note)


def _section(id_: str, told: Section, bounds: Bounds) -> Iterator[Element]:
    lines = [line for line in told.lines if line.grounds or line.label not in OF_BOM]
    if lines:
        yield _table(id_, told.title.capitalize(), lines, bounds)
    if told.passages:
        yield _passages(id_, told, bounds)


def _table(id_: str, caption: str, lines: Sequence[Line], bounds: Bounds) -> Element:
    """Return values in a table; where it has nothing to say in a column, there is none."""
    of_parts = any(line.of for line in lines)
    grounded = any(line.grounds for line in lines)
    heads = ["What", "Value", *["Of"] * of_parts, *["Known as", "Evidence"] * grounded]

    def row(line: Line) -> list[Child]:
        of = said(line.of, bounds.room) if line.of else "the model"
        known: list[Child] = [statuses(line), grounds(line.grounds, bounds)]
        named = (said(line.label, bounds.room), said(line.text, bounds.room))
        return [*named, *[of] * of_parts, *known * grounded]

    return table(id_, caption, heads, first(lines, row, bounds.rows))


def statuses(line: Line) -> str:
    """Return how a value is known, in every way but each once."""
    return ", ".join(dict.fromkeys(line.status.split(", ")))


def grounds(found: Sequence[Ground], bounds: Bounds) -> Element:
    """Return the places that a value rests on."""
    places: list[Child] = [said(each.place, bounds.room) for each in found]
    return sequence(places, most=GROUNDS)


def _passages(id_: str, told: Section, bounds: Bounds) -> Element:
    element = section(f"{id_}-texts", told.title.capitalize(), level=4)
    add(element, h("p", "Word for word from the card.", class_="note"))
    for passage in told.passages[: bounds.rows]:
        add(element, _passage(passage, bounds))
    if len(told.passages) > bounds.rows:
        add(element, h("p", more(len(told.passages) - bounds.rows)))
    return element


def _passage(passage: Passage, bounds: Bounds) -> Element:
    return h(
        "figure",
        h("figcaption", said(passage.heading, bounds.room)),
        h("blockquote", block(passage.text, bounds.passage)),
    )


def licensed(sections: Sequence[Section], bounds: Bounds) -> Element:
    """Return the names of all licences in a line, each as it is known."""
    lines = [line for told in sections if told.title == LICENCES for line in told.lines]
    named = dict.fromkeys((line.label, line.text) for line in lines if line.label in KNOWN)
    shown: list[Child] = [
        h("span", said(text, bounds.room), f" ({label})") for label, text in named
    ]
    return sequence(shown, most=5) if shown else h("span", "none is named")
