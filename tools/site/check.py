"""Check the built site: `python -m tools.site.check PAGES SITE`.

Links of pages to pages are mkdocs' matter (`--strict`). Here is what it does not look at: that
links in the built pages lead somewhere, that a browser fetches nothing from elsewhere, and that
Markdown says to the site what it says to GitHub, whose reader is more lenient about lists.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterator

FETCHED = {
    ("script", "src"),
    ("img", "src"),
    ("iframe", "src"),
    ("link", "href"),
    ("source", "src"),
}
COUNTED = ("h1", "h2", "h3", "h4", "li", "pre", "table", "tr", "blockquote")
REMOTE_CSS = re.compile(r"(?:@import|url\()\s*[\"']?(?:https?:)?//[^)\s]*")


class Page(HTMLParser):
    """One built page: the ids in it, what it links to and fetches, and what its article holds."""

    def __init__(self, text: str) -> None:
        """Read `text`."""
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.held: Counter[str] = Counter()
        self._is_article = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self._is_article |= tag == "article"
        self.held[tag] += self._is_article
        for name, value in attrs:
            if name == "id" and value:
                self.ids.add(value)
            elif (tag, name) in FETCHED and value:
                self.fetched.append(value)
            elif (tag, name) == ("a", "href") and value:
                self.links.append(value)

    def handle_endtag(self, tag: str) -> None:
        """Note where the article ends."""
        self._is_article &= tag != "article"


def problems(pages: Path, site: Path) -> Iterator[str]:
    """Yield a sentence for each problem of the site, built from `pages`."""
    built = {path: Page(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}
    for path, page in built.items():
        name = path.relative_to(site)
        yield from (f"{name}: fetches {each}" for each in page.fetched if _is_remote(each))
        yield from (f"{name}: {why}" for why in _broken(path, page, built))
        source = (pages / name).with_suffix(".md")
        if source.exists():
            yield from (f"{name}: {why}" for why in _differs(source, page))
    for path in site.rglob("*.css"):
        found = REMOTE_CSS.findall(path.read_text(encoding="utf-8"))
        yield from (f"{path.relative_to(site)}: fetches {each}" for each in found)


def _is_remote(address: str) -> bool:
    return bool(urlsplit(address).netloc)


def _broken(path: Path, page: Page, built: dict[Path, Page]) -> Iterator[str]:
    for link in {*page.links, *page.fetched}:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc or path.name == "404.html":
            continue
        to = (path.parent / unquote(parts.path)).resolve() if parts.path else path.resolve()
        if not to.exists():
            yield f"{link} leads nowhere"
        elif parts.fragment and parts.fragment not in built[to].ids:
            yield f"{link} leads to no place on its page"


def _differs(source: Path, page: Page) -> Iterator[str]:
    reader = MarkdownIt("commonmark", {"html": True}).enable("table")
    told = Page(f"<article>{reader.render(source.read_text(encoding='utf-8'))}</article>").held
    for tag in COUNTED:
        if told[tag] != page.held[tag]:
            yield f"{page.held[tag]} of <{tag}>, GitHub shows {told[tag]}"


if __name__ == "__main__":
    found = sorted(problems(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()))
    sys.exit("\n".join(found) or None)
