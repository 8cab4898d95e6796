"""What a folder of a 7z archive expands to, as a source that is read a stretch at a time."""

from __future__ import annotations

import lzma
from typing import TYPE_CHECKING

from ..facts import Reason
from ..record import record
from ..source import Malformed, Source, Span, Window, within
from .codecs import BZIP2, DEFLATE, MEMORY, ZSTD, Codec, zip_lzma
from .inflate import KEPT_LAST, KEPT_WHOLE, Declared, Inflated

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..limits import Budget
    from .seven_zip_records import Coder, Folder

COPY, AES = b"\0", b"\x06\xf1\x07\x01"
LZMA, LZMA2, DELTA = b"\x03\x01\x01", b"\x21", b"\x03"
PLAIN = {b"\x04\x01\x08": DEFLATE, b"\x04\x02\x02": BZIP2, b"\x04\xf7\x11\x01": ZSTD}
BRANCHES = {  # filters that change the targets of jumps in programs
    b"\x03\x03\x01\x03": lzma.FILTER_X86,
    b"\x03\x03\x02\x05": lzma.FILTER_POWERPC,
    b"\x03\x03\x04\x01": lzma.FILTER_IA64,
    b"\x03\x03\x05\x01": lzma.FILTER_ARM,
    b"\x03\x03\x07\x01": lzma.FILTER_ARMTHUMB,
    b"\x03\x03\x08\x05": lzma.FILTER_SPARC,
}  # fmt: skip
UNREAD = {
    b"\x03\x03\x01\x1b": "BCJ2", b"\x03\x04\x01": "PPMd", b"\x04\x01\x09": "Deflate64",
    b"\x04\xf7\x11\x02": "Brotli", b"\x04\xf7\x11\x04": "LZ4", b"\x04\xf7\x11\x05": "LZ5",
    b"\x04\xf7\x11\x06": "Lizard", b"\x0a": "ARM64", b"\x0b": "RISC-V",
}  # fmt: skip
LZMA2_SIZES = 40  # the largest property of LZMA2, which means 4 GiB
PIECE = 1 << 16  # bytes that LZMA2 can pass on at once
CHAINED = 4  # coders of a folder that are followed; 7-Zip writes no more


@record
class Refused:
    """A folder that is not read, and why."""

    why: str
    reason: Reason = Reason.UNSUPPORTED


class Stretch:
    """Part of what a folder expands to. Where the folder breaks, it ends."""

    def __init__(self, parent: Source, span: Span) -> None:
        """Take the bytes of `span`; nothing is read yet."""
        self._parent, self._span = parent, span

    @property
    def size(self) -> int:
        """Length in bytes; less once the folder has turned out to hold less."""
        return max(0, min(self._span.length, self._parent.size - self._span.start))

    def read_at(self, start: int, length: int) -> bytes:
        """See `Source.read_at`."""
        inner = within(Span(start, length), self.size)
        return self._parent.read_at(self._span.start + inner.start, inner.length)


def opened(
    source: Source, packed: dict[int, Span], folder: Folder, budget: Budget, name: str
) -> Source | Refused:
    """Return the content of a folder, whose inputs get the `packed` bytes of the archive.

    Raises:
        Malformed: The coders make no chain, or have properties that are none.
    """
    for coder in folder.coders:
        refused = _refused(coder)
        if refused:
            return refused
    chain = _chain(folder)
    if len(chain) > CHAINED:
        return Refused(f"{len(chain)} coders in a row, read are at most {CHAINED}")
    run: Source = Window(source, packed[chain[-1]])
    for index in reversed(chain):
        coder, size = folder.coders[index], folder.sizes[index]
        if coder.method == COPY:
            run = Stretch(run, Span(0, size))
            continue
        is_last = index == chain[0]
        said = Declared(name, size, folder.crc if is_last else None)
        run = Inflated(run, _codec(coder, size), budget, said, KEPT_WHOLE if is_last else KEPT_LAST)
    return run


def _refused(coder: Coder) -> Refused | None:
    if coder.method == AES:
        return Refused("AES", Reason.ENCRYPTED)
    if coder.method in {COPY, LZMA, LZMA2, DELTA, *PLAIN, *BRANCHES}:
        if coder.inputs == coder.outputs == 1:
            return None
        return Refused(f"method {coder.method.hex()} of several streams")
    how = UNREAD.get(coder.method, f"method {coder.method.hex()}")
    return Refused(f"{how}: known, not read yet" if coder.method in UNREAD else how)


def _chain(folder: Folder) -> list[int]:
    """Return the coders from the last to the one that gets the packed stream."""
    gets, found = dict(folder.binds), [folder.last]
    while found[-1] in gets and len(found) <= len(folder.coders):
        found.append(gets[found[-1]])
    is_whole = {*found} == {*range(len(folder.coders))} and found[-1] in folder.packed
    if len(found) != len(folder.coders) or not is_whole:
        raise Malformed("7z folder", offset=0, why="its coders make no chain")
    return found


def _codec(coder: Coder, size: int) -> Codec:
    method, properties = coder.method, coder.properties
    if method in PLAIN:
        return PLAIN[method]
    if method == LZMA:
        if len(properties) < 5:  # noqa: PLR2004 - what LZMA has
            raise Malformed("LZMA properties", offset=0, why=f"{len(properties)} bytes")
        return zip_lzma(properties, size)
    if method == LZMA2:
        return _lzma2(properties, size)
    if method == DELTA:
        return _filter({"id": lzma.FILTER_DELTA, "dist": (properties or b"\0")[0] + 1})
    return _filter({"id": BRANCHES[method]})


def _lzma2(properties: bytes, size: int) -> Codec:
    if not properties or properties[0] > LZMA2_SIZES:
        raise Malformed("LZMA2 properties", offset=0, why=f"{properties!r} is no dictionary size")
    wanted = (2 | properties[0] & 1) << (properties[0] // 2 + 11)
    room = max(min(wanted, size, MEMORY), 4096)
    chain = [{"id": lzma.FILTER_LZMA2, "dict_size": room}]
    return Codec("LZMA2", lambda: lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=chain))


def _filter(own: dict[str, int]) -> Codec:
    opens: Callable[[], _Filtered] = lambda: _Filtered(own)  # noqa: E731 - typed
    return Codec("filter", opens)


class _Filtered:
    """A filter of liblzma alone.

    It takes one only before a compressor, so the input is handed in as LZMA2, not compressed.
    """

    def __init__(self, own: dict[str, int]) -> None:
        chain = [own, {"id": lzma.FILTER_LZMA2, "dict_size": PIECE}]
        self._inner = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=chain)
        self._control = b"\1"  # the first piece forgets what came before

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return self._inner.needs_input

    @property
    def unused_data(self) -> bytes:
        return b""

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        if not data and self._inner.needs_input:
            return self._inner.decompress(b"\0", max_length)
        packed: list[bytes] = []
        for at in range(0, len(data), PIECE):
            piece = data[at : at + PIECE]
            packed += [self._control, (len(piece) - 1).to_bytes(2, "big"), piece]
            self._control = b"\2"
        return self._inner.decompress(b"".join(packed), max_length)
