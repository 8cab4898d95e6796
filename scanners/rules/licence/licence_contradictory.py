"""Rule: two places in one folder name licences that cannot both be meant."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from ...artifact import Artifact, Target
from ...facts import Licence
from ...licences.declared import Folder, Said, agree, folders
from ...rule import Evidence, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_SHOWN = 20  # contradictions of one folder; a thousand shards would all say the same


def check(target: Target) -> Iterator[Evidence]:
    """Whoever relies on one of two licences may break the other.

    The card, the LICENSE file, and the metadata inside GGUF, safetensors, ONNX and configuration
    files are compared, each only where it names known licences; a family agrees with each of its
    members. A LICENSE file counts by its words, not by its name or title.

    What to do: ask the author which licence holds, and for which files. If you are the author, let
    all places say the same; if code and weights differ, call the texts LICENSE-CODE and
    LICENSE-MODEL.
    """
    for folder in folders(target).values():
        yield from islice(_contradictions(folder), MAX_SHOWN)


def _contradictions(folder: Folder) -> Iterator[Evidence]:
    cards = [each for each in [*folder.cards, *folder.names] if each.meaning.ids]
    texts = [each for each in folder.texts if each.meaning.ids]
    files = [each for each in folder.files if each.meaning.ids]
    # Two cards' ids, or two texts, are a choice or a collection: they stand together.
    if cards and texts and not agree(_ids(cards), _ids(texts)):
        yield _differ(texts, cards)
    rest = [*cards, *texts]
    known = _ids(rest)
    for each in files:
        if rest and not agree({*each.meaning.ids}, known):
            yield _differ([each], cards or texts)


def _ids(said: list[Said]) -> set[str]:
    return {licence for each in said for licence in each.meaning.ids}


def _differ(one: list[Said], other: list[Said]) -> Evidence:
    message = f"{_named(one)}, but {_named(other)}"
    return Evidence(message, one[0].path)


def _named(said: list[Said]) -> str:
    places = ", ".join(dict.fromkeys(each.where for each in said[:3]))
    names = " and ".join(sorted(_ids(said))[:4])
    return f"{places!r} says {names}"


def _artifact(name: str, format_: str, fact: Licence) -> Artifact:
    return Artifact((name,), 8, formats=(format_,), facts=(fact,))


def _text(name: str, *ids: str) -> Artifact:
    return _artifact(name, "licence-text", Licence(key=name, value="Licence", ids=ids))


CARD = _artifact("README.md", "model-card", Licence(key="license", value="mit"))
FAMILY = _artifact("README.md", "model-card", Licence(key="license", value="bsd"))
GGUF = _artifact("m.gguf", "gguf", Licence(key="general.license", value="llama3.1"))
LLAMA = "LicenseRef-scancode-llama-3.1-license-2024"

RULE = Rule(
    id="licence-contradictory",
    title="Two places name different licences",
    severity=Severity.MEDIUM,
    on=Target,
    check=check,
    refs=("LLM03:2025",),
    flags=(
        Target((CARD, _text("LICENSE", "Apache-2.0"))),
        Target((CARD, GGUF)),
        Target((_text("LICENSE", "GPL-3.0"), GGUF)),
    ),
    passes=(
        Target((CARD, _text("LICENSE", "MIT"))),
        Target((CARD, _text("LICENSE", "Apache-2.0"), _text("LICENSE-MIT", "MIT"))),
        Target((CARD, _text("LICENSE-CODE", "Apache-2.0"))),
        Target((CARD, _text("NOTICE", "Apache-2.0"))),
        Target((CARD, _text("LICENSE"))),
        Target((FAMILY, _text("LICENSE", "BSD-3-Clause"))),
        Target((_text("LICENSE", LLAMA), GGUF)),
        Target((CARD, _text("sub/LICENSE", "Apache-2.0"))),
    ),
)
