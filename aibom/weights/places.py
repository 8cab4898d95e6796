"""Where the values of tensors lie, by the facts of a parser that may have been taken over.

Facts are believed as far as they can be checked: a place must lie within its file, be as long as
type and shape ask for, and all places of a file together may be no more than twice its bytes.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING

from ..scanners.facts import Metadata, Storages, Tensor
from ..scanners.record import record
from .canonical import canonical, elements_of, length_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..scanners.artifact import Artifact
    from ..scanners.source import Span

WHOLE = frozenset({"safetensors", "gguf", "onnx", "npy", "pickle"})  # values lie in the file itself
TIMES = 2  # bytes of all places of a file, for each byte of it; tied tensors share one place


class Why(StrEnum):
    """Why a tensor has no leaf."""

    ORDER = "not row by row in little-endian"
    DTYPE = "no canonical data type"
    PACKED = "compressed, or its storage was not found"
    BOUNDS = "shape and place do not fit"
    SHARED = "its file's tensors overlap too much"
    NESTED = "in a member of an archive"
    ELSEWHERE = "its values lie in no file of the model"


@record
class Place:
    """Where the values of a tensor lie in a file."""

    start: int  # bytes
    length: int  # bytes
    dtype: str  # canonical
    elements: int

    @property
    def end(self) -> int:
        """Offset of the first byte after it."""
        return self.start + self.length


@record
class Sited:
    """A tensor with its place, or with the reason why it has none."""

    length: int  # bytes, as type and shape ask for
    place: Place | None = None
    file: str = ""  # that the place is in
    why: Why | None = None


@record
class _Shaped:
    dtype: str
    elements: int
    length: int  # bytes


def locate(artifact: Artifact) -> list[Sited]:
    """Return every tensor of a file that has values, with the place where they lie."""
    storages = dict(_storages(artifact))
    is_swapped = any(
        isinstance(fact, Metadata) and fact.key == "byteorder" and fact.value != "little"
        for fact in artifact.facts
    )
    found = [
        _sited(fact, each, artifact, storages, is_swapped=is_swapped)
        for each in artifact.walk()
        for fact in each.facts
        if isinstance(fact, Tensor) and elements_of(fact.shape) != 0
    ]
    return _bounded(found, artifact)


def _storages(artifact: Artifact) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield folder and key of each storage with its start and length; no key that stands twice."""
    found: list[tuple[str, tuple[int, int]]] = []
    for fact in artifact.facts:
        if isinstance(fact, Storages):
            runs = zip(fact.keys, fact.starts, fact.lengths, strict=False)
            found += [(fact.folder + key, (start, length)) for key, start, length in runs]
    times = Counter(name for name, _ in found)
    yield from ((name, run) for name, run in found if times[name] == 1)


def _sited(
    tensor: Tensor,
    holder: Artifact,
    file: Artifact,
    storages: dict[str, tuple[int, int]],
    *,
    is_swapped: bool,
) -> Sited:
    shaped = _shaped(tensor)
    if not isinstance(shaped, _Shaped):
        return Sited(tensor.at.length, why=shaped)
    if not tensor.is_plain or is_swapped:
        return Sited(shaped.length, why=Why.ORDER)
    if tensor.storage and holder is file and "onnx" in file.formats:
        return _outside(tensor, shaped, file.path[0])
    if tensor.storage:
        folder = _folder(holder, file)
        if folder is None:
            return Sited(shaped.length, why=Why.NESTED)
        start, length = storages.get(folder + tensor.storage, (0, -1))
        if length < 0:
            return Sited(shaped.length, why=Why.PACKED)
        fits = tensor.offset >= 0 and tensor.offset + shaped.length <= length
        return _placed(shaped, start + tensor.offset, file, fits=fits)
    if holder is not file or WHOLE.isdisjoint(file.formats):
        return Sited(shaped.length, why=Why.NESTED)
    return _placed(shaped, tensor.at.start, file, fits=_fills(tensor.at, shaped))


def _shaped(tensor: Tensor) -> _Shaped | Why:
    dtype, elements = canonical(tensor.dtype), elements_of(tensor.shape)
    if dtype is None:
        return Why.DTYPE
    length = None if elements is None else length_of(dtype, elements)
    if elements is None or length is None:
        return Why.BOUNDS
    return _Shaped(dtype, elements, length)


def _fills(at: Span, shaped: _Shaped) -> bool:
    return at.length == shaped.length


def _folder(holder: Artifact, file: Artifact) -> str | None:
    """Return the folder of the storages that a pickle names by their keys."""
    if holder is file:
        return ""
    inner = holder.path[1:]
    if len(inner) != 1 or not inner[0].endswith(".pkl"):
        return None
    return inner[0].removesuffix(".pkl") + "/"


def _placed(shaped: _Shaped, start: int, file: Artifact, *, fits: bool) -> Sited:
    if not fits or start + shaped.length > file.size:
        return Sited(shaped.length, why=Why.BOUNDS)
    place = Place(start, shaped.length, shaped.dtype, shaped.elements)
    return Sited(shaped.length, place, file.path[0])


def _outside(tensor: Tensor, shaped: _Shaped, path: str) -> Sited:
    """Return a place in the file that an ONNX model names, beside it or below."""
    name = posixpath.normpath(posixpath.join(posixpath.dirname(path), tensor.storage))
    if tensor.storage.startswith("/") or name.startswith("../"):
        return Sited(shaped.length, why=Why.ELSEWHERE)
    if tensor.offset < 0:
        return Sited(shaped.length, why=Why.BOUNDS)
    place = Place(tensor.offset, shaped.length, shaped.dtype, shaped.elements)
    return Sited(shaped.length, place, name)


def _bounded(found: list[Sited], file: Artifact) -> list[Sited]:
    """Return the tensors, without the places that go beyond what may be hashed of the file."""
    own = {each.place for each in found if each.place and each.file == file.path[0]}
    kept = set(first_of(own, TIMES * file.size))
    return [
        each
        if each.place is None or each.file != file.path[0] or each.place in kept
        else Sited(each.length, why=Why.SHARED)
        for each in found
    ]


def first_of(places: Iterable[Place], most: int) -> Iterator[Place]:
    """Yield places in a fixed order, as long as they are `most` bytes together."""
    total = 0
    for place in sorted(places, key=lambda each: (each.start, each.length, each.dtype)):
        total += place.length
        if total > most:
            return
        yield place
