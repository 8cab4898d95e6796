"""What a CycloneDX document of any program says of a model, field by field, to compare programs.

Places that only one program uses are looked at, too: properties by words in their names. A value
may be spelled in several ways, and one that is right in any of them counts.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Json = dict[str, Any]
Spelled = tuple[str, ...]  # one value, in each spelling that counts as right

MODEL = "machine-learning-model"
MODELS = {MODEL, "application"}  # some call the folder of a model an application
SOFTWARE = {"library", "framework"}
PROPERTIES = {  # field -> what stands in the names of properties for it
    "parameters": re.compile(r"param(eter)?[:_.]?count", re.IGNORECASE),
    "language": re.compile(r"(^|[:._])languages?$", re.IGNORECASE),
    "context length": re.compile(r"context[:_.]?length|max_?position|n_ctx", re.IGNORECASE),
    "layers": re.compile(r"(^|[:._])(num_?hidden_?)?layers$|block_?count", re.IGNORECASE),
}
EVALUATION = re.compile(r"evaluation|test|validation", re.IGNORECASE)
PLACEHOLDERS = {"", "unknown", "none", "n/a", "noassertion", "latest"}


def fields(document: Json) -> dict[str, list[Spelled]]:
    """Return every value that a document has for each field."""
    found: dict[str, list[Spelled]] = defaultdict(list)
    for component in components(document):
        if component.get("type") in MODELS:
            for name, read in READERS.items():
                found[name] += [spelled for spelled in read(component) if any(spelled)]
        if component.get("type") in SOFTWARE and component.get("name"):
            found["libraries"].append((component["name"],))
        for each in component.get("hashes", ()):
            if each.get("alg") == "SHA-256":
                found["digests of weights"].append((each.get("content", ""),))
    for role, spelled in _data(document):
        found[role].append(spelled)
    return dict(found)


def components(document: Json) -> Iterator[Json]:
    """Yield the subject and every component at any depth."""
    todo = [document.get("metadata", {}).get("component", {}), *document.get("components", ())]
    while todo:
        each = todo.pop(0)
        yield each
        todo += each.get("components", ())


def _parameters(component: Json) -> Json:
    found: Json = component.get("modelCard", {}).get("modelParameters", {})
    return found


def _one(key: str) -> Callable[[Json], Iterator[Spelled]]:
    def read(component: Json) -> Iterator[Spelled]:
        value = _parameters(component).get(key)
        if isinstance(value, str) and value.lower() not in PLACEHOLDERS:
            yield (value,)

    return read


def _ports(key: str) -> Callable[[Json], Iterator[Spelled]]:
    def read(component: Json) -> Iterator[Spelled]:
        for each in _parameters(component).get(key, ()):
            yield (re.split(r":| \(", each.get("format", ""))[0],)

    return read


def _considered(key: str) -> Callable[[Json], Iterator[Spelled]]:
    def read(component: Json) -> Iterator[Spelled]:
        yield from (
            (text,)
            for text in component.get("modelCard", {}).get("considerations", {}).get(key, ())
        )

    return read


def _property(pattern: re.Pattern[str]) -> Callable[[Json], Iterator[Spelled]]:
    def read(component: Json) -> Iterator[Spelled]:
        card = component.get("modelCard", {})
        for each in [*component.get("properties", ()), *card.get("properties", ())]:
            value = str(each.get("value") or "")
            if pattern.search(each.get("name", "")) and value.lower() not in PLACEHOLDERS:
                yield from ((part.strip(),) for part in value.split(","))

    return read


def _licences(component: Json) -> Iterator[Spelled]:
    for each in component.get("licenses", ()):
        told = each.get("license", {})
        meant = [p["value"] for p in told.get("properties", ())]
        yield (told.get("id") or told.get("name") or each.get("expression", ""), *meant)


def _purl(component: Json) -> Iterator[Spelled]:
    """Yield what claims an origin: a type other than generic, or a version."""
    purl = component.get("purl", "")
    if purl and (not purl.startswith("pkg:generic/") or "@" in purl):
        yield (purl,)


def _description(component: Json) -> Iterator[Spelled]:
    yield (component.get("description", ""),)


def _producer(component: Json) -> Iterator[Spelled]:
    yield (component.get("supplier", {}).get("name", ""),)
    yield from ((each.get("name", ""),) for each in component.get("authors", ()))


def _bases(component: Json) -> Iterator[Spelled]:
    yield from map(_names, component.get("pedigree", {}).get("ancestors", ()))


def _metrics(component: Json) -> Iterator[Spelled]:
    analysis = component.get("modelCard", {}).get("quantitativeAnalysis", {})
    for each in analysis.get("performanceMetrics", ()):
        yield (f"{each.get('type', '')} {each.get('value', '')}",)


READERS: dict[str, Callable[[Json], Iterator[Spelled]]] = {
    "package URL": _purl,
    "description": _description,
    "producer": _producer,
    "licence": _licences,
    "task": _one("task"),
    "family": _one("architectureFamily"),
    "architecture": _one("modelArchitecture"),
    "inputs": _ports("inputs"),
    "outputs": _ports("outputs"),
    "base model": _bases,
    "metrics": _metrics,
    "uses": _considered("useCases"),
    "limitations": _considered("technicalLimitations"),
    **{name: _property(pattern) for name, pattern in PROPERTIES.items()},
}


def _names(component: Json) -> Spelled:
    name, group = component.get("name", ""), component.get("group", "")
    return (name, f"{group}/{name}") if group else (name,)


def _data(document: Json) -> Iterator[tuple[str, Spelled]]:
    """Yield each set of data with what it is said to have served: training, if nothing is said.

    A reader takes what a model's parameters list for what it was trained on.
    """
    by_ref: dict[str, Json] = {
        each["bom-ref"]: each for each in components(document) if each.get("bom-ref")
    }
    told: dict[Spelled, str] = {}
    for each in components(document):
        if each.get("type") == "data":
            roles = " ".join(p.get("value", "") for p in _role_properties(each))
            if EVALUATION.search(roles):
                told[_names(each)] = "evaluation data"
            elif any(data.get("type") == "dataset" for data in each.get("data", ())):
                told[_names(each)] = "training data"
        for dataset in _parameters(each).get("datasets", ()):
            ref: str = dataset.get("ref", "")
            known: Json = by_ref.get(ref) or dataset
            if known.get("name"):
                told[_names(known)] = "training data"
    for spelled, role in told.items():
        yield role, spelled


def _role_properties(component: Json) -> list[Json]:
    return [p for p in component.get("properties", ()) if p.get("name", "").endswith("role")]
