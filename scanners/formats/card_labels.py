"""What the text of a card says behind a label of the Hub's template: ``- **License:** MIT``.

https://github.com/huggingface/huggingface_hub/blob/main/src/huggingface_hub/templates/modelcard_template.md
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..patterns import pattern
from ..placeholders import is_placeholder
from ..record import record
from ..source import Span

if TYPE_CHECKING:
    from ..markdown import Section

MAX_VALUE = 200  # bytes
MOST_WORDS = 8  # behind a label; whatever is longer is a sentence about it
SENTENCE = pattern(  # under a heading, what is no name by itself
    rb"(?:see|refer|please|this|the|same|our|all|we|it|under|for|as|like)\b.*|(?:\S+ ){5,}.*",
    re.IGNORECASE,
)
LICENCE, DEVELOPER = "body.licence", "body.developed-by"
LABELS = {
    LICENCE: pattern(rb"(?:model )?licen[cs]e(?:s|\(s\))?", re.IGNORECASE),
    DEVELOPER: pattern(rb"(?:model )?(?:developed by|developers?(?:\(s\))?)", re.IGNORECASE),
}
HEADINGS = {LICENCE: pattern(rb"[\W\d]*licen[cs]e(?:s|\(s\))?\W*", re.IGNORECASE)}
# A line, or an item of a list, that begins with a label in bold, and what stands behind it.
LABELLED = pattern(
    rb"^[ \t]*(?:[-*+][ \t]+)?(\*\*|__)(?P<label>[^*_:\r\n]{1,60}?)"
    rb"[ \t]*(?::[ \t]*\1|\1[ \t]*:)[ \t]*(?P<value>[^\r\n]+)",
    re.MULTILINE,
)
LINK = pattern(rb"!?\[([^\[\]]*)\](?:\([^()]*\)|\[[^\[\]]*\])?")
MARKS = pattern(rb"<[^<>]*>|[*`]|\\$")
UNFILLED = pattern(rb".*more information needed.*", re.IGNORECASE)


@record
class Labelled:
    """A value of a card's text, without its marks, and where it stands in the text."""

    key: str
    value: bytes
    at: Span


def labelled(body: bytes, section: Section) -> list[Labelled]:
    """Return what a section says behind known labels, or, as a whole, under a known heading."""
    text = body[section.at.start : section.at.end]
    found: list[Labelled | None] = []
    for line in LABELLED.finditer(text):
        for key, label in LABELS.items():
            if label.fullmatch(line["label"].strip()):
                found.append(_value(key, line["value"], section.at.start + line.start("value")))
    for key, heading in HEADINGS.items():
        if not found and heading.fullmatch(section.heading) and b"\n" not in text.strip():
            alone = _value(key, text.strip(), section.at.start)
            found.append(None if alone and SENTENCE.fullmatch(alone.value) else alone)
    return [each for each in found if each is not None]


def _value(key: str, raw: bytes, start: int) -> Labelled | None:
    plain = b" ".join(MARKS.sub(b" ", LINK.sub(rb"\1", raw)).split()).strip(b" .;")
    says_nothing = not plain or UNFILLED.fullmatch(plain)
    is_long = len(plain) > MAX_VALUE or plain.count(b" ") >= MOST_WORDS
    if says_nothing or is_long or is_placeholder(plain.decode("utf-8", "replace")):
        return None
    return Labelled(key, plain, Span(start, len(raw.rstrip())))
