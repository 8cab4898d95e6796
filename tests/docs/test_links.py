"""Every link from one of our files to another leads somewhere, and so does its anchor."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

from tests.helpers.checkout import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PAGES = (
    *sorted(each.name for each in ROOT.glob("*.md")),
    *sorted(str(each.relative_to(ROOT)) for each in (ROOT / "docs").rglob("*.md")),
)


def headings(page: Path) -> set[str]:
    """Return the anchors that GitHub gives to the headings of `page`."""
    tokens = MarkdownIt().parse(page.read_text("utf-8"))
    titles = [
        "".join(child.content for child in tokens[at + 1].children or ())
        for at, token in enumerate(tokens)
        if token.type == "heading_open"
    ]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES)
def test_every_link_of_a_page_leads_somewhere(page: str) -> None:
    broken: list[str] = []
    for token in MarkdownIt().enable("table").parse((ROOT / page).read_text("utf-8")):
        for child in token.children or ():
            to, _, anchor = str(child.attrs.get("href", "")).partition("#")
            if child.type != "link_open" or "://" in to or to.startswith("mailto:"):
                continue
            target = (ROOT / page).parent / to if to else ROOT / page
            if not target.exists() or (anchor and anchor not in headings(target)):
                broken.append(f"{to}#{anchor}")
    assert broken == []
