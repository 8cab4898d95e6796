"""Rule: what the model was made from is not said, or cannot be found by what is said."""

from __future__ import annotations

import posixpath
from itertools import chain, islice
from typing import TYPE_CHECKING

from ...artifact import Artifact, Target
from ...bases import bases, circles, is_here, is_local
from ...facts import Metadata, Reference, Refers
from ...rule import Evidence, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_SHOWN = 20  # statements of one target; a thousand shards would all say the same


def check(target: Target) -> Iterator[Evidence]:
    """An adapter does nothing without the very model that it was trained on.

    Its base model may be missing, a path on the machine where it was trained, or, through other
    models of the same folder, the model itself. Then nobody can load it as it was, nor know which
    licence and which flaws it has from there.

    What to do: name the base model by its repository, `owner/name`, in adapter_config.json and
    as `base_model` in the card. If you only use the model, ask its author.
    """
    found = chain(_missing(target), _unresolvable(target), _circular(target))
    yield from islice(found, MAX_SHOWN)


def _missing(target: Target) -> Iterator[Evidence]:
    named = {
        posixpath.dirname(artifact.path[0])
        for artifact in target.artifacts
        if any(True for _ in bases(artifact))
    }
    for artifact in target.artifacts:
        if _is_adapter(artifact) and posixpath.dirname(artifact.path[0]) not in named:
            yield Evidence("an adapter, and no base model is named", artifact.path)


def _is_adapter(artifact: Artifact) -> bool:
    return any(isinstance(fact, Metadata) and fact.key == "peft_type" for fact in artifact.facts)


def _unresolvable(target: Target) -> Iterator[Evidence]:
    for artifact in target.artifacts:
        for base in bases(artifact) if _is_adapter(artifact) else ():
            if is_local(base.target) and not is_here(target, base):
                message = f"the base model is {base.target!r}, a path of another machine"
                yield Evidence(message, base.path, base.fact.at)


def _circular(target: Target) -> Iterator[Evidence]:
    for base in circles(target):
        message = f"made from {base.target!r}, which leads back to the model itself"
        yield Evidence(message, base.path, base.fact.at)


def _adapter(base: str = "", name: str = "adapter_config.json") -> Artifact:
    facts = (Metadata(key="peft_type", value="LORA"), *_made_from(base))
    return Artifact((name,), 8, formats=("json",), facts=facts)


def _made_from(base: str) -> tuple[Reference, ...]:
    reference = Reference(kind=Refers.BASE_MODEL, key="base_model", target=base)
    return (reference,) if base else ()


def _gguf(own: str, base: str) -> Artifact:
    address = Metadata(key="general.repo_url", value=f"https://huggingface.co/{own}")
    return Artifact(("m.gguf",), 8, formats=("gguf",), facts=(address, *_made_from(base)))


def _card(base: str, name: str = "README.md") -> Artifact:
    return Artifact((name,), 8, formats=("model-card",), facts=_made_from(base))


RULE = Rule(
    id="base-model-unclear",
    title="What the model was made from cannot be told",
    severity=Severity.LOW,
    on=Target,
    check=check,
    refs=("LLM03:2025",),
    flags=(
        Target((_adapter(),)),
        Target((_adapter("/home/me/models/llama"),)),
        Target((_adapter("./base"),)),
        Target((_adapter("C:\\models\\base"),)),
        Target((_gguf("a/b", "https://huggingface.co/A/b"),)),
        Target(
            (
                _card("c/d", "models--a--b/snapshots/1/README.md"),
                _card("a/b", "models--c--d/snapshots/1/README.md"),
            )
        ),
    ),
    passes=(
        Target((_adapter("org/base"),)),
        Target((_adapter(), _card("org/base"))),
        Target((_adapter("./base"), Artifact(("base/config.json",), 8))),
        Target((_adapter("https://example.com/a/b/c"),)),
        Target((_gguf("a/b", "c/d"),)),
        Target((_card("c/d", "models--a--b/snapshots/1/README.md"),)),
        Target((_card("/root/somewhere"),)),
    ),
)
