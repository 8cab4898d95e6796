"""Rule: nothing in the folder says under which licence the model may be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...artifact import Artifact, Target
from ...facts import Licence, Operator, Tensor
from ...rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(target: Target) -> Iterator[str]:
    """Without a licence nobody may use, change or pass on the model, whatever was intended.

    What to do: ask the author for a licence; if you are the author, add a LICENSE file and
    `license:` in the front matter of README.md.
    """
    weights = 0
    for _, fact in target.facts():
        if isinstance(fact, Licence):
            return
        weights += isinstance(fact, Tensor | Operator)
    if weights:
        yield (
            "there are weights, but no LICENSE file, and no licence in a card, in metadata of the"
            " weights or of a package"
        )


WEIGHTS = Artifact(("model.safetensors",), 8, facts=(Tensor(name="w", dtype="F32", shape=(2,)),))
CARD = Artifact(("README.md",), 8, facts=(Licence(key="license", value="mit"),))

RULE = Rule(
    id="licence-missing",
    title="The model has no licence",
    severity=Severity.MEDIUM,
    on=Target,
    check=check,
    refs=("LLM03:2025",),
    flags=(Target((WEIGHTS,)),),
    passes=(Target((WEIGHTS, CARD)), Target((CARD,)), Target(())),
)
