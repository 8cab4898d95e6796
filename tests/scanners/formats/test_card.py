"""Model cards: the front matter's claims, and front matter that attacks its reader."""

import time

import pytest

from aibom.scanners import kits
from aibom.scanners.facts import (
    NOWHERE,
    Conflict,
    Dataset,
    Fact,
    Licence,
    Metadata,
    Metric,
    Passage,
    Reference,
    Refers,
    Role,
)
from aibom.scanners.format import Match
from aibom.scanners.formats import card_body
from aibom.scanners.formats.card import FORMAT
from aibom.scanners.formats.card_facts import MAX_FRONT_MATTER, MAX_ITEMS
from aibom.scanners.limits import Exceeded
from aibom.scanners.record import replace
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
widget: [{text: a}]
---
# A model

Text.
"""


RESULTS = """---
model-index:
- name: é
  results:
  - task: {type: asr, name: Speech}
    dataset: {type: org/voice, name: Voice, config: en, split: test, revision: abc}
    metrics:
    - {type: wer, name: WER, value: 7.10, verified: true}
    - {name: CER, value: {clean: 1, other: 2.5}}
    source: {name: A paper, url: "https://example.com"}
  - {task: {name: Chat}, dataset: {name: Talk}, metrics: [{type: acc, value: 0.5}]}
  - {dataset: {type: org/voice, config: en, split: test, revision: abc}, metrics: [{type: x}]}
  - {metrics: text, dataset: text}
  - text
- results: {}
---
"""


def shown(data: bytes, fact: Fact) -> bytes:
    return data[fact.at.start : fact.at.end]


def test_states_what_the_front_matter_declares_and_where() -> None:
    found = [item for item in read(FORMAT, CARD, "README.md") if isinstance(item, Fact)]
    assert [(shown(CARD, fact), replace(fact, at=NOWHERE)) for fact in found] == [
        (b"apache-2.0", Licence(key="license", value="apache-2.0")),
        (b"org/base", Reference(kind=Refers.BASE_MODEL, key="base_model[0]", target="org/base")),
        (b"org/other", Reference(kind=Refers.BASE_MODEL, key="base_model[1]", target="org/other")),
        (b"a/b", Reference(kind=Refers.DATASET, key="datasets[0]", target="a/b")),
        (b"a/b", Dataset(key="datasets[0]", name="a/b", role=Role.TRAINING)),
        (b"text-generation", Metadata(key="pipeline_tag", value="text-generation")),
        (b"x", Metadata(key="tags[0]", value="x")),
        (b'"y"', Metadata(key="tags[1]", value="y")),
        (b"5", Metadata(key="co2_eq_emissions.emissions", value="5")),
        (
            CARD[4 : CARD.index(b"---\n#") - 1],
            Metadata(key="front-matter.unmapped", value="1 keys: widget"),
        ),
        (b"Text.", Passage(heading="A model", text="Text.")),
    ]


def test_a_dataset_that_has_keys_is_named_by_one_of_them() -> None:
    data = (
        b"---\ndatasets:\n- {name: a/b, split: train, revision: abc}\n- {split: test}\n- [c, d]\n"
        b"base_model: {name: x/y, sha: abc}\n---\n"
    )
    found = [item for item in read(FORMAT, data, "README.md") if isinstance(item, Reference)]
    assert [(fact.key, fact.target) for fact in found] == [
        ("base_model.name", "x/y"),
        ("datasets[0].name", "a/b"),
        ("datasets[2][0]", "c"),
        ("datasets[2][1]", "d"),
    ]


def test_a_result_on_data_without_an_id_has_the_title_or_nothing() -> None:
    data = (
        b"---\nmodel-index:\n- results:\n"
        b"  - {dataset: {type: unknown, name: Own}, metrics: [{type: f1, value: 1}]}\n"
        b"  - {dataset: {type: unknown, name: Unknown}, metrics: [{type: f1, value: 2}]}\n---\n"
    )
    found = [item for item in read(FORMAT, data, "README.md") if isinstance(item, Metric)]
    assert [(fact.value, fact.dataset) for fact in found] == [("1", "Own"), ("2", "Unknown")]


def test_states_every_result_with_what_it_was_measured_on() -> None:
    data = RESULTS.encode()
    found = [item for item in read(FORMAT, data, "README.md") if isinstance(item, Fact)]
    first = "model-index[0].results[0]"

    def voice(key: str, kind: str, name: str, value: str, *, is_verified: bool = False) -> Metric:
        return Metric(
            key=f"{first}.metrics{key}",
            kind=kind,
            value=value,
            name=name,
            task="asr",
            dataset="org/voice",
            config="en",
            split="test",
            is_verified=is_verified,
        )

    assert [(shown(data, fact).decode(), replace(fact, at=NOWHERE)) for fact in found] == [
        ("é", Metadata(key="model-index[0].name", value="é")),
        (
            "{type: org/voice, name: Voice, config: en, split: test, revision: abc}",
            Dataset(
                key=f"{first}.dataset",
                name="org/voice",
                role=Role.EVALUATION,
                config="en",
                split="test",
                revision="abc",
            ),
        ),
        ("7.10", voice("[0].value", "wer", "WER", "7.10", is_verified=True)),
        ("1", voice("[1].value.clean", "CER", "CER", "1")),
        ("2.5", voice("[1].value.other", "CER", "CER", "2.5")),
        ("A paper", Metadata(key=f"{first}.source.name", value="A paper")),
        ('"https://example.com"', Metadata(key=f"{first}.source.url", value="https://example.com")),
        (
            "{name: Talk}",
            Dataset(key="model-index[0].results[1].dataset", name="Talk", role=Role.EVALUATION),
        ),
        (
            "0.5",
            Metric(
                key="model-index[0].results[1].metrics[0].value",
                kind="acc",
                value="0.5",
                task="Chat",
                dataset="Talk",
            ),
        ),
    ]


def test_says_how_many_items_it_left_out() -> None:
    data = b"---\ntags: [" + b"a, " * (MAX_ITEMS + 2) + b"]\n---\n"
    *tags, cut = facts(FORMAT, data, Metadata, "README.md")
    assert [tag.key for tag in tags] == [f"tags[{n}]" for n in range(MAX_ITEMS)]
    told = f"2 more items of tags after the first {MAX_ITEMS}"
    assert cut == Metadata(at=Span(10, 3 * MAX_ITEMS + 8), key="front-matter.cut", value=told)


def test_names_of_a_licence_stand_under_their_key_even_in_a_list() -> None:
    data = b"---\nlicense: [mit, bsd]\nlicense_name: [x]\n---\n"
    assert [fact.key for fact in facts(FORMAT, data, Licence, "README.md")] == [
        "license[0]",
        "license[1]",
        "license_name",
    ]


def test_sections_are_passages_with_the_headings_above_them() -> None:
    data = "---\na: 1\n---\nBefore.\n# é\n## Uses\n\nTwo\n\nparts.\n\n## Limits\nMany.\n".encode()
    found = [item for item in read(FORMAT, data, "README.md") if isinstance(item, Passage)]
    assert [(shown(data, fact).decode(), replace(fact, at=NOWHERE)) for fact in found] == [
        ("Before.", Passage(heading="", text="Before.")),
        ("Two\n\nparts.", Passage(heading="Uses", above=("é",), text="Two\n\nparts.")),
        ("Many.", Passage(heading="Limits", above=("é",), text="Many.")),
    ]


def test_the_first_paragraph_of_prose_is_told_apart() -> None:
    prose = b"A model that tells cats from dogs."
    data = (
        b"---\n---\n# Cats\n\n[![badge](x)](y)\n\n" + prose + b"\n\nMore words come after this one."
    )
    assert facts(FORMAT, data, Metadata, "README.md") == [
        Metadata(
            at=Span(data.index(prose), len(prose)), key="body.first-paragraph", value=prose.decode()
        )
    ]


def test_text_that_is_no_utf8_is_shown_escaped() -> None:
    assert facts(FORMAT, b"---\n---\n# a\xff\nb\xfe\n", Passage, "README.md") == [
        Passage(at=Span(13, 2), heading="a\\xff", text="b\\xfe")
    ]


def test_says_where_it_stopped_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card_body, "MAX_BODY", 8)
    monkeypatch.setattr(card_body, "MAX_SECTIONS", 1)
    assert read(FORMAT, b"---\n---\n# a\nb\n# c\nd\n", "README.md") == [
        Passage(at=Span(12, 1), heading="a", text="b"),
        Metadata(at=Span(16, 0), key="body.cut", value="4 bytes after the first 8"),
    ]
    monkeypatch.setattr(card_body, "MAX_BODY", 20)
    assert read(FORMAT, b"---\n---\n# a\nb\n# c\nd\n", "README.md") == [
        Passage(at=Span(12, 1), heading="a", text="b"),
        Metadata(key="body.cut", value="1 more sections after the first 1"),
    ]


@pytest.mark.parametrize(
    ("data", "name", "match"),
    [
        (CARD, "README.md", Match.CERTAIN),
        (CARD.replace(b"\n", b"\r\n"), "README.md", Match.CERTAIN),
        (CARD, "README.txt", Match.NO),
        (b"# A model\n", "README.md", Match.CERTAIN),
        (b"# A model\n", "model_card.markdown", Match.CERTAIN),
        (b"# A model\n", "notes.md", Match.NO),
        (b"# A model\0", "README.md", Match.NO),
        (b"version https://git-lfs.github.com/spec/v1\n", "README.md", Match.NO),
        (b" \n", "README.md", Match.NO),
        (b"", "README.md", Match.NO),
    ],
)
def test_is_told_by_its_fence(data: bytes, name: str, match: Match) -> None:
    assert recognised(FORMAT, data, name) is match


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"---\nA line drawn\n", [Passage(at=Span(0, 16), heading="", text="---\nA line drawn")]),
        (b"---\n---\n", []),
        (b"---", [Passage(at=Span(0, 3), heading="", text="---")]),
        (b"# A\nb\n", [Passage(at=Span(4, 1), heading="A", text="b")]),
    ],
    ids=["a line", "empty", "nothing else", "no fence"],
)
def test_text_without_front_matter_is_passages_alone(data: bytes, found: list[Fact]) -> None:
    assert read(FORMAT, data, "README.md") == found


@pytest.mark.parametrize(
    "body",
    [
        b"a: &x [*x]\n",
        b"a: *x\n",
        b"a0: &a0 [1]\n"
        + b"".join(b"a%d: &a%d [*a%d, *a%d]\n" % (n, n, n - 1, n - 1) for n in range(1, 30)),
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
        "holds-itself",
        "no-anchor",
        "laughs",
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


def test_an_alias_is_what_it_stands_for() -> None:
    data = b"---\nlicense: &l mit\ntags: [*l, &t x, *t]\n---\n"
    found = [item for item in read(FORMAT, data, "README.md") if isinstance(item, Fact)]
    assert [(shown(data, fact), replace(fact, at=NOWHERE)) for fact in found] == [
        (b"&l mit", Licence(key="license", value="mit")),
        (b"&l mit", Metadata(key="tags[0]", value="mit")),
        (b"&t x", Metadata(key="tags[1]", value="x")),
        (b"&t x", Metadata(key="tags[2]", value="x")),
    ]


def test_nothing_is_constructed_from_tags() -> None:
    data = b"---\nlicense: !!python/object/apply:os.system [id]\n---\n"
    assert read(FORMAT, data, "README.md") == [
        Licence(at=Span(46, 2), key="license[0]", value="id"),
    ]


def test_a_key_that_stands_twice_is_a_conflict() -> None:
    data = b"---\nlicense: mit\nlicense: gpl-3.0\na: {b: 1, b: 2}\n---\n"
    at = Span(4, len(data) - 8)
    assert read(FORMAT, data, "README.md")[:3] == [
        Conflict(
            at=at,
            kind="duplicate",
            detail=f"a mapping of the front matter holds the key {k!r} twice",
        )
        for k in ("license", "b")
    ] + [Licence(at=Span(26, 7), key="license", value="gpl-3.0")]


def test_the_results_of_a_benchmark_are_read_soon() -> None:
    result = "  - task: {type: x}\n    metrics:\n    - type: f1\n      value: 69.3\n"
    data = "---\nmodel-index:\n- results:\n" + result * 4_000 + "license: mit\n---\n"
    start = time.process_time()
    assert facts(FORMAT, data.encode(), Licence, "README.md")[0].value == "mit"
    assert time.process_time() - start < 10


def test_endless_front_matter_is_too_long() -> None:
    with pytest.raises(Exceeded):
        read(FORMAT, b"---\n" + b"a: 1\n" * (MAX_FRONT_MATTER // 5 + 1), "README.md")


def test_damage_is_malformed_and_nothing_else() -> None:
    damage(FORMAT, CARD, name="README.md")
    damage(FORMAT, RESULTS.encode(), name="README.md")


def test_the_reader_is_brought_only_when_it_is_needed() -> None:
    assert kits.need("yaml").__name__ == "aibom.scanners.front_matter"
    with pytest.raises(KeyError):
        kits.need("unknown")
