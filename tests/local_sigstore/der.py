"""The little ASN.1 that a timestamp authority speaks: DER, written and read by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

INTEGER, OCTETS, NULL, OID, UTF8, TIME, SEQUENCE, SET = 2, 4, 5, 6, 12, 0x18, 0x30, 0x31


def value(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(length)]) + length + content


def sequence(*parts: bytes) -> bytes:
    return value(SEQUENCE, *parts)


def set_of(*parts: bytes) -> bytes:
    return value(SET, *sorted(parts))


def tagged(number: int, *parts: bytes) -> bytes:
    """Return a constructed value with the context-specific tag `number`."""
    return value(0xA0 | number, *parts)


def integer(number: int) -> bytes:
    return value(INTEGER, number.to_bytes(number.bit_length() // 8 + 1))


def octets(content: bytes) -> bytes:
    return value(OCTETS, content)


def text(content: str) -> bytes:
    return value(UTF8, content.encode())


def time(moment: datetime) -> bytes:
    return value(TIME, moment.strftime("%Y%m%d%H%M%SZ").encode())


def oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    return value(OID, *(_base128(arc) for arc in (40 * first + second, *rest)))


def members(der: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield the tag, the content and the whole of each value in a row."""
    start = 0
    while start < len(der):
        at, size = start + 2, der[start + 1]
        if size & 0x80:
            count = size & 0x7F
            size = int.from_bytes(der[at : at + count])
            at += count
        yield der[start], der[at : at + size], der[start : at + size]
        start = at + size


def _base128(number: int) -> bytes:
    digits = [number & 0x7F]
    while number := number >> 7:
        digits.append(0x80 | number & 0x7F)
    return bytes(reversed(digits))
