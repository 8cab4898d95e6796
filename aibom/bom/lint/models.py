"""Rules about models and data sets: none may be taken for another."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ...scanners.rule import Severity
from .document import COMPONENTS
from .rule import LintRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .document import Document, Node
    from .rule import Told

MODEL = "machine-learning-model"

# Key of a part -> the one type of component that the specification allows it for.
ONLY_OF = {"modelCard": MODEL, "data": "data", "cryptoProperties": "cryptographic-asset"}

OF_BASE = re.compile(r"(^|[:._-])(_?name_or_path|base[._:-]?model)$", re.IGNORECASE)
ROLE = re.compile(r"(^|[:._-])(role|split|purpose|usage)$", re.IGNORECASE)
WORD = re.compile(r"[a-z0-9]+")


def _known_by(component: Node) -> set[str]:
    """Return what tells which model a component is: package URL without version, owner and name."""
    purl = re.split(r"[@?#]", component.text("purl"))[0].lower()
    group, name = component.text("group").lower(), component.text("name").lower()
    return {purl, f"{group}/{name}" if group else ""} - {""}


def ancestor_of_itself(document: Document) -> Told:
    """A model cannot be made from itself.

    Mostly it was given the name of its base model, and with that another's licence, author and
    history.

    What to do: name the component after the place that it was published at. `_name_or_path` in
    config.json is the name of what was loaded before training: a base model.
    """
    for component in document.components:
        own = _known_by(component)
        reference = component.text("bom-ref")
        for pedigree in component.objects("pedigree"):
            for above in (*pedigree.objects("ancestors"), *pedigree.objects("descendants")):
                same = own & _known_by(above)
                if same:
                    yield above, f"the component itself is {min(same)!r:.200}"
                elif reference and reference == above.text("bom-ref"):
                    yield above, f"its bom-ref is the component's: {reference!r:.200}"


def named_like_its_base(document: Document) -> Told:
    """A property says which model this was made from, and the component bears that very name.

    What to do: name the component after the place that it was published at, and put the base model
    into `pedigree.ancestors`.
    """
    for component in _models(document):
        own = _known_by(component) | {component.text("name").lower()}
        for card in (component, *component.objects("modelCard")):
            for told in card.objects("properties"):
                value = told.text("value").lower()
                if OF_BASE.search(told.text("name")) and value and _is_one(value, own):
                    yield told, f"{told.text('name')!r:.80} is {told.text('value')!r:.200}"


def _is_one(value: str, names: set[str]) -> bool:
    return bool({value, f"pkg:huggingface/{value}"} & names)


def _models(document: Document) -> Iterator[Node]:
    yield from (each for each in document.components if each.text("type") == MODEL)


def part_of_another_type(document: Document) -> Told:
    """The specification forbids it, and readers pass it over: what it says is lost.

    What to do: correct the component's type, or move the part to the component that it is about.
    """
    for component in document.components:
        for key, wanted in ONLY_OF.items():
            kind = component.text("type")
            if key in component.value and kind != wanted:
                yield component.child(key), f"{key} of a {kind!r:.80}, it is for {wanted!r} only"


def dataset_of_another_type(document: Document) -> Told:
    """What the model is said to be trained on is no data: a reader shows a program or a model.

    What to do: refer to a component of the type `data`.
    """
    kinds = {
        node.text("bom-ref"): node.text("type")
        for node in document.objects(*COMPONENTS)
        if node.text("bom-ref")
    }
    for node in document.texts("ref"):
        kind = kinds.get(node.value, "data")
        if node.keys == ("datasets", "ref") and kind != "data":
            yield node, f"{node.value!r:.200} is a {kind!r:.80}"


def dataset_of_both_roles(document: Document) -> Told:
    """A data set that a metric was measured on is listed as one that the model was trained on.

    Were it true, the metric would mean nothing; more often the two were mixed.

    What to do: leave what served evaluation out of `datasets`, or say what each was used for, in a
    property that ends in `:role`.
    """
    referred = {n.text("bom-ref"): n for n in document.components if n.text("bom-ref")}
    for component in _models(document):
        for card in component.objects("modelCard"):
            measured = [_words(name) for name in _measured_on(card)]
            for parameters in card.objects("modelParameters"):
                for dataset in parameters.objects("datasets"):
                    known = referred.get(dataset.text("ref"), dataset)
                    words = _words(known.text("name"))
                    if words and words in measured and not _has_role(known):
                        yield dataset, f"{known.text('name')!r:.200} is what a metric is about"


def _measured_on(card: Node) -> Iterator[str]:
    for analysis in card.objects("quantitativeAnalysis"):
        for metric in analysis.objects("performanceMetrics"):
            yield metric.text("slice")
            yield metric.text("type")


def _words(name: str) -> list[str]:
    return WORD.findall(name.lower().rpartition("/")[2])


def _has_role(dataset: Node) -> bool:
    places = [dataset, *dataset.objects("contents"), *dataset.objects("data")]
    places += [
        contents for each in dataset.objects("data") for contents in each.objects("contents")
    ]
    return any(ROLE.search(told.text("name")) for p in places for told in p.objects("properties"))


def subject_missing(document: Document) -> Told:
    """Nobody can tell what the BOM is about, nor find it again by the model's name.

    What to do: describe the model, as one thing, in `metadata.component`.
    """
    if document.subject is None:
        yield document.root, "there is no metadata.component"


def _model(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"type": MODEL, "name": "tuned", "group": "acme", **more}


def _subject(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"metadata": {"component": _model(**more)}}


def _trained_on(name: str, slice_: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return _subject(
        modelCard={
            "modelParameters": {"datasets": [{"type": "dataset", "name": name, **more}]},
            "quantitativeAnalysis": {"performanceMetrics": [{"type": "acc", "slice": slice_}]},
        }
    )


ROLE_OF_TEST = {"contents": {"properties": [{"name": "acme:role", "value": "evaluation"}]}}

RULES = (
    LintRule(
        id="ancestor-of-itself",
        title="A model is its own ancestor",
        severity=Severity.HIGH,
        check=ancestor_of_itself,
        flags=(
            _subject(pedigree={"ancestors": [_model()]}),
            _subject(
                purl="pkg:huggingface/meta-llama/Llama-3.1-8B",
                pedigree={
                    "ancestors": [
                        {
                            "type": MODEL,
                            "name": "base",
                            "purl": "pkg:huggingface/meta-llama/Llama-3.1-8B@main",
                        }
                    ]
                },
            ),
        ),
        passes=(
            _subject(pedigree={"ancestors": [_model(name="base")]}),
            {
                "components": [
                    {
                        "type": MODEL,
                        "name": "m",
                        "pedigree": {"ancestors": [{"type": MODEL, "name": "m"}]},
                    }
                ]
            },
        ),
    ),
    LintRule(
        id="named-like-its-base",
        title="A model bears the name of its base model",
        severity=Severity.HIGH,
        check=named_like_its_base,
        flags=(
            _subject(properties=[{"name": "config:_name_or_path", "value": "acme/tuned"}]),
            _subject(modelCard={"properties": [{"name": "x:base_model", "value": "Acme/Tuned"}]}),
        ),
        passes=(_subject(properties=[{"name": "config:_name_or_path", "value": "acme/base"}]),),
    ),
    LintRule(
        id="part-of-another-type",
        title="A component has a part that its type must not have",
        severity=Severity.HIGH,
        check=part_of_another_type,
        flags=(
            {"components": [{"type": "file", "name": "m", "modelCard": {}}]},
            {"components": [{"type": "file", "name": "m", "data": [{"type": "dataset"}]}]},
        ),
        passes=(
            {"components": [{"type": MODEL, "name": "m", "modelCard": {}}]},
            {"components": [{"type": "data", "name": "d", "data": [{"type": "dataset"}]}]},
        ),
    ),
    LintRule(
        id="dataset-of-another-type",
        title="A data set refers to something else",
        severity=Severity.HIGH,
        check=dataset_of_another_type,
        flags=(
            _subject(modelCard={"modelParameters": {"datasets": [{"ref": "d"}]}})
            | {"components": [{"type": "library", "bom-ref": "d", "name": "datasets"}]},
        ),
        passes=(
            _subject(modelCard={"modelParameters": {"datasets": [{"ref": "d"}]}})
            | {"components": [{"type": "data", "bom-ref": "d", "name": "wikitext"}]},
        ),
    ),
    LintRule(
        id="dataset-of-both-roles",
        title="A model is said to be trained on what it was measured on",
        severity=Severity.MEDIUM,
        check=dataset_of_both_roles,
        flags=(_trained_on("cais/mmlu", "MMLU"),),
        passes=(
            _trained_on("wikitext", "MMLU"),
            _trained_on("mmlu", "MMLU", **ROLE_OF_TEST),
        ),
    ),
    LintRule(
        id="subject-missing",
        title="The BOM does not say what it is about",
        severity=Severity.MEDIUM,
        check=subject_missing,
        flags=({}, {"metadata": {}}),
        passes=(_subject(),),
    ),
)
