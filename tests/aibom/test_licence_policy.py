"""A policy about licences finds what it does not allow, wherever a target says it."""

from __future__ import annotations

import pytest

from aibom.licence_policy import broken
from aibom.scanners.artifact import Artifact, Target
from aibom.scanners.facts import Fact, Licence, Reference, Refers, Tensor
from aibom.scanners.licences.policy import LicencePolicy, lists
from aibom.scanners.rule import Severity

WEIGHTS = Artifact(("model.gguf",), 8, facts=(Tensor(name="w", dtype="F32", shape=(2,)),))
LLAMA = "LicenseRef-scancode-llama-3.1-license-2024"
POLICY = lists(allow=["mit", "apache-2.0"], deny=["llama3.1", "commercial=no"])


def card(*facts: Fact) -> Artifact:
    return Artifact(("README.md",), 8, formats=("model-card",), facts=facts)


def text(name: str, value: str, *ids: str) -> Artifact:
    fact = Licence(key=name.rpartition("/")[2], value=value, ids=ids)
    return Artifact((name,), 8, formats=("licence-text",), facts=(fact,))


def named(value: str, key: str = "license") -> Licence:
    return Licence(key=key, value=value)


def found(*artifacts: Artifact, policy: LicencePolicy = POLICY) -> list[tuple[str, str, str]]:
    findings = broken(policy, Target(artifacts))
    return [(each.rule, each.path[0] if each.path else "", each.message) for each in findings]


@pytest.mark.parametrize(
    "artifacts",
    [
        (card(named("mit")), WEIGHTS),
        (card(named("mit")), text("LICENSE", "MIT License", "MIT"), text("NOTICE", "We thank")),
        (card(named("other"), named("ours", "license_name")), text("LICENSE", "MIT", "MIT")),
        (card(named("mit"), named("https://a.example", "license_link")),),
        (text("USE_POLICY.md", "Be good"), card(named("apache-2.0"))),
        (),
    ],
    ids=["card", "notice", "text says what other means", "link", "policy of use", "nothing"],
)
def test_what_is_allowed_is_no_finding(artifacts: tuple[Artifact, ...]) -> None:
    assert found(*artifacts) == []


@pytest.mark.parametrize(
    ("artifacts", "expected"),
    [
        (
            (card(named("llama3.1")),),
            (
                "licence-denied",
                "README.md",
                f"'license' is 'llama3.1': {LLAMA}: 'llama3.1' is on the list 'deny'",
            ),
        ),
        (
            (card(named("mit")), text("sub/LICENSE-CODE", "Attribution", "CC-BY-NC-4.0")),
            (
                "licence-denied",
                "sub/LICENSE-CODE",
                (
                    "'LICENSE-CODE' is 'Attribution': CC-BY-NC-4.0: 'commercial=no' is on the"
                    " list 'deny'"
                ),
            ),
        ),
        (
            (card(named("mit")), text("LICENSE", "Our terms")),
            (
                "licence-needs-review",
                "LICENSE",
                "'LICENSE' is 'Our terms': 'Our terms' means no known licence",
            ),
        ),
        (
            (card(named("other")), WEIGHTS),
            (
                "licence-needs-review",
                "README.md",
                "'license' is 'other': 'other' means no known licence",
            ),
        ),
        (
            (card(named("mit")), Artifact(("m.gguf",), 8, facts=(named("ours"),))),
            (
                "licence-needs-review",
                "m.gguf",
                "'license' is 'ours': 'ours' means no known licence",
            ),
        ),
        (
            (
                card(
                    named("mit"),
                    Reference(
                        kind=Refers.BASE_MODEL, key="base_model", target="meta-llama/Llama-3.1-8B"
                    ),
                ),
            ),
            (
                "licence-denied",
                "README.md",
                (
                    "made from 'meta-llama/Llama-3.1-8B', which its publisher gives under"
                    f" 'llama3.1': {LLAMA}: 'llama3.1' is on the list 'deny'"
                ),
            ),
        ),
        (
            (WEIGHTS,),
            (
                "licence-needs-review",
                "",
                "no licence is named: 'nothing' means no known licence",
            ),
        ),
    ],
    ids=["denied", "deeper", "text", "other", "unknown beside known", "base", "nothing named"],
)
def test_what_is_not_allowed_is_found_where_it_stands(
    artifacts: tuple[Artifact, ...], expected: tuple[str, str, str]
) -> None:
    assert found(*artifacts) == [expected]


def test_statements_that_say_the_same_are_one_finding_and_denied_ones_come_first() -> None:
    shards = [Artifact((f"{n}.gguf",), 8, facts=(named("isc"),)) for n in range(1000)]
    assert found(*shards, card(named("cc-by-nc-4.0"))) == [
        (
            "licence-denied",
            "README.md",
            ("'license' is 'cc-by-nc-4.0': CC-BY-NC-4.0: 'commercial=no' is on the list 'deny'"),
        ),
        (
            "licence-needs-review",
            "0.gguf",
            "'license' is 'isc': ISC: on no list, and so in 999 more places",
        ),
    ]


def test_a_hundred_different_findings_are_enough() -> None:
    many = [Artifact((f"{n}.gguf",), 8, facts=(named(f"ours {n}"),)) for n in range(1000)]
    assert len(found(*many, card(named("cc-by-nc-4.0")))) == 100
    assert found(*many, card(named("cc-by-nc-4.0")))[0][0] == "licence-denied"


def test_denied_is_high_and_review_is_medium() -> None:
    target = Target((card(named("llama3.1"), named("isc")),))
    assert [each.severity for each in broken(POLICY, target)] == [Severity.HIGH, Severity.MEDIUM]
