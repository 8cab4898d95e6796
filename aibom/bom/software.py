"""The libraries that files name, and code that a loader fetches from elsewhere, as components."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from ..scanners.facts import Metadata, Reference, Refers
from .addresses import hub_name, hub_purl, library_purl
from .claims import claim, own_name
from .merging import merged
from .model import Claim, Component, Field, Kind, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..scanners.artifact import Artifact

VERSIONS = {  # keys of configurations that hold the version of a library which wrote them
    "transformers_version": "transformers",
    "_diffusers_version": "diffusers",
    "peft_version": "peft",
    "__version__.sentence_transformers": "sentence-transformers",
    "__version__.transformers": "transformers",
    "__version__.pytorch": "torch",
}
CONFIGS = frozenset(
    {"config.json", "generation_config.json", "model_index.json", "adapter_config.json"}
    | {"config_sentence_transformers.json"}
)
NAME = re.compile(r"[A-Za-z0-9](?:[\w.-]{0,98}[A-Za-z0-9])?", re.ASCII)
PACKAGES = {"pytorch": "torch", "scikit-learn": "scikit-learn", "sklearn": "scikit-learn"}
NO_PYTHON = frozenset({"gguf", "transformers.js", "llama.cpp", "mlx-swift", "executorch"})
REQUIREMENT = re.compile(r"requirements\[\d+\]")  # key of a fact: a line of requirements.txt
WANTED = re.compile(  # a name, perhaps with extras, and a version if that is a single one
    r"(?P<name>[A-Za-z0-9](?:[\w.-]{0,98}[A-Za-z0-9])?)\s*(?:\[[^\]]*\]\s*)?"
    r"(?:==\s*(?P<version>[\w.!+-]+)|(?:[~!<>=]=?=?|\().*)?\s*(?:;.*)?",
    re.ASCII,
)
ELSEWHERE = re.compile(r"(?P<repository>[^\s/]+/[^\s-]+(?:-[^\s-]+)*)--(?P<name>.+)")


def libraries(artifacts: Iterable[Artifact]) -> tuple[Component, ...]:
    """Return a component for each library that files at the top of a folder name, by its name."""
    named: dict[str, list[Claim]] = {}
    for artifact in artifacts:
        for name, told in _named(artifact):
            named.setdefault(name, []).append(told)
    return tuple(_library(name, named[name]) for name in sorted(named))


def remote_code(artifacts: Iterable[Artifact]) -> tuple[Component, ...]:
    """Return a component for each other repository whose code a loader would run."""
    named: dict[str, list[Claim]] = {}
    for artifact in artifacts:
        for fact in artifact.facts:
            if isinstance(fact, Reference) and fact.kind is Refers.REMOTE_CODE:
                found = ELSEWHERE.fullmatch(fact.target)
                if found and hub_name(found["repository"]):
                    told = claim(Field.REMOTE_CODE, fact, found["name"], artifact)
                    named.setdefault(found["repository"], []).append(told)
    return tuple(_repository(name, named[name]) for name in sorted(named))


def _repository(name: str, claims: list[Claim]) -> Component:
    told = [*claims]
    for each in claims:
        told.append(Claim(Field.SOFTWARE, name, each.status, each.evidence))
        told.append(Claim(Field.PURL, hub_purl(name), Status.INFERRED, each.evidence))
    return Component(ref=f"code:{quote(name)}", kind=Kind.LIBRARY, name=name, claims=merged(told))


def _named(artifact: Artifact) -> Iterator[tuple[str, Claim]]:
    """Yield the name of each library with the claim of its version, or of its name alone."""
    name = own_name(artifact)
    for fact in artifact.facts:
        if not isinstance(fact, Metadata) or not fact.value:
            continue
        if name in CONFIGS and fact.key in VERSIONS:
            yield VERSIONS[fact.key], claim(Field.VERSION, fact, fact.value, artifact)
        elif name == "README.md" and fact.key == "library_name" and NAME.fullmatch(fact.value):
            yield fact.value, claim(Field.SOFTWARE, fact, fact.value, artifact)
        elif REQUIREMENT.fullmatch(fact.key) and (wanted := WANTED.fullmatch(fact.value)):
            field = Field.VERSION if wanted["version"] else Field.SOFTWARE
            yield wanted["name"], claim(field, fact, wanted["version"] or wanted["name"], artifact)


def _library(name: str, claims: list[Claim]) -> Component:
    versions = {told.value for told in claims if told.field is Field.VERSION}
    version = versions.pop() if len(versions) == 1 else ""
    told = [*claims]
    for each in claims:
        told.append(Claim(Field.SOFTWARE, name, each.status, each.evidence))
        if name not in NO_PYTHON:
            purl = library_purl(PACKAGES.get(name, name), version)
            told.append(Claim(Field.PURL, purl, Status.INFERRED, each.evidence))
    return Component(
        ref=f"library:{quote(name)}", kind=Kind.LIBRARY, name=name, claims=merged(told)
    )
