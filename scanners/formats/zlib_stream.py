"""A zlib or LZMA-alone stream with nothing around it: how joblib compresses a pickle.

zlib: two bytes whose big-endian number is a multiple of 31, then deflated data and a checksum (RFC
1950). LZMA alone: properties, size of the dictionary (4 bytes), expanded size (8 bytes), data.
Neither has a signature, so what the first bytes expand to decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..archives.codecs import (
    ALONE_HEAD,
    ALONE_HEADER,
    FAULTS,
    LZMA_ALONE,
    LZMA_STATES,
    ZLIB,
    Codec,
)
from ..archives.inflate import Inflated
from ..facts import Unclaimed
from ..format import Format, Match, Parsed, Part, Subject
from ..source import Window
from .pickle import likeness

if TYPE_CHECKING:
    from ..limits import Budget

ZLIB_HEADS = {b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"}  # levels as zlib writes them
LOOKED_AT = 1024  # expanded bytes that are enough to tell
NO_LIMIT = 0xFFFF_FFFF  # bytes of dictionary
UNKNOWN, LARGEST_SIZE = (1 << 64) - 1, 1 << 38  # bytes that a stream expands to
STEP = 64  # bytes of the head that are expanded at once: what comes before a break counts


def recognise_zlib(subject: Subject) -> Match:
    """Tell it by its two bytes and by what it expands to."""
    if subject.head[:2] not in ZLIB_HEADS:
        return Match.NO
    return _worth(subject, ZLIB)


def recognise_lzma(subject: Subject) -> Match:
    """Tell it by its first two bytes, as joblib does, or by all of its header, as Python does."""
    head = subject.head
    if not head.startswith(ALONE_HEAD) and not _is_alone(head):
        return Match.NO
    return _worth(subject, LZMA_ALONE)


def _is_alone(head: bytes) -> bool:
    """Whether liblzma, when it is to find out the format, takes this for LZMA alone.

    The dictionary has one bit, or two side by side, or all; the data begin with a zero.
    """
    if len(head) <= ALONE_HEADER or head[0] >= LZMA_STATES or head[ALONE_HEADER]:
        return False
    room, size = int.from_bytes(head[1:5], "little"), int.from_bytes(head[5:ALONE_HEADER], "little")
    low = room & -room
    is_room = room == NO_LIMIT or (room > 0 and room in {low, 3 * low})
    return is_room and (size == UNKNOWN or 0 < size < LARGEST_SIZE)


def _worth(subject: Subject, codec: Codec) -> Match:
    """Tell by what the head expands to; if that is nothing, the rest may still be something."""
    decoder, content = codec.open(), b""
    try:
        for at in range(0, len(subject.head), STEP):
            content += decoder.decompress(subject.head[at : at + STEP], LOOKED_AT)
            if len(content) >= LOOKED_AT or decoder.eof:
                break
    except FAULTS:
        if codec is ZLIB and not content:
            return Match.NO
    if likeness(content) is Match.CERTAIN:
        return Match.CERTAIN
    return Match.POSSIBLE if content or subject.source.size > len(subject.head) else Match.NO


def parse_zlib(subject: Subject, budget: Budget) -> Parsed:
    """Yield the content, and the bytes after the stream."""
    yield from _content(subject, budget, ZLIB)


def parse_lzma(subject: Subject, budget: Budget) -> Parsed:
    """Yield the content, and the bytes after the stream."""
    yield from _content(subject, budget, LZMA_ALONE)


def _content(subject: Subject, budget: Budget, codec: Codec) -> Parsed:
    content, stop = Inflated.measured(subject.source, codec, budget, subject.name)
    yield Part("content", content, audit=content.audit)
    if stop is not None:
        raise stop
    if content.trailing.length:
        yield Unclaimed(at=content.trailing)
        yield Part("(bytes after the stream)", Window(subject.source, content.trailing))


ZLIB_STREAM = Format(
    id="zlib",
    title="zlib stream",
    media_type="application/zlib",
    spec="https://www.rfc-editor.org/rfc/rfc1950",
    suffixes=(".joblib",),  # joblib names them so, compressed or not
    recognise=recognise_zlib,
    wraps=True,
    parse=parse_zlib,
)
LZMA_STREAM = Format(
    id="lzma",
    title="LZMA stream",
    media_type="application/x-lzma",
    spec="https://www.7-zip.org/sdk.html",
    suffixes=(".joblib", ".lzma"),
    recognise=recognise_lzma,
    wraps=True,
    parse=parse_lzma,
)
