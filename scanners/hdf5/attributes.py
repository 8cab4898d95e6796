"""What the attributes of HDF5 say: the configuration of a Keras model, and who wrote it.

PyTables unpickles attributes that look like pickles, so such ones are parts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import keras_config
from ..facts import Metadata, shorten
from ..format import Part
from ..source import BytesSource, Malformed
from . import heaps
from .trees import records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..facts import Fact
    from .file import File
    from .headers import Message
    from .values import Attribute

CONFIGURATIONS = frozenset({"model_config", "training_config"})  # that Keras looks for
MAX_TOLD = 100  # attributes of the root group
MAX_TEXT = 500  # characters of one
NAME = 300  # characters of a part's name
PICKLES = (b"\x80", b".")  # how one begins since protocol 2, and how each ends
SHORTEST_PICKLE = 3  # bytes


class Attributes:
    """Tells the attributes of one file."""

    def __init__(self, file: File) -> None:
        """Say nothing yet."""
        self._file, self._told = file, 0

    def facts(self, found: Attribute, path: str) -> Iterator[Fact | Part]:
        """Yield what one attribute of the object at `path` ("" is the root group) says."""
        where = f"{path}/@{found.name}"
        at = self._file.span(found.address, found.length)
        if found.address == 0:  # of a tiny object in a heap
            at = self._file.span(0, 0)
        for raw in found.values:
            text = raw.rstrip(b"\0") if found.type.is_text else raw
            if text.lstrip()[:1] == b"{" and (found.type.is_text or found.name in CONFIGURATIONS):
                config = text.decode("utf-8", "backslashreplace")
                is_asked = found.name in CONFIGURATIONS
                yield from keras_config.read(config, at, self._file.budget, where, must=is_asked)
            elif _may_be_pickle(text, is_text=found.type.is_text):
                yield Part(shorten(f"({where})", NAME), BytesSource(text))
        if not path and found.type.is_text and len(found.values) == 1 and self._told < MAX_TOLD:
            yield from self._metadata(found, at.start, at.length)

    def _metadata(self, found: Attribute, start: int, length: int) -> Iterator[Fact]:
        text = found.values[0].rstrip(b"\0").decode("utf-8", "backslashreplace")
        if text and found.name not in CONFIGURATIONS and len(text) <= MAX_TEXT:
            self._told += 1
            at = self._file.span(start - self._file.base, length)
            yield Metadata(at=at, key=shorten(found.name, NAME), value=shorten(text))


def _may_be_pickle(raw: bytes, *, is_text: bool) -> bool:
    begins, ends = PICKLES
    is_long = len(raw) >= SHORTEST_PICKLE
    return is_long and (raw.startswith(begins) or (is_text and raw.endswith(ends)))


def dense(file: File, message: Message) -> Iterator[tuple[int, bytes]]:
    """Yield the address and the bytes of each attribute of an object that has many.

    Raises:
        Malformed: The heap or the tree that they stand in is none.
        Unsupported: The heap is compressed, or shared.
    """
    cursor = message.cursor(file)
    cursor.take(1)
    cursor.take(2 if cursor.number(1) & 1 else 0)
    heap, names = cursor.offset(), cursor.offset()
    if not file.is_defined(heap):
        return
    if not file.is_defined(names):
        raise Malformed("attributes", offset=file.base + message.address, why="no tree of names")
    found = heaps.FractalHeap(file, heap)
    for each in records(file, names):
        yield found.object(each[: found.id_length])
