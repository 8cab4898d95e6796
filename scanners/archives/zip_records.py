"""The records of a zip archive: end records, central directory, local headers, data descriptors.

::

    local header, data [, descriptor]  (once a member)  |  central directory  |  end record, comment

Readers disagree about which end record counts, where the directory starts and whether a member is
what the directory or its local header says. So nothing is decided here: every reading that some
reader would follow is returned. Specification: PKWARE's APPNOTE 6.3.10; the readers compared are
CPython's ``zipfile`` and the miniz that PyTorch carries.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from ..record import record
from ..source import Malformed, Source, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..limits import Budget

LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
END64, LOCATOR64, DESCRIPTOR = b"PK\x06\x06", b"PK\x06\x07", b"PK\x07\x08"
LOCAL_FIELDS = struct.Struct("<4x5H3I2H")
CENTRAL_FIELDS = struct.Struct("<4x6H3I5H2I")
CENTRAL_LENGTHS = struct.Struct("<28x3H")  # of name, extra fields and comment
SIZES = struct.Struct("<2I")  # in a data descriptor
DESCRIPTOR_LENGTH = 16  # bytes of one with a signature, whose sizes have four bytes
UNSET = (0, 0, 0)  # checksum and sizes in a local header, when a descriptor has them
END_FIELDS = struct.Struct("<4x4H2IH")
LOCATOR_FIELDS = struct.Struct("<4xIQI")
END64_FIELDS = struct.Struct("<4xQ2H2I4Q")
TAIL = (
    70 << 10
)  # bytes at the end in which an end record is looked for. A comment has 64 KiB at most;
# Python looks a byte further, Go at 65 KiB, and the miniz of PyTorch in whole blocks of 4 KiB.
FULL16, FULL32 = 0xFFFF, 0xFFFF_FFFF  # "see the zip64 record"
ZIP64, UNICODE_PATH = 0x0001, 0x7075  # ids of extra fields
ENCRYPTED, STREAMED, UTF8 = 1 << 0, 1 << 3, 1 << 11  # flag bits; STREAMED: sizes follow the data
ENDS = 8  # end records looked at; honest archives have one


class Header(NamedTuple):
    """What the central directory or a local header says of a member."""

    name: bytes
    flags: int
    method: int
    crc: int
    compressed: int  # bytes
    size: int  # bytes, expanded
    attributes: int  # external ones; 0 in a local header
    extra: bytes
    start: int  # of the local header, in the file
    end: int  # of the record itself

    @property
    def text(self) -> str:
        """The name as readers decode it."""
        return self.name.decode("utf-8" if self.flags & UTF8 else "cp437", "backslashreplace")


@record
class Directory:
    """One central directory that some reader would follow."""

    at: Span  # of its records, as far as they go on
    base: int  # bytes that this reader adds to every offset
    entries: int  # that the end record says
    length: int  # bytes that the end record says
    end: Span  # of the end records that lead to it, comment included


# --- End records ----------------------------------------------------------------------------------


def directories(source: Source) -> tuple[list[Directory], list[str]]:
    """Return every central directory that a reader could follow, the usual one first.

    The texts say where readers part ways.
    """
    tail_start, tail = _tail(source)
    found: list[Directory] = []
    doubts: list[str] = []
    for number, at in enumerate(_ends(tail)):
        here, said = _directories_of(source, tail_start + at)
        new = [each for each in here if each.at.start not in {old.at.start for old in found}]
        if number and new and found:
            doubts.append(f"a second end record at byte {tail_start + at} leads elsewhere")
        if new or not number:
            doubts += said
        found += new
    if not any(each.at.length for each in found):
        further = _further(source, tail_start, tail)
        found += further
        doubts += ["the last end record leads nowhere, one before it does not"] * bool(further)
    return found, doubts


def _further(source: Source, tail_start: int, tail: bytes) -> list[Directory]:
    """Return the directory of the last end record that has one, as Java and libzip look for it."""
    at = tail.rfind(END)
    while at >= 0:
        if at + END_FIELDS.size <= len(tail):
            here, _ = _directories_of(source, tail_start + at)
            if any(each.at.length for each in here):
                return here
        at = tail.rfind(END, 0, at + len(END) - 1)
    return []


def ends_in_directory(source: Source, *, exactly: bool) -> bool:
    """Whether an end record leads to a central directory that has members.

    `exactly`: only one whose comment ends with the file. Others are found by readers that do not
    look at the first bytes, so these also open what merely carries a zip near its end.
    """
    if exactly:
        tail_start, tail = _tail(source)
        ends = [at for at in _ends(tail) if _comment_end(tail, at) == len(tail)]
        found = [each for at in ends for each in _directories_of(source, tail_start + at)[0]]
    else:
        found = directories(source)[0]
    return any(each.at.length for each in found)  # the announced count is of no matter to zipfile


def _tail(source: Source) -> tuple[int, bytes]:
    start = max(0, source.size - TAIL)
    return start, source.read_at(start, source.size - start)


def _ends(tail: bytes) -> Iterator[int]:
    """Yield where end records stand: the last one, then those whose comment ends with the file."""
    at = tail.rfind(END, 0, max(0, len(tail) - END_FIELDS.size + len(END)))
    for number in range(ENDS):
        if at < 0:
            return
        if not number or _comment_end(tail, at) == len(tail):
            yield at
        at = tail.rfind(END, 0, at + len(END) - 1)


def _comment_end(tail: bytes, at: int) -> int:
    return at + END_FIELDS.size + int(END_FIELDS.unpack_from(tail, at)[6])


def _directories_of(source: Source, at: int) -> tuple[list[Directory], list[str]]:
    disk, _, _, entries, length, offset, comment = END_FIELDS.unpack(
        source.read_at(at, END_FIELDS.size)
    )
    stop = min(source.size, at + END_FIELDS.size + comment)
    said: list[tuple[int, int, int, int]] = []  # entries, length, offset, end of the directory
    doubts = [f"disk {disk} of several"] if disk not in {0, FULL16} else []
    wide = _wide(source, at)
    if wide:
        said.append(wide)
        pairs = ((entries, FULL16), (length, FULL32), (offset, FULL32))
        if any(short not in {full, big} for (short, full), big in zip(pairs, wide, strict=False)):
            doubts.append("the end record and its zip64 form lead to different directories")
            said += [(entries, length, offset, at), (entries, length, offset, wide[3])]
    else:
        said.append((entries, length, offset, at))
    found: list[Directory] = []
    for count, size, start, end in said:
        end_span = Span(end, stop - end)
        starts = dict.fromkeys((end - size, start))  # as zipfile reckons, and as miniz does
        real = [s for s in starts if 0 <= s < end and _is(source, s, CENTRAL)]
        if len(real) > 1:
            doubts.append(f"central directories at bytes {real[0]} and {real[1]}")
        if not real and not count and end - size >= 0:
            real = [end]  # an empty archive
        for s in real:
            if s in {each.at.start for each in found}:
                continue
            base = (s - start) if s != start else 0
            found.append(Directory(Span(s, end - s), base, count, size, end_span))
    return found, doubts


def _wide(source: Source, end: int) -> tuple[int, int, int, int] | None:
    """Return what the zip64 end record before the end record at `end` says, if there is one."""
    locator = end - LOCATOR_FIELDS.size
    if locator < 0 or not _is(source, locator, LOCATOR64):
        return None
    _, offset, _ = LOCATOR_FIELDS.unpack(source.read_at(locator, LOCATOR_FIELDS.size))
    for at in (offset, locator - END64_FIELDS.size):
        if 0 <= at <= locator - END64_FIELDS.size and _is(source, at, END64):
            fields = END64_FIELDS.unpack(source.read_at(at, END64_FIELDS.size))
            return fields[6], fields[7], fields[8], at
    return None


def _is(source: Source, at: int, signature: bytes) -> bool:
    return at + 4 <= source.size and source.read_at(at, 4) == signature


# --- Members --------------------------------------------------------------------------------------


def headers(
    source: Source,
    directory: Directory,
    budget: Budget,
    wanted: Callable[[bytes], bool] | None = None,
) -> Iterator[Header]:
    """Yield what a central directory says of each member, as far as its records go on.

    `wanted` takes a name and chooses the members; the others are passed over.

    Raises:
        Malformed: A record leaves the directory; what it holds of its name was yielded before.
        Exceeded: The directory is too long to be held in memory.
    """
    budget.document(directory.at.length)
    data = source.read_at(directory.at.start, directory.at.length)
    at, fixed, lengths = 0, CENTRAL_FIELDS.size, CENTRAL_LENGTHS.unpack_from
    while data.startswith(CENTRAL, at):
        if at + fixed > len(data):
            raise Malformed("central directory", offset=directory.at.start + at, why="ends early")
        n, m, k = lengths(data, at)
        end = at + fixed + n + m + k
        if wanted is None or wanted(data[at + fixed : at + fixed + n]):
            yield _header(data, at, min(end, len(data)), directory)
        if end > len(data):  # zipfile takes a record that is cut short, too
            raise Malformed("central directory", offset=directory.at.start + at, why="ends early")
        at = end


def _header(data: bytes, at: int, end: int, directory: Directory) -> Header:
    """Return what the record at `at` of a directory's `data` says, up to `end`."""
    (_, _, flags, method, _, _, crc, compressed, size, n, m, _, _, _, attributes, offset) = (
        CENTRAL_FIELDS.unpack_from(data, at)
    )
    name_at = at + CENTRAL_FIELDS.size
    extra_at = name_at + n
    extra = data[extra_at : extra_at + m]
    if extra and FULL32 in (compressed, size, offset):
        size, compressed, offset = _widened(extra, size, compressed, offset)
    return Header(
        data[name_at:extra_at], flags, method, crc, compressed, size, attributes, extra,
        directory.base + offset, directory.at.start + end,
    )  # fmt: skip


def local(source: Source, start: int, expected_name: int = 64) -> Header:
    """Return the local header at `start`; `expected_name` (bytes) only saves a second read.

    Raises:
        Malformed: There is none, or it leaves the file.
    """
    fixed = LOCAL_FIELDS.size
    if start < 0 or start + fixed > source.size:
        raise Malformed("local header", offset=max(0, start), why="lies outside of the file")
    data = source.read_at(start, min(fixed + expected_name, source.size - start))
    if not data.startswith(LOCAL):
        raise Malformed("local header", offset=start, why=f"starts with {data[:4]!r}")
    _, flags, method, _, _, crc, compressed, size, n, m = LOCAL_FIELDS.unpack_from(data)
    end = start + fixed + n + m
    name = data[fixed : fixed + n] if n <= expected_name else source.read_at(start + fixed, n)
    extra = b""
    if FULL32 in (compressed, size) and m:
        extra = source.read_at(start + fixed + n, m)
        size, compressed, _ = _widened(extra, size, compressed, 0)
    return Header(name, flags, method, crc, compressed, size, 0, extra, start, end)


def agreed(source: Source, entry: Header) -> tuple[int, int] | None:
    """Return where a member's data starts and its bytes end, if its other records just repeat it.

    They are its local header and its data descriptor. This is the usual case, quickly told; None
    leaves all others to `local` and `descriptor_length`.
    """
    name, length = entry.name, LOCAL_FIELDS.size + len(entry.name)
    if entry.start < 0 or entry.start + length > source.size:
        return None
    data = source.read_at(entry.start, length)
    _, flags, method, _, _, crc, compressed, size, n, m = LOCAL_FIELDS.unpack_from(data)
    said, is_streamed = (crc, compressed, size), flags & STREAMED
    if (
        (said != entry[3:6] and (not is_streamed or said != UNSET))
        or method != entry.method
        or (flags ^ entry.flags) & ENCRYPTED
        or n != len(name)
        or not (data.startswith(LOCAL) and data.endswith(name))
        or max(entry.compressed, entry.size) >= FULL32
    ):
        return None
    start = entry.start + length + m
    end = start + entry.compressed
    if not is_streamed or end >= source.size:
        return start, end
    tail = source.read_at(end, min(DESCRIPTOR_LENGTH, source.size - end))
    repeats = tail.startswith(DESCRIPTOR) and tail[8:] == SIZES.pack(*entry[4:6])
    return (start, end + DESCRIPTOR_LENGTH) if repeats else None


def extra_field(extra: bytes, wanted: int) -> bytes | None:
    """Return the content of the first extra field with the id `wanted`."""
    at = 0
    while at + 4 <= len(extra):
        id_, length = struct.unpack_from("<2H", extra, at)
        if id_ == wanted:
            return extra[at + 4 : at + 4 + length]
        at += 4 + length
    return None


def _widened(extra: bytes, size: int, compressed: int, offset: int) -> tuple[int, int, int]:
    """Return the three numbers, those that are all ones taken from the zip64 field in turn."""
    field = extra_field(extra, ZIP64) or b""
    numbers = [int.from_bytes(field[at : at + 8], "little") for at in range(0, len(field) - 7, 8)]
    wide = iter(numbers)
    size, compressed, offset = (
        next(wide, value) if value == FULL32 else value for value in (size, compressed, offset)
    )
    return size, compressed, offset


def descriptor_length(source: Source, at: int, header: Header) -> int | None:
    """Return the length in bytes of the data descriptor at `at` that agrees with `header`.

    It has four layouts: with or without a signature, sizes of four or eight bytes. None: what
    stands there agrees in none of them.
    """
    data = source.read_at(at, max(0, min(24, source.size - at)))
    for skip in (4, 0):
        if skip and not data.startswith(DESCRIPTOR):
            continue
        for width in (4, 8):
            sizes = data[skip + 4 : skip + 4 + 2 * width]
            said = sizes[:width], sizes[width:]
            mask = (1 << 8 * width) - 1
            wanted = tuple((n & mask).to_bytes(width, "little") for n in header[4:6])
            if said == wanted:
                return skip + 4 + 2 * width
    return None
