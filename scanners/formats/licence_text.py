"""Licence texts, known by their names: a text has no signature.

Which licence it is, is not decided here: only that there is one, and how it begins.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..facts import Licence, shorten
from ..format import Format, Match, Parsed, Subject
from ..source import Span

if TYPE_CHECKING:
    from ..limits import Budget

NAME = re.compile(
    r"(licen[sc]e|copying|notice|use[-_ ]?policy|acceptable[-_ ]use[-_ ]policy)"
    r"([-_. ][\w. -]*)?(\.(txt|md|rst))?",
    re.IGNORECASE,
)


def recognise(subject: Subject) -> Match:
    """Tell a licence by its name, if its first bytes are text."""
    if not NAME.fullmatch(subject.name) or not subject.head.strip():
        return Match.NO
    return Match.NO if b"\0" in subject.head else Match.CERTAIN


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield the claim that a licence stands here, with the first line that says something."""
    del budget  # the first bytes are at hand
    at = 0
    for line in subject.head.splitlines(keepends=True):
        text = line.decode("utf-8", "backslashreplace").strip(" \t\r\n#*=-")
        if text:
            span = Span(at, len(line))
            yield Licence(at=span, key=shorten(subject.name, 200), value=shorten(text, 200))
            return
        at += len(line)


FORMAT = Format(
    id="licence-text",
    title="licence text",
    media_type="text/plain",
    spec="https://spdx.org/licenses/",
    suffixes=(),
    recognise=recognise,
    parse=parse,
)
