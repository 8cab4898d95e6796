"""Requirements of pip: the libraries that somebody installs to use the model.

https://pip.pypa.io/en/stable/reference/requirements-file-format/: one requirement or option a line;
``#`` begins a remark, and a backslash at the end of a line joins the next one to it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..facts import Metadata, shorten
from ..format import Format, Match, Parsed, Subject
from ..limits import MIB
from ..patterns import pattern
from ..source import Malformed, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..limits import Budget

NAME = pattern(r"(?:[\w.-]*[._-])?requirements(?:[._-][\w.-]*)?\.txt", re.IGNORECASE)
LONGEST = MIB  # bytes; the longest locks of honest projects have some hundred thousand
MAX_LINES = 2000
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
REMARK = pattern(r"(?:^|\s)#.*")
HASH = pattern(r"\s--hash[=\s]\S+")
ITEM = pattern(r"-|[A-Za-z0-9]|\.{0,2}/")  # an option, a name, an address or a path


def recognise(subject: Subject) -> Match:
    """Tell requirements by their name, if they are text; reading them shows whether they are."""
    is_text = b"\0" not in subject.head and subject.source.size <= LONGEST
    return Match.POSSIBLE if NAME.fullmatch(subject.name) and is_text else Match.NO


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield each requirement and option, without hashes and remarks.

    Raises:
        Malformed: A line is none, or the text is no UTF-8.
    """
    size = subject.source.size
    budget.document(size)
    raw = subject.source.read_at(0, size)
    body = raw.removeprefix(BYTE_ORDER_MARK)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("requirements", offset=error.start, why="not UTF-8") from error
    for number, (line, at) in enumerate(_lines(text, len(raw) - len(body))):
        if not ITEM.match(line):
            raise Malformed("requirements", offset=at.start, why=f"{line[:50]!r} is none")
        if number == MAX_LINES:
            yield Metadata(at=at, key="requirements.cut", value=f"all after {MAX_LINES} lines")
            return
        yield Metadata(at=at, key=f"requirements[{number}]", value=shorten(line))


def _lines(text: str, at: int) -> Iterator[tuple[str, Span]]:
    """Yield each joined line that says something, and the bytes from its start to its end."""
    begin, joined = at, ""
    lines = text.splitlines(keepends=True)
    for number, raw in enumerate(lines, 1):
        at += len(raw.encode())
        line = raw.rstrip("\r\n")
        is_open = line.endswith("\\") and not REMARK.search(line)
        joined += line[:-1] if is_open else line
        if is_open and number < len(lines):
            continue
        said = HASH.sub("", REMARK.sub("", joined)).strip()
        if said:
            yield said, Span(begin, at - begin)
        begin, joined = at, ""


FORMAT = Format(
    id="requirements",
    title="requirements of pip",
    media_type="text/plain",
    spec="https://pip.pypa.io/en/stable/reference/requirements-file-format/",
    suffixes=(),
    recognise=recognise,
    parse=parse,
)
