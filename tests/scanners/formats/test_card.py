"""Model cards: the front matter's claims, and front matter that attacks its reader."""

import time

import pytest

from aibom.scanners import kits
from aibom.scanners.facts import Conflict, Licence, Metadata, Reference, Refers
from aibom.scanners.format import Match
from aibom.scanners.formats.card import FORMAT, MAX_FRONT_MATTER
from aibom.scanners.limits import Exceeded
from aibom.scanners.source import Malformed, Span
from tests.helpers.reading import damage, facts, read, recognised

kits.load_all()

CARD = b"""---
license: apache-2.0
base_model:
- org/base
- org/other
datasets: [a/b]
pipeline_tag: text-generation
tags: [x, "y"]
co2_eq_emissions: {emissions: 5}
model-index: []
---
# A model
"""


def test_states_what_the_front_matter_declares() -> None:
    at = Span(4, CARD.index(b"---\n#") - 4)
    unmapped = "2 keys: co2_eq_emissions, model-index"
    assert read(FORMAT, CARD, "README.md") == [
        Licence(at=at, key="license", value="apache-2.0"),
        Reference(at=at, kind=Refers.BASE_MODEL, key="base_model", target="org/base"),
        Reference(at=at, kind=Refers.BASE_MODEL, key="base_model", target="org/other"),
        Reference(at=at, kind=Refers.DATASET, key="datasets", target="a/b"),
        Metadata(at=at, key="pipeline_tag", value="text-generation"),
        Metadata(at=at, key="tags", value="x, y"),
        Metadata(at=at, key="front-matter.unmapped", value=unmapped),
    ]


@pytest.mark.parametrize(
    ("data", "name", "match"),
    [
        (CARD, "README.md", Match.CERTAIN),
        (CARD.replace(b"\n", b"\r\n"), "README.md", Match.CERTAIN),
        (CARD, "README.txt", Match.NO),
        (b"# A model\n", "README.md", Match.NO),
        (b"", "README.md", Match.NO),
    ],
)
def test_is_told_by_its_fence(data: bytes, name: str, match: Match) -> None:
    assert recognised(FORMAT, data, name) is match


@pytest.mark.parametrize("data", [b"---\nA line drawn in the text.\n", b"---\n---\n", b"---"])
def test_text_without_front_matter_says_nothing(data: bytes) -> None:
    assert read(FORMAT, data, "README.md") == []


@pytest.mark.parametrize(
    "body",
    [
        b"a: &x [1]\nb: *x\n",
        b"a: [\n",
        b"- 1\n",
        b"text\n",
        b"a: \xff\n",
        b"a: " + b"[" * 50 + b"]" * 50 + b"\n",
        b"a: " + b"[" * 5000 + b"\n",
        b"a: [" + b"1," * 100_001 + b"]\n",
        b"a: b: c\n",
        b"\x00: 1\n",
        b"a: %\n",
    ],
    ids=[
        "alias",
        "open",
        "list",
        "text",
        "no-utf8",
        "deep",
        "deeper",
        "long",
        "colons",
        "nul",
        "tag",
    ],
)
def test_refuses(body: bytes) -> None:
    with pytest.raises(Malformed):
        read(FORMAT, b"---\n" + body + b"---\n", "README.md")


def test_nothing_is_constructed_from_tags() -> None:
    card = b"---\nlicense: !!python/object/apply:os.system [id]\n---\n"
    assert read(FORMAT, card, "README.md") == [
        Licence(at=Span(4, 46), key="license", value="id"),
    ]


def test_a_key_that_stands_twice_is_a_conflict() -> None:
    card = b"---\nlicense: mit\nlicense: gpl-3.0\na: {b: 1, b: 2}\n---\n"
    at = Span(4, len(card) - 8)
    assert read(FORMAT, card, "README.md")[:3] == [
        Conflict(
            at=at,
            kind="duplicate",
            detail=f"a mapping of the front matter holds the key {k!r} twice",
        )
        for k in ("license", "b")
    ] + [Licence(at=at, key="license", value="gpl-3.0")]


def test_the_results_of_a_benchmark_are_read_soon() -> None:
    result = "  - task: {type: x}\n    metrics:\n    - type: f1\n      value: 69.3\n"
    card = "---\nmodel-index:\n- results:\n" + result * 4_000 + "license: mit\n---\n"
    start = time.process_time()
    assert facts(FORMAT, card.encode(), Licence, "README.md")[0].value == "mit"
    assert time.process_time() - start < 10


def test_endless_front_matter_is_too_long() -> None:
    with pytest.raises(Exceeded):
        read(FORMAT, b"---\n" + b"a: 1\n" * (MAX_FRONT_MATTER // 5 + 1), "README.md")


def test_damage_is_malformed_and_nothing_else() -> None:
    damage(FORMAT, CARD, name="README.md")


def test_the_reader_is_brought_only_when_it_is_needed() -> None:
    assert kits.need("yaml").__name__ == "aibom.scanners.front_matter"
    with pytest.raises(KeyError):
        kits.need("unknown")
