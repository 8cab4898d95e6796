"""Rule: the weights have another number of layers than is declared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...artifact import Artifact, Target
from ...declared.architectures import layers
from ...declared.models import Model, Weights, models
from ...facts import Metadata, Tensor
from ...rule import Evidence, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

KEYS = ("num_hidden_layers", "n_layer", "n_layers", "num_layers")
MORE = 4  # layers above those that are declared: some models carry a few to guess words ahead


def check(target: Target) -> Iterator[Evidence]:
    """A loader makes as many layers as are declared: it leaves out some, or fills some by chance.

    Layers are counted by the numbers in the names of tensors with attention, in every stack of the
    weights; one that fits is enough, and up to four more are taken for layers that guess ahead.

    What to do: look where the weights came from. If you removed layers yourself, let config.json
    say so.
    """
    for model in models(target):
        for weights in model.weights:
            key, said = _said(model, weights)
            if said and weights.is_whole:
                held = layers(tensor.name for tensor in weights.tensors)
                if held and not any(said <= count <= said + MORE for count in held.values()):
                    counts = " or ".join(str(count) for count in sorted({*held.values()})[:3])
                    message = f"{key} is {said}, the weights have {counts} layers"
                    yield Evidence(message, weights.path)


def _said(model: Model, weights: Weights) -> tuple[str, int]:
    """Return where the number of layers is declared, and which it is; 0 if it is not."""
    if weights.kind == "gguf":
        key = f"{weights.told.get('general.architecture', '')}.block_count"
        return key, _number(weights.told.get(key, ""))
    if weights is not model.loaded or model.is_adapter:
        return "", 0
    key = next((key for key in KEYS if key in model.config), "")
    return key, _number(model.config.get(key, ""))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 5 else 0  # noqa: PLR2004 - digits


def _facts(name: str, count: int) -> tuple[Tensor, ...]:
    return tuple(Tensor(name=name.format(n), dtype="F32", shape=(2,)) for n in range(count))


def _folder(said: str, held: int, name: str = "model.layers.{}.self_attn.q") -> Target:
    declared = Metadata(key="num_hidden_layers", value=said)
    config = Artifact(("config.json",), 8, formats=("json",), facts=(declared,))
    weights = Artifact(
        ("model.safetensors",), 8, formats=("safetensors",), facts=_facts(name, held)
    )
    return Target((config, weights))


def _gguf(said: str, held: int) -> Target:
    declared = (
        Metadata(key="general.architecture", value="llama"),
        Metadata(key="llama.block_count", value=said),
    )
    facts = (*declared, *_facts("blk.{}.attn_q.weight", held))
    return Target((Artifact(("m.gguf",), 8, formats=("gguf",), facts=facts),))


RULE = Rule(
    id="layer-count-differs",
    title="The weights have another number of layers than is declared",
    severity=Severity.LOW,
    on=Target,
    check=check,
    refs=("LLM03:2025",),
    flags=(_folder("12", 6), _folder("6", 12), _gguf("32", 16)),
    passes=(
        _folder("12", 12),
        _folder("12", 13),
        _folder("12", 6, "encoder.layers.{}.conv"),
        _folder("many", 6),
        _folder("0", 6),
        _gguf("32", 32),
        Target(_folder("12", 6).artifacts[1:]),
    ),
)
