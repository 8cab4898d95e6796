"""A zip archive that a pickle or an array carries in its middle, and that readers find by its end.

They look for the end record in the last 64 KiB and at no byte before it, so a file that starts as a
pickle is an archive to `zipfile`, to Keras and to PyTorch's C++ loader. An honest pickle that was
given an archive as a value looks the same, so this is no polyglot, but what is in it is read.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ..archives.zip_records import directories, ends_in_directory, headers
from ..format import Format, Match, Parsed, Part, Subject
from ..source import Malformed, Span, Window
from .zip import FORMAT as ZIP
from .zip import HOLDERS

if TYPE_CHECKING:
    from ..limits import Budget


def recognise(subject: Subject) -> Match:
    """Tell it by an end record that leads to members, in what starts as a pickle or an array."""
    if not subject.head.startswith(HOLDERS) or ZIP.recognise(subject):
        return Match.NO
    return Match.CERTAIN if ends_in_directory(subject.source, exactly=False) else Match.NO


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield each archive as a part."""
    source = subject.source
    for directory in directories(source)[0]:
        start = directory.at.start
        with suppress(Malformed):  # the archive's own reader says so
            for header in headers(source, directory, budget):
                start = min(start, max(0, header.start))
        span = Span(start, directory.end.end - start)
        yield Part(f"(archive at byte {start})", Window(source, span))


FORMAT = Format(
    id="zip-inside",
    title="zip archive inside",
    media_type=ZIP.media_type,
    spec=ZIP.spec,
    suffixes=(),
    recognise=recognise,
    parse=parse,
    refines=("pickle", "torch-legacy", "npy"),
)
