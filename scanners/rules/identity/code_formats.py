"""Which formats run code when they are loaded, and which promise that nothing can run."""

from __future__ import annotations

CARRY_CODE = frozenset({"pickle", "torch-zip", "torch-legacy"})  # loading them runs a program
DATA_ONLY = frozenset(
    {
        "safetensors",
        "gguf",
        "onnx",
        "npy",
        "json",
        "model-card",
        "jinja",
        "licence-text",
        "parquet",
        "tflite",
    }
)  # users take a file with such a name for harmless
