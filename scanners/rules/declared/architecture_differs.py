"""Rule: the configuration names another family of models than the weights are of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...artifact import Artifact, Target
from ...declared.architectures import has_part, part_of_names, same_family
from ...declared.models import Model, models
from ...facts import Metadata, Tensor
from ...rule import Evidence, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

FEW = 12  # tensors: fewer are a head, an adapter, or another part


def check(target: Target) -> Iterator[Evidence]:
    """These weights are not those that the configuration was written for.

    Loaded together, the model fails, or is filled with random numbers where names do not match. A
    folder put together by hand, or a configuration left over from another model, looks so.
    Families are compared only where both names are known: the `model_type` of config.json with
    `general.architecture` of GGUF, and with the names that tensors of that type have.

    What to do: look where the weights came from. If it is your model, save configuration and
    weights together.
    """
    for model in models(target):
        model_type = model.config.get("model_type", "")
        for weights in model.weights:
            gguf = weights.told.get("general.architecture", "")
            if weights.kind == "gguf" and same_family(gguf, model_type) is False:
                message = f"config.json says {model_type!r}, general.architecture {gguf!r}"
                yield Evidence(message, weights.path)
        if message := _names(model, model_type):
            yield Evidence(message, model.loaded.path if model.loaded else model.config_path)


def _names(model: Model, model_type: str) -> str:
    """Return that no tensor is called as those of the type are; empty if one is."""
    part = part_of_names(model_type)
    weights = model.loaded
    if part is None or weights is None or model.is_adapter or len(weights.tensors) < FEW:
        return ""
    names = [tensor.name for tensor in weights.tensors]
    if has_part(names, part) or not all(names):
        return ""
    return f"config.json says {model_type!r}, but no tensor is called like {part!r}"


def _folder(model_type: str, weights: Artifact) -> Target:
    said = Metadata(key="model_type", value=model_type)
    return Target((Artifact(("config.json",), 8, formats=("json",), facts=(said,)), weights))


def _gguf(family: str) -> Artifact:
    said = Metadata(key="general.architecture", value=family)
    return Artifact(("m.gguf",), 8, formats=("gguf",), facts=(said,))


def _weights(name: str, count: int = FEW) -> Artifact:
    facts = tuple(
        Tensor(name=name.format(number), dtype="F32", shape=(2,)) for number in range(count)
    )
    return Artifact(("model.safetensors",), 8, formats=("safetensors",), facts=facts)


BERT = "bert.encoder.layer.{}.attention.self.query.weight"
LLAMA = "model.layers.{}.self_attn.q_proj.weight"

RULE = Rule(
    id="architecture-differs",
    title="The weights are of another family than the configuration says",
    severity=Severity.LOW,
    on=Target,
    check=check,
    refs=("LLM03:2025",),
    flags=(
        _folder("qwen2", _gguf("llama")),
        _folder("llama", _weights(BERT)),
        _folder("bert", _weights(LLAMA)),
    ),
    passes=(
        _folder("mistral", _gguf("llama")),
        _folder("my_own_type", _gguf("llama")),
        _folder("llama", _gguf("my-own-family")),
        _folder("llama", _weights(LLAMA)),
        _folder("bert", _weights(BERT)),
        _folder("my_own_type", _weights(BERT)),
        _folder("llama", _weights("lm_head.{}", 2)),
        _folder("llama", _weights("")),
        Target((_weights(BERT),)),
    ),
)
