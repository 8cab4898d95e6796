"""What a document says of its model and of what that is made of, sorted into sections."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from ..scanners.record import replace
from . import document as read
from . import owasp
from .document import OURS, Part, each, inside, numbered, words
from .show_card import Ground, Line, Passage, Section, label, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .document import Json
    from .show_grounds import Grounds

Told: TypeAlias = "dict[str, list[Line]]"  # section -> lines

OTHER = "stated besides"
# A property's name, without its prefix, begins with -> its section; the first that fits. "" is
# shown elsewhere.
SECTIONS = (
    *((name, "") for name in ("path", "size", "format", "role", "rules:", "finding:", "card:")),
    *(
        (name, "not known")
        for name in ("unknown", "unread", "not-covered", "left-out", "metadata:")
    ),
    *((name, "identity") for name in ("model:name", "address", "commit")),
    *((name, "training") for name in ("parameter:tune", "hyperparameter", "training", "approach")),
    *((name, "task") for name in ("task", "modality", "language", "input", "output", "generation")),
    *((name, "data") for name in ("dataset:",)),
    *((name, "base models") for name in ("base-model",)),
    *((name, "licences") for name in ("licence",)),
    *((name, "metrics") for name in ("metric",)),
    *((name, "environment") for name in ("software", "producer", "remote-code", "co2")),
    *(
        (name, "architecture and parameters")
        for name in (
            *("architecture", "context", "vocabulary", "layers", "attention", "hidden", "experts"),
            *("feed-forward", "rope"),
            *("tensor", "weights", "parameter", "dtype", "quantisation", "operator", "file"),
            *("tokenizer", "template", "adapter"),
        )
    ),
)
PARAMETERS = {  # of a model card -> (section, label, field in the evidence)
    "task": ("task", "task", "task"),
    "architectureFamily": ("architecture and parameters", "family", "architecture:family"),
    "modelArchitecture": ("architecture and parameters", "architecture", "architecture:name"),
}
PORTS = {"inputs": "input", "outputs": "output"}
PASSAGES = {  # of the considerations -> (heading, field in the evidence)
    "users": ("users", "card:users"),
    "useCases": ("use cases", "card:use-cases"),
    "technicalLimitations": ("limitations", "card:limitations"),
    "performanceTradeoffs": ("trade-offs", "card:trade-offs"),
    "ethicalConsiderations": ("ethical considerations", "card:ethical-considerations"),
    "fairnessAssessments": ("fairness", "card:fairness"),
}
ACKNOWLEDGED = {"declared": "declared", "concluded": "inferred"}
SHOWN_ELSEWHERE = {"file", "machine-learning-model", "data"}  # types of components
DATA_DETAILS = ("dataset:config", "dataset:split", "dataset:revision")


def by_section(parts: Iterable[Part], about: Part | None, grounds: Grounds) -> Told:
    """Return what properties and parameters say, by section."""
    told: Told = {}
    known = list(parts)
    for part in known:
        of = _of(part, about)
        for section, line in (
            *_parameters(part, of, grounds),
            *_links(part, of, grounds),
            *_properties(part, of, grounds),
        ):
            told.setdefault(section, []).append(line)
    seen = {(line.label, line.text, line.of) for lines in told.values() for line in lines}
    for part in known:
        for section, line in _in_owasp_names(part, _of(part, about), grounds):
            if seen.isdisjoint({(line.label, line.text, of) for of in ("", line.of)}):
                told.setdefault(section, []).append(line)
                seen.add((line.label, line.text, line.of))
    return told


def _links(part: Part, of: str, grounds: Grounds) -> Iterator[tuple[str, Line]]:
    for kind, address, pointer in read.links(part.component):
        ground = grounds.of(part, read.LINKS[kind], pointer)
        yield "identity", Line(kind, address, of, ground)


def _properties(part: Part, of: str, grounds: Grounds) -> Iterator[tuple[str, Line]]:
    for name, value, pointer in read.properties(part.component):
        section = _section(plain(name))
        if section == "data" and words(part.component, "type") == "data":
            continue  # beside the data set's name
        if section and owasp.read(name, value) is None:
            ground = grounds.of(part, name.removeprefix(OURS), f"{pointer}/value")
            yield section, Line(label(name), value, of, ground)


def _in_owasp_names(part: Part, of: str, grounds: Grounds) -> Iterator[tuple[str, Line]]:
    """Yield what a part says in OWASP's names: mostly once more what something says in ours."""
    for name, value, pointer in read.properties(part.component):
        for own, each_value in owasp.read(name, value) or ():
            ground = grounds.of(part, own.removeprefix(OURS), f"{pointer}/value")
            yield _section(plain(own)) or OTHER, Line(label(own), each_value, of, ground)


def _of(part: Part, about: Part | None) -> str:
    return "" if about is not None and part.pointer == about.pointer else part.label


def _section(name: str) -> str:
    return next(
        (section for start, section in SECTIONS if name.startswith(start)), "stated besides"
    )


def _parameters(part: Part, of: str, grounds: Grounds) -> Iterator[tuple[str, Line]]:
    parameters = inside(inside(part.component, "modelCard"), "modelParameters")
    where = "/modelCard/modelParameters"
    for key, (section, name, field) in PARAMETERS.items():
        if words(parameters, key):
            ground = grounds.of(part, field, f"{where}/{key}")
            yield section, Line(name, words(parameters, key), of, ground)
    approach = words(inside(parameters, "approach"), "type")
    if approach:
        ground = grounds.of(part, "approach", f"{where}/approach/type")
        yield "training", Line("approach", approach, of, ground)
    for key, name in PORTS.items():
        for number, port in numbered(parameters, key):
            ground = grounds.of(part, name, f"{where}/{key}/{number}/format")
            yield "task", Line(name, words(port, "format"), of, ground)


# --- Sections with a form of their own ------------------------------------------------------------


def data(parts: Iterable[Part], about: Part | None, grounds: Grounds, more: list[Line]) -> Section:
    """Return the data that it was trained and measured on."""
    lines: list[Line] = []
    for part in parts:
        if words(part.component, "type") == "data":
            roles = read.values(part.component, "dataset:role") or ("data",)
            details = [v for name in DATA_DETAILS for v in read.values(part.component, name)]
            text = " ".join((read.named(part.component), *details))
            lines += [Line(role, text, "", grounds.of(part, "dataset")) for role in roles]
        parameters = inside(inside(part.component, "modelCard"), "modelParameters")
        for dataset in each(parameters, "datasets"):
            if words(dataset, "name"):  # else a reference to one of those above
                lines.append(Line("data", words(dataset, "name"), _of(part, about)))
    return Section("data", (*sorted(lines, key=lambda line: line.label != "training"), *more))


def bases(parts: Iterable[Part], about: Part | None, grounds: Grounds, more: list[Line]) -> Section:
    """Return what it was made from, and the same weights in other forms."""
    lines: list[Line] = []
    for part in parts:
        pedigree = inside(part.component, "pedigree")
        of = _of(part, about)
        for key, name in (("ancestors", "made from"), ("variants", "same weights")):
            for number, other in numbered(pedigree, key):
                there = Part(other, f"{part.pointer}/pedigree/{key}/{number}")
                found = grounds.of(there, "base-model", "/name")
                lines.append(Line(name, read.named(other), of, found))
                lines += _licences(there, f"licence of {read.named(other)}", of, grounds)
        if words(pedigree, "notes"):
            found = grounds.of(part, "base-model:relation", "/pedigree/notes")
            lines.append(Line("notes", words(pedigree, "notes"), of, found))
    return Section("base models", (*lines, *more))


def licences(
    parts: Iterable[Part], about: Part | None, grounds: Grounds, more: list[Line]
) -> Section:
    """Return every licence, as declared or as concluded from a text."""
    lines = [line for part in parts for line in _licences(part, "", _of(part, about), grounds)]
    return Section("licences", (*lines, *more))


def _licences(part: Part, name: str, of: str, grounds: Grounds) -> Iterator[Line]:
    for what, how, pointer in read.licences(part.component):
        found = _as_acknowledged(grounds.of(part, "licence", pointer), how)
        yield Line(name or how or "licence", what, of, found)


def _as_acknowledged(grounds: tuple[Ground, ...], how: str) -> tuple[Ground, ...]:
    """Return the grounds of a licence that is known so: occurrences name those of all licences."""
    way = ACKNOWLEDGED.get(how, "")
    found = tuple(replace(each, status=way) for each in grounds if way in each.status.split(", "))
    return found or grounds


def metrics(
    parts: Iterable[Part], about: Part | None, grounds: Grounds, more: list[Line]
) -> Section:
    """Return what was measured, by whoever wrote the card."""
    lines: list[Line] = []
    for part in parts:
        analysis = inside(inside(part.component, "modelCard"), "quantitativeAnalysis")
        for number, metric in numbered(analysis, "performanceMetrics"):
            where = f"/modelCard/quantitativeAnalysis/performanceMetrics/{number}"
            between = inside(metric, "confidenceInterval")
            ends = [words(between, key) for key in ("lowerBound", "upperBound") if between]
            told = [words(metric, "value"), words(metric, "slice"), " to ".join(filter(None, ends))]
            text = ", ".join(filter(None, told))
            ground = grounds.of(part, "metric", where)
            lines.append(Line(words(metric, "type") or "metric", text, _of(part, about), ground))
    return Section("metrics", (*lines, *more))


def considerations(parts: Iterable[Part], about: Part | None, grounds: Grounds) -> Section:
    """Return the passages on use, limits and ethics, word for word; what a part repeats, once."""
    passages: list[Passage] = []
    whole: set[tuple[str, str]] = set()
    for part in parts:
        of = _of(part, about)
        for name, field, text, pointer in _passages(part.component):
            if of and (field, text) in whole:
                continue
            heading = _heading(part, name, field, of, grounds)
            passages.append(Passage(heading, text, grounds.of(part, field, pointer)))
            if not of:
                whole.add((field, text))
    return Section("limitations and use", passages=tuple(passages))


def _passages(component: Json) -> Iterator[tuple[str, str, str, str]]:
    """Yield heading, field, text and pointer of each passage of a component."""
    told = inside(inside(component, "modelCard"), "considerations")
    whole = {name.removeprefix(OURS) for name, _, _ in read.properties(component)}
    for key, (name, field) in PASSAGES.items():
        if key == "ethicalConsiderations" and field in whole:
            continue  # the schema takes no text there: these are headings of the text below
        for number, text in enumerate(_considered(told, key)):
            yield name, field, text, f"/modelCard/considerations/{key}/{number}"
    for name, value, pointer in read.properties(component):
        if plain(name).startswith("card:"):
            heading = label(name).removeprefix("card ")
            yield heading, name.removeprefix(OURS), value, f"{pointer}/value"


def _heading(part: Part, name: str, field: str, of: str, grounds: Grounds) -> str:
    said = ", ".join(grounds.headings(part, field))
    told = f"{name} (under {said!r})" if said else name
    return f"{told}, of {of}" if of else told


def _considered(told: Json, key: str) -> Iterator[str]:
    yield from read.texts(told, key)
    for item in each(told, key):
        yield ": ".join(str(value) for value in item.values() if isinstance(value, str))


def environment(
    parts: Iterable[Part], about: Part | None, grounds: Grounds, more: list[Line]
) -> Section:
    """Return the software that it needs or was made with, and what its making cost."""
    lines: list[Line] = []
    for part in parts:
        kind = words(part.component, "type")
        if kind not in SHOWN_ELSEWHERE and _of(part, about):
            lines.append(
                Line(
                    kind or "component",
                    read.named(part.component),
                    "",
                    grounds.of(part, "software"),
                )
            )
        card = inside(inside(part.component, "modelCard"), "considerations")
        for item in each(inside(card, "environmentalConsiderations"), "properties"):
            name = words(item, "name")
            ground = grounds.of(part, name.removeprefix(OURS))
            lines.append(Line(label(name), words(item, "value"), _of(part, about), ground))
    return Section("environment", (*lines, *more))
