"""safetensors: a length, a JSON header, then raw tensor bytes.

Layout (https://github.com/huggingface/safetensors#format)::

    u64 LE  n            header length in bytes, at most 100 MB
    n bytes header       JSON object: name -> {dtype, shape, data_offsets}, "__metadata__";
                         may end in spaces
    rest    data         tensors back to back; data_offsets count from here

The reference reader refuses duplicate keys, gaps and overlaps; others do not, so here they are
facts. What no reader could make sense of is `Malformed`.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from ..documents import Places
from ..extents import gaps, overlaps
from ..facts import Conflict, Fact, Licence, Metadata, Tensor, shorten
from ..format import Format, Match, Parsed, Subject
from ..json_places import spans
from ..limits import KIB, Budget, Exceeded
from ..patterns import pattern
from ..record import record
from ..shapes import is_list, is_object
from ..source import Malformed, Source, Span
from .pickle import loose

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_HEADER = 100_000_000  # bytes; the reference reader refuses more (safetensors/src/tensor.rs)
MAX_SIZE = (1 << 64) - 1  # the reference reader counts in 64 bits
LENGTH_FIELD = Span(0, 8)
NAME = 1024  # characters of a tensor's name that a fact keeps
FIELDS = ("dtype", "shape", "data_offsets")
PAIR = 2  # begin and end
VALUES_PER_FACT = 20  # JSON values that one tensor may take; 2 to 4 axes take 10
METADATA = "__metadata__"
OPENING = pattern(rf'{{[ \t\r\n]*"{METADATA}"[ \t\r\n]*:[ \t\r\n]*(?={{)')
MAX_PLACED = 256 * KIB  # characters of metadata in which places are looked for
LICENCE = pattern(r"(?:(?:modelspec|model|general)[._])?licen[sc]e", re.IGNORECASE)

BITS = {  # bits of one element: `Dtype` in safetensors/src/tensor.rs
    "BOOL": 8,
    "F4": 4,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
    "U8": 8,
    "I8": 8,
    "F8_E5M2": 8,
    "F8_E4M3": 8,
    "F8_E8M0": 8,
    "F8_E4M3FNUZ": 8,
    "F8_E5M2FNUZ": 8,
    "I16": 16,
    "U16": 16,
    "F16": 16,
    "BF16": 16,
    "I32": 32,
    "U32": 32,
    "F32": 32,
    "C64": 64,
    "F64": 64,
    "I64": 64,
    "U64": 64,
}


def recognise(subject: Subject) -> Match:
    """Tell safetensors by a header length that fits the file, followed by a JSON object.

    A length that does not fit leaves it possible, so that the name can ask for the reason.
    """
    head = subject.head
    if len(head) <= LENGTH_FIELD.end or head[8:9] != b"{":
        return Match.NO
    length = int.from_bytes(head[:8], "little")
    fits = len("{}") <= length <= min(MAX_HEADER, subject.source.size - LENGTH_FIELD.end)
    opens = head[9 : 8 + length].lstrip(b" \t\r\n")[:1] in (b'"', b"}", b"")
    return Match.CERTAIN if fits and opens else Match.POSSIBLE


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield metadata, tensors, and what is odd about them. Reads the header, never tensor data.

    Raises:
        Malformed: The header is too long, is not JSON, or describes an impossible tensor.
        Exceeded: The header is longer, or holds more values, than the limits allow.
    """
    source = subject.source
    where = _header_span(source)
    header = _read_header(source, where, budget)
    yield from (_duplicate(key, where) for key in header.twice)
    data = Span(where.end, source.size - where.end)
    yield from _metadata(header.entries.pop(METADATA, {}), header.places, where)
    tensors: list[Tensor] = []
    for name, entry in header.entries.items():
        tensors.append(_tensor(name, entry, header=where, data=data))
        yield tensors[-1]
        yield from _unknown_fields(name, entry, at=where)
    yield from overlaps(tensors)
    for gap in gaps([t.at for t in tensors], data):
        yield from loose(source, budget, gap, f"at {gap.start}")


def _header_span(source: Source) -> Span:
    length = int.from_bytes(source.read_at(LENGTH_FIELD.start, LENGTH_FIELD.length), "little")
    there = source.size - LENGTH_FIELD.end
    if length > MAX_HEADER:
        why = f"{length} bytes, the format allows {MAX_HEADER}"
        raise Malformed("header length", offset=0, why=why, crafted=True)
    if length > there:
        raise Malformed("header length", offset=0, why=f"{length} bytes, there are {there}")
    return Span(LENGTH_FIELD.end, length)


@record
class _Header:
    """The header, every key that an object of it holds twice, and the places of its metadata."""

    entries: dict[str, Any]
    twice: list[str]
    places: Places


def _read_header(source: Source, span: Span, budget: Budget) -> _Header:
    budget.document(span.length)
    raw = source.read_at(span.start, span.length)
    # Every JSON value but the first follows one of these, so their count bounds the memory.
    values = raw.count(b",") + raw.count(b"[") + raw.count(b"{")
    if values > budget.limits.facts * VALUES_PER_FACT:
        raise Exceeded("facts", budget.limits.facts, f"a header of {values} JSON values")
    twice: list[str] = []

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                twice.append(key)
            found[key] = value
        return found

    try:
        text = raw.decode("utf-8")
        header = json.loads(text, object_pairs_hook=unique, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise Malformed("header", offset=span.start, why=f"not JSON: {error}") from error
    if not is_object(header):
        raise Malformed("header", offset=span.start, why="not a JSON object")
    nowhere = Places("", {}, base=0, default=span)
    return _Header(header, twice, nowhere if METADATA in twice else _places(text, span))


def _places(text: str, header: Span) -> Places:
    """Return where the values of the metadata stand, if it comes first, as its writers put it."""
    opening = OPENING.match(text)
    start = opening.end() if opening else 0
    inside = text[start : json.JSONDecoder().raw_decode(text, start)[1]] if opening else ""
    if not inside or len(inside) > MAX_PLACED:
        return Places("", {}, base=0, default=header)
    return Places(inside, spans(inside), base=header.start + start, default=header)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number of JSON")


def _duplicate(key: str, at: Span) -> Conflict:
    return Conflict(
        at=at, kind="duplicate", detail=f"the header holds the key {key[:NAME]!r} twice"
    )


def _metadata(entry: object, places: Places, header: Span) -> Iterator[Fact]:
    if not is_object(entry):
        raise Malformed(METADATA, offset=header.start, why="not a JSON object")
    for key, value in entry.items():
        if not isinstance(value, str):
            why = f"the value of {key[:NAME]!r} is not a text"
            raise Malformed(METADATA, offset=header.start, why=why)
        at, name = places.at((key,)), shorten(key, NAME)
        yield Metadata(at=at, key=name, value=shorten(value))
        if LICENCE.fullmatch(key):
            yield Licence(at=at, key=name, value=shorten(value))


def _tensor(name: str, entry: object, *, header: Span, data: Span) -> Tensor:
    what = f"tensor {name[:NAME]!r}"
    fields = entry if is_object(entry) else {}
    dtype, shape = fields.get("dtype"), _sizes(fields.get("shape"))
    offsets = _sizes(fields.get("data_offsets"))
    if not isinstance(dtype, str) or shape is None or offsets is None or len(offsets) != PAIR:
        raise Malformed(what, offset=header.start, why="bad dtype, shape or offsets")
    if dtype not in BITS:
        raise Malformed(what, offset=header.start, why=f"unknown dtype {dtype[:NAME]!r}")
    begin, end = offsets
    if not begin <= end <= data.length:
        why = f"bytes {begin} to {end}, there are {data.length}"
        raise Malformed(what, offset=header.start, why=why)
    _check_length(what, dtype, shape, end - begin, at=header)
    at = Span(data.start + begin, end - begin)
    return Tensor(at=at, name=shorten(name, NAME), dtype=dtype, shape=shape)


def _check_length(what: str, dtype: str, shape: tuple[int, ...], length: int, *, at: Span) -> None:
    bits = BITS[dtype]
    for axis in shape:
        bits *= axis
        if bits > MAX_SIZE:
            why = "more bits than 64 bits can count"
            raise Malformed(what, offset=at.start, why=why, crafted=True)
    if bits != length * 8:
        why = f"{dtype} of shape {list(shape)} takes {bits / 8:g} bytes, the offsets give {length}"
        raise Malformed(what, offset=at.start, why=why)


def _unknown_fields(name: str, entry: dict[str, Any], *, at: Span) -> Iterator[Metadata]:
    """Yield what a tensor says beyond the format; the reference reader skips it."""
    for key in [key for key in entry if key not in FIELDS]:
        where = f"{shorten(name, NAME)}.{shorten(key, NAME)}"
        yield Metadata(at=at, key=where, value=shorten(json.dumps(entry[key])))


def _sizes(value: object) -> tuple[int, ...] | None:
    """Return a JSON list of sizes as a tuple, and None for anything else."""
    if not is_list(value):
        return None
    sizes = tuple(item for item in value if type(item) is int and 0 <= item <= MAX_SIZE)
    return sizes if len(sizes) == len(value) else None  # `type`, as a bool is no size


FORMAT = Format(
    id="safetensors",
    title="safetensors",
    media_type="application/vnd.safetensors",
    spec="https://github.com/huggingface/safetensors#format",
    suffixes=(".safetensors",),
    recognise=recognise,
    parse=parse,
    model=True,
)
