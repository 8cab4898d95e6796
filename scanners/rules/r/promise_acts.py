"""Rule: an object of R evaluates an expression when somebody looks at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...artifact import Artifact
from ...facts import Named
from ...rule import Evidence, Rule, Severity
from .promises import REACHING, evaluated

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(artifact: Artifact) -> Iterator[Evidence]:
    """The object is a promise: an expression that R evaluates as soon as its value is asked for.

    R below 4.4.0 does so while the file is loaded or the object is used (CVE-2024-27322). No model
    is saved as one; here it stands for a whole object, or calls what acts on the machine.

    What to do: do not load it. Update R to 4.4.0 or later, which refuses such files.
    """
    for at, key, shown, names in evaluated(artifact, "promise"):
        acting = sorted(names & REACHING)
        if acting or key == "promise, an object":
            why = f", with {', '.join(acting[:3])}" if acting else ""
            yield Evidence(f"{key}: R evaluates {shown}{why}", artifact.path, at)


def _with(key: str, name: str) -> Artifact:
    fact = Named(key=key, name=name, by="R", way="evaluates", texts=(f"{name}('x')",))
    return Artifact(("m.rds",), 9, formats=("rds",), facts=(fact,))


RULE = Rule(
    id="r-promise-acts",
    title="Loading an object of R evaluates an expression from the file",
    severity=Severity.CRITICAL,
    on=Artifact,
    check=check,
    refs=("CWE-502", "CWE-94"),
    flags=(_with("promise, an object", "f"), _with("promise, inside an object", "system")),
    passes=(_with("promise, inside an object", "mean"), _with("function .First", "system")),
)
