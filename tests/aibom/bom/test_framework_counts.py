"""Our counts of parameters are the frameworks' own, for models that they made and counted."""

from __future__ import annotations

from importlib import import_module
from math import prod
from typing import TYPE_CHECKING, Any

import gguf
import numpy as np
import pytest
from onnx import numpy_helper

from aibom.bom import claims
from aibom.bom.model import Claim, Field, Status
from aibom.sandbox import without_isolation
from aibom.scan import scan_target
from fixtures.checkpoints import View, torch_zip
from fixtures.safetensors import entry, safetensors
from tests.helpers.checkout import ROOT

from . import whole

if TYPE_CHECKING:
    from pathlib import Path

COUNTS = ROOT / "fixtures" / "framework_counts.txt"
WIDTHS = {  # bytes of an element
    "I64": 8, "F32": 4, "I32": 4, "F16": 2, "BF16": 2, "I8": 1, "U8": 1, "F8_E4M3": 1, "F8_E8M0": 1,
}  # fmt: skip
Rows = list[tuple[str, str, tuple[int, ...]]]


def recorded() -> dict[str, tuple[int, Rows]]:
    """Return of each model the framework's count and its tensors."""
    found: dict[str, tuple[int, Rows]] = {}
    rows: Rows = []
    for line in COUNTS.read_text(encoding="utf-8").splitlines():
        first, second, rest = line.split(" ", 2)
        if first == "=":
            rows = []
            found[rest] = int(second), rows
        elif first != "#":
            shape = () if second == "-" else tuple(map(int, second.split("x")))
            rows.append((rest, first, shape))
    return found


RECORDED = recorded()


def counted(*paths: Path) -> int:
    """Return the count that a BOM claims of files that are one set of weights."""
    artifacts = [
        a for path in paths for a in scan_target(path, sandbox=without_isolation()).artifacts
    ]
    (told,) = [c for c in claims.of_weights(artifacts) if c.field is Field.PARAMETERS]
    return int(told.value)


@pytest.mark.parametrize("name", RECORDED)
def test_a_model_of_transformers_has_as_many_parameters_as_it_says(
    name: str, tmp_path: Path
) -> None:
    count, rows = RECORDED[name]
    header: dict[str, Any] = {}
    end = 0
    for tensor, dtype, shape in rows:
        start, end = end, end + prod(shape) * WIDTHS[dtype]
        header[tensor] = entry(start, end, dtype, shape)
    path = tmp_path / "model.safetensors"
    path.write_bytes(safetensors(header, bytes(end)))
    assert counted(path) == count


def test_the_libraries_of_the_formats_count_alike(tmp_path: Path) -> None:
    folder = whole.write(tmp_path / "demo")
    shards = sorted(folder.glob("*.safetensors"))
    read: Any = import_module("safetensors.numpy").load_file
    assert counted(*shards) == sum(each.size for path in shards for each in read(path).values())
    load: Any = import_module("onnx").load
    graph = load(folder / "model.onnx").graph
    assert counted(folder / "model.onnx") == sum(
        np.size(numpy_helper.to_array(each)) for each in graph.initializer
    )
    reader = gguf.GGUFReader(folder / "model-q8_0.gguf")
    assert counted(folder / "model-q8_0.gguf") == sum(int(t.n_elements) for t in reader.tensors)


@pytest.mark.parametrize("kind", gguf.GGMLQuantizationType, ids=lambda kind: kind.name)
def test_a_tensor_of_each_type_of_gguf_counts_as_its_reader_counts_it(
    kind: gguf.GGMLQuantizationType, tmp_path: Path
) -> None:
    path = tmp_path / "model.gguf"
    block, size = gguf.GGML_QUANT_SIZES[kind]
    writer = gguf.GGUFWriter(path, "llama")
    values = np.zeros((3, 512 // block * size), np.uint8)
    writer.add_tensor("blk.0.attn_q.weight", values, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    (tensor,) = gguf.GGUFReader(path).tensors
    assert counted(path) == int(tensor.n_elements) == 3 * 512


def test_weights_that_a_checkpoint_ties_count_once(tmp_path: Path) -> None:
    path = tmp_path / "tied.pt"
    view = View("0", (4, 3))
    path.write_bytes(torch_zip({"embed.weight": view, "head.weight": view}, {"0": bytes(48)}))
    assert counted(path) == 12


def test_a_checkpoint_with_values_that_no_tensor_names_has_no_count(tmp_path: Path) -> None:
    path = tmp_path / "subclass.pt"
    path.write_bytes(torch_zip({"w": View("0", (4, 3))}, {"0": bytes(48), "1": bytes(48)}))
    (artifact,) = scan_target(path, sandbox=without_isolation()).artifacts
    told = [c for c in claims.of_weights([artifact]) if c.field is Field.PARAMETERS]
    assert told == [Claim(Field.PARAMETERS, "", Status.UNKNOWN)]
