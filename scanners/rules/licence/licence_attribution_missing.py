"""Rule: the base model's licence asks for a name or for words that stand nowhere here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...artifact import Artifact, Target
from ...facts import Licence, Metadata, Passage, Reference, Refers
from ...licences.lineage import by_family
from ...rule import Evidence, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...facts import Fact
    from ...licences.lineage import Ancestor

NAMES = ("model_name", "general.name")  # of this model, in a card and in GGUF


def check(target: Target) -> Iterator[Evidence]:
    """Llama from version 3 on, Qwen and Stability ask what is made from their models to name them.

    "Built with Llama" is to be shown, and the model's name is to begin with "Llama". The words may
    stand on a web page or in an application instead, which are not seen here: so this only informs.

    What to do: read the clause that is named; add the words to the card, and change the name.
    """
    bases = [each for each in by_family(target).values() if each.asks.name]
    if not bases:
        return
    facts = [fact for artifact, fact in target.facts() if "/" not in artifact.path[0]]
    for base in bases:
        for missing in (_name(base, facts), _words(base, facts)):
            if missing:
                message = f"made from {base.told} ({base.asks.name}); {missing}"
                yield Evidence(message, base.path, base.at)


def _name(base: Ancestor, facts: list[Fact]) -> str:
    """Return that the model's name does not hold what it should begin with, or nothing.

    Tools put words before a name, so that one inside it is enough.
    """
    names = [fact for fact in facts if isinstance(fact, Metadata) and fact.key in NAMES]
    if not names or any(base.asks.begins in fact.value.lower() for fact in names):
        return ""
    return f"{names[0].key!r} is {names[0].value[:100]!r}"


def _words(base: Ancestor, facts: list[Fact]) -> str:
    """Return that a text for people has none of the wordings, or nothing; no text is no proof."""
    texts = [_text(fact) for fact in facts]
    if not base.asks.shown or not any(isinstance(fact, Passage) for fact in facts):
        return ""
    if any(words in text for text in texts for words in base.asks.shown):
        return ""
    return f"{base.asks.shown[0]!r} stands in no text here"


def _text(fact: Fact) -> str:
    if isinstance(fact, Passage):
        text = f"{fact.heading} {fact.text}"
    else:
        text = fact.value if isinstance(fact, Metadata | Licence) else ""
    return " ".join(text.replace("*", "").split()).lower()


def _card(*facts: Fact, base: str = "meta-llama/Llama-3.1-8B") -> Target:
    named = Reference(kind=Refers.BASE_MODEL, key="base_model", target=base)
    return Target((Artifact(("README.md",), 8, formats=("model-card",), facts=(named, *facts)),))


def _says(text: str) -> Passage:
    return Passage(heading="Model", text=text)


RULE = Rule(
    id="licence-attribution-missing",
    title="The base model's licence asks to be named",
    severity=Severity.INFO,
    on=Target,
    check=check,
    refs=("LLM03:2025",),
    flags=(
        _card(_says("A chat model.")),
        _card(Metadata(key="model_name", value="Hermes")),
        _card(_says("A chat model."), base="Qwen/Qwen2.5-72B"),
    ),
    passes=(
        _card(_says("Built with **Llama**")),
        _card(Metadata(key="general.name", value="Meta Llama 3.1 8B Hermes")),
        _card(),
        _card(_says("A chat model."), base="meta-llama/Llama-2-7b-hf"),
        _card(_says("A chat model."), base="mistralai/Mistral-7B-v0.1"),
    ),
)
