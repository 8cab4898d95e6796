"""What the rules about licences say of whole folders."""

from __future__ import annotations

import pytest

from aibom.scanners.artifact import Artifact, Target
from aibom.scanners.facts import Fact, Licence, Reference, Refers, Tensor
from aibom.scanners.judge import judge

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
    ids=["text against card", "metadata against card", "family", "other", "base"],
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
    ],
    ids=["later or not", "one licence in two wordings", "by name", "free text", "of the code"],
)
def test_what_agrees_or_cannot_be_compared_is_no_finding(artifacts: tuple[Artifact, ...]) -> None:
    assert findings(*artifacts) == []


def test_what_a_thousand_files_say_alike_is_said_twenty_times() -> None:
    many = [weights(f"{number}.gguf", licence("gpl", "general.license")) for number in range(1000)]
    assert len(findings(card(licence("mit")), *many)) == 20
    vague = [weights(f"{number}.gguf", licence("other", "general.license")) for number in range(99)]
    assert len(findings(*vague)) == 20
