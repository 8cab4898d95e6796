"""HDF5: what files of its own writer say, and what crafted ones do not hide.

`old.h5`, `new.h5` and `small.h5` were written by h5py 3.14 (HDF5 1.14.6) and Keras 3.15.1; how,
stands in `tests/data/real/keras.md`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aibom.scanners import kits
from aibom.scanners.facts import (
    Configured,
    Metadata,
    Reason,
    Reference,
    Refers,
    Tensor,
    Unclaimed,
    Unread,
)
from aibom.scanners.format import Match, Part
from aibom.scanners.formats.hdf5 import FORMAT
from aibom.scanners.record import replace
from aibom.scanners.source import Span
from tests.helpers.checkout import ROOT
from tests.helpers.reading import damage, facts, read, recognised

if TYPE_CHECKING:
    from aibom.scanners.facts import Fact

kits.load_all()
REAL = ROOT / "tests/data/real"
OLD, NEW, SMALL = ((REAL / f"{name}.h5").read_bytes() for name in ("old", "new", "small"))
TOLD = [
    Metadata(key="class_name", value="Sequential"),
    Metadata(key="config.name", value="s"),
    Metadata(key="keras_version", value="2.15.0"),
]


def told(data: bytes) -> list[tuple[str, str, tuple[int, ...], bool]]:
    found = facts(FORMAT, data, Tensor)
    return sorted((each.name, each.dtype, each.shape, each.is_plain) for each in found)


def nowhere(found: list[Fact]) -> list[Fact]:
    return [replace(each, at=Span(0, 0)) for each in found]


# --- What the format's own writer made ------------------------------------------------------------


@pytest.mark.parametrize("data", [OLD, NEW], ids=["old", "new"])
def test_tells_every_tensor_of_either_kind_of_file(data: bytes) -> None:
    layers = [(f"layer_{number}/kernel", "F32", (2, 3), True) for number in range(10)]
    around = [
        ("big_endian", "I16", (2,), False),
        ("packed", "F64", (8, 8), False),
        ("stored", "U8", (4,), False),
    ]
    assert told(data) == sorted(layers + around)


@pytest.mark.parametrize("data", [OLD, NEW], ids=["old", "new"])
def test_tells_what_attributes_say_in_the_header_and_in_a_heap(data: bytes) -> None:
    found = facts(FORMAT, data, Metadata)
    assert sorted(nowhere(list(found)), key=str) == sorted(TOLD, key=str)
    assert facts(FORMAT, data, Unread) == []


@pytest.mark.parametrize("data", [OLD, NEW], ids=["old", "new"])
def test_names_the_files_that_values_are_taken_from(data: bytes) -> None:
    found = [(each.kind, each.key, each.target) for each in facts(FORMAT, data, Reference)]
    assert sorted(found) == [
        (Refers.EXTERNAL_DATA, "/elsewhere", "other.h5"),
        (Refers.EXTERNAL_DATA, "/stored", "raw.bin"),
    ]


def test_values_stand_where_it_says() -> None:
    (kernel,) = (t for t in facts(FORMAT, SMALL, Tensor) if t.name.endswith("dense_1/bias"))
    assert (kernel.dtype, kernel.shape, kernel.at.length) == ("F32", (1,), 4)
    assert SMALL[kernel.at.start : kernel.at.end] == bytes(4)  # biases begin as zeros


def test_reads_a_model_of_keras() -> None:
    assert [(each.key, each.value) for each in facts(FORMAT, SMALL, Metadata)] == [
        ("keras_version", "3.15.1"),
        ("backend", "tensorflow"),
        ("class_name", "Sequential"),
        ("config.name", "small"),
    ]
    found = facts(FORMAT, SMALL, Configured)
    assert sorted(each.name for each in found if each.key.startswith("/@model_config")) == [
        *("DTypePolicy", "Dense", "GlorotUniform", "InputLayer", "Sequential", "Zeros")
    ]


@pytest.mark.parametrize("length", [512, 1024, 2048])
def test_a_user_block_is_a_part_and_hides_nothing(length: int) -> None:
    data = bytes(length) + OLD
    assert recognised(FORMAT, data) is Match.CERTAIN
    first = read(FORMAT, data)[0]
    assert isinstance(first, Part)
    assert (first.name, first.source.size) == ("(user block)", length)
    assert told(data) == told(OLD)
    assert (
        facts(FORMAT, data, Tensor)[0].at.start == facts(FORMAT, OLD, Tensor)[0].at.start + length
    )


def test_a_long_user_block_is_looked_behind_under_a_name_that_promises() -> None:
    data = bytes(1 << 16) + OLD
    assert recognised(FORMAT, data, "m.h5") is Match.CERTAIN
    assert told(data) == told(OLD)
    assert recognised(FORMAT, data, "m.bin") is Match.NO
    assert recognised(FORMAT, bytes(1 << 16), "m.h5") is Match.NO


def test_bytes_behind_the_file_are_unclaimed_and_a_part() -> None:
    found = read(FORMAT, OLD + b"x" * 9)
    assert [each for each in found if isinstance(each, Unclaimed)] == [
        Unclaimed(at=Span(len(OLD), 9))
    ]
    assert isinstance(found[-1], Part)
    assert facts(FORMAT, OLD + bytes(9), Unclaimed) == []


def test_a_file_that_is_cut_is_not_read_whole() -> None:
    found = facts(FORMAT, OLD[: len(OLD) - 100], Unread)
    assert (Span(len(OLD) - 100, 0), Reason.MALFORMED) in [(f.at, f.reason) for f in found]


@pytest.mark.parametrize("data", [OLD, NEW, SMALL], ids=["old", "new", "keras"])
def test_damage_is_malformed_and_nothing_else(data: bytes) -> None:
    damage(FORMAT, data, name="m.h5", times=300)
