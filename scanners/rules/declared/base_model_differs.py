"""Rule: two places name base models that cannot both be meant."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from itertools import combinations, islice
from typing import TYPE_CHECKING

from ...artifact import Artifact, Target
from ...bases import Base, bases, is_local, plain
from ...declared.sizes import sizes
from ...facts import Metadata, Reference, Refers
from ...rule import Evidence, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_SHOWN = 20
WORD = re.compile(r"[a-z]{3,}")
OWN_NAMES = {"general.name", "general.basename"}  # of GGUF
# Words that tell of an edition, not of a family.
COMMON = {
    *("base", "chat", "instruct", "model", "preview", "tuned", "fine", "finetuned", "merged"),
    *("gguf", "awq", "gptq", "bnb", "bit", "quantized", "mlx", "lora", "adapter", "unsloth"),
    *("community", "http", "https", "www", "com", "hub", "huggingface", "main", "the", "for"),
}


def check(target: Target) -> Iterator[Evidence]:
    """Flaws and licence come from the base model, and here nobody can tell which that is.

    The card, the configuration of an adapter, and the metadata of GGUF are compared. Mirrors and
    other editions of one model have a word in common, and then are taken for the same, unless an
    adapter and its card name two sizes.

    What to do: look which base model fits the weights; an adapter only fits the one that it was
    trained on. Then let all places name it.
    """
    folders: defaultdict[str, list[tuple[Artifact, list[Base]]]] = defaultdict(list)
    for artifact in target.artifacts:
        named = [base for base in bases(artifact) if not is_local(base.target)]
        if named:
            folders[posixpath.dirname(artifact.path[0])].append((artifact, named))
    for folder in sorted(folders):
        yield from islice(_of_folder(folders[folder]), MAX_SHOWN)


def _of_folder(stated: list[tuple[Artifact, list[Base]]]) -> Iterator[Evidence]:
    for (one, named), (other, others) in combinations(stated, 2):
        if _speaks_for_all(one, other) and not _may_be_same(one, named, other, others):
            message = (
                f"{named[0].key} of {named[0].path[0]!r} is {named[0].target!r}, but"
                f" {others[0].key} of {others[0].path[0]!r} is {others[0].target!r}"
            )
            yield Evidence(message, others[0].path, others[0].fact.at)


def _speaks_for_all(*artifacts: Artifact) -> bool:
    """Whether one of two is a card or an adapter: two files of weights may be two models."""
    return any("model-card" in each.formats or _is_adapter(each) for each in artifacts)


def _may_be_same(one: Artifact, named: list[Base], other: Artifact, others: list[Base]) -> bool:
    if {plain(base.target) for base in named} & {plain(base.target) for base in others}:
        return True
    if _is_adapter(one, other) and not _may_be_of_size(named, others):
        return False
    words, further = _words(one, named), _words(other, others)
    return not words or not further or bool(words & further)


def _words(artifact: Artifact, named: list[Base]) -> set[str]:
    """Return the words of all names, and of a GGUF's own, which may be what a card names."""
    texts = [plain(base.target) for base in named]
    texts += [
        fact.value.casefold()
        for fact in artifact.facts
        if isinstance(fact, Metadata) and fact.key in OWN_NAMES
    ]
    return {word for text in texts for word in WORD.findall(text)} - COMMON


def _is_adapter(*artifacts: Artifact) -> bool:
    return any(
        isinstance(fact, Metadata) and fact.key == "peft_type"
        for artifact in artifacts
        for fact in artifact.facts
    )


def _may_be_of_size(named: list[Base], others: list[Base]) -> bool:
    """Whether a size that one side names is one of the other's; true if one names none."""
    one, other = (
        {size.text.casefold() for base in side for size in sizes(base.target, "B")}
        for side in (named, others)
    )
    return not one or not other or bool(one & other)


def _place(name: str, target: str, *told: Metadata) -> Artifact:
    reference = Reference(kind=Refers.BASE_MODEL, key="base_model", target=target)
    formats = ("model-card",) if name.endswith("README.md") else ()
    return Artifact((name,), 8, formats=formats, facts=(reference, *told))


def _adapter(target: str) -> Artifact:
    return _place("adapter_config.json", target, Metadata(key="peft_type", value="LORA"))


def _card(target: str) -> Artifact:
    return _place("README.md", target)


FINE_TUNE = Metadata(key="general.name", value="Hermes 3 Llama 3.1 8B")

RULE = Rule(
    id="base-model-differs",
    title="Two places name different base models",
    severity=Severity.LOW,
    on=Target,
    check=check,
    refs=("LLM03:2025",),
    flags=(
        Target((_card("Qwen/Qwen2.5-7B"), _adapter("meta-llama/Llama-3.1-8B"))),
        Target((_card("meta-llama/Llama-2-13b-hf"), _adapter("meta-llama/Llama-2-7b-hf"))),
        Target(
            (_card("Qwen/Qwen2.5-7B"), _place("m.gguf", "https://huggingface.co/google/gemma-2-9b"))
        ),
    ),
    passes=(
        Target((_card("Qwen/Qwen2.5-7B"), _adapter("Qwen/Qwen2.5-7B"))),
        Target((_card("meta-llama/Meta-Llama-3-8B"), _adapter("unsloth/llama-3-8b-bnb-4bit"))),
        Target((_card("meta-llama/Llama-2-7b"), _adapter("/models/base"))),
        Target(
            (
                _card("NousResearch/Hermes-3-Llama-3.1-8B"),
                _place("m.gguf", "https://huggingface.co/meta-llama/Llama-3.1-70B", FINE_TUNE),
            )
        ),
        Target((_card("a/qwen"), _place("sub/README.md", "b/llama"))),
        Target((_card("a/qwen"),)),
        Target((_card("google-t5/t5-base"), _adapter("t5-base"))),
        Target((_place("1.gguf", "a/qwen"), _place("2.gguf", "b/llama"))),
    ),
)
