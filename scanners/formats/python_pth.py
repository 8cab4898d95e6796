"""Python path files: text whose lines ``import …`` Python runs whenever it starts.

PyTorch's users took the same suffix for checkpoints, so the file looks at home among them. A line
that begins with ``import`` and a space or tab is executed as it stands; every other line is a
folder for `sys.path` (https://docs.python.org/3/library/site.html).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..facts import Metadata, shorten
from ..format import Format, Match, Parsed, Subject
from ..limits import KIB, Exceeded
from ..source import Span

if TYPE_CHECKING:
    from ..limits import Budget

SUFFIX = ".pth"
RUN = (b"import ", b"import\t")
MARK = b"\xef\xbb\xbf"  # of UTF-8, which `site` drops
LONGEST = 64 * KIB  # bytes; real ones have some hundred, checkpoints are no text
SHOWN = 200  # characters of a line that a fact keeps
STARTUP = "python-startup"  # key of the facts


def recognise(subject: Subject) -> Match:
    """Tell it by its name and by text, one line of which would be run."""
    if not subject.name.lower().endswith(SUFFIX) or b"\0" in subject.head:
        return Match.NO
    text = subject.source.read_at(0, min(LONGEST, subject.source.size))
    return Match.CERTAIN if any(line.startswith(RUN) for _, line in _lines(text)) else Match.NO


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield every line that Python would run.

    Raises:
        Exceeded: The file is longer than any such file should be.
    """
    source = subject.source
    budget.document(source.size)
    for at, line in _lines(source.read_at(0, min(LONGEST, source.size))):
        if line.startswith(RUN):
            text = line.decode("utf-8", "backslashreplace")
            yield Metadata(at=Span(at, len(line)), key=STARTUP, value=shorten(text, SHOWN))
    if source.size > LONGEST:
        raise Exceeded("document", LONGEST, f"a path file of {source.size} bytes")


def _lines(text: bytes) -> list[tuple[int, bytes]]:
    """Return (offset, line) of each line, without its end and without the mark of UTF-8."""
    at, found = 0, list[tuple[int, bytes]]()
    for line in text.splitlines(keepends=True):
        skip = len(MARK) if not at and line.startswith(MARK) else 0
        found.append((at + skip, line[skip:].rstrip(b"\r\n")))
        at += len(line)
    return found


FORMAT = Format(
    id="python-pth",
    title="Python path file",
    media_type="text/plain",
    spec="https://docs.python.org/3/library/site.html",
    suffixes=(),
    recognise=recognise,
    parse=parse,
)
