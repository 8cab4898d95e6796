"""A report as one page of HTML that needs nothing else: no script, no request, nothing to load.

The policy in the page forbids everything but the one style sheet, which it knows by its digest; so
even markup that got past the escaping could not run, or call anyone. The page says the same with
colours and without, on a telephone and on paper, and it is the same for the same outcomes.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from ..escape import cut, safe
from .bounds import LEVELS, MOST
from .element import add, by_line, h, markup
from .overview import Told, banner, contents, targets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...outcome import Outcome
    from .bounds import Bounds
    from .element import Element

TITLE = 80  # characters of the name in the title
STYLE = Path(__file__).with_name("style.css")


def document(outcomes: Sequence[Outcome]) -> str:
    """Return the page: a part for each target, those that fail first. At most 500 kB."""
    told = sorted(map(Told.of, outcomes), key=lambda each: each.rank)
    for bounds in LEVELS[:-1]:
        parts = _parts(told, bounds)
        if parts and len((text := page(told, parts, bounds)).encode()) <= MOST:
            return text
    return page(told, list(targets(told, LEVELS[-1])), LEVELS[-1])


def _parts(told: list[Told], bounds: Bounds) -> list[Element]:
    """Return the parts of the page, or none as soon as they are too long."""
    found: list[Element] = []
    length = 0
    for part in targets(told, bounds):
        length += len(markup(part))
        if length > MOST:
            return []
        found.append(part)
    return found


def page(told: list[Told], parts: list[Element], bounds: Bounds) -> str:
    """Return the page with these parts, however long it is."""
    style = STYLE.read_text(encoding="utf-8")
    body = h("body", h("a", "Skip to the report", href="#report", class_="skip"))
    main = h("main", *parts, id="report", tabindex="-1")
    footer = h("footer", h("p", f"Written by aibom {told[0].outcome.report.tool_version}."))
    add(body, *by_line([banner(told, bounds), contents(parts), main, footer]))
    root = h("html", *by_line([_head(told, style), body]), lang="en")
    return f"<!DOCTYPE html>\n{markup(root)}\n"


def _head(told: list[Told], style: str) -> Element:
    digest = b64encode(sha256(style.encode()).digest()).decode()
    allowed = (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    sheet = h("style")
    sheet.text = style  # as it is: the digest is of these very bytes, all of them ours
    names = f"{len(told):,} targets" if len(told) > 1 else cut(safe(told[0].outcome.path), TITLE)
    return h(
        "head",
        *by_line(
            [
                h("meta", charset="utf-8"),
                h("meta", http_equiv="Content-Security-Policy", content=allowed),
                h("meta", name="referrer", content="no-referrer"),
                h("meta", name="viewport", content="width=device-width, initial-scale=1"),
                h("meta", name="color-scheme", content="light dark"),
                h("title", f"{told[0].label}: {names} - aibom report"),
                sheet,
            ]
        ),
    )
