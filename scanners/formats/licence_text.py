"""Licence texts, known by their names: a text has no signature.

Which licences a text is, `licences.texts` tells from its words, or says nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .. import kits
from ..facts import Licence, shorten
from ..format import Format, Match, Parsed, Subject
from ..source import Span

if TYPE_CHECKING:
    from ..limits import Budget

NAME = re.compile(
    r"([\w. -]*[-_. ])?"
    r"(licen[sc]e|copying|notice|(use|usage)[-_ ](policy|restrictions)|terms[-_ ]of[-_ ]use)"
    r"([-_. ][\w. +-]*)?",
    re.IGNORECASE,
)
# Files of other kinds whose names hold such a word: code, tables, pages, weights.
NOT_TEXT = re.compile(
    r".*\.(py|pyc|pyi|ipynb|js|mjs|cjs|ts|tsx|jsx|map|css|html?|xml|svg|json|jsonl|ya?ml|toml|lock|csv|tsv|sh|c|h"
    r"|cc|cpp|hpp|cs|go|rs|java|rb|php|lua|cmake|in|j2|jinja|tmpl|pt|pth|pkl|pickle|bin|onnx|gguf)",
    re.IGNORECASE,
)


def recognise(subject: Subject) -> Match:
    """Tell a licence by its name, if its first bytes are text."""
    if not NAME.fullmatch(subject.name) or NOT_TEXT.fullmatch(subject.name):
        return Match.NO
    if not subject.head.strip():
        return Match.NO
    return Match.NO if b"\0" in subject.head else Match.CERTAIN


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield the claim that a licence stands here: its first line, and which licences it is.

    Of a text longer than any licence, only the first line is told.
    """
    at = 0
    for line in subject.head.splitlines(keepends=True):
        text = line.decode("utf-8", "backslashreplace").strip(" \t\r\n#*=-")
        if text:
            span = Span(at, len(line))
            ids = _ids(subject, budget)
            name = shorten(subject.name, 200)
            yield Licence(at=span, key=name, value=shorten(text, 200), ids=ids)
            return
        at += len(line)


def _ids(subject: Subject, budget: Budget) -> tuple[str, ...]:
    texts = kits.need("licences")
    size = subject.source.size
    if size > texts.MAX_TEXT:
        return ()
    budget.document(size)
    whole = subject.source.read_at(0, size).decode("utf-8", "replace")
    ids: tuple[str, ...] = texts.told(whole, texts.TEXTS).ids
    return ids


FORMAT = Format(
    id="licence-text",
    title="licence text",
    media_type="text/plain",
    spec="https://spdx.org/licenses/",
    suffixes=(),
    recognise=recognise,
    parse=parse,
)
