"""HDF5: groups, datasets and attributes, read from their headers and without the values.

A kit (see `kits`): `formats.hdf5` tells such a file and needs the rest only then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..facts import Reason, Unclaimed, Unread
from ..format import Part
from ..source import Span, Window
from .file import File, find
from .objects import Objects

if TYPE_CHECKING:
    from ..format import Parsed, Subject
    from ..limits import Budget

PADDING = 64  # zero bytes behind a file that nobody need hear of
ANYWHERE = 1 << 62  # a user block may be as long as the file


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield tensors, what attributes say, references to other files, and what was not read.

    Raises:
        Malformed: The superblock is none, or says that the file has another length.
        Exceeded: It holds more than the limits allow.
    """
    source = subject.source
    base = find(source, ANYWHERE)
    file = File(source, base, budget)
    if base:  # bytes of another program's, before the file
        yield Part("(user block)", Window(source, Span(0, base)))
    if file.driver:
        detail = "one of several files that make one of HDF5"
        yield Unread(at=Span(base, 0), reason=Reason.UNSUPPORTED, detail=detail)
    yield from Objects(file).facts()
    if file.end > source.size:
        detail = f"HDF5: {file.end} bytes by its superblock, {source.size} are there"
        yield Unread(at=Span(source.size, 0), reason=Reason.MALFORMED, detail=detail)
    elif file.end < source.size:
        after = Span(max(0, file.end), source.size - max(0, file.end))
        if after.length > PADDING or source.read_at(after.start, after.length).strip(b"\0"):
            yield Unclaimed(at=after)
            yield Part("(bytes after the file)", Window(source, after))
