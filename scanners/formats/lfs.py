"""Git LFS pointers: a small text that stands in place of a large file.

Layout (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md)::

    version https://git-lfs.github.com/spec/v1
    oid sha256:<64 hexadecimal digits>
    size <bytes>
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..facts import Fact, Reason, Reference, Refers, Unread
from ..format import Format, Match, Subject
from ..patterns import pattern
from ..source import Malformed, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..limits import Budget

MAGIC = b"version https://git-lfs.github.com/spec/"
MAX_POINTER = 1024  # bytes; the specification says that a pointer is smaller
OID = pattern(rb"^oid ([a-z0-9]+:[0-9a-f]{1,128})\r?$", re.MULTILINE)
SIZE = pattern(rb"^size ([0-9]{1,20})\r?$", re.MULTILINE)


def recognise(subject: Subject) -> Match:
    """Tell a pointer by its first line."""
    return Match.CERTAIN if subject.head.startswith(MAGIC) else Match.NO


def parse(subject: Subject, _budget: Budget) -> Iterator[Fact]:
    """Yield what the pointer points to, and that it is not here.

    Raises:
        Malformed: It is too long, or has no object id or no size.
    """
    length = subject.source.size
    if length >= MAX_POINTER:
        why = f"{length} bytes, a pointer is shorter than {MAX_POINTER}"
        raise Malformed("Git LFS pointer", offset=0, why=why)
    at = Span(0, subject.source.size)
    oid, size = OID.search(subject.head), SIZE.search(subject.head)
    if not oid or not size:
        raise Malformed("Git LFS pointer", offset=0, why="it has no oid or no size")
    yield Reference(at=at, kind=Refers.LFS, key="oid", target=oid[1].decode("ascii"))
    detail = (
        f"a Git LFS pointer stands in place of {int(size[1])} bytes;"
        " fetch the file with git lfs pull"
    )
    yield Unread(at=at, reason=Reason.ABSENT, detail=detail)


FORMAT = Format(
    id="git-lfs-pointer",
    title="Git LFS pointer",
    media_type="text/plain",
    spec="https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md",
    suffixes=(),
    recognise=recognise,
    parse=parse,
)
