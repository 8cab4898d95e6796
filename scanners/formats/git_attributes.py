"""`.gitattributes`: which files of a repository git keeps elsewhere, as large files do.

Lines of a pattern and attributes (https://git-scm.com/docs/gitattributes); ``filter=lfs`` is what
`git lfs track` writes. A pattern with spaces stands in quotes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..facts import Fact, Metadata, shorten
from ..format import Format, Match, Subject
from ..limits import MIB, Exceeded
from ..patterns import pattern
from ..source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..limits import Budget

NAME = ".gitattributes"
MAX_LENGTH = MIB  # bytes; honest ones have a few thousand (git reads up to 100 MiB)
LINE = pattern(rb'[ \t]*("(?:[^"\\]|\\.)*"|[^\s"#][^\s]*)[ \t]+([^\r\n]*)')
KEY = "git-lfs"
PATTERN = 200  # characters of a pattern that a fact keeps


def recognise(subject: Subject) -> Match:
    """Tell it by its name, if its first bytes are text."""
    return Match.CERTAIN if subject.name == NAME and b"\0" not in subject.head else Match.NO


def parse(subject: Subject, budget: Budget) -> Iterator[Fact]:
    """Yield each pattern of files that Git LFS keeps.

    Raises:
        Exceeded: It is longer than a document may be.
    """
    length = subject.source.size
    budget.document(length)
    if length > MAX_LENGTH:
        raise Exceeded("text", MAX_LENGTH, "git attributes")
    at = 0
    for line in subject.source.read_at(0, length).splitlines(keepends=True):
        found = LINE.match(line)
        if found and b"filter=lfs" in found[2].split():
            pattern = found[1].decode("utf-8", "backslashreplace")
            yield Metadata(at=Span(at, len(line)), key=KEY, value=shorten(pattern, PATTERN))
        at += len(line)


FORMAT = Format(
    id="git-attributes",
    title="attributes of files in git",
    media_type="text/plain",
    spec="https://git-scm.com/docs/gitattributes",
    suffixes=(),
    recognise=recognise,
    parse=parse,
)
