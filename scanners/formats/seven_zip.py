"""7z archive: packed streams, then a header that says what they expand to, itself mostly packed.

::

    377abcaf271c, version (2 bytes), checksum, offset, length and checksum of the header
    packed streams  |  header

Many files may lie in one packed stream, so a member is a stretch of what that expands to. Nothing
is extracted. Specification: ``DOC/7zFormat.txt`` of the LZMA SDK; the records are in
``archives/seven_zip_records.py``.
"""

from __future__ import annotations

import stat
import struct
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING

from ..archives.inflate import Inflated
from ..archives.names import is_odd
from ..archives.seven_zip_folders import Refused, Stretch, opened
from ..archives.seven_zip_records import (
    ENCODED,
    END,
    FILES,
    HEADER,
    MAGIC,
    MORE_STREAMS,
    PROPERTIES,
    START,
    STREAMS,
    Cursor,
    Entry,
    Folder,
    Streams,
    entries,
    streams,
)
from ..archives.zip_layout import Doubts
from ..extents import gaps
from ..facts import Expansion, Fact, Kind, Member, Reason, Unclaimed, Unread, shorten
from ..format import Format, Match, Parsed, Part, Subject
from ..limits import Exceeded
from ..record import field, record
from ..source import Malformed, Source, Span, Window

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from ..limits import Budget

START_FIELDS = struct.Struct("<8x I 2Q I")  # checksum of the next; offset, length and its checksum
CHECKED = slice(12, 32)  # what that first checksum is of
ENCODINGS = 4  # headers in headers that are unpacked; 7-Zip packs one
HAS_MODE = 0x8000  # of the attributes: the upper half is what Unix calls the mode
REPARSE = 0x400  # of the attributes: a link of Windows
TARGET = 4096  # bytes of a link's target that are read


@record(frozen=False)
class _Archive:
    """An archive being read."""

    source: Source
    budget: Budget
    doubts: Doubts = field(default_factory=Doubts)
    claimed: list[Span] = field(default_factory=list[Span])


def recognise(subject: Subject) -> Match:
    """Tell it by its first six bytes."""
    return Match.CERTAIN if subject.head.startswith(MAGIC) else Match.NO


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield each member's content as a part, odd members, and bytes that belong to none."""
    archive = _Archive(subject.source, budget, claimed=[Span(0, START)])
    header = yield from _header(archive)
    if header is None:
        return
    yield from _members(archive, header)
    yield from archive.doubts.facts()
    for span in gaps(archive.claimed, Span(0, subject.source.size)):
        yield Unclaimed(at=span)
        yield Part(f"(bytes at {span.start})", Window(subject.source, span))


# --- The header -----------------------------------------------------------------------------------


def _header(archive: _Archive) -> Generator[Fact, None, Cursor | None]:
    """Yield what is wrong with it; return it unpacked, None if that cannot be."""
    source, budget = archive.source, archive.budget
    crc, offset, length, own_crc = START_FIELDS.unpack(source.read_at(0, START))
    if zlib.crc32(source.read_at(CHECKED.start, START - CHECKED.start)) != crc:
        yield _unread(Reason.MALFORMED, "the checksum of its first 32 bytes is wrong")
    budget.document(length)
    data = source.read_at(START + offset, length)
    archive.claimed.append(Span(START + offset, length))
    if zlib.crc32(data) != own_crc:
        yield _unread(Reason.MALFORMED, "the checksum of its header is wrong")
    for _ in range(ENCODINGS if data else 0):
        cursor = Cursor(data, budget.limits.members)
        kind = cursor.number()
        if kind == HEADER:
            return cursor
        if kind != ENCODED:
            raise cursor.malformed(f"id {kind} where a header should start")
        unpacked = _unpacked(archive, streams(cursor))
        if isinstance(unpacked, Refused):
            yield _refused(unpacked, "its header")
            return None
        data = unpacked
    if data:
        raise Malformed("7z header", offset=0, why=f"more than {ENCODINGS} headers in headers")
    return Cursor(bytes([END]), 0)


def _unpacked(archive: _Archive, found: Streams) -> bytes | Refused:
    if not found.folders:
        return b""
    folder, packed = found.folders[0], _placed(archive, found)[0]
    archive.budget.document(folder.size)
    run = opened(archive.source, packed, folder, archive.budget, "its header")
    return run if isinstance(run, Refused) else run.read_at(0, folder.size)


def _placed(archive: _Archive, found: Streams) -> list[dict[int, Span]]:
    """Return which bytes of the archive each input of each folder gets."""
    size, at, lengths = archive.source.size, START + found.start, iter(found.lengths)
    placed: list[dict[int, Span]] = []
    for folder in found.folders:
        packed: dict[int, Span] = {}
        for index in folder.packed:
            length = next(lengths, None)
            if length is None:
                why = f"{len(found.lengths)} packed streams, its folders take more"
                raise Malformed("7z header", offset=0, why=why)
            start = min(at, size)
            packed[index] = Span(start, min(length, size - start))
            at += length
        archive.claimed += packed.values()
        placed.append(packed)
    return placed


# --- Members --------------------------------------------------------------------------------------


def _members(archive: _Archive, cursor: Cursor) -> Parsed:
    found, files = _told(archive, cursor)
    yield from _totals(archive, found)
    _duplicates(archive, files)
    named = (entry for entry in files if entry.has_content)
    nameless = Entry("(without a name)", has_content=True, is_folder=False, attributes=0)
    for folder, packed in zip(found.folders, _placed(archive, found), strict=True):
        own = [(next(named, nameless), size) for size in folder.contents]
        yield from _folder(archive, folder, packed, own)
    for entry in named:
        yield _unread(Reason.MALFORMED, f"{entry.name}: the archive has no content for it")
    for entry in files:
        if not entry.has_content:
            yield from _odd(entry, None)


def _told(archive: _Archive, cursor: Cursor) -> tuple[Streams, list[Entry]]:
    """Return what the header says of streams and of files."""
    found, files = Streams(), list[Entry]()
    while (kind := cursor.number()) != END:
        if kind == PROPERTIES:
            while cursor.number() != END:
                cursor.take(cursor.number())
        elif kind == MORE_STREAMS:
            _placed(archive, streams(cursor))
        elif kind == STREAMS:
            found = streams(cursor)
        elif kind == FILES:
            files = entries(cursor)
        else:
            raise cursor.malformed(f"id {kind} in the header")
    return found, files


def _totals(archive: _Archive, found: Streams) -> Iterator[Fact]:
    """Yield that the members together claim to expand far beyond the archive."""
    total, limits = sum(folder.size for folder in found.folders), archive.budget.limits
    size = archive.source.size
    if total > limits.ratio_total and total > size * limits.ratio:
        yield Expansion(name="all members together", compressed=size, produced=total)


def _duplicates(archive: _Archive, files: list[Entry]) -> None:
    seen: set[str] = set()
    for entry in files:
        if entry.name in seen and not entry.is_folder:
            archive.doubts.add(f"duplicate member {entry.name!r}", Span(0, 0))
        seen.add(entry.name)


def _folder(
    archive: _Archive, folder: Folder, packed: dict[int, Span], own: list[tuple[Entry, int]]
) -> Parsed:
    name = own[0][0].name if own else "a folder without members"
    try:
        run = opened(archive.source, packed, folder, archive.budget, shorten(name))
    except Malformed as error:
        run = Refused(str(error), reason=Reason.MALFORMED)
    if isinstance(run, Refused):
        for entry, _ in own:
            yield _refused(run, entry.name)
        return
    length, limits = sum(span.length for span in packed.values()), archive.budget.limits
    if folder.size > limits.ratio_floor and folder.size > length * limits.ratio:
        yield Expansion(name=shorten(name), compressed=length, produced=folder.size)
    if run.size < folder.size:
        detail = f"{name}: {folder.size} bytes, of which the file has {run.size}"
        yield _unread(Reason.MALFORMED, detail)
    at, audit = 0, run.audit if isinstance(run, Inflated) else tuple[Fact, ...]
    for number, (entry, size) in enumerate(own, 1):
        content = Stretch(run, Span(at, size))
        at += size
        yield from _odd(entry, content)
        yield Part(entry.name, content, audit=audit if number == len(own) else tuple)


def _odd(entry: Entry, content: Source | None) -> Iterator[Fact]:
    kind = _kind(entry)
    if kind in {Kind.SYMLINK, Kind.OTHER} or is_odd(entry.name):
        target = ""
        if kind is Kind.SYMLINK and content:
            with suppress(Malformed, Exceeded):  # reading it as a part says why
                data = content.read_at(0, min(content.size, TARGET))
                target = shorten(data.decode("utf-8", "backslashreplace"))
        yield Member(name=shorten(entry.name), kind=kind, target=target)


def _kind(entry: Entry) -> Kind:
    if entry.is_folder:
        return Kind.FOLDER
    mode = stat.S_IFMT(entry.attributes >> 16) if entry.attributes & HAS_MODE else 0
    if mode == stat.S_IFLNK or entry.attributes & REPARSE:
        return Kind.SYMLINK
    return Kind.FILE if mode in {0, stat.S_IFREG} else Kind.OTHER


def _refused(refused: Refused, name: str) -> Unread:
    return _unread(refused.reason, f"{name}: {refused.why}")


def _unread(reason: Reason, detail: str) -> Unread:
    return Unread(reason=reason, detail=shorten(detail))


FORMAT = Format(
    id="7z",
    title="7z archive",
    media_type="application/x-7z-compressed",
    spec="https://www.7-zip.org/7z.html",
    suffixes=(".7z",),
    recognise=recognise,
    parse=parse,
)
