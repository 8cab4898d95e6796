"""Rule: the owner of a named repository could be taken for a well-known publisher."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...artifact import Artifact
from ...facts import NOWHERE, Dataset, Metadata, Reference, Refers, Role
from ...publishers import imitated, owner
from ...rule import Evidence, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...facts import Fact
    from ...source import Span

REPOSITORIES = {Refers.BASE_MODEL, Refers.DATASET, Refers.REMOTE_CODE}
ADDRESS = re.compile(r"general\.(source\.)?(huggingface\.repository|repo_url|url)")
OWN_NAMES = {"_name_or_path", "base_model_name_or_path"}
CACHED = re.compile(r"(?:.*/)?(?:models|datasets)--(?P<owner>[^/]+?)--[^/]+(?:/.*)?")


def check(artifact: Artifact) -> Iterator[Evidence]:
    """Names that look like those of well-known publishers are a way to pass off models as theirs.

    A letter of another script, `0` in place of `o`, a hyphen more or less: whoever reads the name
    in a hurry takes the model for the publisher's own. Names are compared with a list of about 150
    publishers; none of the list is ever flagged. Chance can bring two honest names so close.

    What to do: look the name up, letter by letter, and take the model from the publisher itself if
    that is whom you meant.
    """
    for name, where, at in dict.fromkeys(_named(artifact)):
        meant = imitated(name)
        if meant is not None:
            message = f"{where} is of {shown(name)}, which could be taken for {meant!r}"
            yield Evidence(message, artifact.path, at)


def shown(name: str) -> str:
    """Return a name in quotes, with letters beyond ASCII by their numbers, since they deceive."""
    return ascii(name)


def _named(artifact: Artifact) -> Iterator[tuple[str, str, Span]]:
    """Yield the owners that an artifact names, and where."""
    cached = CACHED.fullmatch(artifact.path[0]) if len(artifact.path) == 1 else None
    if cached:
        yield cached["owner"], "the folder", NOWHERE
    for fact in artifact.facts:
        key, text = _reference(fact)
        name = owner(text) if text else ""
        if name:
            yield name, f"{key!r}", fact.at


def _reference(fact: Fact) -> tuple[str, str]:
    """Return the key and name of a repository that a fact is about; empty texts if of none."""
    match fact:
        case Reference(kind=Refers.REMOTE_CODE, key=key, target=target):
            return key, target.partition("--")[0] if "--" in target else ""
        case Reference(kind=kind, key=key, target=target) if kind in REPOSITORIES:
            return key, target
        case Dataset(key=key, name=name):
            return key, name
        case Metadata(key=key, value=value) if key in OWN_NAMES or ADDRESS.fullmatch(key):
            return key, value
        case _:
            return "", ""


def _card(target: str, kind: Refers = Refers.BASE_MODEL) -> Artifact:
    fact = Reference(kind=kind, key="base_model", target=target)
    return Artifact(("README.md",), 8, formats=("model-card",), facts=(fact,))


def _config(value: str, key: str = "_name_or_path") -> Artifact:
    return Artifact(("config.json",), 8, facts=(Metadata(key=key, value=value),))


RULE = Rule(
    id="namespace-imitation",
    title="A name could be taken for a well-known publisher's",
    severity=Severity.MEDIUM,
    on=Artifact,
    check=check,
    refs=("CWE-1007", "LLM03:2025"),
    flags=(
        _card("meta-1lama/Llama-3.1-8B"),
        _card("met\u0430-llama/Llama-3.1-8B"),
        _card("https://huggingface.co/rnicrosoft/phi-4"),
        _card("mistral-ai/Mistral-7B-v0.1"),
        _card("0penai/x--modeling.Y", Refers.REMOTE_CODE),
        _config("qvven/Qwen2.5-7B"),
        _config("https://huggingface.co/goog1e/gemma-2-9b", "general.source.url"),
        Artifact(
            ("README.md",),
            8,
            facts=(Dataset(key="datasets[0]", name="al1enai/c4", role=Role.TRAINING),),
        ),
        Artifact(("models--unslouth--llama/refs/main",), 40, facts=(Metadata(key="k", value="v"),)),
    ),
    passes=(
        _card("meta-llama/Llama-3.1-8B"),
        _card("Meta-Llama/Llama-3.1-8B"),
        _card("somebody/Llama-3.1-8B"),
        _card("bert-base-uncased"),
        _card("./goog1e/model"),
        _card("goog1e/x.py", Refers.EXTERNAL_DATA),
        _card("modeling.Y", Refers.REMOTE_CODE),
        _config("goog1e/gemma", "model_type"),
        _config("stabilityai/stable-diffusion-2"),
        Artifact(("models--google--gemma/refs/main",), 40),
    ),
)
