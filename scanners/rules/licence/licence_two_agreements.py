"""Rule: a merge of models whose licences each ask that their own terms go along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...artifact import Artifact, Target
from ...facts import Reference, Refers
from ...licences.lineage import by_family
from ...rule import Evidence, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(target: Target) -> Iterator[Evidence]:
    """A model that is made from two models under two agreements is under both.

    Llama, Gemma, the RAIL family and others each ask that their own terms are passed on. One name
    of a licence in a card cannot say that; and two agreements may ask for what excludes one
    another, such as how the model is called.

    What to do: read the two clauses that are named. If both can be kept, say so, and add both
    texts. Whether two licences are compatible, this does not say: it is no legal advice.
    """
    found = sorted(by_family(target).items())
    if len(found) > 1:
        told = " and ".join(f"{each.told} ({each.asks.clause})" for _, each in found[:4])
        first = found[0][1]
        yield Evidence(f"made from {told}", first.path, first.at)


def _card(*bases: str) -> Target:
    facts = tuple(
        Reference(kind=Refers.BASE_MODEL, key=f"base_model[{number}]", target=base)
        for number, base in enumerate(bases)
    )
    return Target((Artifact(("README.md",), 8, formats=("model-card",), facts=facts),))


LLAMA, GEMMA = "meta-llama/Llama-3.1-8B", "google/gemma-2-9b"

RULE = Rule(
    id="licence-two-agreements",
    title="Made from models under two agreements that both go along",
    severity=Severity.LOW,
    on=Target,
    check=check,
    refs=("LLM03:2025",),
    flags=(_card(LLAMA, GEMMA), _card("mistralai/Mistral-7B-v0.1", GEMMA, "bigscience/bloom")),
    passes=(
        _card(LLAMA),
        _card(LLAMA, "meta-llama/Llama-3.2-1B"),
        _card(LLAMA, "mistralai/Mistral-7B-v0.1"),
        _card(LLAMA, "facebook/nllb-200-distilled-600M"),
    ),
)
