"""Rule: the weights are quantised in another way than their label says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...artifact import Artifact, Target
from ...declared.models import Model, Weights, models
from ...declared.quantisation import FULL, bits, held, labels, of_file_type
from ...facts import Metadata, Tensor
from ...rule import Evidence, Rule, Severity
from ...source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

LEAST = 0.75  # of the promised bits: no mix goes below
UNQUANTISED = 12  # bits for each number: only weights that are mostly not quantised take more
SMALL = 100_000  # numbers; fewer are no model
APART = 2  # bits between two labels that cannot be of one mix
MIXED = {"MXFP4", "NVFP4"}  # published so; files that are called F16 keep these tensors as they are
PACKED = {"gptq": ("I", "U"), "awq": ("I", "U"), "fp8": ("F8",)}  # method -> beginnings of types


def check(target: Target) -> Iterator[Evidence]:
    """The file is not what its label promises: quality and memory are others than expected.

    A label names a mix, so only what no mix of that name can hold is told: far fewer bits for each
    number than promised, weights that are not quantised at all, a name and `general.file_type` that
    are two bits apart, or a method in config.json without a single tensor of its kind.

    What to do: get the file from its author again, or quantise it yourself; correct the name if it
    is yours.
    """
    for model in models(target):
        for weights in model.weights:
            if weights.kind == "gguf" and weights.is_whole:
                for message in _gguf(weights):
                    yield Evidence(message, weights.path)
        if model.loaded and (message := _method(model, model.loaded)):
            yield Evidence(message, model.loaded.path)


def _gguf(weights: Weights) -> Iterator[str]:
    named = {label: f"the name says {label}" for label in labels(weights.name)}
    label = of_file_type(weights.told.get("general.file_type", ""))
    typed = {label: f"general.file_type says {label}"} if label else {}
    if named and typed and all(abs(bits(each) - bits(label)) >= APART for each in named):
        yield f"{next(iter(named.values()))}, {typed[label]}"
    found, count = held(weights.tensors)
    if count < SMALL or any(tensor.dtype in MIXED for tensor in weights.tensors):
        return
    said = named or typed
    if said and not any(_fits(bits(each), found) for each in said):
        yield f"{next(iter(said.values()))}, the weights take {found:.3g} bits for each number"


def _fits(promised: int, found: float) -> bool:
    most = UNQUANTISED if promised < FULL else promised * 2
    return promised * LEAST <= found <= most


def _method(model: Model, weights: Weights) -> str:
    """Return that weights hold nothing of the method of config.json; empty if they may."""
    method = model.config.get("quantization_config.quant_method", "")
    kinds = PACKED.get(method)
    if kinds is None or model.is_adapter:
        return ""
    types = sorted({tensor.dtype for tensor in weights.tensors})
    if any(dtype.startswith(kinds) for dtype in types):
        return ""
    return f"config.json says {method!r}, the weights are {' and '.join(types[:4])}"


def _file(name: str, per_number: float, file_type: str = "", dtype: str = "Q4_K") -> Target:
    length = int(1000 * 1000 * per_number / 8)
    told: tuple[Metadata, ...] = (Metadata(key="GGUF version", value="3"),)
    if file_type:
        told += (Metadata(key="general.file_type", value=file_type),)
    tensor = Tensor(at=Span(0, length), name="blk.0.w", dtype=dtype, shape=(1000, 1000))
    norm = Tensor(at=Span(0, 4000), name="norm", dtype="F32", shape=(1000,))
    return Target((Artifact((name,), length, formats=("gguf",), facts=(*told, tensor, norm)),))


def _folder(method: str, *types: str) -> Target:
    said = Metadata(key="quantization_config.quant_method", value=method)
    tensors = tuple(Tensor(name=f"w{t}", dtype=t, shape=(2,)) for t in types)
    return Target(
        (
            Artifact(("config.json",), 8, formats=("json",), facts=(said,)),
            Artifact(("model.safetensors",), 8, formats=("safetensors",), facts=tensors),
        )
    )


RULE = Rule(
    id="quantisation-differs",
    title="The weights are quantised in another way than their label says",
    severity=Severity.LOW,
    on=Target,
    check=check,
    refs=("LLM03:2025",),
    flags=(
        _file("m.Q8_0.gguf", 4.5),
        _file("m-Q4_K_M.gguf", 16),
        _file("m.gguf", 16, "15"),
        _file("m-Q8_0.gguf", 8.5, "15"),
        _file("m-F16.gguf", 4.5),
        _folder("gptq", "F16"),
        _folder("fp8", "BF16", "F32"),
    ),
    passes=(
        _file("m-Q4_K_M.gguf", 4.85, "15"),
        _file("m-Q4_K_M.gguf", 6.4, "15"),
        _file("m-Q4_K_L.gguf", 5.2, "15"),
        _file("m-UD-IQ2_XXS.gguf", 2.1, "19"),
        _file("m-Q2_K.gguf", 5.5, "10"),
        _file("m-bf16.gguf", 16, "32"),
        _file("m-F16.gguf", 5.3, "1", "MXFP4"),
        _file("m.gguf", 4.5),
        _file("m.gguf", 4.5, "999"),
        _folder("gptq", "I32", "F16"),
        _folder("fp8", "F8_E4M3"),
        _folder("my-own", "F16"),
    ),
)
