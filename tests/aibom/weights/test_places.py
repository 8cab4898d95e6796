"""Facts of a parser that may have been taken over, held against the file."""

from __future__ import annotations

import pytest

from aibom.scanners.artifact import Artifact
from aibom.scanners.facts import Fact, Metadata, Storages, Tensor
from aibom.scanners.source import Span
from aibom.weights.canonical import MAX_ELEMENTS, PACKINGS, length_of, sample_starts
from aibom.weights.places import Place, Sited, Why, first_of, locate

HUGE = 1 << 62


def f32(at: Span, *shape: int, **more: object) -> Tensor:
    return Tensor(at=at, name="w", dtype="F32", shape=shape, **more)  # type: ignore[arg-type]


def located(
    *facts: Fact, size: int = 100, formats: tuple[str, ...] = ("safetensors",)
) -> list[Sited]:
    return locate(Artifact(("m",), size, formats=formats, facts=facts))


@pytest.mark.parametrize(
    ("tensor", "why"),
    [
        (f32(Span(96, 8), 2), Why.BOUNDS),
        (f32(Span(0, 8), 3), Why.BOUNDS),
        (f32(Span(0, 8), HUGE, 4), Why.BOUNDS),
        (f32(Span(0, 8), *[HUGE] * 1000), Why.BOUNDS),
        (Tensor(at=Span(0, 8), name="", dtype="Q4_0", shape=(31,)), Why.BOUNDS),
        (Tensor(at=Span(0, 8), name="", dtype="U2", shape=(32,)), Why.DTYPE),
        (f32(Span(0, 8), 2, is_plain=False), Why.ORDER),
        (f32(Span(0, 8), 2, storage="0"), Why.PACKED),
    ],
    ids=[
        "beyond the end", "shorter than its shape", "too many elements", "far too many",
        "part of a block", "unknown type", "turned", "no such storage",
    ],
)  # fmt: skip
def test_a_place_that_does_not_hold_is_none(tensor: Tensor, why: Why) -> None:
    (found,) = located(tensor)
    assert (found.place, found.why) == (None, why)


def test_a_tensor_without_elements_is_left_out() -> None:
    assert located(f32(Span(0, 0), 5, 0, HUGE, HUGE)) == []


def test_what_lies_in_a_file_of_another_format_is_in_a_member() -> None:
    (found,) = located(f32(Span(0, 8), 2), formats=("hdf5",))
    assert found.why is Why.NESTED


@pytest.mark.parametrize(
    ("storages", "expected"),
    [
        (Storages(folder="", keys=("0",), starts=(10,), lengths=(20,)), Place(14, 8, "F32", 2)),
        (Storages(folder="", keys=("0",), starts=(10,), lengths=(11,)), None),
        (Storages(folder="", keys=("0",), starts=(90,), lengths=(20,)), None),
        (Storages(folder="", keys=("0", "0"), starts=(1, 2), lengths=(20, 20)), None),
        (Storages(folder="", keys=("0",), starts=(), lengths=(20,)), None),
        (Storages(folder="x/", keys=("0",), starts=(10,), lengths=(20,)), None),
    ],
    ids=["fits", "too short", "beyond the file", "twice", "without a start", "another folder"],
)
def test_a_storage_must_hold_what_lies_in_it(storages: Storages, expected: Place | None) -> None:
    (found,) = located(f32(Span(0, 0), 2, storage="0", offset=4), storages)
    assert found.place == expected
    (before,) = located(f32(Span(0, 0), 2, storage="0", offset=-4), storages)
    assert before.place is None


def test_storages_are_those_of_the_pickle_that_names_them() -> None:
    def checkpoint(pickle: str) -> list[Sited]:
        tensor = f32(Span(0, 0), 2, storage="0")
        inner = Artifact(("m", pickle), 9, facts=(tensor,))
        data, constants = (
            Storages(folder=f"a/{name}/", keys=("0",), starts=(start,), lengths=(8,))
            for name, start in (("data", 10), ("constants", 30))
        )
        return locate(Artifact(("m",), 100, facts=(data, constants), parts=(inner,)))

    places = [each.place for name in ("a/data.pkl", "a/constants.pkl") for each in checkpoint(name)]
    assert places == [Place(10, 8, "F32", 2), Place(30, 8, "F32", 2)]
    assert [each.why for each in checkpoint("a/data")] == [Why.NESTED]


def test_a_checkpoint_of_the_other_byte_order_has_no_places() -> None:
    order = Metadata(key="byteorder", value="big")
    (found,) = located(f32(Span(0, 8), 2), order)
    assert found.why is Why.ORDER


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("w.bin", "sub/w.bin"), ("../w.bin", "w.bin"), ("a/./w.bin", "sub/a/w.bin"),
        ("../../w.bin", None), ("/w.bin", None), ("../../sub/../../w", None),
    ],
)  # fmt: skip
def test_values_outside_are_looked_for_from_the_models_folder(
    name: str, expected: str | None
) -> None:
    tensor = f32(Span(0, 0), 2, storage=name, offset=4)
    (found,) = locate(Artifact(("sub/m.onnx",), 9, formats=("onnx",), facts=(tensor,)))
    assert (found.place and found.file) == expected
    before = f32(Span(0, 0), 2, storage=name, offset=-4)
    (found,) = locate(Artifact(("sub/m.onnx",), 9, formats=("onnx",), facts=(before,)))
    assert found.place is None


def test_tensors_that_overlap_too_much_lose_those_that_come_last() -> None:
    facts = [f32(Span(start, 80), 20) for start in (3, 0, 2, 1)]
    found = {each.place.start if each.place else each.why for each in located(*facts)}
    assert found == {0, 1, Why.SHARED}
    tied = [f32(Span(0, 80), 20)] * 50
    assert all(each.place for each in located(*tied))


def test_places_are_taken_in_one_order_up_to_a_sum() -> None:
    places = [Place(start, 4, "U8", 4) for start in (8, 0, 4)]
    assert [place.start for place in first_of(places, 11)] == [0, 4]


def test_every_type_has_a_length() -> None:
    assert length_of("F32", MAX_ELEMENTS) == 4 * MAX_ELEMENTS
    assert {length_of(name, packing.elements) for name, packing in PACKINGS.items()} == {
        packing.length for packing in PACKINGS.values()
    }


def test_samples_are_spread_and_stay_inside() -> None:
    assert sample_starts(100) == [0]
    assert sample_starts(8704) == [0, 1024, 2048, 3072, 4096, 5120, 6144, 7168]
