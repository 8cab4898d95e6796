"""How many parameters tensors hold: packed ones unpacked, tied ones once, everything else apart.

What is packed shows in names and shapes, as the quantising libraries write them. A tensor of
integers that none of them explains makes the count unknown, rather than wrong.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from ..scanners.facts import Tensor
from ..scanners.record import record

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

Placed: TypeAlias = tuple[tuple[str, ...], Tensor]  # the path of the artifact that it stands in

MAX_ELEMENTS = 1 << 64  # no file holds as many: such a shape is a lie, and gets no claim
COUNTED = frozenset(  # formats whose tensors are those of a model
    {"safetensors", "gguf", "onnx", "torch-zip", "torch-legacy", "torch-tar"}
)
WHOLE = frozenset({"gguf"})  # formats whose readers count every tensor, as it stands (llama.cpp)
ASIDE = frozenset({"constants.pkl", "traced_inputs.pkl"})  # of TorchScript, beside the model
LARGE = 1024  # elements; a smaller tensor of integers is a constant

FLOATS = re.compile(r"B?F\d.*|C\d+|FLOAT.*|DOUBLE|BFLOAT16|COMPLEX\d+|Q[IU]+\d+")
BITS = re.compile(r"\d+")  # in the name of a dtype
BYTES = frozenset({"U8", "I8", "UINT8", "INT8"})
WORDS = frozenset({"I32", "U32"})
HALVES = frozenset({"INT4", "UINT4"})  # two to a byte
PACKED = ("qweight", "weight_packed", "W_q", "qdata", "._data")  # ends of names, whatever the size
ROWS = {"U8": (1, 2, 4, 8), "I32": (10,)}  # that one integer holds: of 8, 4, 2, 1, and 3 bits

# Floats that a module keeps but does not learn, by transformers' own modules: batch norm; rotary
# embeddings; routers of experts, but that of ERNIE, which makes a parameter of it; BART and its
# kin; the causal masks that GPT-2, GPT-Neo and GPT-NeoX saved before transformers 4.31; the
# activation of Apertus; clipped layers of Gemma; code books of EnCodec and Bark; D-FINE; I-BERT;
# MiniMax's fixed decay; VideoPrism's positions; what Phi-4 and RADIO take off their input; what
# SAM draws by lot; projections that all layers of VeRA's and RandLoRA's adapters share; where
# SHiRA's weights stand; what a module that was pickled whole calls its buffers.
BUFFER = re.compile(
    r"(?:.*[./])?(?:running_mean|running_var|num_batches_tracked|inv_freq|masked_bias"
    r"|(?<!moe_statics\.)e_score_correction_bias|balancing_biases|(?:gate|router)\.expert_bias"
    r"|final_logits_bias"
    r"|act_fn\.(?:beta|eps)|(?:in|out)put_(?:min|max)|num_points_scale"
    r"|codebook\.(?:embed|embed_avg|cluster_size|inited)"
    r"|act_scaling_factor|x_min|x_max|LayerNorm\.shift"
    r"|(?:weight|bias)_integer|(?:weight|fc)_scaling_factor"
    r"|self_attn\.(?:(?:diagonal|key|query)_decay|slope_rate)"
    r"|(?:vera|randlora)_[AB]|shira_indices|_buffers\.[^.]+"
    r"|text_model\.embeddings\.position_embedding|global_(?:mean|invstd)|norm_(?:mean|std)|positional_encoding_gaussian_matrix)"
)
# Beside one of these an adapter's alpha is how strongly it counts (kohya's trainer, LyCORIS).
ALPHA, ADAPTERS = "alpha", ("lora_down.weight", "hada_w1_a", "lokr_w1", "lokr_w1_a")
BASE = ".base_layer.weight"  # of the model that an adapter is for: PEFT writes its embeddings, too
ON_BASE = (".lora_embedding_A", ".lora_A.weight")
MEAN, SCALE = "mean", "scale"  # of what went into a vocoder, both for each band (HiFi-GAN)
# Beside them a router's bias is moved by rule: of Hunyuan, DeepSeek under its own names, Inkling.
BALANCED = {
    "expert_bias": ("shared_mlp.up_proj.weight",),
    "gate.bias": ("experts.0.w1.weight", "experts.w2_weight"),
}
DRAWN = "prompt_encoder.shared_embedding.positional_embedding"
# Formats whose writers are newer than PyTorch 0.4.1: from then on a batch norm counts its batches,
# and one that does not is frozen, so that nothing of it is learnt (DETR and its kin).
COUNTS_BATCHES = frozenset({"safetensors", "torch-zip"})
FROZEN = ("weight", "bias", "running_mean", "running_var")
MASK = re.compile(r"(?:.*\.)?(?:attn|attention)\.bias")
# Keys of a training checkpoint beside the model: lightning, accelerate, timm and others.
AROUND = re.compile(
    r"(?:optimizer|optim|lr_scheduler|scheduler|scaler|rng|ema|model_ema|state_dict_ema|loops"
    r"|callbacks)(?:_states?|_state_dict)?s?(?:\..*)?"
)

# What quantising libraries put beside a packed tensor: scales, zero points, shapes, tables.
BESIDE = {
    "qweight": ("qzeros", "scales", "g_idx"),  # GPTQ and AWQ
    "weight_packed": (  # compressed-tensors
        *("weight_scale", "weight_zero_point", "weight_shape", "weight_g_idx"),
        *("weight_global_scale", "input_global_scale", "input_scale"),
    ),
    "weight": (
        *("weight.absmax", "weight.quant_map", "weight.nested_absmax", "weight.nested_quant_map"),
        *("weight.quant_state.bitsandbytes__nf4", "weight.quant_state.bitsandbytes__fp4"),
        *("SCB", "weight_format"),  # bitsandbytes, 4 and 8 bits
        *("weight_scale", "weight_scale_inv", "input_scale", "output_scale"),  # FP8 and INT8
        *("scales", "biases"),  # MLX
    ),
}
_QUANTO = ("._scale", "._shift", "._zeropoint")
PARTS = {  # the end of a packed tensor's name, and what its other parts have instead
    "qdata": (  # torchao
        *("scale", "zero_point", "per_tensor_scale", "act_per_tensor_scale", "act_pre_scale"),
        *("act_quant_scale", "act_quant_zero_point"),
    ),
    "._data._data": _QUANTO,  # packed before it was wrapped
    "._data": _QUANTO,
    "W_q": ("scale", "zero"),  # HQQ
    "_blocks": ("_scales",),  # MXFP4: openai/gpt-oss
    "_quantized": ("_scale", "_zero_point"),  # onnxruntime.quantization
}
OF_MODULE = (".input_scale", ".output_scale")  # of quanto, beside the weight
UNPACKED = frozenset({"F64", "F32", "F16", "BF16", "FLOAT", "DOUBLE", "FLOAT16", "BFLOAT16"})
FOUR_BITS = (".absmax", ".quant_state.bitsandbytes__nf4", ".quant_state.bitsandbytes__fp4")


@record
class Count:
    """What tensors hold, in elements."""

    parameters: int
    around: int  # as packed: buffers, scales, an optimizer's state


def elements(tensors: Iterable[Tensor]) -> int | None:
    """Return the sum of all elements, or None when a shape cannot be true."""
    total = 0
    for tensor in tensors:
        product = 1
        for extent in tensor.shape:
            if extent < 0 or product > MAX_ELEMENTS:
                return None
            product *= extent
        total += product
    return total if total <= MAX_ELEMENTS else None


def count(
    placed: Sequence[Placed], formats: Collection[str], bits: int | None = None
) -> Count | None:
    """Return how many parameters the tensors of one set of weights hold; None if that is not known.

    Their shapes are such that `elements` returns a number. `bits` are those of a packed weight.
    """
    if COUNTED.isdisjoint(formats):
        return None
    if _overlap(placed):
        return None
    distinct = list(_untied([each for each in placed if not _is_aside(each)]))
    if not WHOLE.isdisjoint(formats):
        return Count(sum(_size(tensor) for tensor in distinct), 0)
    names = {tensor.name: tensor for tensor in distinct}
    beside = {*_beside(names), *_kept(names, formats)}
    parameters, around = 0, sum(_size(each[1]) for each in placed if _is_aside(each))
    for tensor in distinct:
        size = 0 if tensor.name in beside else _parameters(tensor, names, bits)
        if size is None:
            return None
        parameters += size
        around += 0 if size else _size(tensor)
    return Count(parameters, around)


def _is_aside(placed: Placed) -> bool:
    return placed[0][-1].rpartition("/")[2] in ASIDE


def _untied(placed: Sequence[Placed]) -> Iterator[Tensor]:
    """Yield the tensors, those once that are the same run of bytes under several names."""
    seen: set[tuple[object, ...]] = set()
    for path, tensor in sorted(placed, key=lambda pair: (pair[0], pair[1].name)):
        where = (tensor.storage, tensor.offset, tensor.at)
        key = (path, *where, _size(tensor))
        if tensor.storage or tensor.at.length:
            if key in seen:
                continue
            seen.add(key)
        yield tensor


def _overlap(placed: Sequence[Placed]) -> bool:
    """Whether two tensors share a part of a storage, so that no sum of theirs is true."""
    spans = sorted(
        (path, tensor.storage, tensor.offset, tensor.offset + _size(tensor) * int(bits[0]) // 8)
        for path, tensor in placed
        if tensor.storage and tensor.is_plain and (bits := BITS.search(tensor.dtype))
    )
    return any(
        one[:2] == other[:2] and one[2:] != other[2:] and other[2] < one[3]
        for one, other in pairwise(spans)
    )


def _size(tensor: Tensor) -> int:
    product = 1
    for extent in tensor.shape:
        product *= extent
    return product


def _beside(names: dict[str, Tensor]) -> Iterator[str]:
    """Yield the names of tensors that only say how others are packed."""
    for name, tensor in names.items():
        stem, _, last = name.rpartition(".")
        if last in BESIDE and not (last == "weight" and tensor.dtype in UNPACKED):
            yield from (key for each in BESIDE[last] if (key := _joined(stem, each)) in names)
        root, ending = _parted(name)
        if ending and tensor.dtype not in UNPACKED:
            yield from (root + each for each in PARTS[ending])
            if PARTS[ending] is _QUANTO:
                yield from (root.rpartition(".")[0] + each for each in OF_MODULE)


def _parted(name: str) -> tuple[str, str]:
    """Return a name without the end that says that it is packed, and that end, if it has one."""
    ending = next((each for each in PARTS if name.endswith(each)), "")
    return name.removesuffix(ending), ending


def _kept(names: dict[str, Tensor], formats: Collection[str]) -> Iterator[str]:
    """Yield the names of tensors that others beside them show to be kept, but not learnt."""
    for name, tensor in names.items():
        stem, _, last = name.rpartition(".")
        if last == FROZEN[-1] and not COUNTS_BATCHES.isdisjoint(formats):
            is_frozen = _joined(stem, "num_batches_tracked") not in names
            yield from (_joined(stem, each) for each in FROZEN if is_frozen)
        elif ending := next((each for each in BALANCED if name.endswith(f".{each}")), ""):
            layer = name.removesuffix(ending)
            yield from (name for each in BALANCED[ending] if layer + each in names)
        elif name.endswith(DRAWN):  # as SAM 2 saves them; the first SAM has one, and learns it
            yield from (name, f"{name.removesuffix(DRAWN)}shared_image_embedding.{last}")
        elif last == ALPHA and _size(tensor) == 1:
            yield from (name for each in ADAPTERS if _joined(stem, each) in names)
        elif name.endswith(BASE):
            layer = name.removesuffix(BASE)
            yield from (name for each in ON_BASE if layer + each in names)
        elif last == MEAN:
            other = names.get(_joined(stem, SCALE))
            yield from (name, other.name) if other and other.shape == tensor.shape else ()


def _joined(stem: str, last: str) -> str:
    return f"{stem}.{last}" if stem else last


def _parameters(tensor: Tensor, names: dict[str, Tensor], bits: int | None) -> int | None:
    """Return how many parameters a tensor holds, 0 if it is none, None if nobody can tell."""
    size, name = _size(tensor), tensor.name
    if AROUND.fullmatch(name) or BUFFER.fullmatch(name) or _is_mask(tensor):
        return 0
    if FLOATS.fullmatch(tensor.dtype):
        return size
    packing = _packing(tensor, names, bits)
    if packing is not None:
        unit, width = packing
        return size * unit // width
    may_be_packed = size >= LARGE and tensor.dtype in BYTES | WORDS | HALVES
    return None if may_be_packed or name.endswith(PACKED) else 0


def _is_mask(tensor: Tensor) -> bool:
    shape = tensor.shape
    return bool(MASK.fullmatch(tensor.name)) and len(shape) == 4 and shape[2] == shape[3]  # noqa: PLR2004 - axes


def _packing(tensor: Tensor, names: dict[str, Tensor], bits: int | None) -> tuple[int, int] | None:
    """Return the bits of an element, and those of one parameter in it; None if it is not known."""
    name, dtype = tensor.name, tensor.dtype
    stem, _, last = name.rpartition(".")
    if last == "qweight" and dtype in WORDS:
        width = _width(names, stem, bits)
        return (32, width) if width else None
    if last == "weight_packed":
        width = 4 if dtype in BYTES else bits  # NVFP4 packs two into a byte
        return (8 if dtype in BYTES else 32, width) if width else None
    if last == "weight" and dtype in BYTES:
        if any(name + each in names for each in FOUR_BITS):
            return 8, 4
        is_scaled = any(_joined(stem, each) in names for each in ("SCB", "weight_scale"))
        return (8, 8) if is_scaled else None
    if last == "weight" and dtype == "U32" and _joined(stem, "scales") in names and bits:
        return 32, bits
    return _by_suffix(name, dtype, names)


def _by_suffix(name: str, dtype: str, names: dict[str, Tensor]) -> tuple[int, int] | None:
    root, ending = _parted(name)
    scale = names.get(root + PARTS[ending][0]) if ending else None
    if scale is None:
        return None
    match ending, dtype:
        case ("_blocks", "U8"):
            return 8, 4
        case ("_quantized", _) | ("._data", "I8"):
            return 8, 8
        case ("qdata", "U8") if scale.dtype.startswith("F8"):  # NVFP4 and MXFP4 of torchao
            return 8, 4
        case ("qdata", "I8") if names[name].shape[:1] == scale.shape[:1]:
            zero = names.get(f"{root}zero_point")  # of floats, if two are packed into a byte
            return (8, 8) if zero is None or zero.dtype in BYTES else None
        case (("._data._data" | "W_q"), _):
            return _by_rows(names[name], scale)
        case _:
            return None


def _by_rows(packed: Tensor, scale: Tensor) -> tuple[int, int] | None:
    """Return how integers are packed that hold values of several rows, which have a scale each."""
    if len(packed.shape) != 2 or scale.shape[1:] != (1,):  # noqa: PLR2004 - axes
        return None
    rows, held = scale.shape[0], packed.shape[0]
    fits = any(held == -(-rows // each) for each in ROWS.get(packed.dtype, ()))
    return (rows, held) if fits and held else None  # the last integers may not be full


def _width(names: dict[str, Tensor], stem: str, bits: int | None) -> int | None:
    """Return the bits of a weight of GPTQ or AWQ: its zero points are packed as the weight is."""
    zeros, scales = names.get(_joined(stem, "qzeros")), names.get(_joined(stem, "scales"))
    if zeros and scales and zeros.shape and scales.shape and scales.shape[-1]:
        width, rest = divmod(zeros.shape[-1] * 32, scales.shape[-1])
        return width if width and not rest else bits
    return bits
