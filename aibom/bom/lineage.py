"""What a model was made from: its base models as ancestors, and how it relates to them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeGuard

from ..scanners.facts import Metadata, Reference, Refers
from ..scanners.placeholders import is_placeholder
from .addresses import hub_name, hub_purl
from .claims import claim, visible
from .merging import merged
from .model import Claim, Component, Field, Kind, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..scanners.artifact import Artifact
    from ..scanners.facts import Fact

# GGUF tells of each base model in several keys: general.base_model.0.name, .version, .repo_url
NUMBERED = re.compile(
    r"general\.base_model\.(\d+)\.(name|version|organization|repo_url|url|author)"
)
TOLD_FIELDS = {
    "version": Field.VERSION,
    "organization": Field.SUPPLIER,
    "author": Field.AUTHOR,
    "url": Field.ADDRESS,
    "repo_url": Field.ADDRESS,
}
FROM_HUB = frozenset({"base_model"})  # keys of a card, which hold ids of the Hub and nothing else
RECIPE, MERGE = "mergekit", "merge_method"  # a format, and the key that each of its files has
COMMIT = re.compile(r"[0-9a-f]{40}")
ADAPTER = "base_model_name_or_path"
KOHYA = frozenset({"ss_sd_model_name", "ss_base_model_name"})


def ancestors(artifacts: Iterable[Artifact]) -> tuple[Component, ...]:
    """Return a component for each base model that `artifacts` name, in order of their names."""
    named: dict[str, list[Claim]] = {}
    for artifact in artifacts:
        for each in artifact.walk():
            for name, claims in _bases(each):
                named.setdefault(name, []).extend(claims)
    return tuple(_ancestor(name, named[name]) for name in sorted(named))


def relations(artifacts: Iterable[Artifact]) -> Iterator[Claim]:
    """Yield how a model relates to its base where its files show it."""
    for artifact in artifacts:
        for fact in artifact.facts:
            key = getattr(fact, "key", "")
            if key == ADAPTER and isinstance(fact, Reference):
                yield claim(Field.BASE_RELATION, fact, "adapter", artifact, Status.INFERRED)
            elif key == MERGE and RECIPE in artifact.formats:
                yield claim(Field.BASE_RELATION, fact, "merge", artifact, Status.INFERRED)


def _ancestor(name: str, claims: list[Claim]) -> Component:
    return Component(ref="", kind=Kind.MODEL, name=name, claims=merged(claims))


def _bases(artifact: Artifact) -> Iterator[tuple[str, list[Claim]]]:
    """Yield the name of each base model with what is said of it."""
    numbered: dict[str, dict[str, Fact]] = {}
    for fact in sorted((each for each in artifact.facts if _may_name(each)), key=repr):
        if found := NUMBERED.fullmatch(fact.key):
            numbered.setdefault(found[1], {}).setdefault(found[2], fact)
        elif isinstance(fact, Reference) and fact.target and not is_placeholder(fact.target):
            name = visible(fact.target)
            yield name, [*_base(name, fact, artifact)]
        elif isinstance(fact, Metadata) and fact.value and not is_placeholder(fact.value):
            name = visible(fact.value)
            yield name, [claim(Field.BASE_MODEL, fact, name, artifact)]
    for told in numbered.values():
        yield from _numbered(told, artifact)


def _may_name(fact: Fact) -> TypeGuard[Reference | Metadata]:
    """Whether a fact says something of a base model; there are few of these among many others."""
    if isinstance(fact, Reference):
        return fact.kind is Refers.BASE_MODEL
    is_key = isinstance(fact, Metadata) and (fact.key in KOHYA or NUMBERED.fullmatch(fact.key))
    return bool(is_key)


def _base(name: str, fact: Fact, artifact: Artifact) -> Iterator[Claim]:
    yield claim(Field.BASE_MODEL, fact, name, artifact)
    repository, _, revision = name.partition("@")  # as mergekit writes it
    purl = hub_name(repository)
    if purl:
        key = getattr(fact, "key", "").partition("[")[0]
        status = Status.DECLARED if key in FROM_HUB else Status.INFERRED
        commit = revision if COMMIT.fullmatch(revision) else ""
        yield claim(Field.PURL, fact, hub_purl(purl, commit), artifact, status)


def _numbered(told: dict[str, Fact], artifact: Artifact) -> Iterator[tuple[str, list[Claim]]]:
    values = {key: _value(fact) for key, fact in told.items()}
    address = next((values[key] for key in ("repo_url", "url") if values.get(key)), "")
    name = values.get("name") or hub_name(address) or address
    if not name or is_placeholder(name):
        return
    first = told.get("name") or told.get("repo_url") or told["url"]
    claims = [claim(Field.BASE_MODEL, first, name, artifact)]
    for key, field in TOLD_FIELDS.items():
        if values.get(key):
            claims.append(claim(field, told[key], values[key], artifact))
    if hub_name(address) and "://" in address:
        fact = told.get("repo_url") or told["url"]
        claims.append(claim(Field.PURL, fact, hub_purl(hub_name(address)), artifact))
    yield name, claims


def _value(fact: Fact) -> str:
    value = fact.target if isinstance(fact, Reference) else str(getattr(fact, "value", ""))
    return visible(value)
