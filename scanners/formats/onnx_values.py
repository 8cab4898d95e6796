"""The inputs and outputs of an ONNX graph, as text."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from ..wireformat import LENGTH, VARINT, Field, Wire, signed
from .onnx_schema import data_type

if TYPE_CHECKING:
    from ..source import Span

NAME = 256  # characters of a name that a fact keeps
SHOWN = 16  # axes that are named
DEPTH = 8  # sequences of sequences
TENSOR, SEQUENCE, MAP, OPAQUE, SPARSE, OPTIONAL = 1, 4, 5, 7, 8, 9
TITLES = {SEQUENCE: "sequence of ", OPTIONAL: "optional ", MAP: "map to "}


def value_info(wire: Wire, span: Span) -> tuple[str, str]:
    """Return the name and the type of a ValueInfoProto, such as ("x", "FLOAT[N, 3]")."""
    name = type_ = ""
    for field in wire.fields(span):
        if field.kind == LENGTH and field.number == 1:
            name = wire.text(field, NAME)
        elif field.kind == LENGTH and field.number == 2:  # noqa: PLR2004 - type
            type_ = _type(wire, field.span)
    return name, type_


def _type(wire: Wire, span: Span, depth: int = 0) -> str:
    shown = ""
    if depth > DEPTH:
        return "…"
    for field in wire.fields(span):
        if field.kind != LENGTH:
            continue
        if field.number in (TENSOR, SPARSE):
            shown = ("sparse " if field.number == SPARSE else "") + _tensor(wire, field.span)
        elif field.number in TITLES:
            shown = TITLES[field.number] + _inner(wire, field, depth)
        elif field.number == OPAQUE:
            shown = "opaque"
    return shown


def _inner(wire: Wire, field: Field, depth: int) -> str:
    """Return the type of the elements of a sequence or option, or of the values of a map."""
    number = 2 if field.number == MAP else 1
    found = "?"
    for inner in wire.fields(field.span):
        if inner.kind == LENGTH and inner.number == number:
            found = _type(wire, inner.span, depth + 1)
    return found


def _tensor(wire: Wire, span: Span) -> str:
    element, shape = data_type(0), ""
    for field in wire.fields(span):
        if field.kind == VARINT and field.number == 1:
            element = data_type(field.value)
        elif field.kind == LENGTH and field.number == 2:  # noqa: PLR2004 - shape
            axes = [_axis(wire, axis.span) for axis in islice(wire.fields(field.span), SHOWN + 1)]
            shape = f"[{', '.join(axes[:SHOWN])}{', …' if len(axes) > SHOWN else ''}]"
    return element + shape


def _axis(wire: Wire, span: Span) -> str:
    shown = "?"
    for field in wire.fields(span):
        if field.kind == VARINT and field.number == 1:
            shown = str(signed(field.value))
        elif field.kind == LENGTH and field.number == 2:  # noqa: PLR2004 - dim_param
            shown = wire.text(field, NAME) or "?"
    return shown
