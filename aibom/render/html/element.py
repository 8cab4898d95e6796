"""Elements of a page, escaped by construction: no text of a file can become markup.

The standard library's tree and its writer of HTML do the escaping; a template language would have
to be told to escape, and could be told not to. Every text also goes through `safe`, so no control,
bidirectional or other hidden character reaches the page. No text of a file is put into attributes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias
from xml.etree.ElementTree import Element, tostring

from ..escape import cut, lines, safe

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Child", "Element", "add", "block", "by_line", "h", "markup", "said"]

Child: TypeAlias = Element | str


def h(tag: str, *children: Child, **attributes: str) -> Element:
    """Return an element. In names of attributes ``_`` is ``-``; one at the end is dropped."""
    element = Element(tag, {_name(name): safe(value) for name, value in attributes.items()})
    add(element, *children)
    return element


def _name(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


def add(element: Element, *children: Child) -> None:
    """Put children behind those that `element` has."""
    for child in children:
        if not isinstance(child, str):
            element.append(child)
        elif len(element):
            element[-1].tail = (element[-1].tail or "") + safe(child)
        else:
            element.text = (element.text or "") + safe(child)


def said(text: str, most: int) -> Element:
    """Return what a file says, at most `most` characters of it, set apart from our own words."""
    return h("code", cut(safe(text[: most + 1]), most))


def block(text: str, most: int) -> Element:
    """Return a text of several lines that a file holds, at most `most` characters of it."""
    shown = "\n".join(lines(text[:most]))
    if len(text) > most or len(shown) > most:
        shown = f"{shown[: most - 1]}…"
    first, *rest = shown.split("\n")
    element = h("p", first, class_="quoted")
    for line in rest:
        add(element, h("br"), line)
    return element


def markup(element: Element) -> str:
    """Return an element as HTML."""
    return tostring(element, encoding="unicode", method="html")


def by_line(elements: Iterable[Element]) -> list[Element]:
    """Return elements, each on a line of its own in the source of the page."""
    found = list(elements)
    for element in found:
        element.tail = "\n"
    return found
