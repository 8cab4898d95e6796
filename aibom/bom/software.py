"""The libraries that files name, and code that a loader fetches from elsewhere, as components."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from ..scanners.facts import Metadata, Passage, Reference, Refers
from ..scanners.placeholders import is_placeholder
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
CARD = "README.md"
NAME = re.compile(r"[A-Za-z0-9](?:[\w.-]{0,98}[A-Za-z0-9])?", re.ASCII)
SAME_NAME = """
    accelerate adapters bertopic catboost ctranslate2 datasets diffusers espnet fastai fasttext
    flair flax gliner jax keras lightgbm mlx model2vec onnx onnxruntime optimum peft safetensors
    scikit-learn sentence-transformers setfit skops spacy speechbrain stable-baselines3 stanza
    tensorflow timm tokenizers torch transformers trl ultralytics vllm xgboost
"""
PACKAGES = {  # what cards call a library -> what its package on PyPI is called
    **{name: name for name in SAME_NAME.split()},
    "adapter-transformers": "adapters",
    "ml-agents": "mlagents",
    "nemo": "nemo-toolkit",
    "open-clip": "open-clip-torch",
    "pyannote-audio": "pyannote-audio",
    "pytorch": "torch",
    "sklearn": "scikit-learn",
    "span-marker": "span-marker",
}
REQUIREMENT = re.compile(r"requirements\[\d+\]")  # key of a fact: a line of requirements.txt
WANTED = re.compile(  # a name, perhaps with extras, and a version if that is a single one
    r"(?P<name>[A-Za-z0-9](?:[\w.-]{0,98}[A-Za-z0-9])?)\s*(?:\[[^\]]*\]\s*)?"
    r"(?:==\s*(?P<version>[\w.!+-]+)|(?:[~!<>=]=?=?|\().*)?\s*(?:;.*)?",
    re.ASCII,
)
# A section that trainers write: "- Transformers 4.41.2", "- Sentence Transformers: 3.0.0".
TRAINED_WITH = re.compile(r"\W*framework versions?\W*", re.IGNORECASE)
ITEM = re.compile(
    r"[-*] *(?P<name>[A-Za-z][A-Za-z -]{1,40}?):? +(?P<version>\d[\w.+!-]{0,60})[ \t]*", re.ASCII
)
MOST_ITEMS = 50  # of such a section; honest ones have six
ELSEWHERE = re.compile(r"(?P<repository>[^\s/]+/[^\s-]+(?:-[^\s-]+)*)--(?P<name>.+)")


def libraries(top: Iterable[Artifact], all_: Iterable[Artifact]) -> tuple[Component, ...]:
    """Return a component for each library that files at the top of a folder name, by its name.

    Configurations deeper down, as those of the parts of a pipeline, add what the top has not.
    """
    named: dict[str, list[tuple[str, Claim]]] = {}
    for artifact in top:
        for name, package, told in _named(artifact):
            named.setdefault(name, []).append((package, told))
    known = {name for name, each in named.items() if _has_version(each)}
    for artifact in all_:
        for name, package, told in _named(artifact) if own_name(artifact) in CONFIGS else ():
            if name not in known:
                named.setdefault(name, []).append((package, told))
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


def _named(artifact: Artifact) -> Iterator[tuple[str, str, Claim]]:
    """Yield each library's name, its package on PyPI if that is known, and a claim.

    The claim is that of its version, or of its name alone.
    """
    name = own_name(artifact)
    for fact in artifact.facts:
        if name == CARD and isinstance(fact, Passage) and TRAINED_WITH.fullmatch(fact.heading):
            yield from _trained_with(fact, artifact)
        if not isinstance(fact, Metadata) or not fact.value:
            continue
        if name in CONFIGS and fact.key in VERSIONS:
            library = VERSIONS[fact.key]
            yield library, library, claim(Field.VERSION, fact, fact.value, artifact)
        elif name == CARD and fact.key == "library_name" and _is_name(fact.value):
            told = claim(Field.SOFTWARE, fact, fact.value, artifact)
            yield fact.value, PACKAGES.get(_plain(fact.value), ""), told
        elif REQUIREMENT.fullmatch(fact.key) and (wanted := WANTED.fullmatch(fact.value)):
            field = Field.VERSION if wanted["version"] else Field.SOFTWARE
            told = claim(field, fact, wanted["version"] or wanted["name"], artifact)
            yield wanted["name"], wanted["name"], told


def _trained_with(section: Passage, artifact: Artifact) -> Iterator[tuple[str, str, Claim]]:
    """Yield the libraries of a card's section by that name that are known to be some."""
    for line in section.text.splitlines()[:MOST_ITEMS]:
        found = ITEM.fullmatch(line)
        package = PACKAGES.get(_plain(found["name"])) if found else None
        if found and package:
            key = " > ".join((*section.above, section.heading))
            told = claim(Field.VERSION, section, found["version"], artifact, key=key)
            yield package, package, told


def _is_name(text: str) -> bool:
    return bool(NAME.fullmatch(text)) and not is_placeholder(text)


def _plain(name: str) -> str:
    return re.sub(r"[-_. ]+", "-", name).lower()


def _has_version(claims: Iterable[tuple[str, Claim]]) -> bool:
    return any(each.field is Field.VERSION for _, each in claims)


def _library(name: str, claims: list[tuple[str, Claim]]) -> Component:
    versions = {told.value for _, told in claims if told.field is Field.VERSION}
    version = versions.pop() if len(versions) == 1 else ""
    told = [each for _, each in claims]
    for package, each in claims:
        told.append(Claim(Field.SOFTWARE, name, each.status, each.evidence))
        if package:
            purl = library_purl(package, version)
            told.append(Claim(Field.PURL, purl, Status.INFERRED, each.evidence))
    return Component(
        ref=f"library:{quote(name)}", kind=Kind.LIBRARY, name=name, claims=merged(told)
    )
