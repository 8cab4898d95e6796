"""Zip archive: members, each after a local header, then a central directory, then an end record.

Read as loaders read it (by the central directory) and as streams are read (by local headers): each
version of a member is a part, and each disagreement a fact. Nothing is extracted. Specification:
PKWARE's APPNOTE; the records are in ``archives/zip_records.py``.
"""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from ..archives.codecs import DEFLATE, FAULTS
from ..archives.inflate import Inflated
from ..archives.members import PICKLE as PICKLE_USE
from ..archives.members import RAW, STORED, UNKNOWN, Use, member
from ..archives.names import is_odd
from ..archives.zip_layout import Claim, Doubts, Version, carved, names, uncovered, versions
from ..archives.zip_records import (
    ENCRYPTED,
    END,
    LOCAL,
    STREAMED,
    Directory,
    Header,
    directories,
    ends_in_directory,
    headers,
)
from ..facts import Expansion, Fact, Kind, Member, Reason, Storages, Unclaimed, Unread, shorten
from ..format import Format, Match, Parsed, Part, Plain, Subject
from ..limits import Exceeded
from ..magic import BEGINNINGS, LENGTH
from ..source import Malformed, Source, Span, Window
from . import tar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..limits import Budget

DEFLATED = 8
HOLDERS = (  # how a pickle or an array starts: these do hold whole zips
    *(bytes([0x80, version]) for version in range(2, 6)),
    *(b"\x93NUMPY" + bytes([version, 0]) for version in range(1, 4)),
)
PICKLE = b"data.pkl"
STORAGES = (b"data", b"constants")  # folders of a PyTorch checkpoint: one tensor's bytes a member
KEY = 20  # digits of a storage's name; no checkpoint counts further
ENTRIES = 1 << 16  # a short end record counts members up to this and starts again
TARGET = 4096  # bytes of a symbolic link's target that are read
PADDING = 4096  # zero bytes between records that nobody need hear of


def recognise(subject: Subject) -> Match:
    """Tell it by its first record, or by an end record at the end.

    Pickles, arrays of them and tars do hold whole zips: in these it must stand at the very end.
    """
    if subject.head.startswith((LOCAL, END)):
        return Match.CERTAIN
    is_holder = subject.head.startswith(HOLDERS) or tar.recognise(subject) is Match.CERTAIN
    return Match.CERTAIN if ends_in_directory(subject.source, exactly=is_holder) else Match.NO


def follows_tflite(head: bytes) -> bool:
    """Whether what starts so is a TensorFlow Lite model, behind which label files lie in a zip."""
    return head[4:8] == b"TFL3"


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield every version of every member, disagreements, and bytes that belong to none."""
    row = _in_a_row(subject.source, budget)
    for number, span in enumerate(row, 1):
        yield Part(f"(archive {number})", Window(subject.source, span))
    if not row:
        yield from _archive(subject.source, budget)


def _archive(source: Source, budget: Budget) -> Parsed:
    doubts = Doubts()
    found, said = directories(source)
    for detail in said:
        doubts.add(detail, Span(0, 0))
    entries = _entries(source, found, doubts, budget)
    roots = {entry.name[: -len(PICKLE)].lower() for entry in entries if _is_data_pickle(entry.name)}
    names(entries, doubts, is_torch=bool(roots))
    claims: list[Claim] = [(0, 0, "")]
    claims += [(each.end.start, each.end.end, "the end record") for each in found]
    records = [_records(each, entries) for each in found]
    claims += [(each.start, each.end, "the central directory") for each in records]
    storages, plain, room = _Storages(source, roots), 0, _Room(source, budget)
    for entry in entries:
        read, end = versions(source, entry, doubts)
        if read:
            claims.append((entry.start, max(entry.start, min(end, source.size)), entry))
        if len(read) == 1 and end <= source.size and storages.holds(entry, read[0].start):
            budget.member()
            plain += 1
            continue
        for version in read:
            try:
                room.take(version)
            except Exceeded:
                yield from doubts.facts()
                raise
            yield from _version(source, version, _use(version.header.name, roots), budget)
    if plain:
        yield Plain(plain)
    yield from storages.facts()
    free = uncovered(claims, source.size, doubts)
    yield from _totals(source, entries, budget)
    yield from _carved(source, free, doubts if found else None, budget)
    yield from doubts.facts()
    if found:
        yield from _loose(source, free)
    else:  # most likely the download was cut short: there is no directory to disagree with
        why = "no end record leads to one; members were looked for by their local headers"
        raise Malformed("central directory", offset=source.size, why=why)


class _Room:
    """Tells how much of an archive is read another time: once more was read than it has bytes."""

    def __init__(self, source: Source, budget: Budget) -> None:
        self._size = self._left = source.size
        self._budget = budget

    def take(self, version: Version) -> None:
        length = max(0, min(version.header.compressed, self._size - version.start))
        self._left -= length
        if self._left < 0:
            self._budget.shared(min(length, -self._left))


def _in_a_row(source: Source, budget: Budget) -> list[Span]:
    """Return where the archives stand, if the file is nothing but whole archives in a row.

    Each counts its offsets from its own first byte, as PyTorch's distributed checkpoints have them.
    """
    spans: list[Span] = []
    end = source.size
    while end:
        budget.check_time()
        found, _ = directories(Window(source, Span(0, end)))
        base = found[0].base if found and found[0].end.end == end else -1
        if source.read_at(end - 2, 2) != b"\0\0":  # a comment, in which another could hide
            return []
        if base < 0 or source.read_at(base, len(LOCAL)) != LOCAL:
            return []
        spans.append(Span(base, end - base))
        end = base
    return spans[::-1] if len(spans) > 1 else []


def _entries(
    source: Source, found: list[Directory], doubts: Doubts, budget: Budget
) -> list[Header]:
    """Return the members of all directories, those of several once."""
    every: dict[tuple[object, ...], Header] = {}
    for directory in found:
        held: list[Header] = []
        try:
            for header in headers(source, directory, budget):
                held.append(header)  # noqa: PERF402 - what came before a break must stay
        except Malformed as error:
            doubts.add(str(error), Span(error.offset, 0))
        if (len(held) - directory.entries) % ENTRIES:
            detail = f"the end record says {directory.entries} members, {len(held)} are listed"
            doubts.add(detail, directory.end)
        if len(found) == 1:
            return held
        every |= {(*header[:7], header.start): header for header in held}
    return list(every.values())


def _records(directory: Directory, entries: list[Header]) -> Span:
    """Return the bytes of a directory up to its last record."""
    inside = [e.end for e in entries if directory.at.start < e.end <= directory.at.end]
    end = max(inside, default=directory.at.start)
    return Span(directory.at.start, end - directory.at.start)


def _version(source: Source, version: Version, use: Use, budget: Budget) -> Iterator[Fact | Part]:
    header = version.header
    kind = _kind(header)
    if kind is Kind.SYMLINK or kind is Kind.OTHER or is_odd(header.text):
        yield _odd(source, version, kind)
    if kind is Kind.FOLDER and not header.compressed:
        return
    yield from member(source, header, version.start, use, budget)


def _use(name: bytes, roots: set[bytes]) -> Use:
    """Return what PyTorch does with a member of a checkpoint whose ``data.pkl`` lie in `roots`.

    A package has no ``data.pkl``; its storages are told by their names.
    """
    if name.endswith(b".storage") and name.rpartition(b"/")[0].endswith(b".data"):
        return RAW
    if not roots:
        return UNKNOWN
    folded = name.lower()
    if folded.endswith(b".pkl"):
        return PICKLE_USE
    folder, _, last = folded.rpartition(b"/")
    return RAW if last.isdigit() and _holds_storages(folder, roots) else UNKNOWN


def _holds_storages(folder: bytes, roots: set[bytes]) -> bool:
    top, _, inner = folder.rpartition(b"/")
    return inner in STORAGES and (top + b"/" if top else b"") in roots


class _Storages:
    """Tells the plain storages of a checkpoint, of which `_version` would have nothing to say."""

    def __init__(self, source: Source, roots: set[bytes]) -> None:
        self._source, self._roots = source, roots
        self._folders: dict[bytes, bool] = {}
        self._found: dict[bytes, list[tuple[str, int, int]]] = {}

    def facts(self) -> Iterator[Storages]:
        """Yield where the raw numbers of each folder lie, as far as `holds` was asked."""
        for folder, found in self._found.items():
            keys, starts, lengths = zip(*found, strict=True)
            name = folder.decode("utf-8", "backslashreplace")
            yield Storages(folder=f"{name}/", keys=keys, starts=starts, lengths=lengths)

    def holds(self, entry: Header, start: int) -> bool:
        """Whether the member's data at `start` is raw numbers, neither compressed nor encrypted."""
        folder, _, last = entry.name.rpartition(b"/")
        if not last.isdigit() or entry.method != STORED or entry.flags & ENCRYPTED:
            return False
        if folder not in self._folders:
            is_plain = not is_odd(folder.decode("latin-1") + "/")
            self._folders[folder] = is_plain and _holds_storages(folder.lower(), self._roots)
        if not self._folders[folder] or _kind(entry) is not Kind.FILE:
            return False
        if len(last) <= KEY:
            run = last.decode("latin-1"), start, entry.compressed
            self._found.setdefault(folder, []).append(run)
        head = self._source.read_at(start, min(LENGTH, entry.compressed))
        return not head.startswith(BEGINNINGS)


def _kind(header: Header) -> Kind:
    if header.name.endswith(b"/"):
        return Kind.FOLDER
    mode = header.attributes >> 16
    if not mode:
        return Kind.FILE  # usual where no operating system wrote it
    match stat.S_IFMT(mode):
        case stat.S_IFLNK:
            return Kind.SYMLINK
        case stat.S_IFCHR | stat.S_IFBLK | stat.S_IFIFO | stat.S_IFSOCK:
            return Kind.OTHER
        case _:
            return Kind.FILE


def _odd(source: Source, version: Version, kind: Kind) -> Member:
    header = version.header
    target = b""
    if kind is Kind.SYMLINK:
        length = max(0, min(header.compressed, source.size - version.start, TARGET))
        target = source.read_at(version.start, length)
        if header.method == DEFLATED:
            target = _inflated(target)
    at = Span(header.start, version.start - header.start)
    text = target.decode("utf-8", "backslashreplace")
    return Member(at=at, name=shorten(header.text), kind=kind, target=shorten(text))


def _inflated(data: bytes) -> bytes:
    try:
        return DEFLATE.open().decompress(data, TARGET)
    except FAULTS:
        return b""  # reading it as a part says that it is broken


def _is_data_pickle(name: bytes) -> bool:
    return name[-len(PICKLE) :].lower() == PICKLE and name[: -len(PICKLE)][-1:] in (b"", b"/")


def _totals(source: Source, entries: list[Header], budget: Budget) -> Iterator[Fact]:
    """Yield that the members together claim to expand far beyond the file."""
    total, limits = sum(entry.size for entry in entries), budget.limits
    if total > limits.ratio_total and total > source.size * limits.ratio:
        yield Expansion(name="all members together", compressed=source.size, produced=total)


def _carved(source: Source, free: list[Span], doubts: Doubts | None, budget: Budget) -> Parsed:
    for header, span in carved(source, free, budget):
        if doubts is not None:
            doubts.add(f"{header.text!r} is not in the central directory", Span(header.start, 0))
        if header.flags & STREAMED and not header.compressed:
            yield from _streamed(source, header, span, budget)
            continue
        yield from _version(source, Version(header, header.end), UNKNOWN, budget)


def _streamed(source: Source, header: Header, span: Span, budget: Budget) -> Parsed:
    """Yield a member whose length only its data tells."""
    run = Window(source, span)
    if header.method == STORED:
        yield Part(header.text, run)
    elif header.method == DEFLATED:
        inflated, stop = Inflated.measured(run, DEFLATE, budget, header.text)
        yield Part(header.text, inflated, audit=inflated.audit)
        if stop:
            yield Unread(at=span, reason=Reason.MALFORMED, detail=shorten(f"{header.text}: {stop}"))
    else:
        detail = f"{header.text}: method {header.method} without a length"
        yield Unread(at=span, reason=Reason.UNSUPPORTED, detail=shorten(detail))


def _loose(source: Source, free: list[Span]) -> Parsed:
    """Yield bytes outside of all records, as facts and as parts: they may be something."""
    for span in free:
        if span.length <= PADDING and not source.read_at(span.start, span.length).strip(b"\0"):
            continue
        if not span.start and follows_tflite(source.read_at(0, min(8, span.length))):
            continue  # the model's own format reads it
        yield Unclaimed(at=span)
        if span.length < source.size:
            where = f"at byte {span.start} of" if span.start else "before"
            yield Part(f"(bytes {where} the archive)", Window(source, span))


FORMAT = Format(
    id="zip",
    title="zip archive",
    media_type="application/zip",
    spec="https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT",
    suffixes=(".zip", ".npz"),
    recognise=recognise,
    parse=parse,
)
