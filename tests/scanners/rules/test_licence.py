"""What the rules about licences say of whole folders."""

from __future__ import annotations

import pytest

from aibom.scanners.artifact import Artifact, Target
from aibom.scanners.facts import (
    Fact,
    Licence,
    Metadata,
    Passage,
    Reason,
    Reference,
    Refers,
    Tensor,
    Unread,
)
from aibom.scanners.judge import judge
from aibom.scanners.rules.licence import licence_missing
from aibom.scanners.source import Span

WEIGHTS = Tensor(name="w", dtype="F32", shape=(2,))


def card(*facts: Fact) -> Artifact:
    return Artifact(("README.md",), 8, formats=("model-card",), facts=facts)


def text(name: str, *ids: str) -> Artifact:
    fact = Licence(key=name, value="Terms", ids=ids)
    return Artifact((name,), 8, formats=("licence-text",), facts=(fact,))


def weights(name: str, *facts: Fact) -> Artifact:
    return Artifact((name,), 8, formats=("gguf",), facts=(WEIGHTS, *facts))


def findings(*artifacts: Artifact) -> list[tuple[str, str, str]]:
    found = judge(Target(artifacts))
    return [(f.rule, f.path[0], f.message) for f in found if f.rule.startswith("licence-")]


def licence(value: str, key: str = "license") -> Licence:
    return Licence(key=key, value=value)


@pytest.mark.parametrize(
    ("artifacts", "expected"),
    [
        (
            (card(licence("apache-2.0")), text("LICENSE", "MIT")),
            (
                "licence-contradictory",
                "LICENSE",
                "'LICENSE' says MIT, but 'license of README.md' says Apache-2.0",
            ),
        ),
        (
            (card(licence("mit")), weights("m.gguf", licence("gpl", "general.license"))),
            (
                "licence-contradictory",
                "m.gguf",
                (
                    "'general.license of m.gguf' says GPL-1.0 and GPL-2.0 and GPL-3.0,"
                    " but 'license of README.md' says MIT"
                ),
            ),
        ),
        (
            (
                card(licence("mit")),
                text("LICENSE", "MIT"),
                text("LICENSE-MODEL", "LicenseRef-scancode-deepseek-la-1.0"),
            ),
            (
                "licence-contradictory",
                "LICENSE-MODEL",
                (
                    "'LICENSE-MODEL' says LicenseRef-scancode-deepseek-la-1.0,"
                    " but 'license of README.md' says MIT"
                ),
            ),
        ),
        (
            (card(licence("cc")), weights("m.gguf")),
            ("licence-unclear", "README.md", "'license' is 'cc', a family of 31 licences"),
        ),
        (
            (card(licence("other")), weights("m.gguf")),
            (
                "licence-unclear",
                "README.md",
                "'license' is 'other', and nothing says which licence that is",
            ),
        ),
        (
            (
                card(
                    licence("mit"),
                    Reference(kind=Refers.BASE_MODEL, key="base_model", target="google/gemma-2-9b"),
                ),
            ),
            (
                "licence-looser-than-base",
                "README.md",
                (
                    "made from 'google/gemma-2-9b', which is under 'gemma' by its publisher's word"
                    " (distribution (section 3.1): the use restrictions and a copy of the terms"
                    " go along), but only MIT is named"
                ),
            ),
        ),
    ],
    ids=[
        *("text against card", "metadata against card", "weights against code"),
        *("family", "other", "base"),
    ],
)
def test_a_finding_names_the_places_and_the_licences(
    artifacts: tuple[Artifact, ...], expected: tuple[str, str, str]
) -> None:
    assert findings(*artifacts) == [expected]


@pytest.mark.parametrize(
    "artifacts",
    [
        (card(licence("gpl-3.0")), text("COPYING", "GPL-3.0"), weights("m.gguf")),
        (card(licence("mit")), text("LICENSE", "X11"), weights("m.gguf")),
        (
            card(licence("other"), licence("qwen-research", "license_name")),
            text("LICENSE", "LicenseRef-aibom-qwen-research-2024"),
            weights("m.gguf"),
        ),
        (card(licence("mit")), weights("m.gguf", licence("our own", "general.license"))),
        (card(licence("mit")), text("LICENSE_CODE.txt", "Apache-2.0"), weights("m.gguf")),
        (
            card(licence("openrail++")),
            text("LICENSE", "MIT"),
            text("MODEL_LICENSE", "LicenseRef-scancode-bigscience-open-rail-m2"),
            weights("m.gguf"),
        ),
        (card(licence("mit")), text("LICENSE-3RD-PARTY.txt", "Apache-2.0"), weights("m.gguf")),
        (card(licence("apple-ascl")), text("LICENSE", "LicenseRef-scancode-apple-ml-ferret-2023")),
    ],
    ids=[
        *("later or not", "one licence in two wordings", "by name", "free text", "of the code"),
        *("of code and of weights", "of others", "two copies of one publisher's"),
    ],
)
def test_what_agrees_or_cannot_be_compared_is_no_finding(artifacts: tuple[Artifact, ...]) -> None:
    assert findings(*artifacts) == []


def test_a_card_that_was_not_read_may_name_a_licence() -> None:
    unread = Unread(reason=Reason.MALFORMED, detail="front matter")
    assert list(licence_missing.check(Target((card(unread), weights("m.gguf"))))) == [
        (
            "there are weights, but no LICENSE file, and no licence in a card, in metadata of the"
            " weights or of a package; 'README.md' was not fully read"
        )
    ]


def test_a_section_about_the_licence_is_unclear_and_not_missing() -> None:
    section = Passage(heading="7. License", text="See the terms.", at=Span(3, 4))
    assert findings(card(section), weights("m.gguf")) == [
        ("licence-unclear", "README.md", "only the section '7. License' speaks of a licence")
    ]


def test_what_a_thousand_files_say_alike_is_said_twenty_times() -> None:
    many = [weights(f"{number}.gguf", licence("gpl", "general.license")) for number in range(1000)]
    assert len(findings(card(licence("mit")), *many)) == 20
    vague = [weights(f"{number}.gguf", licence("other", "general.license")) for number in range(99)]
    assert len(findings(*vague)) == 20


LLAMA = Reference(kind=Refers.BASE_MODEL, key="base_model", target="meta-llama/Llama-3.1-8B")
GEMMA = Reference(kind=Refers.BASE_MODEL, key="base_model", target="google/gemma-2-9b")
LLAMA_TOLD = "'meta-llama/Llama-3.1-8B', which is under 'llama3.1' by its publisher's word"
LLAMA_CLAUSE = "redistribution (section 1.b): a copy of the agreement and its notice go along"
GEMMA_CLAUSE = "distribution (section 3.1): the use restrictions and a copy of the terms go along"
NAMED = (
    'section 1.b.i: the name of a model that is made from it begins with "Llama";'
    ' "Built with Llama" is shown'
)


def test_a_model_that_is_made_from_another_is_held_against_what_that_asks() -> None:
    title = Metadata(key="model_name", value="Hermes")
    body = Passage(heading="Hermes", text="A model for chats.")
    artifacts = (card(licence("llama3.1"), LLAMA, title, body), weights("m.gguf"))
    assert findings(*artifacts) == [
        (
            "licence-attribution-missing",
            "README.md",
            f"made from {LLAMA_TOLD} ({NAMED}); 'built with llama' stands in no text here",
        ),
        (
            "licence-attribution-missing",
            "README.md",
            f"made from {LLAMA_TOLD} ({NAMED}); 'model_name' is 'Hermes'",
        ),
        (
            "licence-copy-missing",
            "README.md",
            f"made from {LLAMA_TOLD} ({LLAMA_CLAUSE}), but no text of a licence is here",
        ),
    ]


def test_a_merge_is_under_both_agreements() -> None:
    text_ = text("LICENSE", "LicenseRef-scancode-llama-3.1-license-2024")
    assert findings(card(licence("llama3.1"), LLAMA, GEMMA), text_, weights("m.gguf")) == [
        (
            "licence-two-agreements",
            "README.md",
            (
                f"made from 'google/gemma-2-9b', which is under 'gemma' by its publisher's word"
                f" ({GEMMA_CLAUSE}) and {LLAMA_TOLD} ({LLAMA_CLAUSE})"
            ),
        )
    ]


def test_adapters_alone_and_models_deeper_down_are_not_judged() -> None:
    adapter = Artifact(("adapter_config.json",), 8, formats=("json",), facts=(LLAMA,))
    deep = Artifact(("sub/README.md",), 8, formats=("model-card",), facts=(LLAMA, GEMMA))
    assert findings(card(licence("mit")), adapter, weights("m.gguf")) == []
    assert findings(card(licence("mit")), deep, weights("m.gguf")) == []


def test_use_restrictions_that_are_not_there_are_missed_without_a_base_model_too() -> None:
    assert findings(card(licence("creativeml-openrail-m")), weights("m.gguf")) == [
        (
            "licence-copy-missing",
            "README.md",
            (
                "'license of README.md' is 'creativeml-openrail-m' (use-based restrictions: they"
                " go along with every derivative), but no text of a licence is here"
            ),
        )
    ]


def test_words_that_are_shown_and_a_name_that_begins_well_are_enough() -> None:
    title = Metadata(key="model_name", value="Llama-3.1-Hermes-8B")
    body = Passage(heading="Hermes", text="This model is **Built with\nLlama**.")
    text_ = text("LICENSE", "LicenseRef-scancode-llama-3.1-license-2024")
    assert findings(card(licence("llama3.1"), LLAMA, title, body), text_, weights("m.gguf")) == []
