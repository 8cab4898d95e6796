"""Facts and artifacts as JSON, and back without trust.

A parser's process may have been taken over by the file it read, so what comes from it is checked
field by field against the types of `facts`: an answer of any other shape raises `BadShape`.

Saved reports hold one object a fact. Between the two processes many tensors in a row go as columns,
since a checkpoint has tens of thousands of them: ``{"tensors": {"at": …, "name": …, "dtype": …,
"shape": …, "storage": …, …}}``. A column is a list; or, where values come again, ``{"values": […],
"which": […]}``, the index of each tensor's value.
"""

from __future__ import annotations

import typing
from enum import StrEnum
from functools import cache
from itertools import groupby
from math import isfinite
from typing import TYPE_CHECKING, Any, TypeVar

from . import facts, values
from .artifact import Artifact, Path
from .facts import Fact
from .record import fields
from .shapes import is_list, is_object, is_tuple
from .source import Span
from .values import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

JSON = Any  # what `json` reads and writes; every use below checks it
E = TypeVar("E", bound=StrEnum)

MAX_DEPTH = 60  # levels of nested values or parts; honest artifacts stay below ten
MANY = 16  # tensors in a row that go as columns
COLUMNS = ("at", "name", "dtype", "shape", "storage", "offset", "is_plain")
PLAIN = (str, bool, type(None))
MAX_INTEGER = 1 << 200  # larger numbers than any size, offset, shape or argument worth showing


class BadShape(ValueError):  # noqa: N818 - it names what the answer is
    """The JSON is not an encoded artifact."""


KINDS: dict[str, type[Fact]] = {
    name: kind
    for name, kind in vars(facts).items()
    if isinstance(kind, type) and issubclass(kind, Fact)
}

FIELDS: dict[str, tuple[tuple[str, JSON], ...]] = {  # (name, default) of every field but `at`
    name: tuple(pair for pair in fields(kind).items() if pair[0] != "at")
    for name, kind in KINDS.items()
}


# --- Out ------------------------------------------------------------------------------------------


def encode(artifact: Artifact, *, columns: bool = False) -> JSON:
    """Return `artifact` as JSON-shaped values; fields that hold their default are left out.

    With `columns`, many tensors in a row go as such.
    """
    found = artifact.facts
    return _slim(
        {
            "path": list(artifact.path),
            "size": artifact.size,
            "digests": dict(artifact.digests),
            "formats": list(artifact.formats),
            "facts": _folded(found) if columns else [encode_fact(fact) for fact in found],
            "parts": [encode(part, columns=columns) for part in artifact.parts],
            "plain_parts": artifact.plain_parts,
        }
    )


def _slim(fields: dict[str, JSON]) -> JSON:
    return {key: value for key, value in fields.items() if value or key in {"path", "size"}}


def _folded(found: tuple[Fact, ...]) -> list[JSON]:
    out: list[JSON] = []
    for kind, each in groupby(found, type):
        row = list(each)
        if kind is facts.Tensor and len(row) >= MANY:
            out.append({"tensors": {name: _column(row, name) for name in COLUMNS}})
        else:
            out += [encode_fact(fact) for fact in row]
    return out


def _column(tensors: list[Fact], name: str) -> JSON:
    column = [getattr(tensor, name) for tensor in tensors]
    if name == "at":
        column = [(span.start, span.length) for span in column]
    places = {value: number for number, value in enumerate(dict.fromkeys(column))}
    if len(places) * 2 > len(column):
        return column
    return {"values": list(places), "which": [places[value] for value in column]}


def encode_fact(fact: Fact) -> JSON:
    """Return one fact as a JSON object whose `fact` names its kind."""
    out: dict[str, JSON] = {"fact": type(fact).__name__, "at": [fact.at.start, fact.at.length]}
    for name, default in FIELDS[type(fact).__name__]:
        value = getattr(fact, name)
        if value != default:
            out[name] = _encode_value(value)
    return out


def _encode_value(value: JSON) -> JSON:
    if type(value) in PLAIN:  # most are
        return value
    if is_tuple(value):
        return [_encode_value(item) for item in value]
    match value:
        case Span(start, length):
            return [start, length]
        case StrEnum():
            return value.value
        case values.Global(module, name):
            return {"global": [module, name]}
        case values.Made(callee, arguments):
            return {"made": [_encode_value(callee), *map(_encode_value, arguments)]}
        case values.Group(kind, items, left_out):
            return {"group": kind, "items": [*map(_encode_value, items)], "left_out": left_out}
        case values.Blob(at, head):
            return {"blob": [at.start, at.length], "head": head}
        case values.Opaque(why):
            return {"opaque": why}
        case _:
            return _encode_number(value) if isinstance(value, float | int) else value


def _encode_number(value: float) -> JSON:
    if isinstance(value, float) and not isfinite(value):
        return {"opaque": str(value)}
    if isinstance(value, int) and abs(value) > MAX_INTEGER:
        return {"opaque": f"an integer of {value.bit_length()} bits"}
    return value


# --- In -------------------------------------------------------------------------------------------


def decode(value: JSON, *, path: Path, size: int) -> Artifact:
    """Return the artifact that `value` encodes, if it is one of `size` bytes at `path`.

    Every part must lie below `path`, and every place inside the bytes that hold it.

    Raises:
        BadShape: It is not, or any field is of another type than its fact declares.
    """
    artifact = _artifact(value, depth=0)
    if artifact.path != path or artifact.size != size:
        raise BadShape("the answer is about another artifact")
    return artifact


def _artifact(value: JSON, depth: int) -> Artifact:
    if depth > MAX_DEPTH:
        raise BadShape("parts nest too deeply")
    fields = _object(value)
    if fields.keys() - {"path", "size", "digests", "formats", "facts", "parts", "plain_parts"}:
        raise BadShape("an artifact has unknown fields")
    path, size = _texts(fields.get("path")), _count(fields.get("size"))
    parts = tuple(_artifact(part, depth + 1) for part in _list(fields.get("parts", [])))
    if not path or any(part.path[:-1] != path for part in parts):
        raise BadShape("a part does not lie in its artifact")
    found = tuple(_facts(_list(fields.get("facts", []))))
    if any(fact.at.end > size for fact in found):
        raise BadShape("a fact lies outside its artifact")
    digests = _object(fields.get("digests", {}))
    return Artifact(
        path=path,
        size=size,
        digests=tuple((name, _text(digest)) for name, digest in digests.items()),
        formats=_texts(fields.get("formats", [])),
        facts=found,
        parts=parts,
        plain_parts=_count(fields.get("plain_parts", 0)),
    )


def _facts(found: list[JSON]) -> Iterator[Fact]:
    for each in found:
        match each:
            case {"tensors": columns, **rest} if not rest:
                yield from _tensors(_object(columns))
            case _:
                yield decode_fact(each)


def _tensors(columns: dict[str, JSON]) -> Iterator[Fact]:
    if columns.keys() != {*COLUMNS}:
        raise BadShape("not the columns of tensors")
    decoders = _decoders("Tensor")
    rows = zip(*(_values(columns[name], decoders[name]) for name in COLUMNS), strict=True)
    try:
        for at, name, dtype, shape, storage, offset, is_plain in rows:
            yield facts.Tensor(
                at=at,
                name=name,
                dtype=dtype,
                shape=shape,
                storage=storage,
                offset=offset,
                is_plain=is_plain,
            )
    except ValueError as error:
        raise BadShape("columns of different lengths") from error


def _values(column: JSON, decoder: Callable[[JSON], Any]) -> list[Any]:
    """Return the values of a column."""
    if is_list(column):
        return [decoder(value) for value in column]
    match _object(column):
        case {"values": distinct, "which": which, **rest} if not rest:
            found = [decoder(value) for value in _list(distinct)]
            numbers = _counts(which)
            if max(numbers, default=0) >= len(found):
                raise BadShape("a column counts further than its values")
            return [found[number] for number in numbers]
        case _:
            raise BadShape("not a column")


def decode_fact(value: JSON) -> Fact:
    """Return the fact that `value` encodes. Raises `BadShape` if it is none."""
    fields = dict(_object(value))
    name = fields.pop("fact", None)
    if not isinstance(name, str) or name not in KINDS:
        raise BadShape(f"unknown kind of fact {str(name)[:40]!r}")
    decoders = _decoders(name)
    try:
        return KINDS[name](**{key: decoders[key](field) for key, field in fields.items()})
    except (KeyError, TypeError) as error:  # an unknown field, or a missing one
        raise BadShape(f"{name}: {str(error)[:100]}") from error


@cache
def _decoders(kind: str) -> dict[str, Callable[[JSON], Any]]:
    hints = typing.get_type_hints(KINDS[kind])
    return {name: _decoder(hints[name]) for name in fields(KINDS[kind])}


def _decoder(hint: Any) -> Callable[[JSON], Any]:  # noqa: ANN401 - a type may be any object
    plain: dict[Any, Callable[[JSON], Any]] = {
        str: _text,
        int: _integer,
        bool: _flag,
        Span: _span,
        Value: _value,
        tuple[str, ...]: _texts,
        tuple[int, ...]: _counts,
    }
    if hint in plain:
        return plain[hint]
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return lambda value: _enum(hint, value)
    raise TypeError(f"no decoder for {hint}")


def _value(value: JSON, depth: int = 0) -> Value:
    if value is None or isinstance(value, bool | str | float):
        return value
    if isinstance(value, int):
        return _integer(value)
    if depth > MAX_DEPTH:
        raise BadShape("a value nests too deeply")
    match _object(value):
        case {"global": [str() as module, str() as name], **rest} if not rest:
            return values.Global(module, name)
        case {"made": [callee, *arguments], **rest} if not rest:
            inner = tuple(_value(item, depth + 1) for item in arguments)
            return values.Made(_value(callee, depth + 1), inner)
        case {"group": str() as kind, "items": items, "left_out": left_out, **rest} if not rest:
            inner = tuple(_value(item, depth + 1) for item in _list(items))
            return values.Group(kind, inner, _count(left_out))
        case {"blob": at, "head": str() as head, **rest} if not rest:
            return values.Blob(_span(at), head)
        case {"opaque": str() as why, **rest} if not rest:
            return values.Opaque(why)
        case _:
            raise BadShape("unknown kind of value")


def _object(value: JSON) -> dict[str, JSON]:
    if not is_object(value):
        raise BadShape("not an object")
    return value


def _list(value: JSON) -> list[JSON]:
    if not is_list(value):
        raise BadShape("not a list")
    return value


def _text(value: JSON) -> str:
    if not isinstance(value, str):
        raise BadShape("not a text")
    return value


def _flag(value: JSON) -> bool:
    if not isinstance(value, bool):
        raise BadShape("not a truth value")
    return value


def _integer(value: JSON) -> int:
    if type(value) is not int or abs(value) > MAX_INTEGER:
        raise BadShape("not an integer")
    return value


def _count(value: JSON) -> int:
    count = _integer(value)
    if count < 0:
        raise BadShape("a negative count")
    return count


def _span(value: JSON) -> Span:
    match value:
        case [start, length]:
            return Span(_count(start), _count(length))
        case _:
            raise BadShape("not a span")


def _texts(value: JSON) -> tuple[str, ...]:
    return tuple(_text(item) for item in _list(value))


def _counts(value: JSON) -> tuple[int, ...]:
    return tuple(_count(item) for item in _list(value))


def _enum(kind: type[E], value: JSON) -> E:
    try:
        return kind(_text(value))
    except ValueError as error:
        raise BadShape(f"unknown {kind.__name__}") from error
