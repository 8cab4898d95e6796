"""Facts into claims: what the bytes of one file support, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..scanners.declared.quantisation import of_file_type
from ..scanners.facts import NOWHERE, Fact, Licence, Metadata, Operator, Port, Storages, Tensor
from ..scanners.licences.ids import meaning
from . import keys, passages
from .counting import count, elements
from .model import Claim, Evidence, Field, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..scanners.artifact import Artifact
    from .keys import Meaning, MeaningOf

MAX_KINDS = 100  # dtypes or operators; a hostile file can make up as many as it has tensors
TEMPLATE = "chat_template"  # in the key that holds one
NO_WEIGHTS = frozenset({"training_args.bin"})  # in a format of weights, but what a trainer was told
LINK = "license_link"  # key of a card: where a licence's text stands, not what it is called
TEXT = "licence-text"  # format of a file that is known by its name
MAX_NAME = 200  # characters; a longer licence, or one of several lines, is a text


def of_model(artifact: Artifact, bits: int | None = None) -> Iterator[Claim]:
    """Yield every claim about a file that holds weights or a graph; `bits` as in `of_weights`."""
    yield from of_weights([artifact], bits)
    if _is_graph(artifact) and not any(_tensors([artifact])):  # weights can be constants of nodes
        yield Claim(Field.PARAMETERS, "", Status.UNKNOWN)
    for each in artifact.walk():
        yield from declared(each, keys.of_weights)
        yield from _graph(each)
    yield from chat_templates(artifact)
    yield from unmapped(artifact, keys.of_weights)


def of_file(artifact: Artifact) -> Iterator[Claim]:
    """Yield every claim about another file: how many of its metadata keys became no claim.

    What it says of the model as a whole is for `of_folder`.
    """
    yield from unmapped(artifact, keys.of_file(own_name(artifact)))


def of_folder(artifact: Artifact) -> Iterator[Claim]:
    """Yield what a text says about the model in whose folder it stands."""
    meaning = keys.of_file(own_name(artifact))
    for each in artifact.walk() if own_name(artifact) in NO_WEIGHTS else (artifact,):
        yield from declared(each, meaning)
    yield from passages.of_card(artifact)


def own_name(artifact: Artifact) -> str:
    """Return the name of a file without its folders."""
    return artifact.path[0].rpartition("/")[2]


def of_weights(artifacts: list[Artifact], bits: int | None = None) -> Iterator[Claim]:
    """Yield what the tensors of files, which are one set of weights, add up to.

    `bits` are those of a packed weight, where a configuration declares them. Nothing is claimed of
    files that were not read whole.
    """
    placed = list(_tensors(artifacts))
    if not placed or not all(artifact.is_complete for artifact in artifacts):
        return
    files = tuple(Evidence(artifact.path[0]) for artifact in artifacts)
    tensors = [tensor for _, tensor in placed]
    yield Claim(Field.TENSOR_COUNT, str(len(tensors)), Status.OBSERVED, files)
    total = elements(tensors)
    if total is None:
        yield Claim(Field.PARAMETERS, "", Status.UNKNOWN)
        return
    yield Claim(Field.TENSOR_ELEMENTS, str(total), Status.OBSERVED, files)
    formats = {name for artifact in artifacts for each in artifact.walk() for name in each.formats}
    counted = None if _has_unnamed(artifacts) else count(placed, formats, bits)
    if counted is None:
        yield Claim(Field.PARAMETERS, "", Status.UNKNOWN)
    else:
        yield Claim(Field.PARAMETERS, str(counted.parameters), Status.OBSERVED, files)
        if counted.around:
            yield Claim(Field.TENSOR_AROUND, str(counted.around), Status.OBSERVED, files)
    yield from _histogram(Field.TENSOR_DTYPE, (tensor.dtype for tensor in tensors), files)


def _tensors(artifacts: Iterable[Artifact]) -> Iterator[tuple[tuple[str, ...], Tensor]]:
    """Yield every tensor with the artifact that it stands in."""
    for artifact in artifacts:
        for each in artifact.walk():
            for fact in each.facts:
                if isinstance(fact, Tensor):
                    yield each.path, fact


def _has_unnamed(artifacts: Iterable[Artifact]) -> bool:
    """Whether a file holds values that none of its tensors names, such as those of a subclass."""
    for artifact in artifacts:
        facts = [fact for each in artifact.walk() for fact in each.facts]
        named = {fact.storage for fact in facts if isinstance(fact, Tensor)}
        if any(not named.issuperset(fact.keys) for fact in facts if isinstance(fact, Storages)):
            return True
    return False


def _histogram(
    field: Field, names: Iterable[str], files: tuple[Evidence, ...], by: int = 1
) -> Iterator[Claim]:
    kinds: dict[str, int] = {}
    for name in names:
        kinds[name] = kinds.get(name, 0) + by
    if len(kinds) <= MAX_KINDS:
        for name, number in sorted(kinds.items()):
            yield Claim(field, f"{name}={number}", Status.OBSERVED, files)


def _is_graph(artifact: Artifact) -> bool:
    return any(isinstance(fact, Operator) for each in artifact.walk() for fact in each.facts)


def _graph(artifact: Artifact) -> Iterator[Claim]:
    """Yield the inputs, outputs and operators of a graph."""
    operators: dict[str, tuple[int, Operator]] = {}
    for fact in artifact.facts:
        if isinstance(fact, Port):
            field = Field.INPUT if fact.direction == "input" else Field.OUTPUT
            yield claim(field, fact, _port(fact), artifact, Status.OBSERVED, key=fact.name)
        elif isinstance(fact, Operator):
            name = f"{fact.domain}.{fact.name}" if fact.domain else fact.name
            before, first = operators.get(name, (0, fact))
            operators[name] = before + fact.count, min(first, fact, key=lambda each: each.at.start)
    if len(operators) <= MAX_KINDS:
        for name, (number, first) in sorted(operators.items()):
            yield claim(Field.OPERATOR, first, f"{name}={number}", artifact, Status.OBSERVED)


def _port(port: Port) -> str:
    axes = ", ".join(axis or "?" for axis in port.shape) if port.is_ranked else "..."
    return f"{port.name}: {port.dtype or '?'}[{axes}]"


def declared(artifact: Artifact, meaning: MeaningOf) -> Iterator[Claim]:
    """Yield what one artifact, without its members, says."""
    for fact in artifact.facts:
        if isinstance(fact, Licence):
            yield from _licence(fact, artifact)
        elif isinstance(fact, Metadata) and (meant := _meant(fact, meaning)):
            field, detail = meant
            told = claim(field, fact, _value(field, detail, fact.value), artifact)
            yield Claim(told.field, told.value, told.status, told.evidence, detail)


def _meant(fact: Metadata, meaning: MeaningOf) -> Meaning | None:
    return None if fact.key in keys.UNTOLD else keys.says(meaning(fact.key), fact.value)


def chat_templates(artifact: Artifact) -> Iterator[Claim]:
    """Yield where the chat templates in a file stand."""
    if own_name(artifact) == "chat_template.jinja":
        here = (Evidence(artifact.path[0]),)
        yield Claim(Field.CHAT_TEMPLATE, artifact.path[0], Status.OBSERVED, here)
    for part in artifact.parts:
        if "jinja" in part.formats and TEMPLATE in part.path[-1]:
            where = (Evidence(artifact.path[0], key=part.path[-1]),)
            name = f"{artifact.path[0]}#{part.path[-1]}"
            yield Claim(Field.CHAT_TEMPLATE, name, Status.OBSERVED, where)


def _value(field: Field, detail: str, value: str) -> str:
    if (field, detail) == (Field.QUANTISATION, "file_type"):
        return of_file_type(value) or value
    return value.lower() if field is Field.TUNE_METHOD else value


def visible(name: str) -> str:
    """Return a name in which what would not be seen, or would act on a screen, is spelled out."""
    if name.isprintable():
        return name
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in name
    )


def unmapped(artifact: Artifact, meaning: MeaningOf) -> Iterator[Claim]:
    """Yield how many metadata keys of a file and its members became no claim, if any."""
    number = 0
    for each in artifact.walk():
        licences = {fact.key for fact in each.facts if isinstance(fact, Licence)}
        for fact in each.facts:
            if isinstance(fact, Metadata) and fact.key not in licences:
                number += keys.unmapped(meaning, fact.key, fact.value)
    if number:
        evidence = (Evidence(artifact.path[0]),)
        yield Claim(Field.METADATA_UNMAPPED, str(number), Status.OBSERVED, evidence)


def _licence(fact: Licence, artifact: Artifact) -> Iterator[Claim]:
    """Yield an id or name as it was written, or a text and the licences that it was told to be."""
    value, path = fact.value.strip(), artifact.path
    if fact.ids:
        yield claim(Field.LICENCE_TEXT, fact, path[0], artifact)
        for licence in fact.ids:
            yield claim(Field.LICENCE, fact, licence, artifact, Status.INFERRED)
    elif value and meaning(value).is_blank:
        return  # "other", "UNKNOWN": a word for that there is none to be named
    elif fact.key == LINK and value:
        yield claim(Field.LICENCE_TEXT, fact, value, artifact)
    elif TEXT in artifact.formats and not _is_all(fact, artifact):
        yield claim(Field.LICENCE_TEXT, fact, path[0], artifact)
    elif value and len(value) <= MAX_NAME and value.isprintable():
        yield claim(Field.LICENCE, fact, value, artifact)
    else:
        yield claim(Field.LICENCE_TEXT, fact, path[0], artifact)


def _is_all(fact: Licence, artifact: Artifact) -> bool:
    """Whether the first line of a licence text is all of it, and names a licence.

    Else it is a title, such as "Apache License", which the text need not deserve.
    """
    return artifact.size <= fact.at.end and bool(meaning(fact.value.strip()).expression)


def claim(  # noqa: PLR0913 - two of them named
    field: Field,
    fact: Fact,
    value: str,
    artifact: Artifact,
    status: Status = Status.DECLARED,
    *,
    key: str | None = None,
) -> Claim:
    """Return a claim that rests on one fact of `artifact`, by default on what it declares."""
    value = visible(value) if field in keys.NAMING else value
    return Claim(field, value, status, (evidence_of(fact, artifact, key),))


def evidence_of(fact: Fact, artifact: Artifact, key: str | None = None) -> Evidence:
    """Return the place where a fact stands; `key` is by default its own."""
    named = getattr(fact, "key", "") if key is None else key
    offset = None if fact.at == NOWHERE else fact.at.start
    return Evidence(artifact.path[0], artifact.path[1:], offset, named)
