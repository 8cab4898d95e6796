"""The index of a TensorFlow checkpoint (``variables.index``): which tensors lie where.

A table as LevelDB writes it (https://github.com/google/leveldb/blob/main/doc/table_format.md), with
entries as in https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/protobuf/tensor_bundle.proto::

    blocks     entries, restart points (4 bytes each), their count (4); then kind and checksum (5)
    entry      shared, further and value lengths (varints), further bytes of the key, value
    footer     places of the meta index and the index (varints), padding to 40 bytes, a magic (8)
    index      a block: the value is the place of a block

The values lie in ``NAME.data-00000-of-00001`` beside it: plain numbers, which no loader runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..archives.snappy import decompressed
from ..facts import Fact, Tensor, shorten
from ..format import Format, Match, Subject
from ..limits import Exceeded
from ..source import BytesSource, Malformed, Source, Span
from ..wireformat import LENGTH, VARINT, Wire, varint
from .tensorflow_schema import DIM, STRING, data_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..limits import Budget

MAGIC = b"\x57\xfb\x80\x8b\x24\x75\x47\xdb"
FOOTER = 48  # bytes
TRAILER = 5  # bytes behind a block: how it is compressed, a checksum
MOST_BLOCK = 16 << 20  # bytes of a block once it is decompressed; writers end one after 256 KiB
NAME = 512  # characters of a name that a fact keeps
LONGEST_KEY = 64 << 10  # bytes
MOST_AXES = 254  # TensorFlow's own limit
ENTRY_DTYPE, ENTRY_SHAPE, ENTRY_SHARD, ENTRY_OFFSET = 1, 2, 3, 4
NUM_SHARDS = 1  # of the header, which has the empty key
SUFFIX = ".index"
TEXTLIKE = frozenset({STRING, 20, 21})  # texts, resources and variants: no plain numbers


def recognise(subject: Subject) -> Match:
    """Tell it by the magic at its end; its first entry has an empty key, which shares nothing."""
    source = subject.source
    if source.size < FOOTER or b"\0\0" not in subject.head[:8]:
        return Match.NO
    is_table = source.read_at(source.size - len(MAGIC), len(MAGIC)) == MAGIC
    return Match.CERTAIN if is_table else Match.NO


def parse(subject: Subject, budget: Budget) -> Iterator[Fact]:
    """Yield each tensor, with the file beside this one that holds its values.

    Raises:
        Malformed: A block or an entry leaves its place.
        Exceeded: There are too many entries.
    """
    source = subject.source
    footer = source.read_at(source.size - FOOTER, FOOTER)
    index, _ = _handle(footer, _handle(footer, 0)[1])
    shards = tensors = behind = 0
    for _, raw in _entries(_block(source, index, budget), index.start):
        place, _ = _handle(raw, 0)
        if place.start < behind:  # else a small file could have one block read without end
            raise Malformed("table block", offset=place.start, why="it lies before the last one")
        behind = place.end
        for key, value in _entries(_block(source, place, budget), place.start):
            wire = Wire(BytesSource(value), budget.check_time)
            if not key:
                shards = _number(wire, NUM_SHARDS)
                continue
            tensors += 1
            if tensors > budget.limits.facts:
                raise Exceeded("facts", budget.limits.facts, "tensors")
            yield _tensor(wire, key, place, subject.name, max(1, shards))


def _block(source: Source, place: Span, budget: Budget) -> bytes:
    """Return a block without what stands behind it, decompressed."""
    budget.document(place.length)
    raw = source.read_at(place.start, place.length + TRAILER)
    match raw[-TRAILER]:
        case 0:
            return raw[:-TRAILER]
        case 1:
            return decompressed(raw[:-TRAILER], MOST_BLOCK)
        case kind:
            why = f"compressed by method {kind}"
            raise Malformed("table block", offset=place.start, why=why)


def _handle(raw: bytes, at: int) -> tuple[Span, int]:
    """Return the place of a block, and the index behind it."""
    start, at = varint(raw, at, 0)
    length, at = varint(raw, at, 0)
    return Span(start, length), at


def _entries(block: bytes, offset: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield key and value of each entry of a block that stands at `offset`."""
    restarts = int.from_bytes(block[-4:], "little")
    end = len(block) - 4 - 4 * restarts
    at, key = 0, b""
    if end < 0:
        raise Malformed("table block", offset=offset, why="its restart points leave it")
    while at < end:
        shared, here = varint(block, at, offset)
        further, here = varint(block, here, offset)
        length, here = varint(block, here, offset)
        start = here + further
        if shared > len(key) or shared + further > LONGEST_KEY or start + length > end:
            raise Malformed("table entry", offset=offset, why="its key or value leaves the block")
        key = key[:shared] + block[here:start]
        yield key, block[start : start + length]
        at = start + length


def _tensor(wire: Wire, key: bytes, at: Span, name: str, shards: int) -> Tensor:
    """Return the tensor of an entry; `at` is its block, as that may be compressed."""
    shape: list[int] = []
    for each in wire.fields(Span(0, wire.source.size)):
        if each.kind == LENGTH and each.number == ENTRY_SHAPE:
            for axis in wire.fields(each.span):
                if axis.kind == LENGTH and axis.number == DIM and len(shape) < MOST_AXES:
                    shape.append(_number(wire, 1, axis.span))
    dtype = _number(wire, ENTRY_DTYPE)
    prefix = name[: -len(SUFFIX)] if name.lower().endswith(SUFFIX) else name
    return Tensor(
        at=at,
        name=shorten(key.decode("utf-8", "backslashreplace"), NAME),
        dtype=data_type(dtype),
        shape=tuple(shape),
        storage=f"{prefix}.data-{_number(wire, ENTRY_SHARD):05}-of-{shards:05}",
        offset=_number(wire, ENTRY_OFFSET),
        is_plain=dtype not in TEXTLIKE,
    )


def _number(wire: Wire, number: int, message: Span | None = None) -> int:
    """Return a number of a message, by default the whole one, or 0."""
    found = 0
    for each in wire.fields(message or Span(0, wire.source.size)):
        if each.kind == VARINT and each.number == number:
            found = each.value
    return found


FORMAT = Format(
    id="tf-checkpoint-index",
    title="TensorFlow checkpoint index",
    media_type="application/x-tensorflow",
    spec="https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/protobuf/tensor_bundle.proto",
    suffixes=(),
    recognise=recognise,
    parse=parse,
    model=True,
)
