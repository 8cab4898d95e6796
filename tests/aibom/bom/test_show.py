"""The card of anybody's BOM: each field in its section, with its grounds, and what is silent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aibom.bom.show import card
from aibom.bom.show_card import Line, label
from aibom.render.card import render
from aibom.render.card_markdown import render as markdown
from aibom.render.card_short import render as short

from . import random_boms
from .merging import WHEN, Json, cdx, model
from .showing import lines, of, prop, section

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *(
                        "component",
                        "components",
                        "modelCard",
                        "properties",
                        "name",
                        "value",
                        "type",
                    ),
                    *("modelParameters", "considerations", "evidence", "occurrences", "licenses"),
                    *("pedigree", "ancestors", "hashes", "affects", "ref", "ratings", "severity"),
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)
SECTIONS = ("metadata", "components", "vulnerabilities", "compositions", "citations")


@settings(deadline=None, max_examples=50)
@given(st.dictionaries(st.sampled_from(SECTIONS), ANY))
def test_wrong_types_are_passed_over(sections: dict[str, Any]) -> None:
    assert render(card(cdx(**sections)))


@settings(deadline=None, max_examples=30)
@given(random_boms.boms())
def test_every_file_and_finding_is_shown(bom: Json) -> None:
    shown = render(card(bom), is_full=True)
    assert all(each["id"] in shown for each in bom.get("vulnerabilities", []))
    assert all(component["name"] in shown for component in bom["components"])


def test_who_it_is_and_which_bom_this_is() -> None:
    document = of(
        version="2",
        group="acme",
        purl="pkg:huggingface/acme/m@2",
        supplier={"name": "acme"},
        authors=[{"name": "a"}, {"name": "b"}],
        publisher="p",
        pedigree={"commits": [{"uid": "c0ffee"}]},
        modelCard={"properties": [prop("aibom:model:name", "M")]},
    )
    document["metadata"] |= {"timestamp": WHEN, "tools": [{"name": "t", "version": "1"}]}
    document["serialNumber"] = "urn:uuid:x"
    assert [pair[:2] for pair in lines(document, "identity")] == [
        ("type", "machine-learning-model"),
        ("name", "m"),
        ("group", "acme"),
        ("version", "2"),
        ("purl", "pkg:huggingface/acme/m@2"),
        ("supplier", "acme"),
        ("authors", "a, b"),
        ("publisher", "p"),
        ("commit", "c0ffee"),
        ("model name", "M"),
        ("described by", "CycloneDX 1.7"),
        ("serial number", "urn:uuid:x"),
        ("written", WHEN),
        ("written by", "t 1"),
    ]
    assert section(cdx(), "identity").note == "The BOM does not say what it is about."


def test_findings_stand_worst_last_and_unrated_ones_with_the_worst() -> None:
    def found(rule: str, *severities: str) -> Json:
        ratings = [{"severity": each} for each in severities]
        return {"id": rule, "ratings": ratings, "affects": [{"ref": "f"}], "description": rule}

    place = [prop("aibom:finding:member", "data.pkl"), prop("aibom:finding:offset", "7")]
    document = cdx(
        components=[{"type": "file", "name": "f.bin", "bom-ref": "f"}],
        vulnerabilities=[
            found("c", "low", "critical") | {"properties": place},
            found("u"),
            found("l", "low"),
        ],
    )
    findings = section(document, "findings")
    assert findings.note == "1 unrated, 1 critical, 1 low"
    assert findings.lines == (
        Line("low[l]", "l", "f.bin"),
        Line("critical[c]", "c", "f.bin > data.pkl, byte 7"),
        Line("unrated[u]", "u", "f.bin"),
    )


def test_who_waived_a_finding_stands_behind_it() -> None:
    def waiver(*expires: Json) -> Json:
        told = [prop("aibom:waiver:owner", "me@x"), prop("aibom:waiver:reason", "ours")]
        return {"properties": [*told, *expires], "ratings": [{"severity": "medium"}]}

    judged = {"state": "not_affected", "justification": "code_not_reachable", "detail": "no"}
    document = cdx(
        vulnerabilities=[
            {"id": "a", "description": "one", "analysis": {"state": "in_triage"}, **waiver()},
            {"id": "b", **waiver(prop("aibom:waiver:expires", "2027-01-01"))},
            {"id": "c", "ratings": [{"severity": "low"}], "analysis": judged},
        ]
    )
    findings = section(document, "findings")
    assert findings.note == "2 medium, 1 low; 2 of them waived"
    assert [(each.label, each.text) for each in findings.lines] == [
        ("low[c]", ""),
        ("analysis", "not_affected, code_not_reachable: no"),
        ("medium[a]", "one"),
        ("waived", "by me@x: ours"),
        ("medium[b]", ""),
        ("waived", "by me@x until 2027-01-01: ours"),
    ]
    shown = "2 medium, 1 low; 2 of them waived; the worst: medium[b]\n"
    assert shown in short(card(document))
    assert "| `waived` | `by me@x until 2027-01-01: ours` |" in markdown(card(document))


def test_what_is_made_of_files_is_not_counted_as_one() -> None:
    files = [{"type": "file", "name": name} for name in ("a", "b")]
    document = cdx(components=[model("whole"), *files])
    assert section(document, "files").note == "2 files, 1 model without a path or digest"
    assert [name for name, *_ in lines(document, "files")] == ["a", "b", "whole"]
    assert "  2 files, 1 model without a path or digest: a; b; whole\n" in short(card(document))
    assert section(cdx(components=files), "files").note == ""


def test_no_finding_is_only_good_news_if_somebody_looked() -> None:
    assert section(cdx(), "findings").note == "nothing is stated, nor that anybody looked"
    tool = {"type": "application", "name": "t", "properties": [prop("aibom:rules:sha256", "5e")]}
    looked = cdx(metadata={"tools": {"components": [tool]}})
    assert section(looked, "findings").note == "nothing is stated"


def test_parameters_data_and_bases() -> None:
    parameters = {
        "task": "t",
        "architectureFamily": "f",
        "modelArchitecture": "F",
        "approach": {"type": "supervised"},
        "inputs": [{"format": "text"}],
        "datasets": [{"type": "dataset", "name": "inline"}, {"ref": "d"}],
    }
    base = model("base", licenses=[{"license": {"id": "MIT"}}])
    document = of(
        modelCard={
            "modelParameters": parameters,
            "properties": [
                prop("cdx:ai-ml:model:parameter:count", "7"),
                prop("cdx:ai-ml:model:parameter:tune_method", "lora"),
                prop("theirs:odd", "x"),
            ],
        },
        pedigree={"ancestors": [base], "variants": [model("v")], "notes": "n"},
    )
    told = [prop("aibom:dataset:role", "evaluation"), prop("aibom:dataset:split", "test")]
    document["components"] = [
        {"type": "data", "name": "eval", "bom-ref": "d", "properties": told},
        {"type": "library", "name": "torch", "version": "2"},
        {"type": "machine-learning-model", "name": "w", "properties": [prop("aibom:dtype", "F32")]},
    ]
    assert lines(document, "architecture and parameters") == [
        ("family", "f", ""),
        ("architecture", "F", ""),
        ("parameter count", "7", ""),
        ("dtype", "F32", "w"),
    ]
    assert lines(document, "task") == [("task", "t", ""), ("input", "text", "")]
    assert lines(document, "training") == [
        ("approach", "supervised", ""),
        ("parameter tune method", "lora", ""),
    ]
    assert lines(document, "data") == [("data", "inline", ""), ("evaluation", "eval test", "")]
    assert lines(document, "base models") == [
        ("made from", "base", ""),
        ("licence of base", "MIT", ""),
        ("same weights", "v", ""),
        ("notes", "n", ""),
    ]
    assert lines(document, "environment") == [("library", "torch@2", "")]
    assert lines(document, "stated besides") == [("theirs odd", "x", "")]


def test_licences_metrics_and_what_it_cost() -> None:
    document = of(
        licenses=[
            {"license": {"id": "MIT", "acknowledgement": "declared"}},
            {"expression": "MIT OR Apache-2.0"},
        ],
        evidence={"licenses": [{"license": {"id": "MIT"}}]},
        modelCard={
            "quantitativeAnalysis": {
                "performanceMetrics": [
                    {
                        "type": "f1",
                        "value": "0.5",
                        "slice": "test",
                        "confidenceInterval": {"lowerBound": "0.4", "upperBound": "0.6"},
                    },
                    {},
                ]
            },
            "considerations": {
                "environmentalConsiderations": {"properties": [prop("aibom:co2", "12")]}
            },
        },
    )
    assert lines(document, "licences") == [
        ("declared", "MIT", ""),
        ("licence", "MIT OR Apache-2.0", ""),
        ("concluded", "MIT", ""),
    ]
    assert lines(document, "metrics") == [("f1", "0.5, test, 0.4 to 0.6", ""), ("metric", "", "")]
    assert lines(document, "environment") == [("co2", "12", "")]


def test_what_is_not_known_is_said() -> None:
    told = [
        prop("aibom:unread", "limit: x"),
        prop("aibom:left-out", ".git"),
        prop("aibom:left-out", ".github"),
    ]
    document = of(properties=told, **{"bom-ref": "s"})
    document["compositions"] = [
        {"aggregate": "complete", "assemblies": ["f"]},
        {"aggregate": "incomplete", "assemblies": ["s", "?"]},
        {"aggregate": "unknown", "dependencies": ["s"]},
    ]
    assert lines(document, "not known") == [
        ("task", "nothing is stated", ""),
        ("data", "nothing is stated", ""),
        ("base models", "nothing is stated", ""),
        ("licences", "nothing is stated", ""),
        ("metrics", "nothing is stated", ""),
        ("limitations and use", "nothing is stated", ""),
        ("incomplete", "parts of the model as a whole, ?", ""),
        ("unknown", "what it depends on of the model as a whole", ""),
        ("unread", "limit: x", ""),
        ("left-out", ".git, .github", ""),
    ]


@pytest.mark.parametrize(
    ("size", "shown"),
    [("1", "1 byte, "), ("1234567", "1,234,567 bytes, "), ("many", ""), ("", "")],
    ids=["one", "many", "no number", "none"],
)
def test_files_are_listed_with_what_is_known_of_them(size: str, shown: str) -> None:
    file = {
        "type": "file",
        "name": "n",
        "hashes": [{"alg": "SHA-256", "content": "5E" * 32}],
        "properties": [
            prop("aibom:path", "a/b"),
            prop("aibom:size", size),
            prop("aibom:role", "tokenizer"),
            prop("aibom:format", "json"),
        ],
    }
    other = {"type": "file", "name": "o", "mime-type": "text/plain"}
    assert lines(cdx(components=[file, other]), "files") == [
        ("a/b", f"{shown}tokenizer, json, sha256 {'5e' * 32}", ""),
        ("o", "text/plain, no SHA-256", ""),
    ]


def test_labels_are_words() -> None:
    assert label("cdx:ai-ml:model:parameter:tune_method") == "parameter tune method"
    assert label("theirs") == "theirs"


def test_the_card_of_a_document_is_the_same_in_every_run() -> None:
    document = of(properties=[prop("b", "1"), prop("a", "2")])
    assert card(document) == card(json.loads(json.dumps(document)))


def test_what_the_weights_repeat_of_the_model_is_shown_once() -> None:
    card_of = {"modelParameters": {"task": "t"}}
    place = [{"location": "README.md", "additionalContext": "declared: task"}]
    subject = model(modelCard=card_of, evidence={"occurrences": place})
    weights = subject | {"bom-ref": "w", "name": "w"}
    assert lines(cdx(metadata={"component": subject}, components=[weights]), "task") == [
        ("task", "t", "")
    ]
    del weights["evidence"]
    assert lines(cdx(metadata={"component": subject}, components=[weights]), "task") == [
        ("task", "t", ""),
        ("task", "t", "w"),
    ]
