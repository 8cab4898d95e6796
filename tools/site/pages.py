"""What a page of docs/ must change to stand on the site, and how a text becomes Markdown."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
ON_SITE = {"SECURITY.md": "security.md"}  # files beside docs/ that are pages of the site

_LINK = re.compile(r"\[([^]\[]*)\]\(([^)\s]+)\)")
_CODE = re.compile(r"(`[^`]*`)")
_MARKUP = re.compile(r"([\\*_<>\[\]#|])")


def for_the_site(text: str, place: Path) -> str:
    """Return the page `text` at `place` (in docs/) with links that a site can follow.

    A link to a file of the repository that is no page becomes its text, with the file's path.
    """
    above = PurePosixPath("docs", *place.parent.parts)

    def link(found: re.Match[str]) -> str:
        shown, to = found.groups()
        if "://" in to or to.startswith("#"):
            return found[0]
        path = _joined(above, to.partition("#")[0])
        if path.startswith("docs/"):
            return found[0]
        if path in ON_SITE:
            return f"[{shown}]({'../' * len(place.parent.parts)}{ON_SITE[path]})"
        return f'<span title="{path}">{shown}</span>'

    return _LINK.sub(link, text)


def _joined(above: PurePosixPath, to: str) -> str:
    parts: list[str] = []
    for part in (above / to).parts:
        if part == ".." and parts:
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def plain(text: str) -> str:
    """Return `text` as Markdown that shows it as it is; what stands in backticks stays code."""
    return "".join(
        piece if piece.startswith("`") else _MARKUP.sub(r"\\\1", piece)
        for piece in _CODE.split(text)
    )


def paragraphs(text: str) -> str:
    """Return the paragraphs of a docstring as Markdown, each on one line."""
    return "\n\n".join(plain(" ".join(each.split())) for each in text.split("\n\n"))


def block(text: str) -> str:
    """Return `text` as a block of code, whatever is in it."""
    return "```text\n" + text.replace("```", "'''") + "\n```"
