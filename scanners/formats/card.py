"""Model cards: Markdown for people, which may begin with YAML front matter.

https://huggingface.co/docs/hub/model-cards: ``---``, YAML, ``---``, then text. What reads either is
brought only where there is a card (`card_facts`, `card_body`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .. import kits
from ..format import Format, Match, Parsed, Subject
from ..patterns import pattern

if TYPE_CHECKING:
    from ..limits import Budget

FENCE = b"---"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
CARD = pattern(r"(?:readme|model[-_]?card)\.(?:md|markdown)", re.IGNORECASE)
BINARY = pattern(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]")  # no text for people holds these
POINTER = b"version https://git-lfs"  # stands where the card should be


def recognise(subject: Subject) -> Match:
    """Tell a card by a fence on its first line, in Markdown, or else by its name."""
    name, head = subject.name.lower(), subject.head
    if not name.endswith((".md", ".markdown")):
        return Match.NO
    is_card = CARD.fullmatch(name) and not BINARY.search(head) and not head.startswith(POINTER)
    return Match.CERTAIN if _is_fenced(head) or (is_card and head.strip()) else Match.NO


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield what the front matter declares, if there is any, and the card's sections.

    Raises:
        Malformed: The front matter is no YAML mapping of UTF-8 text.
        Exceeded: It is longer than any honest one.
    """
    if _is_fenced(subject.head):
        yield from kits.need("cards").read(subject, budget)
    else:
        yield from kits.need("passages").read_body(subject)


def _is_fenced(head: bytes) -> bool:
    first, _, _ = head.removeprefix(BYTE_ORDER_MARK).partition(b"\n")
    return first.rstrip() == FENCE


FORMAT = Format(
    id="model-card",
    title="model card",
    media_type="text/markdown",
    spec="https://huggingface.co/docs/hub/model-cards",
    suffixes=(),
    recognise=recognise,
    parse=parse,
)
