"""Rule: the base model's licence binds what is made from it, and the one named here does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...artifact import Artifact, Target
from ...facts import Licence, Reference, Refers
from ...licences.declared import Folder, folders
from ...licences.lineage import ADAPTER, ancestors
from ...licences.terms import Terms, terms
from ...rule import Evidence, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(target: Target) -> Iterator[Evidence]:
    """Some licences go along with every model made from theirs: nobody can give a looser one.

    Llama, Gemma, the RAIL family, DeepSeek, Qwen, Falcon and Stability ask that their agreement or
    its use restrictions are passed on; non-commercial and share-alike licences hold on. Of the base
    model only its name is known here, and what its own publisher says of models by that name.

    What to do: read the clause that is named, in the base model's licence. Then give the model that
    licence, or add its text and what it asks to be passed on; if you only use the model, take both
    licences to hold. This is what stands in the files, not legal advice.
    """
    bases = list(ancestors(target))
    if not bases:
        return
    ids = {each for one in folders(target).get("", Folder()).all for each in one.meaning.ids}
    own = [terms(each) for each in ids]
    named = " and ".join(sorted(ids)[:3])
    for base in bases:
        if ids and _is_looser(own, base.asks):
            message = f"made from {base.told} ({base.asks.clause}), but only {named} is named"
            yield Evidence(message, base.path, base.at)


def _is_looser(own: list[Terms | None], base: Terms) -> bool:
    """Whether all of one's own licences are known, and none of them keeps what the base asks."""
    return all(each is not None and not _keeps(each, base) for each in own)


def _keeps(own: Terms, base: Terms) -> bool:
    if own.family == base.family:
        return True
    # A licence that also forbids commerce or restricts use may hold the base's terms: not judged.
    return own.use == "restricted" or (base.same == "no" and own.commercial == base.commercial)


def _model(base: str, licence: str, name: str = "README.md") -> Target:
    facts = (
        Licence(key="license", value=licence),
        Reference(kind=Refers.DATASET, key="datasets", target=base),
        Reference(kind=Refers.BASE_MODEL, key="base_model", target=base),
    )
    return Target((Artifact((name,), 8, formats=("model-card",), facts=facts),))


RULE = Rule(
    id="licence-looser-than-base",
    title="The base model's licence asks for more",
    severity=Severity.MEDIUM,
    on=Target,
    check=check,
    refs=("LLM03:2025",),
    flags=(
        _model("meta-llama/Llama-3.1-8B", "apache-2.0"),
        _model("google/gemma-2-9b", "mit"),
        _model("CohereForAI/c4ai-command-r-v01", "apache-2.0"),
        _model("mistralai/Codestral-22B-v0.1", "cc-by-4.0"),
    ),
    passes=(
        _model("meta-llama/Llama-3.1-8B", "llama3.1"),
        _model("meta-llama/Llama-3.1-8B", "llama3"),
        _model("meta-llama/Llama-3.1-8B", "other"),
        _model("meta-llama/Llama-3.1-8B", "apache-2.0", "sub/README.md"),
        _model("mistralai/Mistral-7B-v0.1", "mit"),
        _model("CohereForAI/c4ai-command-r-v01", "cc-by-nc-4.0"),
        Target(
            (
                *_model("meta-llama/Llama-3.1-8B", "mit").artifacts,
                Artifact((ADAPTER,), 8, formats=("json",)),
            )
        ),
    ),
)
