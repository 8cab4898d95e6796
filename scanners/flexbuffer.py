"""FlexBuffers, as far as TensorFlow Lite's options need them: the texts of one vector.

Layout (https://flatbuffers.dev/internals/#flexbuffers)::

    …, the root's value, its type (1 byte: kind << 2 | log2 of a width), width of the value (1 byte)
    vector    count, elements, and a type for each (1 byte); a width counts for all
    text      count of bytes, bytes; the offset to it goes backwards from its own place
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .source import Source

STRING, VECTOR, BLOB, KEYED = 5, 10, 25, 9
TAIL = 2  # bytes at the end: type and width of the root
WIDTHS = (1, 2, 4, 8)
MOST = 64  # elements that are looked at


def vector(source: Source) -> Iterator[tuple[int, int]]:
    """Yield start and length of each text or blob in the vector that is the root.

    Of what is no such vector nothing comes: it was not written for TensorFlow.

    Raises:
        Malformed: An offset leaves the source.
    """
    if source.size < TAIL + 1:
        return
    kind, width = source.read_at(source.size - TAIL, TAIL)
    if kind >> 2 not in (VECTOR, KEYED) or width not in WIDTHS:
        return
    place = source.size - TAIL - width
    start = place - _number(source, place, width)
    inner = WIDTHS[kind & 3]
    count = _number(source, start - inner, inner)
    for index in range(min(count, MOST)):
        (each,) = source.read_at(start + count * inner + index, 1)
        if each >> 2 in (STRING, BLOB):
            at = start + index * inner
            text = at - _number(source, at, inner)
            size = WIDTHS[each & 3]
            length = _number(source, text - size, size)
            source.read_at(text, length)  # raises if it leaves the source
            yield text, length


def _number(source: Source, at: int, width: int) -> int:
    return int.from_bytes(source.read_at(at, width), "little")
