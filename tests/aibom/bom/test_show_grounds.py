"""What a value rests on, and texts with the heading that they stand under."""

from __future__ import annotations

from aibom.bom.show_card import Ground, Line, Passage

from .merging import WHEN, model
from .showing import of, prop, section


def test_a_licence_is_known_as_it_is_acknowledged() -> None:
    occurrences = [
        {"location": "README.md", "additionalContext": "declared: licence, licence-text"},
        {"location": "LICENSE", "additionalContext": "inferred: licence; declared: licence-text"},
    ]
    licences = [
        {"license": {"id": "MIT", "acknowledgement": how}} for how in ("declared", "concluded")
    ]
    document = of(licenses=licences, evidence={"occurrences": occurrences})
    assert [(line.label, line.grounds) for line in section(document, "licences").lines] == [
        ("declared", (Ground("declared", "README.md"),)),
        ("concluded", (Ground("inferred", "LICENSE"),)),
    ]


def test_passages_are_word_for_word_with_their_heading() -> None:
    context = "declared: card:limitations"
    occurrence = {"location": "README.md", "symbol": "M > Limits", "additionalContext": context}
    considerations = {
        "technicalLimitations": ["It\nlies."],
        "ethicalConsiderations": [{"name": "bias", "mitigationStrategy": "none"}],
    }
    card_ = {
        "considerations": considerations,
        "properties": [prop("aibom:card:out-of-scope-use", "War.")],
    }
    document = of(modelCard=card_, evidence={"occurrences": [occurrence]})
    document["components"] = [
        model("w", modelCard={"considerations": {"users": ["all"]}}),
    ]
    ground = Ground("declared", "README.md, key 'M > Limits'")
    assert section(document, "limitations and use").passages == (
        Passage("limitations (under 'M > Limits')", "It\nlies.", (ground,)),
        Passage("ethical considerations", "bias: none"),
        Passage("out-of-scope-use", "War."),
        Passage("users, of w", "all"),
    )


def test_a_text_on_ethics_stands_once_and_its_heading_is_no_text() -> None:
    card_ = {
        "considerations": {"ethicalConsiderations": [{"name": "Risks"}]},
        "properties": [prop("aibom:card:ethical-considerations", "It lies.")],
    }
    assert section(of(modelCard=card_), "limitations and use").passages == (
        Passage("ethical-considerations", "It lies."),
    )


def test_grounds_are_of_the_citation_or_else_of_the_occurrence() -> None:
    occurrence = {
        "location": "m.pt",
        "offset": 7,
        "symbol": "key",
        "additionalContext": "observed: tensor:count; declared: task; in data.pkl",
    }
    document = of(
        evidence={"occurrences": [occurrence, {"location": "elsewhere"}]},
        modelCard={
            "modelParameters": {"task": "t"},
            "properties": [prop("aibom:tensor:count", "1"), prop("aibom:layers", "2")],
        },
    )
    task = "/metadata/component/modelCard/modelParameters/task"
    here = Ground("declared", "m.pt > data.pkl, byte 7, key 'key'")
    assert section(document, "task").lines == (Line("task", "t", "", (here,)),)
    counted = section(document, "architecture and parameters").lines
    assert [(line.text, line.status) for line in counted] == [("1", "observed"), ("2", "")]
    document["citations"] = [
        {"pointers": [task], "timestamp": WHEN, "note": "inferred: config.json"},
        {"pointers": [task], "timestamp": WHEN, "note": "a person: I think so"},
    ]
    cited = (Ground("inferred", "config.json"), Ground("", "a person: I think so"))
    assert section(document, "task").lines == (Line("task", "t", "", cited),)
