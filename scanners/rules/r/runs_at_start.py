"""Rule: a workspace of R holds a function that R calls by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...artifact import Artifact
from ...facts import Named
from ...rule import Evidence, Rule, Severity
from .promises import evaluated

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(artifact: Artifact) -> Iterator[Evidence]:
    """R calls functions of these names when it starts or ends, or when a package is loaded.

    A `.RData` in the working directory is loaded at every start.

    What to do: do not load it; look at what the function does. Start R with `--no-restore`.
    """
    for at, key, _, names in evaluated(artifact, "function"):
        called = ", ".join(sorted(names)[:5])
        yield Evidence(f"{key} calls {called}", artifact.path, at)


def _with(key: str, name: str) -> Artifact:
    fact = Named(key=key, name=name, by="R", way="evaluates", texts=(f"{name}('x')",))
    return Artifact(("m.rds",), 9, formats=("rds",), facts=(fact,))


RULE = Rule(
    id="r-runs-at-start",
    title="A workspace of R holds a function that R calls by itself",
    severity=Severity.HIGH,
    on=Artifact,
    check=check,
    refs=("CWE-506",),
    flags=(_with("function .First", "system"),),
    passes=(_with("promise, an object", "system"),),
)
