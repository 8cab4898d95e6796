"""Rule: the configuration names another data type than that of the weights."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ...artifact import Artifact, Target
from ...declared.models import Model, elements, models
from ...facts import Metadata, Tensor
from ...rule import Evidence, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

# torch's names -> as safetensors and our reader of checkpoints spell them
TYPES = {
    "float64": "F64",
    "float32": "F32",
    "float": "F32",
    "float16": "F16",
    "half": "F16",
    "bfloat16": "BF16",
}
MOST = 0.9  # of all numbers: some layers stay in another type on purpose
MAX_ELEMENTS = 1 << 64  # more than any file holds


def check(target: Target) -> Iterator[Evidence]:
    """The model takes another amount of memory, and other numbers, than its configuration says.

    This is common where weights were saved by another program than the configuration, and
    harmless by itself. Quantised weights are not compared.

    What to do: nothing, if you choose the type yourself when you load. If it is your model, let
    `dtype` (or `torch_dtype`) of config.json be that of the weights.
    """
    for model in models(target):
        message = _difference(model)
        if message and model.loaded:
            yield Evidence(message, model.loaded.path)


def _difference(model: Model) -> str:
    key = next((key for key in ("dtype", "torch_dtype") if key in model.config), "")
    said = TYPES.get(model.config.get(key, "").removeprefix("torch."), "")
    is_quantised = any(name.startswith("quantization_config") for name in model.config)
    if not said or is_quantised or model.loaded is None or model.is_adapter:
        return ""
    held = Counter[str]()
    for tensor in model.loaded.tensors:
        held[tensor.dtype] += min(elements(tensor), MAX_ELEMENTS)
    dtype, count = held.most_common(1)[0]
    total = sum(held.values())
    if dtype == said or dtype not in TYPES.values() or not total or count < MOST * total:
        return ""
    return f"{key} of config.json says {model.config[key]}, the weights are {dtype}"


def _folder(said: str, held: str, *more: Metadata, name: str = "model.safetensors") -> Target:
    facts = (Metadata(key="torch_dtype", value=said), *more)
    config = Artifact(("config.json",), 8, formats=("json",), facts=facts)
    tensor = Tensor(name="w", dtype=held, shape=(8, 8))
    return Target((config, Artifact((name,), 8, formats=("safetensors",), facts=(tensor,))))


RULE = Rule(
    id="dtype-differs",
    title="The weights are of another data type than the configuration says",
    severity=Severity.INFO,
    on=Target,
    check=check,
    refs=("LLM03:2025",),
    flags=(
        _folder("bfloat16", "F32"),
        _folder("torch.float16", "BF16"),
        _folder("float32", "F16"),
    ),
    passes=(
        _folder("bfloat16", "BF16"),
        _folder("bfloat16", "I32"),
        _folder("auto", "F32"),
        _folder("float16", "F32", Metadata(key="quantization_config.bits", value="4")),
        _folder("float32", "F16", name="model.fp16.safetensors"),
    ),
)
