"""What people wrote into a model card, word for word, by the heading that it stands under.

Nothing is summarised or guessed: a section whose heading is not one of these stays in the card.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..scanners.facts import NOWHERE, Passage
from .model import Claim, Evidence, Field, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..scanners.artifact import Artifact

CARDS = frozenset({"README.md"})
# What the Hub's template has where nobody wrote anything: the first alone, or behind a label.
PLACEHOLDER = re.compile(
    r"(?:[-*] *)?(?:\*\*[^*\n]{1,60}\*\*:? *)?[\[(<]?\s*more information needed\s*[\])>]?\.?"
    r"|Users \(both direct and downstream\) should be made aware of the risks, biases and"
    r" limitations of the model\. More information needed for further recommendations\."
    r"|Carbon emissions can be estimated using the \[Machine Learning Impact calculator\]\S+"
    r" presented in \[Lacoste et al\. \(2019\)\]\S+",
    re.IGNORECASE,
)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
MARKS = re.compile(r"[^\w\s/&',()-]+")
NUMBER = re.compile(r"(?:\(?\d{1,2}\)? )+")  # of a section: "2.1. Limitations", without its dots

# Headings of the Hub's template (huggingface_hub/templates/modelcard_template.md), of "Model Cards
# for Model Reporting" (Mitchell et al., 2019), and of the cards of the largest publishers.
HEADINGS: dict[Field, tuple[str, ...]] = {
    Field.USERS: (r"(primary )?(intended|target(ed)?) (users?|audience)", r"users?"),
    Field.MISUSE: (
        r"out[- ]of[- ]scope( uses?| use cases?)?",
        r"misuse.*",
        r"(prohibited|unintended|excluded) uses?",
    ),
    Field.USE_CASES: (
        r"(primary )?intended (uses?|usage)( cases?)?",
        r"(direct|downstream|evaluated) uses?( .*)?",
        r"(primary )?uses?( cases?)?",
        r"(intended )?uses? (and|&) limitations?",
        r"applications?",
    ),
    Field.TRADEOFFS: (r"(performance )?trade-?offs?",),
    Field.LIMITATIONS: (
        r"(known |technical |model )?limitations?",
        r"limitations? (and|&) (bias(es)?|risks?|recommendations?)",
        r"((bias(es)?|risks?|limitations?),? ){2}(and|&) (bias(es)?|risks?|limitations?)",
        r"(known )?(bias(es)?|risks?) (and|&) limitations?",
        r"((intended )?uses?|usage|performance|ethical considerations?) (and|&) limitations?",
        r"caveats.*",
    ),
    Field.ETHICS: (
        r"(ethical|responsible ai) (considerations?|concerns?)( .*)?",
        r"ethics|bias(es)?|fairness|recommendations|risks?|safety( .*)?",
        r"bias(es)? (and|&) fairness|fairness (and|&) bias(es)?",
        r"responsibility (and|&) safety",
    ),
    Field.ENVIRONMENT: (
        r"environmental impact",
        r"carbon (footprint|emissions?)",
        r"(training )?(co2|greenhouse gas) emissions?",
    ),
    Field.TRAINING_DATA: (
        r"((pre-?)?training|fine-?tuning)( and evaluation)? data(sets?)?",
        r"data overview",
    ),
    Field.TRAINING_PROCEDURE: (
        r"training( (procedure|details|regime|hyper[- ]?parameters?))?",
        r"(hyper[- ]?parameters?|pre-?training|fine-?tuning)( (procedure|details))?",
    ),
    Field.EVALUATION: (
        r"(training and )?evaluation( results?| data(sets?)?| procedure)?",
        r"results|benchmarks?( results?| scores?)?",
    ),
}
PATTERNS = {
    field: re.compile("|".join(f"(?:{each})" for each in patterns), re.IGNORECASE)
    for field, patterns in HEADINGS.items()
}


def of_card(artifact: Artifact) -> Iterator[Claim]:
    """Yield the sections of a model card that a bill of materials has a field for."""
    if artifact.path[0].rpartition("/")[2] not in CARDS:
        return
    for fact in artifact.facts:
        if isinstance(fact, Passage) and says_something(fact.text):
            for field in fields_of(fact.heading):
                yield Claim(field, fact.text.strip(), Status.DECLARED, (_place(fact, artifact),))


def says_something(text: str) -> bool:
    """Whether a section holds more than comments and what a template leaves to be filled in."""
    lines = (line.strip() for line in COMMENT.sub("", text).splitlines())
    return any(line and not PLACEHOLDER.fullmatch(line) for line in lines)


def fields_of(heading: str) -> tuple[Field, ...]:
    """Return the fields for what stands under a heading: one for each thing that it names."""
    words = " ".join(MARKS.sub(" ", heading).split()).strip(" -,")
    words = NUMBER.sub("", words)
    return tuple(field for field, each in PATTERNS.items() if each.fullmatch(words))


def _place(passage: Passage, artifact: Artifact) -> Evidence:
    offset = None if passage.at == NOWHERE else passage.at.start
    return Evidence(artifact.path[0], (), offset, " > ".join((*passage.above, passage.heading)))
