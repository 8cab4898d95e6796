"""A lineage as a drawing: boxes below each other, and arrows that lead to what was made.

It is an inline SVG, 340 wide, so that it is read without scrolling on a telephone. Each box is an
SVG of its own, which clips: no name, however it is spelled, is drawn outside of its box.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from ..escape import counted, cut, safe
from .element import add, by_line, h, said
from .lineage import BASE, DATA, WEIGHTS
from .parts import first, section, sequence, table

if TYPE_CHECKING:
    from .bounds import Bounds
    from .element import Child, Element
    from .lineage import Node

WIDTH, ROW, BOX, STEP, EDGE = 340, 58, 44, 24, 1  # all lengths are units of the drawing
LETTERS = 36  # of a name in a box without indentation; a wide one counts as two
LETTERS_STEP = 3  # fewer with each step to the right
PLURALS = {BASE: "base models", DATA: "data sets", WEIGHTS: "sets of weights"}


def lineage(id_: str, root: Node, bounds: Bounds) -> Element:
    """Return the drawing, and a table that says the same and where it is known from."""
    if not root.below:
        none = "The files name no base model and no data set, which does not mean there is none."
        return section(id_, "Lineage", h("p", none))
    nodes = list(root.walk())
    figure = h("figure", _drawing(id_, root, bounds.nodes), class_="drawing")
    if len(nodes) > bounds.nodes:
        left_out = f"… and {len(nodes) - bounds.nodes:,} more, which are not drawn"
        add(figure, h("figcaption", left_out))
    return section(id_, "Lineage", h("div", figure, _table(id_, root, bounds), class_="lineage"))


def _table(id_: str, root: Node, bounds: Bounds) -> Element:
    told = [(above, node) for above, node in root.edges() if node.kind != WEIGHTS]

    def row(edge: tuple[Node, Node]) -> tuple[Child, ...]:
        above, node = edge
        places: list[Child] = [said(each, bounds.room) for each in node.grounds]
        return (
            said(node.name, bounds.room),
            node.kind,
            said(node.relation, bounds.room),
            said(above.name, bounds.room),
            node.status,
            sequence(places, most=3),
        )

    heads = ("Name", "Is a", "Relation", "Of", "Known as", "Evidence")
    caption = "What the model is said to be made from"
    return table(id_, caption, heads, first(told, row, bounds.rows))


def counts(root: Node) -> str:
    """Return how many things of each kind the model is said to be made from."""
    kinds = [node.kind for _, node in root.walk()]
    told = (counted(kinds.count(one), one, many) for one, many in PLURALS.items() if one in kinds)
    return ", ".join(told) or "nothing that the files name"


# --- The drawing ----------------------------------------------------------------------------------


def _drawing(id_: str, root: Node, most: int) -> Element:
    nodes = list(root.walk())[:most]
    height = len(nodes) * ROW - (ROW - BOX) + 2 * EDGE
    svg = h(
        "svg",
        h("title", "What the model is made from", id=f"{id_}-drawing"),
        h("desc", f"One model, {counts(root)}. The table says the same.", id=f"{id_}-desc"),
        role="img",
        aria_labelledby=f"{id_}-drawing {id_}-desc",
        viewBox=f"0 0 {WIDTH} {height}",
        width=str(WIDTH),
        height=str(height),
    )
    tops = [EDGE + number * ROW for number in range(len(nodes))]
    for number, (depth, node) in enumerate(nodes):
        add(svg, *by_line([*_arrows(nodes, number, tops), _box(depth, node, tops[number])]))
    return svg


def _left(depth: int) -> int:
    return EDGE + depth * STEP


def _arrows(nodes: list[tuple[int, Node]], number: int, tops: list[int]) -> list[Element]:
    """Return a line from each node directly below this one, and one arrowhead for all of them."""
    depth = nodes[number][0]
    x, start = _left(depth) + STEP // 2, tops[number] + BOX
    lines: list[Element] = []
    for other in range(number + 1, len(nodes)):
        if nodes[other][0] <= depth:
            break
        if nodes[other][0] == depth + 1:
            middle, end = tops[other] + BOX // 2, _left(depth + 1)
            lines.append(h("path", d=f"M{end} {middle}H{x}V{start + 2}", class_="edge"))
    head = f"M{x} {start + 1}l-4 8h8z"
    return [*lines, h("path", d=head, class_="head")] if lines else []


def _box(depth: int, node: Node, top: int) -> Element:
    """Return a box with a word on what it is above its name."""
    left = _left(depth)
    width = WIDTH - left - EDGE
    told = f"{node.kind} · {node.relation}" if node.relation else node.kind
    letters = LETTERS - LETTERS_STEP * depth
    rounded = {DATA: "14", BASE: "0"}.get(node.kind, "4")
    return h(
        "svg",
        h(
            "rect",
            x="1",
            y="1",
            width=str(width - 2),
            height=str(BOX - 2),
            rx=rounded,
            class_=f"box {node.kind.replace(' ', '-')}",
        ),
        h("text", fitting(told, letters + 6), x="12", y="17", class_="kind"),
        h("text", fitting(node.name, letters), x="12", y="34", class_="name"),
        x=str(left),
        y=str(top),
        width=str(width),
        height=str(BOX),
    )


def fitting(text: str, letters: int) -> str:
    """Return as much of `text` as has room for so many letters; wide ones take that of two."""
    shown = cut(safe(text), letters)
    room = letters
    for number, letter in enumerate(shown):
        room -= 2 if east_asian_width(letter) in "WF" else 1
        if room < 0:
            return f"{shown[: max(number - 2, 0)]}…"
    return shown
