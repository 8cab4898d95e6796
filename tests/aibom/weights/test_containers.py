"""The same weights are the same, whatever they lie in and however they are called."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from typing import TYPE_CHECKING, Any

import gguf
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper, numpy_helper, save  # pyright: ignore[reportUnknownVariableType]
from safetensors.numpy import save as to_safetensors

from aibom.sandbox import without_isolation
from aibom.scan import scan_target
from aibom.weights import Weights
from aibom.weights import root as root_of
from fixtures.checkpoints import View, torch_legacy, torch_zip
from tests.aibom.weights import oracle

if TYPE_CHECKING:
    from pathlib import Path

KINDS = {"float32": "FloatStorage", "float16": "HalfStorage", "int64": "LongStorage"}
DICE = np.random.default_rng(1)
ARRAYS: dict[str, Any] = {
    "embed": DICE.standard_normal((40, 32)).astype("f4"),
    "half": DICE.standard_normal((7, 5, 16)).astype("f2"),
    "norm": np.ones(300, "f4"),
    "positions": np.arange(200),
    "scale": np.array(3.0, "f4"),
}
ROOT = oracle.root(ARRAYS.values())


def weights(path: Path) -> Weights:
    report = scan_target(path, sandbox=without_isolation(), fingerprints=True)
    assert report.weights is not None
    return report.weights


def storages() -> tuple[dict[str, View], dict[str, bytes]]:
    views = {
        name: View(str(number), array.shape, KINDS[str(array.dtype)])
        for number, (name, array) in enumerate(ARRAYS.items())
    }
    return views, {str(n): array.tobytes() for n, array in enumerate(ARRAYS.values())}


def write_one(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(to_safetensors(ARRAYS))


def write_shards(folder: Path) -> None:
    for number, (name, array) in enumerate(reversed(ARRAYS.items())):
        (folder / f"{number}.safetensors").write_bytes(to_safetensors({f"other.{name}": array}))


def write_torch(folder: Path) -> None:
    (folder / "model.pt").write_bytes(torch_zip(*storages()))


def write_torch_views(folder: Path) -> None:
    """All tensors of a type lie in one storage, some of them twice."""
    views: dict[str, View] = {}
    held: dict[str, bytes] = {}
    for name, array in ARRAYS.items():
        key = str(array.itemsize)
        before = held.get(key, b"")
        first = len(before) // array.itemsize
        views[name] = View(key, array.shape, KINDS[str(array.dtype)], first)
        views[f"{name}.tied"] = views[name]
        held[key] = before + array.tobytes()
    (folder / "model.pt").write_bytes(torch_zip(views, held))


def write_torch_legacy(folder: Path) -> None:
    (folder / "pytorch_model.bin").write_bytes(torch_legacy(*storages()))


def onnx_model() -> Any:  # noqa: ANN401 - of protobuf
    tensors = [numpy_helper.from_array(array, name) for name, array in ARRAYS.items()]
    return helper.make_model(helper.make_graph([], "g", [], [], tensors))


def write_onnx(folder: Path) -> None:
    save(onnx_model(), folder / "model.onnx")


def write_onnx_outside(folder: Path) -> None:
    save(
        onnx_model(),
        folder / "model.onnx",
        save_as_external_data=True,
        location="a model.data",
        size_threshold=0,
    )


def write_onnx_typed(folder: Path) -> None:
    """Floats in their own field, which holds the same bytes; whatever does not stays raw."""
    tensors = [
        helper.make_tensor(name, 1, array.shape, array.ravel().tolist())
        if str(array.dtype) == "float32"
        else numpy_helper.from_array(array, name)
        for name, array in ARRAYS.items()
    ]
    save(helper.make_model(helper.make_graph([], "g", [], [], tensors)), folder / "model.onnx")


def write_gguf(folder: Path) -> None:
    writer = gguf.GGUFWriter(folder / "model.gguf", "llama")
    for name, array in ARRAYS.items():
        writer.add_tensor(name, array.reshape(array.shape or (1,)))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_arrays(folder: Path) -> None:
    for name, array in ARRAYS.items():
        np.save(folder / f"{name}.npy", array)


WRITERS = [
    write_one, write_shards, write_torch, write_torch_views, write_torch_legacy, write_onnx,
    write_onnx_outside, write_onnx_typed, write_gguf, write_arrays,
]  # fmt: skip


@pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__[6:])
def test_the_same_weights_have_the_same_root(write: Any, tmp_path: Path) -> None:  # noqa: ANN401
    write(tmp_path)
    found = weights(tmp_path)
    assert {leaf.digest for leaf in found.leaves} == {
        oracle.leaf(array) for array in ARRAYS.values()
    }
    assert root_of(found.leaves) == ROOT
    assert found.covered == sum(array.nbytes for array in ARRAYS.values())
    assert (found.uncovered, [each.without for each in found.files if each.without]) == (0, [])


def test_a_leaf_says_what_it_is_of(tmp_path: Path) -> None:
    write_one(tmp_path)
    described = {
        (leaf.dtype, leaf.elements, leaf.length, leaf.is_telling)
        for leaf in weights(tmp_path).leaves
    }
    assert described == {
        ("F32", 1280, 5120, True),
        ("F16", 560, 1120, True),
        ("F32", 300, 1200, False),
        ("I64", 200, 1600, False),
        ("F32", 1, 4, False),
    }


def test_a_mask_and_a_table_of_zeros_with_few_weights_tell_what_they_should(tmp_path: Path) -> None:
    mask = np.where(np.tri(64, dtype=bool), 0, -1e4).astype("f4")
    padded = np.zeros((64, 64), "f4")
    padded[32:] = DICE.standard_normal((32, 64))
    data = to_safetensors({"mask": mask, "padded": padded})
    (tmp_path / "m.safetensors").write_bytes(data)
    telling = {leaf.digest: leaf.is_telling for leaf in weights(tmp_path).leaves}
    assert telling == {oracle.leaf(mask): False, oracle.leaf(padded): True}


def test_what_has_no_leaf_is_counted_by_its_reason(tmp_path: Path) -> None:
    views, held = storages()
    packed = torch_zip(views, held, byteorder=None, method=zipfile.ZIP_DEFLATED)
    (tmp_path / "packed.pt").write_bytes(packed)
    (tmp_path / "swapped.pt").write_bytes(torch_zip(views, held, byteorder="big"))
    turned = {"w": View("0", (32, 40), strides=(1, 32)), "v": View("0", (4,))}
    (tmp_path / "turned.pt").write_bytes(torch_zip(turned, {"0": held["0"]}))
    part_of_another = torch_legacy({"w": View("0", (4,))}, {"0": bytes(16)}, is_view=True)
    (tmp_path / "view.bin").write_bytes(part_of_another)
    np.save(tmp_path / "text.npy", np.array(["a", "b"]))
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        archive.writestr("in.safetensors", to_safetensors({"w": np.ones(4, "f4")}))
    total = sum(array.nbytes for array in ARRAYS.values())
    assert [
        (each.path, len(each.leaves), each.covered, each.uncovered, each.without)
        for each in weights(tmp_path).files
    ] == [
        ("in.zip", 0, 0, 16, (("in a member of an archive", 1),)),
        ("packed.pt", 0, 0, total, (("compressed, or its storage was not found", 5),)),
        ("swapped.pt", 0, 0, total, (("not row by row in little-endian", 5),)),
        ("text.npy", 0, 0, 8, (("no canonical data type", 1),)),
        ("turned.pt", 1, 16, 5120, (("not row by row in little-endian", 1),)),
        ("view.bin", 0, 0, 16, (("not row by row in little-endian", 1),)),
    ]


def test_values_outside_of_the_model_have_no_leaf(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    write_onnx_outside(inner)
    (inner / "a model.data").rename(tmp_path / "a model.data")
    (found,) = weights(inner).files
    assert (found.leaves, found.without) == ((), (("its values lie in no file of the model", 5),))


def test_a_file_that_ends_early_keeps_the_leaves_that_it_has(tmp_path: Path) -> None:
    write_onnx_outside(tmp_path)
    data = (tmp_path / "a model.data").read_bytes()
    (tmp_path / "a model.data").write_bytes(data[: ARRAYS["embed"].nbytes + 1])
    (found,) = weights(tmp_path).files
    assert [leaf.digest for leaf in found.leaves] == [oracle.leaf(ARRAYS["embed"])]
    assert found.without == (("shape and place do not fit", 4),)


tensors = st.lists(
    st.binary(min_size=4, max_size=64).map(lambda b: b[: len(b) // 4 * 4]), min_size=1
)


def one_file(values: list[bytes], prefix: str) -> bytes:
    arrays = {f"{prefix}{n}": np.frombuffer(raw, "f4") for n, raw in enumerate(values)}
    return to_safetensors(arrays)


def root_in(folder: Path, files: dict[str, bytes]) -> str:
    for old in folder.iterdir():
        old.unlink()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return root_of(weights(folder).leaves)


@settings(max_examples=30, deadline=None)
@given(tensors, st.randoms(use_true_random=False), st.data())
def test_shards_and_names_change_nothing_and_every_bit_does(
    tmp_path_factory: pytest.TempPathFactory,
    values: list[bytes],
    dice: random.Random,
    data: st.DataObject,
) -> None:
    folder = tmp_path_factory.mktemp("m")
    expected = root_in(folder, {"m.safetensors": one_file(values, "w")})
    shuffled = dice.sample(values, len(values))
    cut = data.draw(st.integers(0, len(values)))
    shards = {"a.safetensors": shuffled[:cut], "b.safetensors": shuffled[cut:]}
    files = {name: one_file(shard, "x") for name, shard in shards.items() if shard}
    assert root_in(folder, files) == expected
    which = data.draw(st.integers(0, len(values) - 1))
    changed = bytearray(values[which])
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    others = [*values[:which], bytes(changed), *values[which + 1 :]]
    if set(others) != set(values):
        assert root_in(folder, {"m.safetensors": one_file(others, "w")}) != expected


@pytest.mark.parametrize(
    "write", [write_torch, write_onnx, write_gguf], ids=["torch", "onnx", "gguf"]
)
def test_damage_anywhere_ends_in_leaves_of_no_more_than_the_file(
    write: Any,  # noqa: ANN401
    tmp_path: Path,
) -> None:
    write(tmp_path)
    (file,) = tmp_path.iterdir()
    data = file.read_bytes()
    dice = random.Random(7)
    for _ in range(60):
        changed = bytearray(data)
        for _ in range(3):
            changed[dice.randrange(len(changed))] = dice.randrange(256)
        file.write_bytes(changed[: dice.randrange(len(data) * 2)])
        for found in weights(tmp_path).files:
            assert found.covered <= 2 * file.stat().st_size


def test_bfloat16_is_known_in_every_container_by_one_name(tmp_path: Path) -> None:
    raw = DICE.integers(0, 60000, 600, "u2")
    header = {"w": {"dtype": "BF16", "shape": [600], "data_offsets": [0, 1200]}}
    text = str(header).replace("'", '"').encode()
    (tmp_path / "a.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + raw.tobytes())
    tensor = helper.make_tensor("w", 16, [600], raw.tobytes(), raw=True)
    save(helper.make_model(helper.make_graph([], "g", [], [], [tensor])), tmp_path / "b.onnx")
    writer = gguf.GGUFWriter(tmp_path / "c.gguf", "llama")
    writer.add_tensor("w", raw.view("u1"), raw_dtype=gguf.GGMLQuantizationType.BF16)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    out = io.BytesIO()
    np.save(out, raw)
    (tmp_path / "d.npy").write_bytes(out.getvalue())  # the same bytes, but whole numbers
    assert {
        each.path: [leaf.digest for leaf in each.leaves] for each in weights(tmp_path).files
    } == {
        **{key: [oracle.leaf(raw, "BF16")] for key in ("a.safetensors", "b.onnx", "c.gguf")},
        "d.npy": [oracle.leaf(raw, "U16")],
    }
