"""Rule: the weights hold many more or fewer parameters than the name of the model says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...artifact import Artifact, Target
from ...declared.models import Model, Weights, elements, models
from ...declared.sizes import rounded, sizes
from ...facts import Metadata, Tensor
from ...record import replace
from ...rule import Evidence, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# GGUF files that are a part of a model, or change one, and are called after the whole.
PARTS = {"clip", "controlvector", "imatrix", "eagle3", "adapter", "wavtokenizer-dec"}
# Numbers that one element of these types may hold: quantised weights of 2 bits and more.
PACKED = {"I32": 16, "U32": 16, "I8": 4, "U8": 4}
EXPERTS = ("num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts")


def check(target: Target) -> Iterator[Evidence]:
    """The name promises a model of another size: this may be another model, or a part of one.

    Names round, count embeddings or not, and give one expert or all. So only weights that hold
    less than a third, or more than three times, of every size that is named are told; packed
    weights count as high as they can. Adapters, projectors and draft models are left out.

    What to do: compare with the author's card. If it is yours, correct the name, or
    `general.size_label`.
    """
    for model in models(target):
        for weights in model.weights:
            if weights.is_whole and weights.tensors:
                found = _gguf(weights) if weights.kind == "gguf" else _card(model, weights)
                yield from (Evidence(message, weights.path) for message in found)


def _gguf(weights: Weights) -> Iterator[str]:
    told = weights.told
    family = told.get("general.architecture", "")
    if told.get("general.type", "model") != "model" or family in PARTS:
        return
    if any(".lora_" in tensor.name for tensor in weights.tensors):
        return
    is_mixed = told.get(f"{family}.expert_count", "0") not in {"0", "1"}
    units = {"general.size_label": "BM", "general.name": "B", "its name": "B"}
    for key, unit in units.items():
        text = weights.name if key == "its name" else told.get(key, "")
        message = _compared(text, unit, (weights.elements, weights.elements), is_mixed=is_mixed)
        if message:
            yield f"{key} says {message}"
            return


def _card(model: Model, weights: Weights) -> Iterator[str]:
    if weights is not model.loaded or model.is_adapter:
        return
    least = weights.elements
    most = sum(elements(each) * PACKED.get(each.dtype, 1) for each in weights.tensors)
    text = model.card.get("model_name", "")
    message = _compared(text, "B", (least, most), is_mixed=_has_experts(model.config))
    if message:
        yield f"model_name of the card says {message}"


def _has_experts(config: Mapping[str, str]) -> bool:
    return any(key.rpartition(".")[2] in EXPERTS for key in config)


def _compared(text: str, units: str, held: tuple[int, int], *, is_mixed: bool) -> str:
    """Return what is said and held if no size in the text fits; else an empty text."""
    least, most = held
    named = list(sizes(text, units))
    # Of experts, a name may count the few that a word passes through: more is no surprise.
    if not named or any(size.fits(0 if is_mixed else least, most) for size in named):
        return ""
    said = " and ".join(size.text for size in named[:3])
    # What is packed, another place counts by its bits; here it is enough how many there can be.
    holds = rounded(least) if least == most else f"{rounded(least)} to {rounded(most)}"
    return f"{said}, the weights hold {holds} parameters"


def _file(file: str, shape: tuple[int, ...], **told: str) -> Artifact:
    keys = {"architecture": "llama", **told}
    facts = (
        *(Metadata(key=f"general.{key}", value=value) for key, value in keys.items()),
        Tensor(name="blk.0.w", dtype="Q4_K", shape=shape),
    )
    return Artifact((file,), 8, formats=("gguf",), facts=facts)


def _folder(model_name: str, dtype: str, shape: tuple[int, ...], *more: Artifact) -> Target:
    card = Artifact(
        ("README.md",), 8, formats=(CARD,), facts=(Metadata(key="model_name", value=model_name),)
    )
    tensor = Tensor(name="w", dtype=dtype, shape=shape)
    weights = Artifact(("model.safetensors",), 8, formats=("safetensors",), facts=(tensor,))
    return Target((card, weights, *more))


CARD = "model-card"
BILLION = 10**9
SCOUT = _file("Scout-17B-16E.gguf", (109, BILLION))
EXPERTS_OF_SCOUT = Metadata(key="llama.expert_count", value="16")

RULE = Rule(
    id="parameter-count-differs",
    title="The weights are of another size than the name says",
    severity=Severity.LOW,
    on=Target,
    check=check,
    refs=("LLM03:2025",),
    flags=(
        Target((_file("m.gguf", (BILLION,), size_label="7B"),)),
        Target((_file("m.gguf", (70, BILLION), size_label="7B"),)),
        Target((_file("m.gguf", (BILLION // 2,), size_label="8x7B"),)),
        Target((SCOUT,)),
        Target((_file("llama-70b.Q4_K_M.gguf", (7, BILLION)),)),
        Target((_file("m.gguf", (7, BILLION), name="Llama 70B"),)),
        _folder("Mistral-7B-v0.1", "BF16", (BILLION,)),
    ),
    passes=(
        Target((_file("m.gguf", (674, BILLION // 100), size_label="7B"),)),
        Target((_file("m.gguf", (762, BILLION // 100), size_label="7B"),)),
        Target((_file("m.gguf", (467, BILLION // 10), size_label="8x7B"),)),
        Target((_file("glm-1B-vs-7B.gguf", (BILLION,)),)),
        Target((_file("mmproj-7b.gguf", (BILLION // 2,), architecture="clip"),)),
        Target((_file("lora-7b.gguf", (BILLION // 100,), type="adapter"),)),
        Target((replace(SCOUT, facts=(*SCOUT.facts, EXPERTS_OF_SCOUT)),)),
        Target((_file("a-7B-00001-of-00002.gguf", (BILLION,)),)),
        _folder("Mistral-7B-v0.1", "I32", (BILLION,)),
        _folder("Mistral-7B-v0.1", "BF16", (BILLION,), Artifact(("adapter_config.json",), 8)),
        _folder("bert-base", "F32", (BILLION // 10,)),
    ),
)
