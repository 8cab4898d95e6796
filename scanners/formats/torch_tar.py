"""The members `storages` and `tensors` of a PyTorch checkpoint from before 0.2, a tar archive.

Both start with a pickle of a count. In `storages` follow, for each, a pickle of its key, place and
class, the count of its elements (8 bytes) and the elements; then a pickle of views. In `tensors`
follow, for each, a pickle of its key, storage and class, the count of its axes (4 bytes, then 4
unused), their sizes and strides (8 bytes each) and an offset (8 bytes). Between the numbers, where
no reader of pickles would look, each pickle is loaded. Source: ``legacy_load`` in
``torch/serialization.py``. The member `pickle` is one, and the format pickle reads it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..format import Format, Match, Parsed, Part, Subject
from ..pickles.stream import Pickle
from ..pickles.tensors import storage_item_size
from ..source import Malformed, Source, Span, Window
from .pickle import likeness

if TYPE_CHECKING:
    from collections.abc import Generator

    from ..facts import Fact
    from ..limits import Budget
    from ..pickles.objects import Object

ID = "torch-tar"
MEMBERS = {"storages": (ID,), "tensors": (ID,)}  # names, and what a loader reads them as
COUNT = 8  # bytes of the count of elements before a storage, and of a size, stride or offset
AXES = 4  # bytes of the count of axes, and as many unused


def recognise(_subject: Subject) -> Match:
    """Tell nothing: only its name in an archive says what it is."""
    return Match.NO


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield what loading each pickle would do.

    Raises:
        Malformed: The loader would not go on from there.
    """
    source = subject.source
    if likeness(subject.head, source) is Match.NO:
        return  # the member of an archive that is no checkpoint: the loader fails at once
    at, count = yield from _pickle(source, budget, 0)
    for _ in range(count if isinstance(count, int) else 0):
        at, found = yield from _pickle(source, budget, at)
        if not isinstance(found, tuple) or len(found) != 3:  # noqa: PLR2004 - key, place or storage, class
            raise Malformed("entry", offset=at, why="it has no key and class")
        if subject.name == "tensors":
            at += 2 * AXES + COUNT * (1 + 2 * _number(source, at, AXES))
        else:
            at += COUNT + _number(source, at, COUNT) * _size(found[2], at)
    if at > source.size:
        raise Malformed("entry", offset=source.size, why="its numbers leave the file")
    if subject.name != "tensors" and at < source.size:
        at, _ = yield from _pickle(source, budget, at)
    if at < source.size:
        yield Part("(bytes after the checkpoint)", Window(source, Span(at, source.size - at)))


def _pickle(
    source: Source, budget: Budget, at: int
) -> Generator[Fact | Part, None, tuple[int, Object]]:
    one = Pickle(source, at, budget, is_strict=False, is_torch=True)
    yield from one.read()
    return one.end, one.result


def _number(source: Source, at: int, width: int) -> int:
    found = int.from_bytes(source.read_at(at, width), "little", signed=True)
    if found < 0:
        raise Malformed("count", offset=at, why=f"{found}")
    return found


def _size(kind: Object, at: int) -> int:
    size = storage_item_size(kind)
    if size is None:
        raise Malformed("storage", offset=at, why="its class is not known")
    return size


FORMAT = Format(
    id=ID,
    title="part of a PyTorch checkpoint (before 0.2)",
    media_type="application/x-pytorch",
    spec="https://github.com/pytorch/pytorch/blob/main/torch/serialization.py",
    suffixes=(),
    recognise=recognise,
    parse=parse,
    refines=("pickle",),
    model=True,
)
