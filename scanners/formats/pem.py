"""PEM: keys and certificates as text. Only the label is looked at (RFC 7468)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..facts import Metadata
from ..format import Format, Match, Parsed, Subject
from ..patterns import pattern
from ..source import Span

if TYPE_CHECKING:
    from ..limits import Budget

LABEL = pattern(rb"-----BEGIN ([A-Z0-9 ]{1,60})-----")


def recognise(subject: Subject) -> Match:
    """Tell it by the line that it begins with; a document that quotes one is none."""
    return Match.CERTAIN if LABEL.match(subject.head.lstrip()) else Match.NO


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield the label of each block among the first bytes."""
    del budget  # the first bytes are at hand
    for found in LABEL.finditer(subject.head):
        at = Span(found.start(), len(found[0]))
        yield Metadata(at=at, key="pem", value=found[1].decode("ascii"))


FORMAT = Format(
    id="pem",
    title="PEM",
    media_type="application/x-pem-file",
    spec="https://www.rfc-editor.org/rfc/rfc7468",
    suffixes=(),
    recognise=recognise,
    parse=parse,
)
