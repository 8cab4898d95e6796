"""PyTorch before 1.6: five pickles (magic, protocol, system, object, storage keys), then storages.

Each storage, in the order of the keys: its count of elements (8 bytes), then the elements; their
size follows from the storage class in the object's persistent ids. Source: ``_legacy_load`` in
``torch/serialization.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..facts import Storages
from ..format import Format, Match, Parsed, Subject
from ..pickles.stream import Pickle
from ..pickles.tensors import storage_item_size
from ..source import Malformed, Source, Span, Window
from .pickle import TORCH_MAGIC, WEIGHTS, likeness, loose, pickles

if TYPE_CHECKING:
    from ..limits import Budget
    from ..pickles.objects import Object

MAGIC = TORCH_MAGIC
KEY = 64  # characters; torch writes an address in decimal
COUNT = 8  # bytes of the count of elements before a storage


def recognise(subject: Subject) -> Match:
    """Tell it by the magic number, which is a pickle of its own."""
    return Match.CERTAIN if subject.head.startswith(MAGIC) else Match.NO


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield what loading the pickles would do, and the bytes that no storage claims."""
    source = subject.source
    at = len(MAGIC)
    storages: dict[str, tuple[Object, Object]] = {}
    keys: Object = None
    for _ in range(4):
        one = Pickle(source, at, budget, is_strict=False, is_torch=True)
        yield from one.read()
        at, keys = one.end, one.result
        storages |= one.storages
    runs, at = _runs(source, at, keys, storages)
    if runs:
        yield Storages(
            folder="",
            keys=tuple(key for key, _ in runs),
            starts=tuple(run.start for _, run in runs),
            lengths=tuple(run.length for _, run in runs),
        )
    if at < source.size and likeness(
        source.read_at(at, min(64, source.size - at)), Window(source, Span(at, source.size - at))
    ):
        at = yield from pickles(source, budget, at)
    if at < source.size:
        yield from loose(source, budget, Span(at, source.size - at), "after the checkpoint")


def _runs(
    source: Source, start: int, keys: Object, storages: dict[str, tuple[Object, Object]]
) -> tuple[list[tuple[str, Span]], int]:
    """Return where the values of each storage lie, in the order of the keys, and where they end."""
    at = start
    runs: list[tuple[str, Span]] = []
    for key in keys if isinstance(keys, list) else []:
        kind, _ = storages.get(key, (None, None)) if isinstance(key, str) else (None, None)
        size = storage_item_size(kind)
        if size is None:
            raise Malformed("storage", offset=at, why=f"{str(key)[:40]!r} has no known class")
        count = int.from_bytes(source.read_at(at, COUNT), "little", signed=True)
        at += COUNT + count * size
        if count < 0 or at > source.size:
            why = f"{count} elements of {size} bytes leave the file"
            raise Malformed("storage", offset=min(at, source.size), why=why)
        if isinstance(key, str) and key.isascii() and len(key) <= KEY:
            runs.append((key, Span(at - count * size, count * size)))
    return runs, at


FORMAT = Format(
    id="torch-legacy",
    title="PyTorch checkpoint (before 1.6)",
    media_type="application/x-pytorch",
    spec="https://github.com/pytorch/pytorch/blob/main/torch/serialization.py",
    suffixes=(".pt", ".pth", ".ckpt", *WEIGHTS),
    recognise=recognise,
    parse=parse,
    refines=("pickle",),
    model=True,
)
