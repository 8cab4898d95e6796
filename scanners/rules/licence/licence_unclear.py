"""Rule: something is said about the licence, but not which one it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...artifact import Artifact, Target
from ...facts import Licence, Passage, Tensor
from ...licences.declared import Folder, Said, folders
from ...rule import Evidence, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_SHOWN = 20  # statements of one folder; a thousand shards would all say the same


def check(target: Target) -> Iterator[Evidence]:
    """Nobody can keep the terms of a licence that is not named.

    A card may say `other`, the name of a family (`cc`, `gpl`), or a word that is no licence's id;
    with no text beside it and nothing that names one, everybody reads into it what they like. So
    do readers of a section in the card's text, where nothing else names the licence.

    What to do: name the licence by its id of https://spdx.org/licenses; for a licence without one,
    add its whole text as LICENSE, and say `license_name` and `license_link` in the card.
    """
    for folder in folders(target).values():
        if folder.has_weights and not _is_named(folder):
            for said in [*folder.cards, *folder.files][:MAX_SHOWN]:
                yield Evidence(_why(said), said.path)
            if not folder.all:
                for path, section in folder.sections[:MAX_SHOWN]:
                    told = f"only the section {section.heading!r} speaks of a licence"
                    yield Evidence(told, path, section.at)


def _is_named(folder: Folder) -> bool:
    """Whether any statement, or any text at all, says which licence it is."""
    clear = any(each.meaning.ids and not _is_wide(each) for each in folder.all)
    return clear or bool(folder.texts) or bool(folder.names)


def _is_wide(said: Said) -> bool:
    """Whether it names a family; leaving open if later versions count makes none."""
    return said.meaning.is_family and len(said.meaning.ids) > 1


def _why(said: Said) -> str:
    if said.meaning.is_blank:
        return f"{said.key!r} is {said.value!r}, and nothing says which licence that is"
    if said.meaning.ids:
        return f"{said.key!r} is {said.value!r}, a family of {len(said.meaning.ids)} licences"
    return f"{said.key!r} is {said.value[:100]!r}, which is no licence that is known by that name"


def _card(*facts: Licence | Passage) -> Artifact:
    return Artifact(("README.md",), 8, formats=("model-card",), facts=facts)


WEIGHTS = Artifact(("model.safetensors",), 8, facts=(Tensor(name="w", dtype="F32", shape=(2,)),))
TEXT = Artifact(
    ("LICENSE",), 8, formats=("licence-text",), facts=(Licence(key="LICENSE", value="Terms"),)
)
OTHER = _card(Licence(key="license", value="other"))
LINKED = _card(
    Licence(key="license", value="other"), Licence(key="license_name", value="our-licence")
)

SECTION = Passage(heading="License", text="The code is free, and the weights are not.")

RULE = Rule(
    id="licence-unclear",
    title="The model's licence is not named",
    severity=Severity.LOW,
    on=Target,
    check=check,
    refs=("LLM03:2025",),
    flags=(
        Target((OTHER, WEIGHTS)),
        Target((_card(Licence(key="license", value="cc")), WEIGHTS)),
        Target((_card(Licence(key="license", value="free for all")), WEIGHTS)),
        Target((_card(SECTION), WEIGHTS)),
    ),
    passes=(
        Target((OTHER,)),
        Target((_card(SECTION, Licence(key="license", value="mit")), WEIGHTS)),
        Target((OTHER, TEXT, WEIGHTS)),
        Target((LINKED, WEIGHTS)),
        Target((_card(Licence(key="license", value="gpl-3.0")), WEIGHTS)),
        Target((_card(Licence(key="license", value="gemma")), WEIGHTS)),
        Target((WEIGHTS,)),
    ),
)
