"""The header of a 7z archive: packed streams, the folders of coders that expand them, and files.

A *folder* is a chain of coders; what it expands to is cut into the contents of its files. Numbers
have one to nine bytes. Specification: ``DOC/7zFormat.txt`` of the LZMA SDK.
"""

from __future__ import annotations

from codecs import utf_16_le_decode  # not by its name, which would import the codec when locked

from ..record import field, record
from ..source import Malformed

MAGIC = b"7z\xbc\xaf\x27\x1c"
START = 32  # bytes before everything else; offsets count from here
# Ids of what follows in a header.
END, HEADER, PROPERTIES, MORE_STREAMS, STREAMS, FILES = range(6)
PACKED, FOLDERS, SUBSTREAMS, SIZE, DIGESTS, FOLDER, FOLDER_SIZES, COUNTS = range(6, 14)
EMPTY_STREAM, EMPTY_FILE, NAMES, ATTRIBUTES, ENCODED = 14, 15, 17, 21, 23
ID_LENGTH, IS_COMPLEX, HAS_PROPERTIES, IS_RESERVED = 0x0F, 0x10, 0x20, 0xC0  # bits of a coder
STREAMS_OF_CODER = 32  # in or out; more than any coder has
CODERS = 32  # of a folder; the limit of 7-Zip's own reader


@record
class Coder:
    """One step of a folder."""

    method: bytes
    inputs: int
    outputs: int
    properties: bytes


@record(frozen=False)
class Folder:
    """A chain of coders and what it expands to."""

    coders: list[Coder]
    binds: list[tuple[int, int]]  # an input, and the output that it gets
    packed: list[int]  # inputs that get packed streams
    sizes: list[int] = field(default_factory=list[int])  # of the outputs, bytes
    crc: int | None = None
    contents: list[int] = field(default_factory=list[int])  # sizes of the files' contents, bytes

    @property
    def last(self) -> int:
        """The output that no coder gets."""
        taken = {output for _, output in self.binds}
        return next((n for n in range(len(self.sizes)) if n not in taken), 0)

    @property
    def size(self) -> int:
        """Bytes that it expands to."""
        return self.sizes[self.last] if self.sizes else 0


@record(frozen=False)
class Streams:
    """Packed streams, one behind the other, and the folders that take them in turn."""

    start: int = 0  # of the first one, behind the archive's first bytes
    lengths: list[int] = field(default_factory=list[int])
    folders: list[Folder] = field(default_factory=list[Folder])


@record
class Entry:
    """A file, or a folder of files."""

    name: str
    has_content: bool
    is_folder: bool
    attributes: int


class Cursor:
    """A header being read; counts beyond `most` are refused, whatever they count."""

    def __init__(self, data: bytes, most: int) -> None:
        """Start at the first byte."""
        self.data, self.at, self.most = data, 0, most

    def take(self, length: int) -> bytes:
        """Return the next `length` bytes."""
        if length > len(self.data) - self.at:
            raise self.malformed(f"{length} bytes wanted, there are {len(self.data) - self.at}")
        self.at += length
        return self.data[self.at - length : self.at]

    def byte(self) -> int:
        """Return the next byte."""
        return self.take(1)[0]

    def number(self) -> int:
        """Return the next number: its first byte tells how many more there are."""
        first = self.byte()
        more = 8 - (~first & 0xFF).bit_length()
        high = first & ((1 << max(0, 7 - more)) - 1)
        return int.from_bytes(self.take(more), "little") | high << 8 * more

    def count(self) -> int:
        """Return the next number, which counts something."""
        number = self.number()
        if number > self.most:
            raise self.malformed(f"{number} of one kind, read are at most {self.most}")
        return number

    def expect(self, wanted: int) -> None:
        """Pass over an id that must follow."""
        found = self.number()
        if found != wanted:
            raise self.malformed(f"id {found}, expected is {wanted}")

    def flags(self, count: int) -> list[bool]:
        """Return as many bits, the highest of each byte first."""
        data = self.take((count + 7) // 8)
        return [bool(data[n >> 3] & 0x80 >> (n & 7)) for n in range(count)]

    def flags_or_all(self, count: int) -> list[bool]:
        """Return as many bits, or as many set ones if a byte says so."""
        return [True] * count if self.byte() else self.flags(count)

    def inside(self) -> None:
        """Pass over the byte that says that what follows stands right here."""
        if self.byte():
            raise self.malformed("it lies in another stream, which nobody writes")

    def malformed(self, why: str) -> Malformed:
        """Return that the header breaks here."""
        return Malformed("7z header", offset=self.at, why=why)


# --- Streams --------------------------------------------------------------------------------------


def streams(cursor: Cursor) -> Streams:
    """Return what a header says of its packed streams and folders.

    Raises:
        Malformed: It breaks the format's rules.
    """
    found = Streams()
    while (kind := cursor.number()) != END:
        if kind == PACKED:
            _packed(cursor, found)
        elif kind == FOLDERS:
            _folders(cursor, found)
        elif kind == SUBSTREAMS:
            _contents(cursor, found)
        else:
            raise cursor.malformed(f"id {kind} among the streams")
    for folder in found.folders:
        if not folder.sizes:
            raise cursor.malformed("a folder does not say what it expands to")
        folder.contents = folder.contents or [folder.size]
    return found


def _packed(cursor: Cursor, found: Streams) -> None:
    found.start, count = cursor.number(), cursor.count()
    while (kind := cursor.number()) != END:
        if kind == SIZE:
            found.lengths = [cursor.number() for _ in range(count)]
        elif kind == DIGESTS:
            _digests(cursor, count)
        else:
            raise cursor.malformed(f"id {kind} among the packed streams")


def _folders(cursor: Cursor, found: Streams) -> None:
    cursor.expect(FOLDER)
    count = cursor.count()
    cursor.inside()
    found.folders = [_folder(cursor) for _ in range(count)]
    while (kind := cursor.number()) != END:
        if kind == FOLDER_SIZES:
            for folder in found.folders:
                outputs = sum(coder.outputs for coder in folder.coders)
                folder.sizes = [cursor.number() for _ in range(outputs)]
        elif kind == DIGESTS:
            digests = _digests(cursor, count)
            for folder, crc in zip(found.folders, digests, strict=True):
                folder.crc = crc
        else:
            raise cursor.malformed(f"id {kind} among the folders")


def _folder(cursor: Cursor) -> Folder:
    count = cursor.number()
    if not 0 < count <= CODERS:
        raise cursor.malformed(f"a folder of {count} coders, there may be {CODERS}")
    coders = [_coder(cursor) for _ in range(count)]
    inputs, outputs = sum(c.inputs for c in coders), sum(c.outputs for c in coders)
    binds = [(cursor.number(), cursor.number()) for _ in range(outputs - 1)]
    rest = inputs - len(binds)
    if rest == 1:
        packed = [n for n in range(inputs) if n not in {bound for bound, _ in binds}][:1]
    else:
        packed = [cursor.number() for _ in range(rest)]
    return Folder(coders, binds, packed)


def _coder(cursor: Cursor) -> Coder:
    flags = cursor.byte()
    if flags & IS_RESERVED:
        raise cursor.malformed("a coder of a form that was never in use")
    method = cursor.take(flags & ID_LENGTH)
    inputs = outputs = 1
    if flags & IS_COMPLEX:
        inputs, outputs = cursor.number(), cursor.number()
        if not (0 < inputs <= STREAMS_OF_CODER and 0 < outputs <= STREAMS_OF_CODER):
            raise cursor.malformed(f"a coder of {inputs} inputs and {outputs} outputs")
    properties = cursor.take(cursor.number()) if flags & HAS_PROPERTIES else b""
    return Coder(method, inputs, outputs, properties)


def _contents(cursor: Cursor, found: Streams) -> None:
    """Take how what each folder expands to is cut into the contents of files."""
    counts = [1] * len(found.folders)
    kind = cursor.number()
    if kind == COUNTS:
        counts = [cursor.count() for _ in counts]
        if sum(counts) > cursor.most:
            raise cursor.malformed(f"{sum(counts)} files, read are at most {cursor.most}")
        kind = cursor.number()
    for folder, count in zip(found.folders, counts, strict=True):
        told = [cursor.number() for _ in range(count - 1)] if kind == SIZE else [0] * (count - 1)
        if sum(told) > folder.size:
            raise cursor.malformed(f"{sum(told)} bytes of contents in a folder of {folder.size}")
        folder.contents = [*told, folder.size - sum(told)][:count]
    kind = cursor.number() if kind == SIZE else kind
    while kind != END:
        if kind != DIGESTS:
            raise cursor.malformed(f"id {kind} among the contents")
        pairs = list(zip(found.folders, counts, strict=True))
        unknown = sum(n for folder, n in pairs if n != 1 or folder.crc is None)
        digests = iter(_digests(cursor, unknown))
        for folder, count in pairs:
            own = [next(digests) for _ in range(count if count != 1 or folder.crc is None else 0)]
            folder.crc = own[0] if count == len(own) == 1 else folder.crc
        kind = cursor.number()


def _digests(cursor: Cursor, count: int) -> list[int | None]:
    return [
        int.from_bytes(cursor.take(4), "little") if is_told else None
        for is_told in cursor.flags_or_all(count)
    ]


# --- Files ----------------------------------------------------------------------------------------


def entries(cursor: Cursor) -> list[Entry]:
    """Return what a header says of its files.

    Raises:
        Malformed: It breaks the format's rules.
    """
    count = cursor.count()
    names, attributes = [""] * count, [0] * count
    is_empty, is_file = [False] * count, list[bool]()
    while (kind := cursor.number()) != END:
        inner = Cursor(cursor.take(cursor.number()), cursor.most)
        if kind == EMPTY_STREAM:
            is_empty = inner.flags(count)
        elif kind == EMPTY_FILE:
            is_file = inner.flags(sum(is_empty))
        elif kind == NAMES:
            names = _names(inner, count)
        elif kind == ATTRIBUTES:
            told = inner.flags_or_all(count)
            inner.inside()
            attributes = [int.from_bytes(inner.take(4), "little") if t else 0 for t in told]
    files = iter(is_file)
    return [
        Entry(name, not empty, empty and not next(files, False), attribute)
        for name, empty, attribute in zip(names, is_empty, attributes, strict=True)
    ]


def _names(cursor: Cursor, count: int) -> list[str]:
    cursor.inside()
    data = cursor.take((len(cursor.data) - cursor.at) & ~1)
    found = utf_16_le_decode(data, "surrogatepass", True)[0].split("\0")[:count]  # noqa: FBT003 - its only form
    if len(found) < count:
        raise cursor.malformed(f"{len(found)} names of {count} files")
    return [name.encode("utf-8", "backslashreplace").decode() for name in found]
