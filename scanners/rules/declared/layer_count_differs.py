"""Rule: the weights have another number of layers than is declared."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...artifact import Artifact, Target
from ...declared.architectures import layers
from ...declared.models import Model, Weights, models
from ...facts import Metadata, Tensor
from ...rule import Evidence, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

KEYS = ("num_hidden_layers", "n_layer", "n_layers", "num_layers")
REPEATS = re.compile(r"loop|recur|cycle|repeat|shared?_(?:layer|block)|ut_steps", re.IGNORECASE)
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
            said = _said(model, weights) if weights.is_whole else {}
            held = layers(tensor.name for tensor in weights.tensors) if said else {}
            if held and not any(_fits(n, count) for n in said.values() for count in held.values()):
                key, number = next(iter(said.items()))
                counts = " or ".join(str(count) for count in sorted({*held.values()})[:3])
                message = f"{key} is {number}, the weights have {counts} layers"
                yield Evidence(message, weights.path)


def _fits(said: int, held: int) -> bool:
    return said <= held <= said + MORE


def _said(model: Model, weights: Weights) -> dict[str, int]:
    """Return where numbers of layers are declared, and which; of the parts of a model, too."""
    if weights.kind == "gguf":
        keys = [f"{weights.told.get('general.architecture', '')}.block_count"]
        found = {key: _number(weights.told.get(key, "")) for key in keys}
    elif weights is not model.loaded or model.is_adapter or _repeats(model):
        return {}
    else:
        keys = [key for key in model.config if key.rpartition(".")[2] in KEYS]
        found = {key: _number(model.config[key]) for key in sorted(keys, key=len)}
    return {key: number for key, number in found.items() if number}


def _repeats(model: Model) -> bool:
    """Whether some key says that the model goes through its layers more than once."""
    named = (*model.config, model.config.get("config.unmapped", ""))
    return any(REPEATS.search(name) for name in named)


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
