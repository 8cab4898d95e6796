"""What OWASP's AIBOM Generator writes, and its scorer looks for, in its names beside ours.

Each repeats a claim that also stands in its own place; nothing is said in these names alone. Of the
model as a whole they are properties of the BOM's metadata, of weights properties of their card.
Names: https://github.com/GenAI-Security-Project/aibom-generator, `src/models/field_registry.json`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ..scanners.shapes import is_list, is_object
from .cited import Told
from .model import Field, Status, property_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .model import Claim
    from .sparse import Json

CARD = "genai:aibom:modelcard:"
OF_CARD = {
    Field.VOCABULARY: "vocabSize",
    Field.TOKENIZER: "tokenizerClass",
    Field.CONTEXT_LENGTH: "contextLength",
    Field.WIDTH: "embeddingLength",
    Field.LAYERS: "blockCount",
    Field.HEADS: "attentionHeadCount",
    Field.KEY_VALUE_HEADS: "attentionHeadCountKV",
    Field.FEED_FORWARD: "feedForwardLength",
    Field.ROPE: "ropeDimensionCount",
}
ALL = "hyperparameter"  # a JSON object of the shape, once more
SHAPE = {  # its keys
    Field.CONTEXT_LENGTH: "context_length",
    Field.WIDTH: "embedding_length",
    Field.LAYERS: "block_count",
    Field.HEADS: "attention_head_count",
    Field.KEY_VALUE_HEADS: "attention_head_count_kv",
    Field.FEED_FORWARD: "feed_forward_length",
    Field.ROPE: "rope_dimension_count",
}
OF_WHOLE = {
    "primaryPurpose": (Field.TASK,),
    "suppliedBy": (Field.SUPPLIER,),
    "informationAboutApplication": (Field.USE_CASES,),
    "informationAboutTraining": (Field.TRAINING_PROCEDURE, Field.TRAINING_DATA),
}
ONE = frozenset({Field.TASK, Field.SUPPLIER})  # of two that differ neither is the truth
MAX_OBJECT = 100_000  # characters


# --- Writing --------------------------------------------------------------------------------------


def told_of(own: Iterable[Claim], more: Iterable[Claim] = ()) -> tuple[Claim, ...]:
    """Return the claims that a card repeats: those of the weights, else what `more` adds.

    Of a field with two values none is repeated.
    """
    found: dict[Field, list[Claim]] = {}
    for claims in (own, more):
        known = _by_field(claims)
        found = {each: known[each] for each in OF_CARD if each in known} | found
    single = (found[each] for each in OF_CARD if each in found and _is_one(found[each]))
    return tuple(claim for claims in single for claim in claims)


def of_card(claims: Iterable[Claim]) -> Iterator[Json]:
    """Yield the properties of a card for claims of `told_of`."""
    by_field = _by_field(claims)
    for each, name in OF_CARD.items():
        if each in by_field:
            told = by_field[each]
            yield {"name": CARD + name, "value": Told(told[0].value, tuple(told))}
    shape = {key: by_field[each] for each, key in SHAPE.items() if each in by_field}
    if shape:
        values = {key: _number(told[0].value) for key, told in shape.items()}
        claimed = tuple(claim for told in shape.values() for claim in told)
        yield {"name": CARD + ALL, "value": Told(json.dumps(values), claimed)}


def of_whole(claims: Iterable[Claim]) -> Iterator[Json]:
    """Yield the properties of the BOM's metadata for the claims about the model as a whole."""
    by_field = _by_field(claims)
    for name, fields in OF_WHOLE.items():
        for each in fields:
            told = by_field.get(each, [])
            if each in ONE and _is_one(told):
                yield {"name": name, "value": Told(told[0].value, tuple(told))}
            elif each not in ONE:
                yield from ({"name": name, "value": Told(c.value, (c,))} for c in told)


def _by_field(claims: Iterable[Claim]) -> dict[Field, list[Claim]]:
    found: dict[Field, list[Claim]] = {}
    for claim in claims:
        if claim.status is not Status.UNKNOWN:
            found.setdefault(claim.field, []).append(claim)
    return found


def _is_one(claims: Iterable[Claim]) -> bool:
    return len({claim.value for claim in claims}) == 1


def _number(value: str) -> int | str:
    is_short = len(value) <= 15  # noqa: PLR2004 - digits; what JSON's readers read alike
    return int(value) if is_short and value.isascii() and value.isdigit() else value


# --- Reading --------------------------------------------------------------------------------------

FIELDS = {name: each for each, name in OF_CARD.items()} | {key: each for each, key in SHAPE.items()}


def read(name: str, value: str) -> tuple[tuple[str, str], ...] | None:
    """Return names and values of the properties of ours that one of a card stands for.

    None if it is not in OWASP's names; what has no other name keeps its own.
    """
    if not name.startswith(CARD):
        return None
    own = name.removeprefix(CARD)
    if own in FIELDS:
        return ((property_of(FIELDS[own]), value),)
    if own != ALL:
        return ((name, value),)
    told = _object(value).items()
    return tuple((_of_shape(key), str(each)) for key, each in told) or ((name, value),)


def _of_shape(key: str) -> str:
    known = FIELDS.get(key)
    return property_of(known) if known else f"{Field.HYPERPARAMETER}:{key}"


def _object(value: str) -> Json:
    """Return the flat object that a text holds, or an empty one."""
    try:
        found = json.loads(value) if len(value) <= MAX_OBJECT else None
    except (ValueError, RecursionError):
        return {}
    if not is_object(found) or any(is_object(each) or is_list(each) for each in found.values()):
        return {}
    return found


def texts(component: object) -> frozenset[str]:
    """Return all texts in JSON but those that say something of the whole model in OWASP's names."""
    return frozenset(_texts(component))


def _texts(tree: object) -> Iterator[str]:
    if isinstance(tree, str):
        yield tree
    elif is_list(tree):
        for each in tree:
            yield from _texts(each)
    elif is_object(tree):
        is_ours = tree.get("name") in OF_WHOLE
        yield from (
            text for key in tree if not (is_ours and key == "value") for text in _texts(tree[key])
        )
