"""The commands that our pages show, as a reader would copy them."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from tests.helpers.checkout import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGES = (
    "README.md",
    "SECURITY.md",
    *sorted(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md")),
)

# Where a command begins in a line: alone, at a prompt, after an assignment, in a workflow.
_BEGINS = re.compile(r"(?:^|[$;|&:] ?|^\s*- run: )((?:[A-Z_]+=\S+ +)*aibom .*)$")
_BESIDE = re.compile(r"\s{2,}(?!#)\S.*$")  # a description, two blanks or more after the command
_COMMENT = re.compile(r"\s+#.*ends with (\d+)")
_ENDS = set("();<>|&")


@dataclass(frozen=True)
class Block:
    """A block of code on a page."""

    page: str
    line: int  # of its first line, counted from 1
    text: str
    before: str  # the paragraph that leads to it
    language: str  # "" where none is named

    def lines(self) -> Iterator[tuple[int, str]]:
        """Yield number and text of each line; one that goes on below is one with it."""
        joined, began = "", self.line
        for number, line in enumerate(self.text.splitlines(), self.line):
            began = began if joined else number
            joined += line.removesuffix("\\") if not joined else line.strip().removesuffix("\\")
            if not line.endswith("\\"):
                yield began, joined
                joined = ""


@dataclass(frozen=True)
class Shown:
    """A line of a page that shows a command."""

    page: str
    line: int
    text: str
    ends_with: int = 0  # as a comment beside it says
    is_prose: bool = False

    def commands(self) -> Iterator[list[str]]:
        """Yield the words after each `aibom`."""
        return words_after_aibom(self.text)


def words_after_aibom(line: str) -> Iterator[list[str]]:
    """Yield the words after each `aibom` of a shell's line."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words: list[str] | None = None
    for word in (*lexer, ";"):
        if set(word) <= _ENDS:
            if words is not None:
                yield words
            words = None
        elif words is not None:
            words.append(word)
        elif word == "aibom":
            words = []


@cache
def blocks(page: str) -> tuple[Block, ...]:
    """Return the blocks of code on `page`."""
    tokens = MarkdownIt().parse((ROOT / page).read_text("utf-8"))
    found: list[Block] = []
    before = ""
    for token in tokens:
        if token.type == "inline":
            before = token.content
        elif token.type in ("code_block", "fence") and token.map is not None:
            first = token.map[0] + (2 if token.type == "fence" else 1)
            found.append(Block(page, first, token.content, before, token.info))
    return tuple(found)


def shown_in_blocks(page: str) -> Iterator[Shown]:
    """Yield every command in a block of `page`."""
    for block in blocks(page):
        for number, line in block.lines():
            begins = _BEGINS.search(line.strip())
            if begins is not None:
                text = _BESIDE.sub("", begins[1])
                comment = _COMMENT.search(line)
                yield Shown(page, number, text, int(comment[1]) if comment else 0)


def shown_in_text(page: str) -> Iterator[Shown]:
    """Yield every command that stands as code within a sentence of `page`."""
    for token in MarkdownIt().enable("table").parse((ROOT / page).read_text("utf-8")):
        line = token.map[0] + 1 if token.map else 0
        for child in token.children or ():
            if child.type == "code_inline" and child.content.startswith("aibom "):
                yield Shown(page, line, child.content, is_prose=True)
