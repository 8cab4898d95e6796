"""The graphs of an ONNX model: every tensor at any depth, and how often each operator is used.

A tensor can hide in an attribute of a node, in a subgraph, in a function's default, in a sparse
tensor or in training information; each of these may name a file that a loader then opens.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from .. import wireformat
from ..facts import Fact, Operator, Reference, Refers, Tensor, Unclaimed
from ..limits import Exceeded
from ..patterns import pattern
from ..record import field, record
from ..source import Malformed, Span
from ..wireformat import LENGTH, VARINT, Field, Wire
from .onnx_schema import (
    BITS,
    CHILDREN,
    KNOWN,
    PACKED,
    RAW_DATA,
    TENSOR_VALUES,
    Message,
    data_type,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..limits import Budget

NAME = 1024  # characters of a name that a fact keeps
TARGET = 4096  # characters of a path that a fact keeps: no system takes a longer one
MAX_DEPTH = 100  # messages inside messages; the limit of Google's own readers
MAX_AXES = 1024  # of one tensor; NumPy has 64
EXTERNAL = 1  # TensorProto.DataLocation
LOCATION, OFFSET_KEY = "location", "offset"
OFFSET = pattern(r"[0-9]{1,18}")  # bytes; readers take whole decimal numbers
STRANGE = 100  # unknown fields that become facts; a flood of them must not hide what follows


@record(frozen=False)
class _Tensor:
    """What a TensorProto says of itself. It may say things twice: protobuf then adds them up."""

    at: Span
    name: str = ""
    dtype: str = data_type(0)
    dims: list[int] = field(default_factory=list[int])
    values: list[Span] = field(default_factory=list[Span])
    locations: dict[str, Span] = field(default_factory=dict[str, Span])
    external: bool = False
    offsets: list[str] = field(default_factory=list[str])  # into the other file, as written
    run: int = 0  # number of the last field of values, if it is one run of bytes
    raw: Span | None = None  # of `raw_data`, the last if there are several
    skipped: list[Span] = field(default_factory=list[Span])  # unknown fields, replaced values

    def unclaimed(self, shape: list[int]) -> Iterator[Unclaimed]:
        """Yield bytes that a reader of this tensor skips, or keeps without using them."""
        yield from (Unclaimed(at=span) for span in self.skipped)
        if self.raw is None or self.dtype not in BITS or any(size < 0 for size in shape):
            return
        length = -(-prod(shape) * BITS[self.dtype] // 8)
        if length < self.raw.length:
            yield Unclaimed(at=Span(self.raw.start + length, self.raw.length - length))

    def references(self) -> Iterator[Reference]:
        """Yield every file that a reader may take the values from."""
        if self.external and not self.locations:
            self.locations[""] = self.at
        for target, at in self.locations.items():
            kind = Refers.EXTERNAL_DATA
            yield Reference(at=at, kind=kind, key=self.name, target=target)

    @property
    def is_plain(self) -> bool:
        """Whether all values lie in one place, as they lie in memory; little-endian by the format.

        Two fields that hold values, or two places outside, are not read alike by all readers.
        """
        if self.locations or self.external:
            is_one = self.external and len(self.locations) == 1 and len(self.offsets) <= 1
            return is_one and not self.values and all(map(OFFSET.fullmatch, self.offsets))
        is_run = self.run == RAW_DATA or PACKED.get(self.run) == self.dtype
        return len(self.values) == 1 and is_run

    def fact(self, shape: list[int], at: Span, *, is_sparse: bool = False) -> Tensor:
        """Return the tensor as a fact of this shape, with its values at `at`."""
        if any(size < 0 for size in shape):
            why = f"a negative size in the shape {shape[:20]}"
            raise Malformed(f"tensor {self.name!r}", offset=self.at.start, why=why)
        storage = next(reversed(self.locations), "")
        is_plain = self.is_plain and not is_sparse
        offset = int(self.offsets[0]) if is_plain and self.offsets else 0
        return Tensor(
            at=at,
            name=self.name,
            dtype=self.dtype,
            shape=tuple(shape),
            storage=storage,
            offset=offset,
            is_plain=is_plain,
        )


class Graphs:
    """Walks graphs and whatever else can hold one; `operators` tells what was met."""

    def __init__(self, wire: Wire, budget: Budget) -> None:
        """Read from `wire`, within `budget`."""
        self._wire, self._budget = wire, budget
        self._operators: dict[tuple[str, str], tuple[Span, int]] = {}
        self._unknown = 0  # fields that the schema lacks

    def operators(self) -> Iterator[Operator]:
        """Yield each kind of operator, in the order in which they were first met."""
        for (domain, name), (at, count) in self._operators.items():
            yield Operator(at=at, domain=domain, name=name, count=count)

    def unknown(self, each: Field) -> Iterator[Unclaimed]:
        """Yield a field that the schema lacks. After many, one more would say nothing new."""
        self._unknown += 1
        if self._unknown <= STRANGE:
            yield Unclaimed(at=each.span)

    def walk(self, kind: Message, span: Span, depth: int = 1) -> Iterator[Fact]:
        """Yield the initializers of every graph in a message, and what tensors refer to."""
        if depth > MAX_DEPTH:
            raise Exceeded("depth", MAX_DEPTH, "messages inside messages")
        if kind is Message.TENSOR:
            tensor = self._tensor(span)
            yield from tensor.references()
            yield from tensor.unclaimed(tensor.dims)
            return
        if kind is Message.NODE:
            yield from self._node(span, depth)
            return
        for each in self._wire.fields(span):
            yield from self.child(kind, each, depth)

    def child(self, kind: Message, each: Field, depth: int = 1) -> Iterator[Fact]:
        """Yield what one field of a message of `kind` holds."""
        inner = CHILDREN[kind].get(each.number) if each.kind == LENGTH else None
        if inner is None:
            if each.number not in KNOWN[kind]:
                yield from self.unknown(each)
            return
        if kind is Message.GRAPH and inner is Message.TENSOR:
            yield from self._initializer(each.span)
        elif kind is Message.GRAPH and inner is Message.SPARSE:
            yield from self._sparse(each.span)
        else:
            yield from self.walk(inner, each.span, depth + 1)

    def _node(self, span: Span, depth: int) -> Iterator[Fact]:
        names = {4: "", 7: ""}  # op_type and domain
        for each in self._wire.fields(span):
            if each.kind == LENGTH and each.number in names:
                names[each.number] = self._name(each)
            else:
                yield from self.child(Message.NODE, each, depth)
        self._count(names[7], names[4], span)

    def _count(self, domain: str, name: str, at: Span) -> None:
        key = ("" if domain == "ai.onnx" else domain, name)
        first, count = self._operators.get(key, (at, 0))
        self._operators[key] = (first, count + 1)
        if len(self._operators) > self._budget.limits.facts:
            raise Exceeded("facts", self._budget.limits.facts, "kinds of operators")

    def _initializer(self, span: Span) -> Iterator[Fact]:
        tensor = self._tensor(span)
        yield tensor.fact(tensor.dims, tensor.values[0] if len(tensor.values) == 1 else span)
        yield from tensor.references()
        yield from tensor.unclaimed(tensor.dims)

    def _sparse(self, span: Span) -> Iterator[Fact]:
        """Yield a sparse initializer. Its name and type are those of its values."""
        dims: list[int] = []
        values = _Tensor(span)
        for each in self._wire.fields(span):
            if each.number == 3:  # noqa: PLR2004 - dims
                dims += self._dims(each, dims, span)
            elif each.kind == LENGTH and each.number in CHILDREN[Message.SPARSE]:
                tensor = self._tensor(each.span)
                yield from tensor.references()
                yield from tensor.unclaimed(tensor.dims)
                values = tensor if each.number == 1 else values
        yield values.fact(dims, span, is_sparse=True)

    def _tensor(self, span: Span) -> _Tensor:
        tensor = _Tensor(span)
        for each in self._wire.fields(span):
            match each.number, each.kind:
                case 1, _:
                    tensor.dims += self._dims(each, tensor.dims, span)
                case 2, wireformat.VARINT:
                    tensor.dtype = data_type(each.value)
                case 8, wireformat.LENGTH:
                    tensor.name = self._name(each)
                case 13, wireformat.LENGTH:
                    self._external(tensor, each.span)
                case 14, wireformat.VARINT:
                    tensor.external = each.value == EXTERNAL
                case _:
                    self._other(tensor, each)
        return tensor

    def _other(self, tensor: _Tensor, each: Field) -> None:
        """Take note of a field that holds values, or that the schema lacks."""
        if each.number not in KNOWN[Message.TENSOR]:
            tensor.skipped += (fact.at for fact in self.unknown(each))
        elif each.number in TENSOR_VALUES:
            if each.number == RAW_DATA:
                tensor.skipped += [tensor.raw] if tensor.raw and not tensor.skipped else []
                tensor.raw = each.span
            tensor.run = each.number if each.kind == LENGTH else 0
            if len(tensor.values) <= 1:
                tensor.values.append(each.span)

    def _external(self, tensor: _Tensor, entry: Span) -> None:
        key, value = pair(self._wire, entry, TARGET)
        if key == LOCATION:
            tensor.locations.pop(value, None)  # so that the last one stays last
            tensor.locations[value] = entry
        elif key == OFFSET_KEY and len(tensor.offsets) <= 1:
            tensor.offsets.append(value)
        if len(tensor.locations) > self._budget.limits.facts:
            raise Exceeded("facts", self._budget.limits.facts, "places of one tensor's data")

    def _dims(self, each: Field, before: list[int], tensor: Span) -> list[int]:
        dims = self._wire.integers(each, MAX_AXES + 1) if each.kind in (VARINT, LENGTH) else []
        if len(before) + len(dims) > MAX_AXES:
            raise Exceeded("axes", MAX_AXES, f"the tensor at byte {tensor.start}")
        return dims

    def _name(self, each: Field) -> str:
        return self._wire.text(each, NAME)


def pair(wire: Wire, entry: Span, room: int) -> tuple[str, str]:
    """Return key and value of a StringStringEntryProto, each cut to `room` characters."""
    found = {1: "", 2: ""}
    for each in wire.fields(entry):
        if each.kind == LENGTH and each.number in found:
            found[each.number] = wire.text(each, room)
    return found[1], found[2]
