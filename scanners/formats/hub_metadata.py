"""Records of downloads: what the Hugging Face Hub served for one file of a folder, and when.

`huggingface_hub` writes one beside a download into a folder of the user's choice
(https://huggingface.co/docs/huggingface_hub/guides/manage-cache), for the file ``a/b`` as
``.cache/huggingface/download/a/b.metadata``, three lines of text::

    <40 hexadecimal digits>   the commit
    <etag>                    SHA-256 of a large file (Git LFS), else the id of a git blob (SHA-1)
    <seconds>                 since 1970, a decimal fraction

Nobody signs it: it shows what was recorded, and holds only against bytes that agree with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..facts import Fact, Metadata
from ..format import Format, Match, Subject
from ..patterns import pattern
from ..source import Malformed, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..limits import Budget

SUFFIX = ".metadata"
MAX_RECORD = 1024  # bytes; an honest one has about 130
COMMIT = "hub.commit"
ETAG = "hub.etag"
TIME = "hub.downloaded"  # seconds since 1970
RECORD = pattern(
    rb"(?P<commit>[0-9a-f]{40})\r?\n(?P<etag>[!-~]{1,200})\r?\n(?P<time>[0-9]{1,12}(\.[0-9]{1,12})?)"
    rb"(\r?\n)?"
)
FIRST_LINE = pattern(rb"[0-9a-f]{40}\r?\n")


def recognise(subject: Subject) -> Match:
    """Tell a record by its first line, a commit, in a file that is called one."""
    is_record = subject.name.endswith(SUFFIX) and FIRST_LINE.match(subject.head)
    return Match.CERTAIN if is_record else Match.NO


def parse(subject: Subject, _budget: Budget) -> Iterator[Fact]:
    """Yield commit, etag and time, as they were recorded.

    Raises:
        Malformed: It is too long, or its three lines are not those above.
    """
    if subject.source.size > MAX_RECORD:
        why = f"{subject.source.size} bytes, a record has at most {MAX_RECORD}"
        raise Malformed("record of a download", offset=0, why=why)
    found = RECORD.fullmatch(subject.head)
    if not found:
        raise Malformed("record of a download", offset=0, why="not a commit, an etag and a time")
    for key, group in ((COMMIT, "commit"), (ETAG, "etag"), (TIME, "time")):
        at = Span(found.start(group), len(found[group]))
        yield Metadata(at=at, key=key, value=found[group].decode("ascii"))


FORMAT = Format(
    id="hub-metadata",
    title="record of a download from the Hugging Face Hub",
    media_type="text/plain",
    spec="https://huggingface.co/docs/huggingface_hub/guides/manage-cache",
    suffixes=(),
    recognise=recognise,
    parse=parse,
)
