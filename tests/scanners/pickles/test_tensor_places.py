"""Where the values of a checkpoint's tensors lie in their storages."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from aibom.scanners.facts import Storages, Tensor
from aibom.scanners.formats.torch_legacy import FORMAT as LEGACY
from aibom.scanners.pickles import records
from fixtures.checkpoints import View, state_dict, torch_legacy
from tests.helpers.reading import facts as format_facts
from tests.scanners.pickles.programs import facts

DATA = {"0": bytes(96)}


def place(view: View, tail: bytes = b"") -> tuple[int, bool]:
    (tensor,) = [
        f for f in facts(state_dict({"w": view}, DATA, tail=tail)) if isinstance(f, Tensor)
    ]
    return tensor.offset, tensor.is_plain


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (View("0", (2, 3)), (0, True)),
        (View("0", (2, 3), first=5), (20, True)),
        (View("0", (2, 3), "HalfStorage", 5), (10, True)),
        (View("0", (3, 2), strides=(1, 3)), (0, False)),
        (View("0", (3, 1), strides=(1, 77)), (0, True)),
        (View("0", (2, 3), strides=(6, 2)), (0, False)),
        (View("0", (2, 3), strides=(0, 0)), (0, False)),
        (View("0", (2, 3), strides=(3,)), (0, False)),
        (View("0", (2, 0, 3), strides=(9, 9, 9)), (0, True)),
        (View("0", ()), (0, True)),
        (View("0", (2,), first=-1), (0, False)),
        (View("0", (2,), more=b"}"), (0, True)),
        (View("0", (2,), more=b"}X\4\0\0\0conj\x88s"), (0, False)),
    ],
    ids=[
        "row by row", "further on", "of halves", "transposed", "one column", "with gaps",
        "one value", "too few strides", "empty", "a scalar", "before the storage",
        "nothing further", "conjugated",
    ],
)  # fmt: skip
def test_only_rows_one_after_the_other_are_plain(view: View, expected: tuple[int, bool]) -> None:
    assert place(view) == expected


def test_a_storage_that_is_a_part_of_another_is_not_plain() -> None:
    assert place(View("0", (2,)), tail=b"N") == (0, True)
    assert place(View("0", (2,)), tail=b"(X\1\0\0\0aK\0K\2t") == (0, False)


def test_strides_that_are_no_counts_are_not_plain() -> None:
    program = state_dict({"w": View("0", (2,))}, DATA)
    ones = b"(J\1\0\0\0t"
    assert program.count(ones) == 1
    (tensor,) = [f for f in facts(program.replace(ones, b"N")) if isinstance(f, Tensor)]
    assert not tensor.is_plain


def test_a_third_kind_of_tensor_names_its_type_and_then_what_is_done_to_it() -> None:
    program = state_dict({"w": View("0", (2,), "ByteStorage", 3)}, DATA)
    old, hooks = b"_rebuild_tensor_v2", b"ccollections\nOrderedDict\n)R"
    for name, more, expected in (
        (b"uint16", b"", ("U16", 6, True)),
        (b"uint16", b"}X\3\0\0\0neg\x88s", ("U16", 6, False)),
        (b"float8_e4m3fnuz", b"", ("float8_e4m3fnuz", 0, False)),
    ):
        third = program.replace(old, b"_rebuild_tensor_v3")
        third = third.replace(hooks, hooks + b"ctorch\n" + name + b"\n" + more)
        (tensor,) = [f for f in facts(third) if isinstance(f, Tensor)]
        assert (tensor.dtype, tensor.offset, tensor.is_plain) == expected


def take_none(*_: object) -> int:
    return 0


def test_runs_of_tensors_are_placed_as_single_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    tensors = {f"w{n}": View("0", (2, 2), first=n) for n in range(50)}
    fast = facts(state_dict(tensors, DATA))
    assert [f.offset for f in fast if isinstance(f, Tensor)] == [4 * n for n in range(50)]
    monkeypatch.setattr(records.Records, "take_all", take_none)
    assert facts(state_dict(tensors, DATA)) == fast


@pytest.mark.parametrize(
    ("array", "is_plain"),
    [
        (np.ones((2, 3), "<f4"), True),
        (np.ones((2, 3), ">f4"), False),
        (np.asfortranarray(np.ones((2, 3), "<f4")), False),
        (np.ones(5, "u1"), True),
    ],
    ids=["little", "big", "columns", "bytes"],
)
def test_an_array_in_a_pickle_is_plain_row_by_row_in_little_endian(
    array: Any,  # noqa: ANN401 - of numpy, whose types are partly unknown
    is_plain: bool,
) -> None:
    (tensor,) = [f for f in facts(pickle.dumps({"w": array}, 4)) if isinstance(f, Tensor)]
    assert tensor.is_plain is is_plain


def test_says_where_each_storage_of_an_old_checkpoint_lies() -> None:
    storages = {"a": b"first...", "b": b"second..", "c" * 65: b"long"}
    tensors = {key: View(key, (1,)) for key in storages}
    data = torch_legacy(tensors, storages)
    (found,) = format_facts(LEGACY, data, Storages)
    assert found.folder == ""
    assert {
        key: data[start : start + length]
        for key, start, length in zip(found.keys, found.starts, found.lengths, strict=True)
    } == {"a": b"first...", "b": b"second.."}
