"""Which bytes of a zip archive belong to which member, and where its readers part ways."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, TypeAlias

from ..facts import Conflict, Fact, shorten
from ..record import field, record
from ..source import Malformed, Source, Span
from .zip_records import (
    ENCRYPTED,
    FULL32,
    LOCAL,
    STREAMED,
    UNICODE_PATH,
    UTF8,
    Header,
    agreed,
    descriptor_length,
    extra_field,
    local,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..limits import Budget

# Who claims the bytes from a start to an end: a member, or a record of the archive by what it is.
Claim: TypeAlias = "tuple[int, int, Header | str]"

SHOWN = 50  # disagreements told one by one; one more fact tells how many others there are
SEARCHED = 64 << 20  # bytes between members that are searched for local headers


@record
class Version:
    """One reading of a member: what a header says, and where its data starts."""

    header: Header
    start: int


@record(frozen=False)
class Doubts:
    """The disagreements of one archive, told as facts while they are few."""

    count: int = 0
    told: list[Fact] = field(default_factory=list[Fact])

    def add(self, detail: str, at: Span) -> None:
        """Note one disagreement."""
        self.count += 1
        if self.count <= SHOWN:
            self.told.append(Conflict(at=at, kind="archive", detail=shorten(detail)))

    def facts(self) -> Iterator[Fact]:
        """Yield them, and how many more there were."""
        yield from self.told
        if self.count > SHOWN:
            yield Conflict(kind="archive", detail=f"{self.count - SHOWN} further disagreements")


def versions(source: Source, entry: Header, doubts: Doubts) -> tuple[list[Version], int]:
    """Return every reading of a member of the central directory, and where its bytes end.

    No reading means that no local header stands where the directory says.
    """
    if plain := agreed(source, entry):
        return [Version(entry, plain[0])], plain[1]
    try:
        own = local(source, entry.start, len(entry.name))
    except Malformed as error:
        doubts.add(f"{entry.text!r}: {error}", Span(min(entry.start, source.size), 0))
        return [], entry.start
    found = [Version(entry, own.end)]
    end = own.end + entry.compressed
    is_streamed = bool(own.flags & STREAMED)
    if is_streamed and end < source.size:
        length = descriptor_length(source, end, entry)
        if length is None:
            doubts.add(f"{entry.text!r}: its data descriptor says otherwise", Span(end, 0))
        end += length or 0
    if _same(entry, own, is_streamed=is_streamed):
        return found, end
    at = Span(own.start, own.end - own.start)
    for detail in _differences(entry, own, is_streamed=is_streamed):
        doubts.add(f"{entry.text!r}: {detail}", at)
    if is_streamed and not own.compressed:
        own = own._replace(compressed=entry.compressed, size=entry.size, crc=entry.crc)
    other = (own.name, own.method, own.compressed, own.size, own.flags & ENCRYPTED)
    if other != (*_told(entry), entry.flags & ENCRYPTED):
        found.append(Version(own, own.end))
    return found, end


def _told(header: Header) -> tuple[bytes, int, int, int]:
    return header.name, header.method, header.compressed, header.size


def _same(entry: Header, own: Header, *, is_streamed: bool) -> bool:
    """Whether the two headers agree in everything; the usual case, so quickly told."""
    return (
        entry.name == own.name
        and entry.method == own.method
        and not (entry.flags ^ own.flags) & ENCRYPTED
        and (is_streamed or (entry.compressed == own.compressed and entry.size == own.size))
        and (is_streamed or entry.crc == own.crc)
        and (not own.compressed or entry.compressed == own.compressed)
    )


def _differences(entry: Header, own: Header, *, is_streamed: bool) -> Iterator[str]:
    if entry.name != own.name:
        yield f"its local header calls it {own.text!r}"
    if entry.method != own.method:
        yield f"method {entry.method} in the central directory, {own.method} in its local header"
    if (entry.flags ^ own.flags) & ENCRYPTED:
        yield "one header flags it as encrypted, the other does not"
    sizes, said = (entry.compressed, entry.size), (own.compressed, own.size)
    unset = is_streamed and set(said) <= {0, FULL32}
    if sizes != said and not unset:
        yield f"sizes {sizes} in the central directory, {said} in its local header"
    elif entry.crc != own.crc and not is_streamed:
        yield f"checksum {entry.crc:08x} in the central directory, {own.crc:08x} in its local one"


def names(entries: list[Header], doubts: Doubts, *, is_torch: bool) -> None:
    """Note members that one name would fetch, though they are several.

    PyTorch finds members without regard to case; for others it is nothing odd (many a Java archive
    holds two such names).
    """
    seen: dict[bytes, bytes] = {}
    for entry in entries:
        name = entry.name
        folded = name.lower() if is_torch else name
        known = len(seen)
        first = seen.setdefault(folded, name)
        if len(seen) == known:
            what = "duplicate member" if first == name else "members that differ in case only:"
            doubts.add(f"{what} {entry.text!r}", Span(entry.end - len(name), 0))
        if b"\0" in name:
            detail = f"{entry.text!r}: some readers end the name at its NUL"
            doubts.add(detail, Span(entry.end - len(name), 0))
        path = extra_field(entry.extra, UNICODE_PATH) if len(entry.extra) > 4 else None  # noqa: PLR2004 - an empty field
        if path and name.isascii() and not entry.flags & UTF8 and path[5:] != name:
            other = path[5:].decode("utf-8", "backslashreplace")
            detail = f"{entry.text!r}: an extra field calls it {other!r}"
            doubts.add(detail, Span(entry.end - len(name), 0))


def uncovered(claims: list[Claim], size: int, doubts: Doubts) -> list[Span]:
    """Return the bytes that nobody claims; note every two who claim the same."""
    free: list[Span] = []
    reached = 0
    owner: Header | str = ""
    for start, end, who in sorted(claims, key=itemgetter(0, 1)):
        if start > reached:
            free.append(Span(reached, start - reached))
        elif start < reached and end > start:
            detail = f"{_name(who)!r} and {_name(owner)!r} share bytes"
            doubts.add(detail, Span(start, 0))
        if end > reached:
            reached, owner = end, who
    if reached < size:
        free.append(Span(reached, size - reached))
    return free


def _name(who: Header | str) -> str:
    return who if isinstance(who, str) else who.text


def carved(source: Source, free: list[Span], budget: Budget) -> Iterator[tuple[Header, Span]]:
    """Yield the members that only local headers tell of, with the free bytes that hold them.

    Readers of streams find these. A member's span reaches to the end of its free bytes when its
    header does not say how long it is.
    """
    room = SEARCHED
    for span in free:
        at = span.start
        while room > 0 and (at := _find(source, at, min(span.end, at + room))) >= 0:
            budget.check_time()
            try:
                header = local(source, at)
            except Malformed:
                at += len(LOCAL)
                continue
            known = header.compressed and header.end + header.compressed <= span.end
            end = header.end + header.compressed if known else span.end
            yield header, Span(header.end, max(0, end - header.end))
            if not known:
                break
            at = end
        room -= span.length


def _find(source: Source, start: int, stop: int) -> int:
    """Return where the next local header starts before `stop`, or -1."""
    step = 1 << 20
    for at in range(start, stop, step):
        data = source.read_at(at, min(step + len(LOCAL) - 1, stop - at))
        found = data.find(LOCAL)
        if found >= 0:
            return at + found
    return -1
