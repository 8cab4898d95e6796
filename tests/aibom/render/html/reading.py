"""Pages as an independent parser of HTML reads them, which refuses what is not as specified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import html5lib

from aibom.render import html

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from aibom.outcome import Outcome

SVG = "{http://www.w3.org/2000/svg}"
Shape = tuple[str, tuple[tuple[str, str], ...]]  # of an element: its tag and its attributes


def page(*outcomes: Outcome) -> Element:
    """Return the page of some outcomes, as a browser would build it."""
    return parsed(html.document(outcomes))


def parsed(text: str) -> Element:
    """Return the tree of a page.

    Raises:
        html5lib.html5parser.ParseError: It breaks the standard anywhere.
    """
    parser: Any = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    root: Element = parser.parse(text)
    for each in root.iter():
        each.tag = each.tag.removeprefix(SVG)
    return root


def text_of(element: Element) -> str:
    """Return all text in an element, with single spaces."""
    return " ".join("".join(element.itertext()).split())


def texts(root: Element, path: str) -> list[str]:
    """Return the text of each element at a path of ElementTree."""
    return [text_of(each) for each in root.iterfind(path)]


def rows(root: Element, caption: str) -> list[list[str]]:
    """Return the cells of each row of the table with that caption, without its head."""
    (table,) = (each for each in root.iter("table") if text_of(each[0]) == caption)
    return [[text_of(cell) for cell in row] for row in table.iterfind("tbody/tr")]


def part(root: Element, id_: str) -> Element:
    """Return the element with an id."""
    (found,) = (each for each in root.iter() if each.get("id") == id_)
    return found


def shapes(root: Element) -> list[Shape]:
    """Return what every element is, apart from the text in it, in the order of the page."""
    return [(each.tag, tuple(sorted(each.attrib.items()))) for each in root.iter()]
