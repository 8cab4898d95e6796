"""GGUF: metadata keys and values, descriptions of tensors, then aligned tensor bytes.

Layout (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md)::

    4 bytes "GGUF", u32 version, u64 tensors, u64 keys
    keys     string key, u32 type, value
    tensors  string name, u32 axes, u64 size of each (innermost first), u32 type, u64 offset
    data     begins at a multiple of `general.alignment`; offsets count from here

A string is a u64 length and bytes. Version 1 has u32 where later ones have u64, but for offsets.
Big-endian files keep the magic and swap everything after it. `ggml` is the reader that counts:
its limits (`ggml/src/gguf.cpp`) are the ones below.
"""

from __future__ import annotations

from _blake2 import blake2b  # hashlib brings OpenSSL into the process, 3 ms of its start
from typing import TYPE_CHECKING

from ..extents import gaps, overlaps
from ..facts import (
    Conflict,
    Dataset,
    Fact,
    Licence,
    Metadata,
    Reason,
    Reference,
    Refers,
    Role,
    Tensor,
    Unread,
    shorten,
)
from ..format import Format, Match, Part, Subject
from ..gguf_types import TYPES
from ..limits import Exceeded
from ..patterns import pattern
from ..record import field, record
from ..source import ANY_FILE, Malformed, Span, Window
from .gguf_values import Array, Reader, Text, show
from .pickle import loose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..limits import Budget
    from ..source import Source
    from .gguf_values import Value

MAGIC = b"GGUF"
LAST_VERSION = 3
MAX_NAME = (1 << 16) - 1  # bytes of a key or a tensor's name; the specification's limit for keys
MAX_AXES = 4  # GGML_MAX_DIMS
MAX_ELEMENTS = (1 << 63) - 1  # ggml counts in signed 64 bits
SHOWN_NAME = 1024  # characters of a key or name that a fact keeps
UNCHECKED = 64  # bytes of alignment padding that may hold anything; longer runs must be zeros
WIDEST = 1 << 20  # bytes of padding that may be zeros: no alignment in use is as wide

KEY_LEAST = 4 + 4 + 1  # bytes that the shortest key and value take, in the tightest version
TENSOR_LEAST = 4 + 4 + 4 + 8  # and the shortest description of a tensor
ALIGNMENT = "general.alignment"
TEMPLATE = "tokenizer.chat_template"
TEMPLATES = "tokenizer.chat_templates"
ORIGIN = pattern(r"general\.(base_model|dataset)\.(\d+)\.(repo_url|url|name)")
ABOUT = "general."  # keys of the model as a whole: lists of tags, of languages
VALUE_TYPE = 4  # bytes between a key and its value


def recognise(subject: Subject) -> Match:
    """Tell GGUF by its magic."""
    return Match.CERTAIN if subject.head.startswith(MAGIC) else Match.NO


def parse(subject: Subject, budget: Budget) -> Iterator[Fact | Part]:
    """Yield metadata, templates, tensors, and what is odd about them; no tensor data is read.

    Raises:
        Malformed: A length, count, type or place is one that no reader could follow.
    """
    source = subject.source
    reader, version = _open(source, budget)
    if not 1 <= version <= LAST_VERSION:
        detail = f"GGUF version {version}; known are 1 to {LAST_VERSION}"
        yield Unread(at=Span(4, 4), reason=Reason.UNSUPPORTED, detail=detail)
        return
    tensors, keys = _count(reader, "tensors", TENSOR_LEAST), _count(reader, "keys", KEY_LEAST)
    yield Metadata(at=Span(4, 4), key="GGUF version", value=reader.describe(version))
    alignment = _Alignment()
    yield from _keys(reader, keys, alignment)
    yield from _tensors(reader, tensors, alignment.bytes)


def _open(source: Source, budget: Budget) -> tuple[Reader, int]:
    """Return a reader that stands after the version, and the version."""
    raw = source.read_at(len(MAGIC), 4)
    little, big = (int.from_bytes(raw, order) for order in ("little", "big"))
    swapped = little & 0xFFFF == 0 and big != 0  # as ggml tells that a file is of the other order
    version = big if swapped else little
    return Reader(source, budget, at=8, big=swapped, narrow=version == 1), version


def _count(reader: Reader, what: str, least: int) -> int:
    """Return a count of things that take at least `least` bytes each."""
    at = reader.at
    count, there = reader.size(), reader.left
    if count * least > there:
        why = f"{count} {what}, the {there} bytes that follow hold at most {there // least}"
        crafted = count * least >= ANY_FILE
        raise Malformed(f"number of {what}", offset=at, why=why, crafted=crafted)
    return count


@record(frozen=False)
class _Alignment:
    bytes: int = 32  # the default of the specification


@record(frozen=False)
class _Seen:
    """Names met so far, as short digests: a name may be 64 KiB long."""

    what: str
    digests: set[bytes] = field(default_factory=set[bytes])

    def again(self, name: Text, at: Span) -> Iterator[Conflict]:
        digest = blake2b(name.raw, digest_size=16).digest()
        if digest in self.digests:
            detail = f"the {self.what} {name.text[:SHOWN_NAME]!r} stands twice"
            yield Conflict(at=at, kind="duplicate", detail=detail)
        self.digests.add(digest)


# --- Keys and values ------------------------------------------------------------------------------


def _keys(reader: Reader, count: int, alignment: _Alignment) -> Iterator[Fact | Part]:
    seen, datasets = _Seen("key"), dict[str, Dataset]()
    for _ in range(count):
        start = reader.at
        key = reader.text(MAX_NAME)
        begin = reader.at + VALUE_TYPE
        value = reader.value()
        at = Span(start, reader.at - start)
        yield from seen.again(key, at)
        name = shorten(key.text, SHOWN_NAME)
        yield from _told(name, value, Span(begin, reader.at - begin))
        for where, text in _texts(name, value):
            yield from _meaning(reader, name, where, text)
            _note_dataset(datasets, where, text)
        if key.text == ALIGNMENT:
            alignment.bytes = _alignment(value, at)
    yield from datasets.values()


def _told(key: str, value: Value, at: Span) -> Iterator[Metadata]:
    """Yield a key with its value, where this stands; what describes the model text by text."""
    texts = list(_texts(key, value)) if isinstance(value, Text) or key.startswith(ABOUT) else []
    for where, text in texts:
        yield Metadata(at=text.at, key=where, value=show(text))
    if not texts:
        yield Metadata(at=at, key=key, value=show(value))


def _meaning(reader: Reader, key: str, where: str, text: Text) -> Iterator[Fact | Part]:
    """Yield what a text says about licence, origin and templates; `where` is its place in a key."""
    if key == "general.license" or key.startswith("general.license."):
        yield Licence(at=text.at, key=where, value=shorten(text.text))
    elif origin := ORIGIN.fullmatch(key):
        kind = Refers.BASE_MODEL if origin[1] == "base_model" else Refers.DATASET
        yield Reference(at=text.at, kind=kind, key=where, target=shorten(text.text))
    elif _holds_template(key, text):
        yield Part(where, Window(reader.source, text.at), ("jinja",))


def _note_dataset(found: dict[str, Dataset], key: str, text: Text) -> None:
    """Keep each dataset by its number: by its name, or else by where it is."""
    origin = ORIGIN.fullmatch(key)
    if origin and origin[1] == "dataset" and text.raw.strip():
        number = origin[2]
        if number not in found or origin[3] == "name":
            name = shorten(text.text)
            found[number] = Dataset(at=text.at, key=key, name=name, role=Role.TRAINING)


def _holds_template(key: str, text: Text) -> bool:
    """Whether a loader may render the text; a list of templates' names is none."""
    named = key == TEMPLATE or key.startswith(f"{TEMPLATE}.")
    return named or (key == TEMPLATES and b"{" in text.raw)


def _texts(key: str, value: Value) -> Iterator[tuple[str, Text]]:
    match value:
        case Text():
            yield key, value
        case Array(shown=shown):
            for index, item in enumerate(shown):
                if isinstance(item, Text):
                    yield f"{key}[{index}]", item
        case _:
            pass


def _alignment(value: Value, at: Span) -> int:
    if type(value) is not int or value <= 0 or value & (value - 1):
        why = f"{show(value)} is not a power of two"
        raise Malformed(ALIGNMENT, offset=at.start, why=why)
    return value


# --- Tensors --------------------------------------------------------------------------------------


@record
class _Described:
    """A tensor as the header describes it."""

    name: str
    at: int  # bytes, where the description stands
    kind: int  # ggml_type
    shape: tuple[int, ...]  # outermost first
    offset: int  # bytes from the start of the data


def _tensors(reader: Reader, count: int, alignment: int) -> Iterator[Fact | Part]:
    seen = _Seen("tensor")
    described: list[_Described] = []
    for _ in range(count):
        start = reader.at
        name = reader.text(MAX_NAME)
        described.append(_description(reader, shorten(name.text, SHOWN_NAME), start))
        yield from seen.again(name, Span(start, reader.at - start))
        if len(described) > reader.budget.limits.facts:
            raise Exceeded("facts", reader.budget.limits.facts, "tensors")
    header_end = reader.at
    base = -(-header_end // alignment) * alignment
    tensors: list[Tensor] = []
    for each in described:
        tensors.append(_placed(each, base, alignment, reader))
        yield tensors[-1]
    unknown = [each for each in described if each.kind not in TYPES]
    if unknown:
        kinds = ", ".join(str(kind) for kind in sorted({each.kind for each in unknown})[:10])
        detail = f"{len(unknown)} tensors are of types that are not known: {kinds}"
        yield Unread(reason=Reason.UNSUPPORTED, detail=detail, at=Span(unknown[0].at, 0))
        return
    yield from overlaps(tensors)
    yield from _unclaimed(reader, tensors, header_end, alignment)


def _description(reader: Reader, name: str, start: int) -> _Described:
    axes = reader.u32()
    if axes > MAX_AXES:
        why = f"{axes} axes, the format allows {MAX_AXES}"
        raise Malformed(f"tensor {name!r}", offset=start, why=why)
    inner_first = [reader.size() for _ in range(axes)]
    kind = reader.u32()
    return _Described(name, start, kind, tuple(reversed(inner_first)), reader.u64())


def _placed(tensor: _Described, base: int, alignment: int, reader: Reader) -> Tensor:
    what, size = f"tensor {tensor.name!r}", reader.source.size
    if tensor.offset % alignment:
        why = f"offset {tensor.offset} is no multiple of the alignment {alignment}"
        raise Malformed(what, offset=tensor.at, why=why)
    start, length = base + tensor.offset, _length(tensor)
    if start + length > size and length:
        why = f"{length} bytes from {start}, the file has {size}"
        crafted = start + length >= ANY_FILE
        raise Malformed(what, offset=tensor.at, why=why, crafted=crafted)
    dtype = TYPES[tensor.kind].name if tensor.kind in TYPES else f"type {tensor.kind}"
    at = Span(min(start, size), length)
    return Tensor(
        at=at, name=tensor.name, dtype=dtype, shape=tensor.shape, is_plain=not reader.is_big_endian
    )


def _length(tensor: _Described) -> int:
    """Return how many bytes the values take; 0 when the type is not known."""
    elements = 1
    for axis in tensor.shape:
        elements *= axis
    if elements > MAX_ELEMENTS:
        why = f"shape {list(tensor.shape)} has more than {MAX_ELEMENTS} elements"
        raise Malformed(f"tensor {tensor.name!r}", offset=tensor.at, why=why, crafted=True)
    if tensor.kind not in TYPES:
        return 0
    block = TYPES[tensor.kind]
    row = tensor.shape[-1] if tensor.shape else 1
    if row % block.elements:
        why = f"rows of {row} elements, {block.name} packs {block.elements} together"
        raise Malformed(f"tensor {tensor.name!r}", offset=tensor.at, why=why)
    return elements // block.elements * block.length


def _unclaimed(
    reader: Reader, tensors: list[Tensor], header_end: int, alignment: int
) -> Iterator[Fact | Part]:
    """Yield what lies between and behind the tensors, but for padding."""
    whole = Span(header_end, reader.source.size - header_end)
    for gap in gaps([tensor.at for tensor in tensors], whole):
        aligned = -(-gap.start // alignment) * alignment
        padding = Span(gap.start, min(aligned, gap.end) - gap.start)
        rest = Span(padding.end, gap.end - padding.end)
        if padding.length > UNCHECKED and not _is_zero(reader, padding):
            rest = gap
        if rest.length:
            yield from loose(reader.source, reader.budget, rest, f"at {rest.start}")


def _is_zero(reader: Reader, span: Span) -> bool:
    """Whether padding is plain zeros. More than `WIDEST` bytes are none that a loader asks for."""
    reader.budget.check_time()
    return span.length <= WIDEST and not reader.source.read_at(span.start, span.length).strip(b"\0")


FORMAT = Format(
    id="gguf",
    title="GGUF",
    media_type="application/vnd.gguf",
    spec="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md",
    suffixes=(".gguf",),
    recognise=recognise,
    parse=parse,
    model=True,
)
