"""The datasets that files name: a component for each, those of training and evaluation apart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from ..scanners.facts import Dataset, Reference, Role
from ..scanners.placeholders import is_placeholder
from ..scanners.record import replace
from .addresses import is_address
from .claims import claim, evidence_of, visible
from .merging import merged
from .model import Claim, Component, Field, Kind, Link, Pointer, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..scanners.artifact import Artifact

# GGUF: general.dataset.0.name, .repo_url
NUMBERED = re.compile(r"general\.dataset\.(\d+)\.(name|repo_url|url)")
KINDS = (Dataset, Reference)
DETAILS = (  # of a fact -> the field of the component
    ("config", Field.DATASET_CONFIG),
    ("split", Field.DATASET_SPLIT),
    ("revision", Field.DATASET_REVISION),
)


class Datasets:
    """Every dataset that was named so far, whoever named it."""

    def __init__(self) -> None:
        """Start with none."""
        self._claims: dict[tuple[str, str], list[Claim]] = {}

    def links(self, artifacts: Iterable[Artifact]) -> tuple[Link, ...]:
        """Return a reference to each dataset that `artifacts` name for their model."""
        found: dict[tuple[str, str], list[Claim]] = {}
        for artifact in artifacts:
            for each in artifact.walk():
                for fact in _datasets(each):
                    named = claim(Field.DATASET, fact, fact.name, each)
                    found.setdefault((fact.role, fact.name), []).append(named)
                    told = self._claims.setdefault((fact.role, fact.name), [])
                    told += [named, *_details(fact, each)]
        return tuple(
            Link(_ref(role, name), role, merged(found[role, name])[0])
            for role, name in sorted(found)
        )

    def components(self) -> Iterator[Component]:
        """Yield a component for each dataset, in order of role and name."""
        for role, name in sorted(self._claims):
            claims = merged(self._claims[role, name])
            named = next(each for each in claims if each.field is Field.DATASET)
            yield Component(
                ref=_ref(role, name),
                kind=Kind.DATA,
                name=name,
                claims=claims,
                pointers=tuple(_pointers(name, named)),
            )


def _datasets(artifact: Artifact) -> Iterator[Dataset]:
    """Yield every dataset that a file names; those of GGUF have several keys each."""
    numbered: dict[str, dict[str, Reference]] = {}
    for fact in sorted((each for each in artifact.facts if isinstance(each, KINDS)), key=repr):
        if isinstance(fact, Dataset) and _is_named(fact.name):
            yield replace(fact, name=visible(fact.name))
        elif isinstance(fact, Reference) and (found := NUMBERED.fullmatch(fact.key)):
            numbered.setdefault(found[1], {})[found[2]] = fact
    for told in numbered.values():
        one = next(told[key] for key in ("name", "repo_url", "url") if key in told)
        if _is_named(one.target):
            yield Dataset(at=one.at, key=one.key, name=visible(one.target), role=Role.TRAINING)


def _is_named(name: str) -> bool:
    """Whether it is a name: trainers write "unknown" where they were told none."""
    return bool(name.strip()) and not is_placeholder(name)


def _ref(role: str, name: str) -> str:
    return f"dataset:{role}:{quote(name)}"


def _details(fact: Dataset, artifact: Artifact) -> Iterator[Claim]:
    yield claim(Field.DATASET_ROLE, fact, fact.role.value, artifact)
    for name, field in DETAILS:
        value = getattr(fact, name)
        if value:
            yield Claim(field, value, Status.DECLARED, (evidence_of(fact, artifact),))


def _pointers(name: str, claim: Claim) -> Iterator[Pointer]:
    if is_address(name):
        yield Pointer("distribution", name, claim)
