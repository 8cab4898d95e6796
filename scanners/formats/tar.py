"""Tape archive: blocks of 512 bytes; a header, then the member's content, padded; zeros end it.

Understood are the forms of Unix V7, POSIX ustar and pax, and GNU's long names and base-256 numbers.
Where writings differ, Python's ``tarfile`` is followed, which is the laxest of the readers.
Sparse members are read as what they stand for. Nothing is extracted. Specification: POSIX.1-2017,
``pax``, and GNU tar's manual, "Basic Tar Format".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..archives import tar_sparse
from ..archives.names import is_odd
from ..facts import Conflict, Fact, Kind, Member, Reason, Unclaimed, Unread, shorten
from ..format import Format, Match, Parsed, Part, Subject
from ..patterns import pattern
from ..record import field, record
from ..source import Malformed, Source, Span, Window
from .torch_tar import MEMBERS

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from ..limits import Budget

BLOCK = 512
CHECKSUM = slice(148, 156)
SIZE = slice(124, 136)
LONGEST = 1 << 20  # bytes of a pax header or a long name; honest ones hold a few hundred
OCTAL_LIMIT = 8**11  # sizes from here on need pax or base 256
PLAIN = pattern(rb" *[0-7]*[ ]*(?:\0.*)?", re.DOTALL)  # a number as POSIX has it
STEP = 1 << 20  # bytes looked at together for what follows the archive

PAX, PAX_GLOBAL, LONG_NAME, LONG_LINK = b"x", b"g", b"L", b"K"
SUN_PAX = b"X"
EXTENSIONS = frozenset({PAX, PAX_GLOBAL, LONG_NAME, LONG_LINK, SUN_PAX})
SPARSE = b"S"
KINDS = {
    b"1": Kind.HARDLINK,
    b"2": Kind.SYMLINK,
    b"3": Kind.OTHER,
    b"4": Kind.OTHER,
    b"5": Kind.FOLDER,
    b"6": Kind.OTHER,
}


@record(frozen=False)
class _Entry:
    """One header, with what the extension headers before it say."""

    name: bytes
    kind: bytes
    size: int  # bytes of content
    step: int  # bytes that tarfile passes over; a global header does not change these
    target: bytes
    at: Span  # of the header
    is_sparse: bool = False


@record(frozen=False)
class _Extras:
    """Records of extension headers: of the next member, and of all that follow."""

    own: dict[bytes, bytes] = field(default_factory=dict[bytes, bytes])
    common: dict[bytes, bytes] = field(default_factory=dict[bytes, bytes])
    sizes: list[bytes] = field(default_factory=list[bytes])  # that any pax header gives the next
    runs: tar_sparse.Runs = field(default_factory=tar_sparse.Runs)  # of the next, if it is sparse
    has_pax: bool = False  # whether a pax header of the next member was met

    def get(self, key: bytes) -> bytes | None:
        return self.own.get(key, self.common.get(key))

    def is_sparse(self) -> bool:
        return any(key.startswith(b"GNU.sparse.") for key in (*self.own, *self.common))


def recognise(subject: Subject) -> Match:
    """Tell it by the checksum of its first header."""
    block = subject.head[:BLOCK]
    return Match.CERTAIN if len(block) == BLOCK and _is_header(block) else Match.NO


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield each member's content as a part, odd members, and what follows the end."""
    source, at, extras = subject.source, 0, _Extras()
    while at + BLOCK <= source.size:
        budget.check_time()
        block = source.read_at(at, BLOCK)
        if not block.strip(b"\0"):
            break
        at = yield from _one(source, block, at, extras, budget)
    yield from _after(source, at, budget)


def _one(
    source: Source, block: bytes, at: int, extras: _Extras, budget: Budget
) -> Generator[Fact | Part, None, int]:
    """Yield what the header at `at` begins; return where the next one stands, as tarfile has it."""
    if not _is_header(block):
        yield from _rest(source, at)
        raise Malformed("header", offset=at, why="the checksum does not fit")
    yield from _odd_numbers(block, at)
    kind, start = block[156:157], at + BLOCK
    rest = start
    try:
        size = _size(block, at)
        if kind in EXTENSIONS:
            rest += _padded(size)
            _extend(source, Span(start, size), kind, extras)
            return rest
        entry = _entry(block, at, size, extras)
    except Malformed:
        yield from _rest(source, rest)
        raise
    content: tar_sparse.Sparse | None = None
    if entry.is_sparse:
        start, content = yield from _sparse(source, entry, block, start, extras)
    yield from _conflicts(entry, size, extras)
    yield from _member(source, entry, start, content)
    for part in _elsewhere(source, entry, start, (size, *map(_pax_number, extras.sizes))):
        budget.shared(part.source.size)
        yield part
    extras.own, extras.sizes, extras.runs, extras.has_pax = {}, [], [], False
    return start + (_padded(entry.step) if _has_content(source, entry, start) else 0)


def _rest(source: Source, at: int) -> Iterator[Part]:
    if at < source.size:
        yield Part("(bytes after the archive)", Window(source, Span(at, source.size - at)))


# --- Headers --------------------------------------------------------------------------------------


def _is_header(block: bytes) -> bool:
    """Whether the checksum fits; some writers summed the bytes as signed ones."""
    rest = block[: CHECKSUM.start] + block[CHECKSUM.stop :]
    unsigned = sum(rest) + 8 * 0x20  # the field itself counts as spaces
    signed = unsigned - 256 * sum(byte > 127 for byte in rest)  # noqa: PLR2004 - the sign bit
    return _number(block[CHECKSUM]) in {unsigned, signed}


def _number(text: bytes) -> int | None:
    """Return a number as tarfile's ``nti`` reads it: in base 256, or whatever `int` takes."""
    if text[0] in {0x80, 0xFF}:
        return int.from_bytes(text[1:], "big") - (256 ** (len(text) - 1) if text[0] > 0x80 else 0)  # noqa: PLR2004 - the mark of base 256
    try:
        return int(_text(text).decode("ascii").strip() or "0", 8)
    except ValueError:
        return None


def _size(block: bytes, at: int) -> int:
    size = _number(block[SIZE])
    if size is None or (size < 0 and block[156:157] in EXTENSIONS):
        raise Malformed("size", offset=at + SIZE.start, why=f"{block[SIZE]!r} is no number")
    return size


def _odd_numbers(block: bytes, at: int) -> Iterator[Fact]:
    """Yield numbers that tarfile reads and others may not."""
    for where, field_, is_wide in (("checksum", CHECKSUM, False), ("size", SIZE, True)):
        text = block[field_]
        if not (PLAIN.fullmatch(text) or (is_wide and text[0] == 0x80)):  # noqa: PLR2004 - base 256
            detail = f"a header's {where} is {text!r}: no octal number, but some readers take it"
            yield Conflict(at=Span(at, BLOCK), kind="archive", detail=shorten(detail))


def _pax_number(text: bytes) -> int:
    """Return what tarfile takes for a size: whatever `int` takes, and 0 for anything else."""
    try:
        return int(text.decode("utf-8"))
    except ValueError:
        return 0


def _entry(block: bytes, at: int, size: int, extras: _Extras) -> _Entry:
    name, prefix = _text(block[:100]), _text(block[345:500])
    if block[257:263] == b"ustar\0" and prefix:
        name = prefix + b"/" + name
    kind = block[156:157]
    long = extras.get(b"path")
    sparse_name = extras.get(b"GNU.sparse.name")
    wide = extras.get(b"size")
    real = size if wide is None else _pax_number(wide)
    step = real if extras.has_pax else size
    if real < 0 or step <= -BLOCK:
        raise Malformed("size", offset=at + SIZE.start, why=f"{min(real, step)} bytes")
    return _Entry(
        name=sparse_name or long or name,
        kind=b"5" if kind == b"\0" and _text(block[:100]).endswith(b"/") else kind,
        size=real,
        step=step,
        target=extras.get(b"linkpath") or _text(block[157:257]),
        at=Span(at, BLOCK),
        is_sparse=kind == SPARSE or extras.is_sparse(),
    )


def _text(raw: bytes) -> bytes:
    return raw.partition(b"\0")[0]


def _extend(source: Source, at: Span, kind: bytes, extras: _Extras) -> None:
    if at.length > LONGEST:
        why = f"{at.length} bytes, read are at most {LONGEST}"
        raise Malformed("extension header", offset=at.start, why=why)
    left = source.size - at.start
    data = source.read_at(at.start, max(at.length, min(_padded(at.length), left)))
    if kind == PAX_GLOBAL:
        extras.common |= _records(data, at)
        return
    if kind in {LONG_NAME, LONG_LINK}:
        found = {b"path" if kind == LONG_NAME else b"linkpath": _text(data)}
    else:
        found = extras.common | _records(data, at)  # the global ones as they stand here
        extras.has_pax = True
        extras.runs = tar_sparse.in_records(data)
        extras.sizes += [found[b"size"]] if b"size" in found else []
    extras.own = found | extras.own  # tarfile applies the first header last


def _records(data: bytes, said: Span) -> dict[bytes, bytes]:
    """Return the records of a pax header: length, space, key, ``=``, value, newline.

    Python's reader goes on with those that stand in the padding, after the length that is `said`.
    """
    found: dict[bytes, bytes] = {}
    at = 0
    while at < len(data) and data[at]:
        digits = data[at : at + 20].partition(b" ")[0]
        length = int(digits) if digits.isdigit() and len(digits) < 20 else 0  # noqa: PLR2004 - digits
        record = data[at + len(digits) + 1 : at + length]
        if at + length > len(data) or not record.endswith(b"\n") or b"=" not in record:
            if at >= said.length:
                break
            raise Malformed("pax record", offset=said.start + at, why=f"{data[at : at + 40]!r}")
        key, _, value = record[:-1].partition(b"=")
        found[key] = value
        at += length
    return found


def _sparse(
    source: Source, entry: _Entry, block: bytes, start: int, extras: _Extras
) -> Generator[Fact, None, tuple[int, tar_sparse.Sparse | None]]:
    """Return where the stored bytes of a sparse member start, and its content if that is told."""
    said = {**extras.common, **extras.own}
    reason, why = Reason.UNSUPPORTED, "a sparse member without a map"
    stored = tar_sparse.after_header(source, block, start) if entry.kind == SPARSE else start
    found: tar_sparse.Map | None
    try:
        if entry.kind == SPARSE:
            found = tar_sparse.of_header(source, block, Span(start, stored - start), _number)
        else:
            found = tar_sparse.of_pax(source, start, said, extras.runs)
        if found is not None:
            runs, size, at = found
            return stored, tar_sparse.Sparse(source, at, runs, size)
    except Malformed as error:
        reason, why = Reason.MALFORMED, str(error)
    detail = shorten(f"{_decoded(entry.name)}: {why}")
    yield Unread(at=entry.at, reason=reason, detail=detail)
    return stored, None


# --- Members --------------------------------------------------------------------------------------


def _member(
    source: Source, entry: _Entry, start: int, content: tar_sparse.Sparse | None
) -> Iterator[Fact | Part]:
    kind, name = KINDS.get(entry.kind, Kind.FILE), _decoded(entry.name)
    if kind not in {Kind.FILE, Kind.FOLDER} or is_odd(name):
        target = shorten(_decoded(entry.target)) if kind in {Kind.SYMLINK, Kind.HARDLINK} else ""
        yield Member(at=entry.at, name=shorten(name), kind=kind, target=target)
    if content is not None:
        yield Part(name, content, MEMBERS.get(name, ()))
        left = Span(content.end, min(start + entry.size, source.size) - content.end)
        if left.length > 0:
            yield Part("(bytes of no run)", Window(source, left))
        return
    if not _has_content(source, entry, start):
        return
    length = min(entry.size, source.size - start)
    if length < entry.size:
        detail = f"{name}: {entry.size} bytes, of which the file has {length}"
        yield Unread(at=entry.at, reason=Reason.MALFORMED, detail=shorten(detail))
    yield Part(name, Window(source, Span(start, length)), MEMBERS.get(name, ()))


def _has_content(source: Source, entry: _Entry, start: int) -> bool:
    """Whether content follows the header; of links and folders only if no header does."""
    if entry.kind not in KINDS:
        return start <= source.size
    if not entry.size or start + BLOCK > source.size:
        return False
    block = source.read_at(start, BLOCK)
    return bool(block.strip(b"\0")) and not _is_header(block)


def _conflicts(entry: _Entry, size: int, extras: _Extras) -> Iterator[Fact]:
    """Yield that a reader without pax would take another length, and so find other members."""
    wide, name = extras.get(b"size"), _decoded(entry.name)
    details: list[str] = []
    if wide is not None and entry.size != size and entry.size < OCTAL_LIMIT:
        details.append(f"{entry.size} bytes in its pax header, {size} in its plain one")
    if (
        any(not each.isdigit() for each in (wide or b"0", *extras.sizes))
        or len({*extras.sizes}) > 1
    ):
        details.append(f"pax headers give {[*extras.sizes, wide]} as its size")
    if entry.size and entry.kind == b"0" and entry.name.endswith(b"/"):
        details.append("a file with content, which some readers take for a folder")
    for detail in details:
        yield Conflict(at=entry.at, kind="archive", detail=shorten(f"{name!r}: {detail}"))


def _elsewhere(source: Source, entry: _Entry, start: int, sizes: tuple[int, ...]) -> Iterator[Part]:
    """Yield what follows where readers that take another length find the next header."""
    steps = {_padded(size) for size in (entry.size, *sizes)} - {_padded(entry.step)}
    for at in sorted(start + step for step in steps if step >= 0):
        if at + BLOCK <= source.size and _is_header(source.read_at(at, BLOCK)):
            yield Part("(as other readers go on)", Window(source, Span(at, source.size - at)))


def _after(source: Source, at: int, budget: Budget) -> Parsed:
    """Yield the bytes after the end that are no padding."""
    while at < source.size:
        budget.check_time()
        data = source.read_at(at, min(STEP, source.size - at))
        rest = data.lstrip(b"\0")
        if rest:
            start = at + len(data) - len(rest)
            span = Span(start, source.size - start)
            yield Unclaimed(at=span)
            yield Part("(bytes after the archive)", Window(source, span))
            return
        at += len(data)


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")


def _padded(length: int) -> int:
    return -(-length // BLOCK) * BLOCK


FORMAT = Format(
    id="tar",
    title="tar archive",
    media_type="application/x-tar",
    spec="https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html",
    suffixes=(".tar",),
    recognise=recognise,
    parse=parse,
)
