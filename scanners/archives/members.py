"""A zip member's bytes as parts to be read on: stored or expanded, plain or encrypted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..facts import Conflict, Expansion, Fact, Reason, Unread, shorten
from ..format import Part
from ..record import record
from ..source import Malformed, Source, Span, Window
from .codecs import BZIP2_MEMBER, DEFLATE, FAULTS, XZ_MEMBER, ZSTD, Codec, zip_lzma
from .inflate import Declared, Inflated
from .zip_records import ENCRYPTED, Header

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..limits import Budget

STORED, AES = 0, 99
CODECS = {8: DEFLATE, 12: BZIP2_MEMBER, 93: ZSTD, 95: XZ_MEMBER}
LZMA, LZMA_HEADER, LZMA_PROPERTIES = 14, 4, 5
UNREAD = {
    1: "Shrink", 2: "Reduce", 3: "Reduce", 4: "Reduce", 5: "Reduce", 6: "Implode",
    9: "Deflate64", 10: "PKWARE Implode", 20: "Zstandard (old number)", 98: "PPMd",
}  # fmt: skip
TRIED = 4096  # bytes that must decode before a member flagged as encrypted counts as plain


@record
class Use:
    """What a loader does with a member; see `Part`."""

    formats: tuple[str, ...] = ()
    is_raw: bool = False


UNKNOWN, PICKLE, RAW = Use(), Use(formats=("pickle",)), Use(is_raw=True)


def member(
    source: Source, header: Header, start: int, use: Use, budget: Budget
) -> Iterator[Fact | Part]:
    """Yield the content at `start` as `header` describes it, and what keeps it from being read."""
    name, stop = header.text, start + header.compressed
    at = Span(start, max(0, min(stop, source.size) - start))
    if start > source.size:
        yield _unread(Reason.MALFORMED, f"{name}: lies outside of the file", Span(0, 0))
        return
    if stop > source.size:
        detail = f"{name}: {header.compressed} bytes, of which the file has {at.length}"
        yield _unread(Reason.MALFORMED, detail, at)
    run = Window(source, at)
    if header.flags & ENCRYPTED or header.method == AES:
        if not _is_plain(run, header):
            yield _unread(Reason.ENCRYPTED, name, at)
            return
        yield conflict(f"{name!r} is flagged as encrypted, its data is plain", at)
    if header.method == STORED:
        yield Part(name, run, use.formats, use.is_raw)
        return
    yield from _expanded(run, header, use, budget)


def conflict(detail: str, at: Span) -> Conflict:
    """Return that readers of the archive would not agree."""
    return Conflict(at=at, kind="archive", detail=shorten(detail))


def _expanded(run: Window, header: Header, use: Use, budget: Budget) -> Iterator[Fact | Part]:
    name, limits = header.text, budget.limits
    size, at = header.size, run.span
    if size > limits.ratio_floor and size > header.compressed * limits.ratio:
        short = shorten(name)
        yield Expansion(at=at, name=short, compressed=header.compressed, produced=size)
    try:
        opened = _codec(run, header)
    except Malformed as error:
        yield _unread(Reason.MALFORMED, f"{name}: {error}", at)
        return
    if opened is None:
        how = UNREAD.get(header.method, f"method {header.method}")
        yield _unread(Reason.UNSUPPORTED, f"{name}: {how}: known, not read yet", at)
        return
    codec, data = opened
    inflated = Inflated(data, codec, budget, Declared(name, size, header.crc))
    yield Part(name, inflated, use.formats, use.is_raw, inflated.audit)


def _codec(run: Window, header: Header) -> tuple[Codec, Source] | None:
    if header.method in CODECS:
        return CODECS[header.method], run
    if header.method != LZMA:
        return None
    fields = run.read_at(0, LZMA_HEADER + LZMA_PROPERTIES)
    length = int.from_bytes(fields[2:4], "little")
    if length != LZMA_PROPERTIES:
        raise Malformed("LZMA properties", offset=2, why=f"{length} bytes, the format has 5")
    skipped = LZMA_HEADER + LZMA_PROPERTIES
    span = Span(run.span.start + skipped, run.size - skipped)
    return zip_lzma(fields[LZMA_HEADER:], header.size), Window(run.parent, span)


def _is_plain(run: Window, header: Header) -> bool:
    """Whether data that is flagged as encrypted is none: encryption adds bytes, and is noise."""
    if header.method == STORED:
        return header.compressed == header.size
    if header.method not in CODECS:
        return False
    head = run.read_at(0, min(TRIED, run.size))
    try:
        return bool(CODECS[header.method].open().decompress(head, TRIED)) or not header.size
    except FAULTS:
        return False


def _unread(reason: Reason, detail: str, at: Span) -> Unread:
    return Unread(at=at, reason=reason, detail=shorten(detail))
