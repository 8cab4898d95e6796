"""A zlib or LZMA-alone stream with nothing around it: how joblib compresses a pickle.

zlib: two bytes whose big-endian number is a multiple of 31, then deflated data and a checksum (RFC
1950). LZMA alone: properties, size of the dictionary (4 bytes), expanded size (8 bytes), data.
Neither has a signature, so what the first bytes expand to decides.
"""

from __future__ import annotations

import lzma
import zlib
from typing import TYPE_CHECKING

from ..archives.codecs import LZMA_ALONE, ZLIB, Codec
from ..archives.inflate import Inflated
from ..facts import Unclaimed
from ..format import Format, Match, Parsed, Part, Subject
from .pickle import likeness

if TYPE_CHECKING:
    from ..limits import Budget

ZLIB_HEADS = {b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"}  # levels as zlib writes them
LZMA_HEAD = b"\x5d\x00\x00"  # the properties that every encoder uses by default
LOOKED_AT = 1024  # expanded bytes that must come out of the head
MEMORY = 1 << 26  # bytes of dictionary that a look may take


def recognise_zlib(subject: Subject) -> Match:
    """Tell it by its two bytes and by what it expands to."""
    if subject.head[:2] not in ZLIB_HEADS:
        return Match.NO
    try:
        content = zlib.decompressobj().decompress(subject.head, LOOKED_AT)
    except zlib.error:
        return Match.NO
    return _worth(content)


def recognise_lzma(subject: Subject) -> Match:
    """Tell it by its properties and by what it expands to."""
    if not subject.head.startswith(LZMA_HEAD):
        return Match.NO
    decoder = lzma.LZMADecompressor(lzma.FORMAT_ALONE, MEMORY)
    try:
        content = decoder.decompress(subject.head, LOOKED_AT)
    except lzma.LZMAError:
        return Match.NO
    return _worth(content)


def _worth(content: bytes) -> Match:
    if likeness(content) is Match.CERTAIN:
        return Match.CERTAIN
    return Match.POSSIBLE if content else Match.NO


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
