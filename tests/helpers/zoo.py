"""A folder with a file of every kind that the fixtures can build, honest and hostile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aibom.scanners.formats import FORMATS
from fixtures import gguf, onnx, safetensors
from fixtures.hostile import calling_pickle, torch_zip, write_folder
from tests.fuzz.seeds import SEEDS
from tests.helpers.models import write_model

if TYPE_CHECKING:
    from pathlib import Path


def write_zoo(folder: Path) -> Path:
    """Write them; return `folder`."""
    write_model(folder / "honest")
    (folder / "hostile").mkdir()
    write_folder(folder / "hostile")
    files = {
        "honest.gguf": gguf.honest(),
        "overlapping.gguf": gguf.overlapping(),
        "honest.onnx": onnx.honest(),
        "escaping.onnx": onnx.escaping(),
        "deep.onnx": onnx.deep(30),
        "gapped.safetensors": safetensors.gapped(b"payload"),
        "trailing.safetensors": safetensors.trailing(b"payload"),
        "cut.pkl": calling_pickle("posix", "system")[:-3],
        "inner.pt": torch_zip(calling_pickle("builtins", "eval")),
        "plain.txt": b"text",
        "empty.bin": b"",
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    for format_ in FORMATS:
        suffix = format_.suffixes[0] if format_.suffixes else ""
        for number, content in enumerate(SEEDS[format_.id]() if format_.id in SEEDS else ()):
            (folder / f"{format_.id}-{number}{suffix}").write_bytes(content)
    return folder
