"""Rule: nothing in the folder says under which licence the model may be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...artifact import Artifact, Target
from ...facts import Licence, Operator, Passage, Tensor
from ...licences.declared import CARD as MODEL_CARD
from ...licences.declared import TEXT, is_about_licence
from ...rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(target: Target) -> Iterator[str]:
    """Without a licence nobody may use, change or pass on the model, whatever was intended.

    What to do: ask the author for a licence; if you are the author, add a LICENSE file and
    `license:` in the front matter of README.md.
    """
    weights = 0
    for artifact, fact in target.facts():
        if isinstance(fact, Licence):
            return
        if isinstance(fact, Passage) and MODEL_CARD in artifact.formats and is_about_licence(fact):
            return  # which one it names, people have to read: `licence-unclear`
        weights += isinstance(fact, Tensor | Operator)
    if weights:
        unread = [each.path[0] for each in target.artifacts if _may_say(each)]
        but = f"; {unread[0]!r} was not fully read" if unread else ""
        yield (
            "there are weights, but no LICENSE file, and no licence in a card, in metadata of the"
            f" weights or of a package{but}"
        )


def _may_say(artifact: Artifact) -> bool:
    """Whether a licence may stand where nothing could be read."""
    return not artifact.is_complete and not {MODEL_CARD, TEXT}.isdisjoint(artifact.formats)


WEIGHTS = Artifact(("model.safetensors",), 8, facts=(Tensor(name="w", dtype="F32", shape=(2,)),))
CARD = Artifact(("README.md",), 8, facts=(Licence(key="license", value="mit"),))
SECTION = Artifact(
    ("README.md",),
    8,
    formats=(MODEL_CARD,),
    facts=(Passage(heading="7. License", text="See the terms of use."),),
)

RULE = Rule(
    id="licence-missing",
    title="The model has no licence",
    severity=Severity.MEDIUM,
    on=Target,
    check=check,
    refs=("LLM03:2025",),
    flags=(Target((WEIGHTS,)),),
    passes=(Target((WEIGHTS, CARD)), Target((WEIGHTS, SECTION)), Target((CARD,)), Target(())),
)
