"""Models of LightGBM as text: a header of ``key=value`` lines, trees, and what they were made with.

https://lightgbm.readthedocs.io/, ``src/boosting/gbdt_model_text.cpp``. Nothing in it runs. It is
searched for the end of its trees, so that a cut is noticed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..facts import Metadata, shorten
from ..format import Format, Match, Parsed, Subject
from ..patterns import pattern
from ..source import Malformed, Span

if TYPE_CHECKING:
    from ..limits import Budget

BEGINNING = pattern(rb"tree\r?\nversion=v\d")
LINE = pattern(
    rb"^(version|num_class|max_feature_idx|objective|feature_names)=([^\r\n]*)", re.MULTILINE
)
END = b"end of trees"
BLOCK = 1 << 20  # bytes that are searched at once
ROOM = 1000  # characters of a value


def recognise(subject: Subject) -> Match:
    """Tell it by its first two lines."""
    if not subject.head.startswith(b"tree"):
        return Match.NO
    return Match.CERTAIN if BEGINNING.match(subject.head) else Match.NO


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield what the header says.

    Raises:
        Malformed: Its trees have no end.
    """
    header = subject.head.split(b"\nTree=", 1)[0]
    for found in LINE.finditer(header):
        line = Span(found.start(), len(found[0]))
        value = shorten(found[2].decode("utf-8", "backslashreplace"), ROOM)
        yield Metadata(at=line, key=f"lightgbm.{found[1].decode()}", value=value)
    source, at = subject.source, 0
    while at < source.size:
        budget.check_time()
        block = source.read_at(at, min(BLOCK + len(END), source.size - at))
        if END in block:
            return
        at += BLOCK
    raise Malformed("LightGBM", offset=source.size, why="the trees have no end")


FORMAT = Format(
    id="lightgbm",
    title="LightGBM model",
    media_type="text/plain",
    spec="https://lightgbm.readthedocs.io/en/stable/Advanced-Topics.html",
    suffixes=(),
    recognise=recognise,
    parse=parse,
    model=True,
)
