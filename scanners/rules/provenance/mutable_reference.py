"""Rule: an adapter loads its base model from a place whose content can change."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...artifact import Artifact
from ...bases import bases
from ...facts import Metadata, Reference, Refers
from ...rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMIT = re.compile(r"[0-9a-f]{40}")
REPOSITORY = re.compile(r"\w[\w.-]*/\w[\w.-]*")


def check(artifact: Artifact) -> Iterator[str]:
    """The base model of an adapter is fetched by its name when the adapter is loaded.

    Without a commit, its owner, or whoever takes over the name, decides anew each time what that
    is. Most adapters are published so.

    What to do: set `revision` in adapter_config.json to the commit that the adapter was trained on,
    or pass `revision=` when you load the base model.
    """
    told = {fact.key: fact.value for fact in artifact.facts if isinstance(fact, Metadata)}
    if "peft_type" not in told or COMMIT.fullmatch(told.get("revision", "")):
        return
    at = f"at {told['revision']!r:.100}" if "revision" in told else "without a commit"
    for base in bases(artifact):
        if REPOSITORY.fullmatch(base.target):
            yield f"loads the base model {base.target!r} {at}"


def _adapter(target: str, **told: str) -> Artifact:
    metadata = (Metadata(key=key, value=value) for key, value in told.items())
    base = Reference(kind=Refers.BASE_MODEL, key="base_model_name_or_path", target=target)
    return Artifact(("adapter_config.json",), 8, formats=("json",), facts=(base, *metadata))


RULE = Rule(
    id="mutable-reference",
    title="An adapter loads its base model by a name alone",
    severity=Severity.INFO,
    on=Artifact,
    check=check,
    refs=("CWE-494", "LLM03:2025"),
    flags=(
        _adapter("org/base", peft_type="LORA"),
        _adapter("org/base", peft_type="LORA", revision="main"),
    ),
    passes=(
        _adapter("org/base", peft_type="LORA", revision="c0" * 20),
        _adapter("./base", peft_type="LORA"),
        _adapter("org/base"),
        Artifact(("m.gguf",), 8, facts=(Metadata(key="peft_type", value="LORA"),)),
    ),
)
