"""JSON objects that leave out what there is nothing to say about, as CycloneDX wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from .model import property_of

if TYPE_CHECKING:
    from collections.abc import Iterable

Json: TypeAlias = dict[str, Any]

EXACT = (1 << 53) - 1  # greater integers are not read alike everywhere (RFC 8259, section 6)


def prop(name: str, value: Any) -> Json:  # noqa: ANN401 - a text, or one with its claims
    """Return a property of ours, or of CycloneDX's taxonomy."""
    return {"name": property_of(name), "value": value}


def text(key: str, value: str | None) -> Json:
    """Return `value` under `key`, or nothing if it is empty."""
    return {key: value} if value else {}


def integer(key: str, value: int | None) -> Json:
    """Return `value` under `key`, or nothing if there is none that all readers read alike."""
    return {key: value} if value is not None and value <= EXACT else {}


def any_of(key: str, value: object) -> Json:
    """Return `value` under `key`, or nothing if there is none."""
    return {key: value} if value else {}


def items(key: str, values: Iterable[Any]) -> Json:
    """Return the list of `values` under `key`, or nothing if it is empty."""
    found = list(values)
    return {key: found} if found else {}
