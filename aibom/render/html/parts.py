"""What pages are put together from: sections, tables, lists that say what they leave out."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from ...scanners.record import record
from .element import add, by_line, h

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .element import Child, Element

T = TypeVar("T")


def section(id_: str, title: str, *children: Child, level: int = 3) -> Element:
    """Return a part of the page under a heading."""
    element = h("section", id=id_)
    add(element, *by_line([h(f"h{level}", title)]), *children)
    element.tail = "\n"
    return element


@record
class Rows:
    """The cells of those rows of a table that are shown, and how many are not."""

    shown: tuple[Sequence[Child], ...]
    left_out: int = 0


def first(things: Sequence[T], row: Callable[[T], Sequence[Child]], most: int) -> Rows:
    """Return rows for at most `most` things."""
    return Rows(tuple(row(each) for each in things[:most]), max(0, len(things) - most))


def table(id_: str, caption: str, heads: Sequence[str], rows: Rows) -> Element:
    """Return a table whose first column names the rows; it scrolls where the screen is narrow."""
    head = h("tr", *(h("th", text, scope="col") for text in heads))
    body = h("tbody", *by_line(_row(cells) for cells in rows.shown))
    if rows.left_out:
        add(body, h("tr", h("td", more(rows.left_out), colspan=str(len(heads)))))
    whole = h("table", h("caption", caption, id=f"{id_}-caption"), h("thead", head), body)
    return h(
        "div",
        whole,
        class_="scroll",
        role="group",
        tabindex="0",
        aria_labelledby=f"{id_}-caption",
    )


def _row(cells: Sequence[Child]) -> Element:
    return h("tr", h("th", cells[0], scope="row"), *(h("td", cell) for cell in cells[1:]))


def more(count: int) -> str:
    """Return how many things are left out, and where they stand."""
    return f"… and {count:,} more; the JSON report has all"


def pairs(*told: tuple[str, Child]) -> Element:
    """Return names with their values."""
    element = h("dl")
    for name, value in told:
        add(element, *by_line([h("div", h("dt", name), h("dd", value))]))
    return element


def sequence(items: Sequence[Child], between: str = ", ", most: int = 20) -> Element:
    """Return at most `most` items in one line."""
    element = h("span")
    for number, item in enumerate(items[:most]):
        add(element, *([between] if number else []), item)
    if len(items) > most:
        add(element, f" and {len(items) - most:,} more")
    return element
