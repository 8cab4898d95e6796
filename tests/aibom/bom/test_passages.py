"""Sections of a card stand in the BOM word for word, by their headings, or not at all."""

from __future__ import annotations

import pytest

from aibom.bom import passages
from aibom.bom.model import Claim, Evidence, Field, Status
from aibom.scanners.facts import Metadata, Passage
from aibom.scanners.source import Span

from .examples import file


@pytest.mark.parametrize(
    ("heading", "fields"),
    [
        ("Limitations", (Field.LIMITATIONS,)),
        ("⚠️ Known limitations", (Field.LIMITATIONS,)),
        ("**Bias, Risks, and Limitations**", (Field.LIMITATIONS,)),
        ("Limitations & Risks", (Field.LIMITATIONS,)),
        ("Intended uses & limitations", (Field.USE_CASES, Field.LIMITATIONS)),
        ("Direct Use", (Field.USE_CASES,)),
        ("Downstream Use [optional]", (Field.USE_CASES,)),
        ("Out-of-Scope Use", (Field.MISUSE,)),
        ("Primary intended users", (Field.USERS,)),
        ("Ethical considerations", (Field.ETHICS,)),
        ("Environmental Impact", (Field.ENVIRONMENT,)),
        ("Training Data", (Field.TRAINING_DATA,)),
        ("Training hyperparameters", (Field.TRAINING_PROCEDURE,)),
        ("Hyper parameters", (Field.TRAINING_PROCEDURE,)),
        ("Pre-training", (Field.TRAINING_PROCEDURE,)),
        ("Fine-tuning procedure", (Field.TRAINING_PROCEDURE,)),
        ("Evaluation results", (Field.EVALUATION,)),
        ("Trade-offs", (Field.TRADEOFFS,)),
        ("7. Limitations", (Field.LIMITATIONS,)),
        ("2.1 Training Data", (Field.TRAINING_DATA,)),
        ("Performance and Limitations", (Field.LIMITATIONS,)),
        ("Risks, Limitations and Biases", (Field.LIMITATIONS,)),
        ("Ethical Considerations and Limitations", (Field.LIMITATIONS, Field.ETHICS)),
        ("Responsible AI Considerations", (Field.ETHICS,)),
        ("Bias and Fairness", (Field.ETHICS,)),
        ("Primary Use Cases", (Field.USE_CASES,)),
        ("Training and evaluation data", (Field.TRAINING_DATA, Field.EVALUATION)),
        ("4. Evaluation Results", (Field.EVALUATION,)),
        ("Benchmark scores", (Field.EVALUATION,)),
        ("3 ways to use", ()),
        ("How to use", ()),
        ("No limitations on fun", ()),
        ("", ()),
    ],
)
def test_a_heading_leads_to(heading: str, fields: tuple[Field, ...]) -> None:
    assert passages.fields_of(heading) == fields


RECOMMENDATIONS = (
    "Users (both direct and downstream) should be made aware of the risks, biases and limitations"
    " of the model. More information needed for further recommendations."
)
IMPACT = (
    "Carbon emissions can be estimated using the [Machine Learning Impact calculator]"
    "(https://mlco2.github.io/impact#compute) presented in [Lacoste et al. (2019)]"
    "(https://arxiv.org/abs/1910.09700).\n\n- **Hardware Type:** "
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "[More Information Needed]",
        "<!-- say what -->\n\n[More Information Needed]\n",
        f"<!-- what to do -->\n\n{RECOMMENDATIONS}\n",
        f"{IMPACT}[More Information Needed]\n- **Hours used:** [More Information Needed]\n",
    ],
    ids=[
        *("nothing", "spaces", "a placeholder", "a comment and a placeholder"),
        *("the template's recommendations", "the template's labels"),
    ],
)
def test_a_template_that_nobody_filled_in_says_nothing(text: str) -> None:
    card = file("README.md", Passage(heading="Limitations", text=text))
    assert list(passages.of_card(card)) == []


def test_a_template_that_somebody_filled_in_says_something() -> None:
    assert passages.says_something(f"{IMPACT}TPU\n- **Hours used:** More information needed\n")
    assert passages.says_something(f"{RECOMMENDATIONS}\nIt lies.")


def test_a_section_is_told_word_for_word_with_its_heading_and_place() -> None:
    text = "It **cannot** count.\n\n- nor read\n"
    fact = Passage(heading="Limitations", above=("Demo", "Uses"), text=text, at=Span(70, 34))
    assert list(passages.of_card(file("README.md", fact, Metadata(key="a", value="b")))) == [
        Claim(
            Field.LIMITATIONS,
            "It **cannot** count.\n\n- nor read",
            Status.DECLARED,
            (Evidence("README.md", (), 70, "Demo > Uses > Limitations"),),
        )
    ]


def test_other_documents_are_no_cards() -> None:
    assert (
        list(passages.of_card(file("CHANGES.md", Passage(heading="Limitations", text="x")))) == []
    )
