"""Recipes of mergekit: which models were merged into this one, and how.

``mergekit_config.yml`` (https://github.com/arcee-ai/mergekit/blob/main/docs): `merge_method`, and
`models`, `slices` of their layers, or a `base_model`. A model is an id or a path, perhaps with
``@revision`` and ``+adapter``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .. import kits
from ..documents import Places, dotted, leaves
from ..facts import Metadata, Reference, Refers, shorten
from ..format import Format, Match, Parsed, Subject
from ..limits import MIB
from ..patterns import pattern
from ..shapes import is_object
from ..source import Malformed, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..documents import Key
    from ..facts import Fact
    from ..limits import Budget

NAME = pattern(r"mergekit[\w-]*\.ya?ml", re.IGNORECASE)
LONGEST = MIB  # bytes; recipes have some hundred
MAX_KEY = 200  # characters
MODELS = frozenset({"model", "base_model", "path"})  # names of values that are models


def recognise(subject: Subject) -> Match:
    """Tell a recipe by its name, if it is text; reading it shows whether it is one."""
    is_text = b"\0" not in subject.head and subject.source.size <= LONGEST
    return Match.POSSIBLE if NAME.fullmatch(subject.name) and is_text else Match.NO


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield each model that was merged, and every parameter of the merge.

    Raises:
        Malformed: It is no YAML mapping with a `merge_method`.
    """
    yaml = kits.need("yaml")
    size = subject.source.size
    budget.document(size)
    try:
        text = subject.source.read_at(0, size).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("recipe", offset=error.start, why="not UTF-8") from error
    found = yaml.read_placed(text, follow_aliases=True)
    if not is_object(found.values) or "merge_method" not in found.values:
        raise Malformed("recipe", offset=0, why="no mapping with a merge_method")
    places = Places(text, found.spans, base=0, default=Span(0, size))
    for key, value in leaves(found.values):
        yield from _fact(key, value, places.at(key))


def _fact(key: Key, value: str, at: Span) -> Iterator[Fact]:
    where = shorten(dotted(key), MAX_KEY)
    if _names(key) in MODELS and value:
        yield Reference(at=at, kind=Refers.BASE_MODEL, key=where, target=shorten(value))
    else:
        yield Metadata(at=at, key=where, value=shorten(value))


def _names(key: Key) -> str:
    """Return the name of a value; of an item of a list, that of the list."""
    return next((step for step in reversed(key) if isinstance(step, str)), "")


FORMAT = Format(
    id="mergekit",
    title="merge recipe",
    media_type="application/yaml",
    spec="https://github.com/arcee-ai/mergekit/blob/main/README.md",
    suffixes=(),
    recognise=recognise,
    parse=parse,
    refines=("yaml",),
)
