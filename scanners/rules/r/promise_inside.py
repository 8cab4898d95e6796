"""Rule: an object of R holds an expression that was not evaluated yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...artifact import Artifact
from ...facts import Named
from ...rule import Evidence, Rule, Severity
from .promises import HARMLESS, REACHING, evaluated

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(artifact: Artifact) -> Iterator[Evidence]:
    """A promise inside an object is evaluated when somebody asks for its value.

    Functions that were saved with the frame of their call hold such, so honest files can, too. What
    R's own functions of numbers compute is of no harm, and not told.

    What to do: look at the expression; save the object again from a session of your own.
    """
    for at, key, shown, names in evaluated(artifact, "promise, inside"):
        if not names & REACHING and not names <= HARMLESS:
            yield Evidence(f"{key}: R evaluates {shown}", artifact.path, at)


def _with(key: str, name: str) -> Artifact:
    fact = Named(key=key, name=name, by="R", way="evaluates", texts=(f"{name}('x')",))
    return Artifact(("m.rds",), 9, formats=("rds",), facts=(fact,))


RULE = Rule(
    id="r-promise-inside",
    title="An object of R holds an expression that is evaluated when it is used",
    severity=Severity.MEDIUM,
    on=Artifact,
    check=check,
    refs=("CWE-502",),
    flags=(_with("promise, inside an object", "f"),),
    passes=(
        _with("promise, inside an object", "mean"),
        _with("promise, inside an object", "system"),
    ),
)
