"""The inputs and outputs of an ONNX graph."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from ..facts import Direction, Port
from ..record import record
from ..wireformat import LENGTH, VARINT, Field, Wire, signed
from .onnx_schema import data_type

if TYPE_CHECKING:
    from ..source import Span

NAME = 256  # characters of a name that a fact keeps
SHOWN = 16  # axes that are named; of a tensor with more, the last name is "…"
DEPTH = 8  # sequences of sequences
TENSOR, SEQUENCE, MAP, OPAQUE, SPARSE, OPTIONAL = 1, 4, 5, 7, 8, 9
TITLES = {SEQUENCE: "sequence of ", OPTIONAL: "optional ", MAP: "map to "}


@record
class _Type:
    """What a TypeProto says; only a tensor's own shape is kept apart from the name of its type."""

    name: str = ""
    shape: tuple[str, ...] | None = None  # None: any number of axes, or no tensor

    @property
    def shown(self) -> str:
        """The whole type as text, such as ``FLOAT[N, 3]``."""
        if self.shape is None:
            return self.name
        return f"{self.name}[{', '.join(axis or '?' for axis in self.shape)}]"


def port(wire: Wire, span: Span, direction: Direction) -> Port:
    """Return what a ValueInfoProto says. The type of no tensor is one text, its shape empty."""
    name, type_ = "", _Type()
    for field in wire.fields(span):
        if field.kind == LENGTH and field.number == 1:
            name = wire.text(field, NAME)
        elif field.kind == LENGTH and field.number == 2:  # noqa: PLR2004 - type
            type_ = _type(wire, field.span)
    return Port(
        at=span,
        direction=direction,
        name=name,
        dtype=type_.name,
        shape=type_.shape or (),
        is_ranked=type_.shape is not None,
    )


def _type(wire: Wire, span: Span, depth: int = 0) -> _Type:
    found = _Type()
    if depth > DEPTH:
        return _Type("…")
    for field in wire.fields(span):
        if field.kind != LENGTH:
            continue
        if field.number in (TENSOR, SPARSE):
            found = _tensor(wire, field.span, "sparse " if field.number == SPARSE else "")
        elif field.number in TITLES:
            found = _Type(TITLES[field.number] + _inner(wire, field, depth))
        elif field.number == OPAQUE:
            found = _Type("opaque")
    return found


def _inner(wire: Wire, field: Field, depth: int) -> str:
    """Return the type of the elements of a sequence or option, or of the values of a map."""
    number = 2 if field.number == MAP else 1
    found = "?"
    for inner in wire.fields(field.span):
        if inner.kind == LENGTH and inner.number == number:
            found = _type(wire, inner.span, depth + 1).shown
    return found


def _tensor(wire: Wire, span: Span, title: str) -> _Type:
    element, shape = data_type(0), None
    for field in wire.fields(span):
        if field.kind == VARINT and field.number == 1:
            element = data_type(field.value)
        elif field.kind == LENGTH and field.number == 2:  # noqa: PLR2004 - shape
            axes = [_axis(wire, axis.span) for axis in islice(wire.fields(field.span), SHOWN + 1)]
            shape = (*axes[:SHOWN], "…") if len(axes) > SHOWN else tuple(axes)
    return _Type(title + element, shape)


def _axis(wire: Wire, span: Span) -> str:
    """Return the size of an axis, its name, or an empty text for one without either."""
    shown = ""
    for field in wire.fields(span):
        if field.kind == VARINT and field.number == 1:
            shown = str(signed(field.value))
        elif field.kind == LENGTH and field.number == 2:  # noqa: PLR2004 - dim_param
            shown = wire.text(field, NAME)
    return shown
