"""Compressed streams with a signature, and joblib's old ZF, each one part.

Specifications: RFC 1952 (gzip), the xz file format 1.2.1, the LZ4 frame format 1.6.4, RFC 8878
(Zstandard), and joblib's ``numpy_pickle_compat.py``. Streams that follow one another are one
content, as readers have it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..archives.codecs import (
    BZIP2,
    GZIP,
    GZIP_FIXED,
    GZIP_HEAD,
    LZ4,
    XZ,
    XZ_HEAD,
    ZLIB,
    ZSTD,
    Codec,
)
from ..archives.inflate import Inflated
from ..archives.lz4 import LEGACY, MAGIC, SKIPPABLE
from ..archives.zstd import MAGIC as ZSTD_MAGIC
from ..facts import Unclaimed
from ..format import Format, Match, Parsed, Part, Subject
from ..record import record
from ..source import Span, Window

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..limits import Budget

ENDINGS = {  # of a name, and what stands there without the compression
    ".gz": "", ".gzip": "", ".bz2": "", ".xz": "", ".lz4": "", ".zst": "", ".zstd": "",
    ".tzst": ".tar",
    ".tgz": ".tar", ".tbz2": ".tar", ".tbz": ".tar", ".txz": ".tar",
}  # fmt: skip
BLOCKS = (
    bytes.fromhex("314159265359"),
    bytes.fromhex("177245385090"),
)  # first of bzip2, or its end
GZIP_FLAGS = 0b0001_1111  # those that RFC 1952 defines
SKIPPED = 1000  # frames for others to use that are passed over; honest files start with one at most
ZF, ZF_LENGTH = b"ZF", 21  # bytes before the zlib stream; some writers put one more


def _parser(codec: Codec) -> Callable[[Subject, Budget], Parsed]:
    def parse(subject: Subject, budget: Budget) -> Parsed:
        """Yield the content as a part, and the bytes after the last stream."""
        return _content(subject, codec, budget, 0)

    return parse


def _content(subject: Subject, codec: Codec, budget: Budget, start: int) -> Parsed:
    source = Window(subject.source, Span(start, subject.source.size - start))
    name = _inner_name(subject.name)
    run, stop = Inflated.measured(source, codec, budget, name)
    yield from run.audit()
    if run.size or not stop:
        yield Part(name, run)
    if stop:
        raise stop
    rest = run.trailing
    if rest.length:
        at = Span(start + rest.start, rest.length)
        yield Unclaimed(at=at)
        yield Part("(bytes after the stream)", Window(subject.source, at))


def _inner_name(name: str) -> str:
    """Return what the content would be called; a name without a usual ending stays as it is."""
    for ending, instead in ENDINGS.items():
        if name.lower().endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)] + instead
    return name or "content"


def _is_gzip(subject: Subject) -> Match:
    head = subject.head
    is_whole = len(head) >= GZIP_FIXED or (len(head) > 3 and not head[3] & ~GZIP_FLAGS)  # noqa: PLR2004 - the flags
    is_one = head.startswith(GZIP_HEAD) and is_whole  # Python's reader ignores other flags
    return Match.CERTAIN if is_one else Match.NO


def _is_bzip2(subject: Subject) -> Match:
    head = subject.head
    is_one = head.startswith(b"BZh") and head[3:4] in b"123456789" and head[4:10] in BLOCKS
    return Match.CERTAIN if is_one else Match.NO


def _is_xz(subject: Subject) -> Match:
    return Match.CERTAIN if subject.head.startswith(XZ_HEAD) else Match.NO


def _is_lz4(subject: Subject) -> Match:
    return _starts(subject, (MAGIC, LEGACY))


def _is_zstd(subject: Subject) -> Match:
    return _starts(subject, (ZSTD_MAGIC,))


def _starts(subject: Subject, magics: tuple[bytes, ...]) -> Match:
    """Tell it by the first frame that is not for others to use; these may stand before it."""
    source, at, head = subject.source, 0, subject.head[:8]
    for _ in range(SKIPPED):
        if head.startswith(magics):
            return Match.CERTAIN
        if not head.startswith(SKIPPABLE):
            return Match.NO
        at += 8 + int.from_bytes(head[4:], "little")
        head = source.read_at(at, min(8, source.size - at))
    return Match.CERTAIN  # nobody puts so many, and every reader would pass over them


def _is_zf(subject: Subject) -> Match:
    """Tell it as joblib does: by two letters, and a length that `int` takes."""
    head = subject.head
    if not head.startswith(ZF):
        return Match.NO
    if head.startswith(ZF + b"0x"):
        return Match.CERTAIN
    try:
        int(head[len(ZF) : ZF_LENGTH], 16)
    except ValueError:
        return Match.NO
    return Match.CERTAIN if len(head) > ZF_LENGTH else Match.NO


def _parse_zf(subject: Subject, budget: Budget) -> Parsed:
    """Yield the content as a part; where the stream starts differs by one byte."""
    start = ZF_LENGTH + (subject.head[ZF_LENGTH : ZF_LENGTH + 1] == b" ")
    return _content(subject, ZLIB, budget, start)


@record
class _Kind:
    id: str
    title: str
    codec: Codec
    media_type: str
    spec: str
    suffixes: tuple[str, ...]
    recognise: Callable[[Subject], Match]


_KINDS = (
    _Kind("gzip", "gzip", GZIP, "application/gzip", "https://www.rfc-editor.org/rfc/rfc1952",
          (".gz", ".tgz", ".gzip"), _is_gzip),
    _Kind("bzip2", "bzip2", BZIP2, "application/x-bzip2", "https://sourceware.org/bzip2/",
          (".bz2", ".tbz2", ".tbz"), _is_bzip2),
    _Kind("xz", "xz", XZ, "application/x-xz", "https://tukaani.org/xz/xz-file-format.txt",
          (".xz", ".txz"), _is_xz),
    _Kind("lz4", "LZ4", LZ4, "application/octet-stream",
          "https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md", (".lz4",), _is_lz4),
    _Kind("zstd", "Zstandard", ZSTD, "application/zstd", "https://www.rfc-editor.org/rfc/rfc8878",
          (".zst", ".zstd", ".tzst"), _is_zstd),
)  # fmt: skip

JOBLIB_ZF = Format(
    id="joblib-zf",
    title="joblib's old compressed form",
    media_type="application/octet-stream",
    spec="https://github.com/joblib/joblib/blob/main/joblib/numpy_pickle_compat.py",
    suffixes=(),
    recognise=_is_zf,
    parse=_parse_zf,
    wraps=True,
)

FORMATS: tuple[Format, ...] = (
    *(
        Format(
            id=kind.id,
            title=f"{kind.title} stream",
            media_type=kind.media_type,
            spec=kind.spec,
            suffixes=kind.suffixes,
            recognise=kind.recognise,
            parse=_parser(kind.codec),
            wraps=True,
        )
        for kind in _KINDS
    ),
    JOBLIB_ZF,
)
