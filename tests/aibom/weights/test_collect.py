"""Tensors whose values lie in other files, in whatever order these are read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import pytest

from aibom.folder import Entry, Found, walk
from aibom.scanners.artifact import Artifact
from aibom.scanners.facts import Tensor
from aibom.scanners.source import Span
from aibom.weights.collect import Collector, Listener
from aibom.weights.fingerprint import Weights
from tests.aibom.weights import oracle

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
VALUES = np.arange(1000, dtype="f4")


def ignore(_: int) -> None:
    pass


def model(*starts: int, name: str = "m.onnx", length: int = 10) -> Artifact:
    tensors = tuple(
        Tensor(at=Span(0, 1), name="w", dtype="FLOAT", shape=(length,), storage="d", offset=start)
        for start in starts
    )
    return Artifact((name,), 4, formats=("onnx",), facts=tensors)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("m.onnx", "n.onnx"):
        (tmp_path / name).write_bytes(b"onnx")
    (tmp_path / "d").write_bytes(VALUES.tobytes())
    return tmp_path


def entries(folder: Path) -> dict[str, Entry]:
    return {entry.name: entry for entry in walk(folder)}


def run(folder: Path, models: dict[str, Artifact], steps: Sequence[tuple[str, str]]) -> Weights:
    """Take the steps (act, file) and finish."""
    opened, collector = entries(folder), Collector(ignore)
    listeners: dict[str, Listener] = {}
    stamps = {name: entry.stamp for name, entry in opened.items()}
    for act, name in steps:
        entry = opened[name]
        if act == "listen":
            listeners[name] = collector.listen(entry)
        elif act == "hear":
            listeners[name].hear(0, memoryview(os.pread(entry.fd, entry.size, 0)))
        elif act == "locate":
            listeners[name].locate(models.get(name, Artifact((name,), entry.size)))
        elif act == "forget":
            listeners[name].forget()
        else:
            listeners[name].end()
    for entry in opened.values():
        entry.close()
    return collector.finish(lambda: walk(folder), stamps)


def whole(name: str) -> list[tuple[str, str]]:
    return [(act, name) for act in ("listen", "hear", "locate", "end")]


ORDERS = {
    "the model first": [*whole("m.onnx"), *whole("d")],
    "the values first": [*whole("d"), *whole("m.onnx")],
    "the model while the values are read": [("listen", "d"), *whole("m.onnx"), *whole("d")[1:]],
    "the model once the values are read": [*whole("d")[:2], *whole("m.onnx"), *whole("d")[2:]],
}


@pytest.mark.parametrize("steps", ORDERS.values(), ids=ORDERS)
def test_the_order_of_reading_changes_nothing(steps: list[tuple[str, str]], folder: Path) -> None:
    (found,) = run(folder, {"m.onnx": model(0, 400, 4000)}, steps).files
    assert {leaf.digest for leaf in found.leaves} == {
        oracle.leaf(VALUES[:10]), oracle.leaf(VALUES[100:110])
    }  # fmt: skip
    assert found.without == (("shape and place do not fit", 1),)
    assert (found.path, found.covered, found.uncovered) == ("m.onnx", 80, 40)


@pytest.mark.parametrize("steps", ORDERS.values(), ids=ORDERS)
def test_values_that_models_together_ask_for_too_often_have_no_leaf(
    steps: list[tuple[str, str]], folder: Path
) -> None:
    models = {"m.onnx": model(0, 4, 8, length=900), "n.onnx": model(0, name="n.onnx")}
    found = run(folder, models, [*whole("n.onnx"), *steps]).files
    assert [(each.leaves, each.without) for each in found] == [
        ((), (("its file's tensors overlap too much", 3),)),
        ((), (("its file's tensors overlap too much", 1),)),
    ]


def test_models_may_share_their_values(folder: Path) -> None:
    models = {"m.onnx": model(0, length=1000), "n.onnx": model(0, name="n.onnx", length=1000)}
    steps = [*whole("d"), *whole("m.onnx"), *whole("n.onnx")]
    found = run(folder, models, steps)
    assert [each.covered for each in found.files] == [4000, 4000]
    assert [leaf.digest for leaf in found.leaves] == [oracle.leaf(VALUES)]


def test_a_file_that_changed_meanwhile_is_not_read_again(folder: Path) -> None:
    def changing() -> Iterator[Entry]:
        (folder / "d").write_bytes(bytes(4000))
        yield from walk(folder)

    opened, collector = entries(folder), Collector(ignore)
    stamps = {name: entry.stamp for name, entry in opened.items()}
    for name, artifact in (("d", Artifact(("d",), 4000)), ("m.onnx", model(0))):
        listener = collector.listen(opened[name])
        listener.locate(artifact)
        listener.end()
    for entry in opened.values():
        entry.close()
    (found,) = collector.finish(changing, stamps).files
    assert (found.leaves, found.uncovered) == ((), 40)


def test_nothing_is_kept_of_a_file_that_could_not_be_read_whole(folder: Path) -> None:
    steps = [*whole("m.onnx"), *whole("d"), ("forget", "m.onnx"), ("forget", "d")]
    assert run(folder, {"m.onnx": model(0)}, steps) == Weights(())
    (found,) = run(
        folder, {"m.onnx": model(0)}, [*whole("m.onnx"), *whole("d"), ("forget", "d")]
    ).files
    assert found.without == (("its values lie in no file of the model", 1),)


def test_what_cannot_be_read_again_has_no_leaf(folder: Path) -> None:
    short = Entry("d", Found.FILE, os.open(folder / "d", os.O_RDONLY), 8000)
    collector = Collector(ignore)
    listener = collector.listen(short)
    listener.hear(0, memoryview(bytes(8000)))
    at = Span(4000, 4000)
    tensor = Tensor(at=at, name="w", dtype="F32", shape=(1000,))
    listener.locate(Artifact(("d",), 8000, formats=("safetensors",), facts=(tensor,)))
    listener.end()
    short.close()
    (found,) = collector.finish(list, {}).files
    assert (found.leaves, found.uncovered) == ((), 4000)


def test_leaves_that_cannot_be_looked_at_are_none(folder: Path) -> None:
    short = Entry("d", Found.FILE, os.open(folder / "d", os.O_RDONLY), 8000)
    collector = Collector(ignore)
    listener = collector.listen(short)
    tensor = Tensor(at=Span(4000, 4000), name="w", dtype="F32", shape=(1000,))
    listener.locate(Artifact(("d",), 8000, formats=("safetensors",), facts=(tensor,)))
    listener.hear(0, memoryview(bytes(8000)))
    listener.end()
    short.close()
    (found,) = collector.finish(list, {}).files
    assert (found.leaves, found.uncovered) == ((), 4000)
