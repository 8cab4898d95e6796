"""Rule: the terms of a licence go along with the model, and no text of a licence is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...artifact import Artifact, Target
from ...facts import Licence, Reference, Refers, Tensor
from ...licences.declared import TEXT, Folder, folders
from ...licences.lineage import by_family
from ...licences.terms import terms
from ...rule import Evidence, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(target: Target) -> Iterator[Evidence]:
    """Llama, Gemma, the RAIL family and others ask that a copy of their terms goes along.

    For RAIL these are the use restrictions, often as "Attachment A". They hold for the model itself
    and for what is made from it. A link, or the id in a card, is no copy.

    What to do: add the text of the licence, and the policy that it names, as files beside the
    weights. Any text by such a name counts here, told or not.
    """
    top = folders(target).get("", Folder())
    if not top.has_weights or any(TEXT in each.formats for each in target.artifacts):
        return
    asked = set[str]()
    for base in by_family(target).values():
        asked.add(base.asks.family)
        yield Evidence(f"made from {base.told} ({base.asks.clause}){NONE}", base.path, base.at)
    for said in [*top.cards, *top.names, *top.files]:
        found = terms(said.meaning.ids[0]) if said.meaning.ids else None
        if found and found.same == "terms" and found.family not in asked:
            asked.add(found.family)
            yield Evidence(f"{said.where!r} is {said.value!r} ({found.clause}){NONE}", said.path)


NONE = ", but no text of a licence is here"
WEIGHTS = Artifact(("model.safetensors",), 8, facts=(Tensor(name="w", dtype="F32", shape=(2,)),))
POLICY = Artifact(
    ("USE_POLICY.md",), 8, formats=(TEXT,), facts=(Licence(key="USE_POLICY.md", value="Policy"),)
)


def _card(licence: str, base: str = "") -> Artifact:
    facts = (
        Licence(key="license", value=licence),
        Reference(kind=Refers.BASE_MODEL, key="base_model", target=base),
    )
    return Artifact(("README.md",), 8, formats=("model-card",), facts=facts)


RULE = Rule(
    id="licence-copy-missing",
    title="The licence asks for a copy of its terms",
    severity=Severity.LOW,
    on=Target,
    check=check,
    refs=("LLM03:2025",),
    flags=(
        Target((_card("creativeml-openrail-m"), WEIGHTS)),
        Target((_card("llama3.1", "meta-llama/Llama-3.1-8B"), WEIGHTS)),
        Target((_card("mit", "google/gemma-2-9b"), WEIGHTS)),
    ),
    passes=(
        Target((_card("creativeml-openrail-m"),)),
        Target((_card("creativeml-openrail-m"), WEIGHTS, POLICY)),
        Target((_card("apache-2.0", "mistralai/Mistral-7B-v0.1"), WEIGHTS)),
        Target((_card("gpl-3.0"), WEIGHTS)),
    ),
)
