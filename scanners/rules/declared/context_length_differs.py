"""Rule: the model is said to take longer texts than its weights, or another file, allow."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...artifact import Artifact, Target
from ...declared.models import Model, models
from ...facts import Metadata, Tensor
from ...rule import Evidence, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

KEYS = ("max_position_embeddings", "n_positions")
# Tensors with one row for each place of a text, learnt in training.
POSITIONS = {"position_embeddings", "wpe", "embed_positions", "position_embedding"}
AXES = 2  # of such a tensor
# Towers inside a model that have positions of their own, of pieces of a picture or sound.
TOWER = re.compile(r"vision|visual|image|img|video|audio|speech|patch", re.IGNORECASE)


def check(target: Target) -> Iterator[Evidence]:
    """Texts of the length that is declared are cut, or break the model.

    Where positions are learnt, the weights hold one row for each: fewer rows than the configuration
    declares cannot be right. Where a GGUF file lies beside a config.json, both should name one
    length. What a tokenizer allows is not compared: its limit often is another on purpose.

    What to do: go by the smaller number. If it is your model, let both say what it was trained for.
    """
    for model in models(target):
        key = next((key for key in KEYS if key in model.config), "")
        said = _number(model.config.get(key, ""))
        if said:
            yield from _rows(model, key, said)
            yield from _gguf(model, key, said)


def _rows(model: Model, key: str, said: int) -> Iterator[Evidence]:
    weights = model.loaded
    if weights is None or model.is_adapter:
        return
    rows = [tensor.shape[0] for tensor in weights.tensors if _is_table(tensor)]
    if rows and max(rows) < said:
        message = f"{key} is {said}, the weights have {max(rows)} positions"
        yield Evidence(message, weights.path)


def _is_table(tensor: Tensor) -> bool:
    parts = tensor.name.split(".")
    is_weight = len(parts) > 1 and parts[-1] == "weight"
    is_of_text = is_weight and parts[-2] in POSITIONS and not TOWER.search(tensor.name)
    return is_of_text and len(tensor.shape) == AXES


def _gguf(model: Model, key: str, said: int) -> Iterator[Evidence]:
    for weights in model.weights:
        if weights.kind == "gguf":
            name = f"{weights.told.get('general.architecture', '')}.context_length"
            held = _number(weights.told.get(name, ""))
            if held and held != said and not _is_stretched(model):
                yield Evidence(f"{key} of config.json is {said}, {name} is {held}", weights.path)


def _is_stretched(model: Model) -> bool:
    """Whether the configuration stretches positions, so that it has more than one length."""
    return any(name.startswith(("rope_scaling", "rope_parameters.factor")) for name in model.config)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 12 else 0  # noqa: PLR2004 - digits


def _folder(said: str, weights: Artifact, *more: Metadata) -> Target:
    declared = (Metadata(key="max_position_embeddings", value=said), *more)
    return Target((Artifact(("config.json",), 8, formats=("json",), facts=declared), weights))


def _table(rows: int, name: str = "embeddings.position_embeddings.weight") -> Artifact:
    tensor = Tensor(name=name, dtype="F32", shape=(rows, 8))
    return Artifact(("model.safetensors",), 8, formats=("safetensors",), facts=(tensor,))


def _file(length: str) -> Artifact:
    told = (
        Metadata(key="general.architecture", value="llama"),
        Metadata(key="llama.context_length", value=length),
    )
    return Artifact(("m.gguf",), 8, formats=("gguf",), facts=told)


RULE = Rule(
    id="context-length-differs",
    title="Another length of texts is declared than the model has",
    severity=Severity.LOW,
    on=Target,
    check=check,
    refs=("LLM03:2025",),
    flags=(
        _folder("8192", _table(512)),
        _folder("1024", _table(512, "transformer.wpe.weight")),
        _folder("4096", _file("32768")),
    ),
    passes=(
        _folder("512", _table(512)),
        _folder("512", _table(514)),
        _folder("1024", _table(512, "layout.x_position_embeddings.weight")),
        _folder("8192", _table(512, "position_embeddings")),
        _folder("8192", _table(512, "vision_model.embeddings.position_embedding.weight")),
        _folder("4096", _file("4096")),
        _folder("4096", _file("")),
        _folder("4096", _file("32768"), Metadata(key="rope_scaling.factor", value="8")),
        _folder("long", _table(512)),
        Target((_table(512),)),
    ),
)
