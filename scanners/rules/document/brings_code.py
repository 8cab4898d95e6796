"""Rule: a document names Python that lies beside it."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from ...artifact import Artifact, Target
from ...facts import Named, SourceCode
from ...rule import Evidence, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(target: Target) -> Iterator[Evidence]:
    """The model does not run without code that it brings along, and loading it imports that code.

    MLflow imports a loader module of the model's own folder without asking; configurations are read
    where their code can be found. What the code does on being imported is judged by rules of its
    own.

    What to do: read the named file as you would read a pull request, and pin the version.
    """
    found = {each.path for each, fact in target.facts() if isinstance(fact, SourceCode)}
    for artifact, fact in target.facts() if found else ():
        if isinstance(fact, Named):
            folder = posixpath.dirname(artifact.path[-1])
            inner = [(*artifact.path[:-1], posixpath.join(folder, each)) for each in fact.files]
            own = next((path for path in reversed(inner) if path in found), None)
            if own is not None:
                what = f"{fact.key} names {fact.name}, which is in {own[-1]!r}"
                yield Evidence(what, artifact.path, fact.at)


def _target(name: str, file: str) -> Target:
    files = ("code/own.py",)
    named = Named(key="loader_module", name=name, by="MLflow", way="imports", files=files)
    document = Artifact(("MLmodel",), 9, facts=(named,))
    return Target((document, Artifact((file,), 9, facts=(SourceCode(),))))


RULE = Rule(
    id="document-brings-code",
    title="A configuration names code that lies beside it",
    severity=Severity.MEDIUM,
    on=Target,
    check=check,
    refs=("CWE-829", "CWE-94"),
    flags=(_target("own", "code/own.py"),),
    passes=(_target("own", "train.py"),),
)
