"""Facts into claims: what the bytes of one file support, and nothing else.

Declared values are taken only from the keys below, each of which names one thing without doubt;
every other metadata key is counted, so that nothing is dropped in silence.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from ..scanners.facts import NOWHERE, Fact, Licence, Metadata, Tensor
from .model import Claim, Evidence, Field, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeAlias

    from ..scanners.artifact import Artifact

    FieldOf: TypeAlias = Callable[[str], Field | None]

MAX_DTYPES = 100  # more than any format has; a hostile file can make up as many as it has tensors
MAX_ELEMENTS = 1 << 64  # no file holds as many: such a shape is a lie, and gets no claim
MAX_NAME = 200  # characters; a longer licence, or one of several lines, is a text

MODEL_KEYS = {
    "general.architecture": Field.ARCHITECTURE_FAMILY,  # GGUF
    "general.name": Field.MODEL_NAME,  # GGUF
}
GGUF_CONTEXT = re.compile(r"[\w-]+\.context_length")  # "llama.context_length"

# Files that speak for the whole folder. A loader takes them by these names, at the top.
CARD_KEYS = {
    "config.json": {
        "model_type": Field.ARCHITECTURE_FAMILY,
        "architectures": Field.ARCHITECTURE,
        "architectures[0]": Field.ARCHITECTURE,
        "architectures.0": Field.ARCHITECTURE,
        "max_position_embeddings": Field.CONTEXT_LENGTH,
    },
    "README.md": {"pipeline_tag": Field.TASK},
}


def of_model(artifact: Artifact) -> Iterator[Claim]:
    """Yield every claim about a file that holds weights or a graph."""
    yield from _observed(artifact)
    for each in artifact.walk():
        yield from _declared(each, _model_field)
    yield from _unmapped(artifact, _model_field)


def of_file(artifact: Artifact) -> Iterator[Claim]:
    """Yield every claim about another file: how many of its metadata keys became no claim.

    What it says of the model as a whole is for `of_subject`.
    """
    yield from _unmapped(artifact, CARD_KEYS.get(artifact.path[0], {}).get)


def of_subject(artifact: Artifact) -> Iterator[Claim]:
    """Yield what a text at the top of a folder says about the folder as a model."""
    (name, *_) = artifact.path
    if "/" in name:
        return
    yield from _declared(artifact, CARD_KEYS.get(name, {}).get)


def _observed(artifact: Artifact) -> Iterator[Claim]:
    """Yield what the tensors of a file and its members add up to, if it was read whole."""
    tensors = [fact for each in artifact.walk() for fact in each.facts if isinstance(fact, Tensor)]
    if not tensors or not artifact.is_complete:
        return
    file = (Evidence(artifact.path[0]),)
    yield Claim(Field.TENSOR_COUNT, str(len(tensors)), Status.OBSERVED, file)
    elements = _elements(tensors)
    if elements is not None:
        yield Claim(Field.TENSOR_ELEMENTS, str(elements), Status.OBSERVED, file)
    kinds = Counter(tensor.dtype for tensor in tensors)
    if len(kinds) <= MAX_DTYPES:
        for dtype, count in sorted(kinds.items()):
            yield Claim(Field.TENSOR_DTYPE, f"{dtype}={count}", Status.OBSERVED, file)


def _elements(tensors: Iterable[Tensor]) -> int | None:
    """Return the number of elements, or None when a shape cannot be true."""
    total = 0
    for tensor in tensors:
        product = 1
        for extent in tensor.shape:
            if extent < 0 or product > MAX_ELEMENTS:
                return None
            product *= extent
        total += product
    return total if total <= MAX_ELEMENTS else None


def _declared(artifact: Artifact, field_of: FieldOf) -> Iterator[Claim]:
    """Yield what one artifact, without its members, says."""
    for fact in artifact.facts:
        if isinstance(fact, Licence):
            yield from _licence(fact, artifact.path)
        elif isinstance(fact, Metadata) and fact.value and (field := field_of(fact.key)):
            yield _declares(field, fact, fact.value, artifact.path)


def _unmapped(artifact: Artifact, field_of: FieldOf) -> Iterator[Claim]:
    """Yield how many metadata keys of a file and its members became no claim, if any."""
    count = 0
    for each in artifact.walk():
        licences = {fact.key for fact in each.facts if isinstance(fact, Licence)}
        for fact in each.facts:
            if isinstance(fact, Metadata) and fact.key not in licences:
                count += not (fact.value and field_of(fact.key))
    if count:
        evidence = (Evidence(artifact.path[0]),)
        yield Claim(Field.METADATA_UNMAPPED, str(count), Status.OBSERVED, evidence)


def _model_field(key: str) -> Field | None:
    if GGUF_CONTEXT.fullmatch(key):
        return Field.CONTEXT_LENGTH
    return MODEL_KEYS.get(key)


def _licence(fact: Licence, path: tuple[str, ...]) -> Iterator[Claim]:
    """Yield an id or name as it was written, or a text and the licences that it was told to be."""
    value = fact.value.strip()
    if fact.ids:
        yield _declares(Field.LICENCE_TEXT, fact, path[0], path)
        for licence in fact.ids:
            told = _declares(Field.LICENCE, fact, licence, path)
            yield Claim(told.field, told.value, Status.INFERRED, told.evidence)
    elif value and len(value) <= MAX_NAME and value.isprintable():
        yield _declares(Field.LICENCE, fact, value, path)
    else:
        yield _declares(Field.LICENCE_TEXT, fact, path[0], path)


def _declares(field: Field, fact: Licence | Metadata, value: str, path: tuple[str, ...]) -> Claim:
    evidence = Evidence(path[0], path[1:], _offset(fact), fact.key)
    return Claim(field, value, Status.DECLARED, (evidence,))


def _offset(fact: Fact) -> int | None:
    return None if fact.at == NOWHERE else fact.at.start
