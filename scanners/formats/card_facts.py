"""What a model card says: its front matter key by key, its text section by section.

A kit (see `kits`): it imports PyYAML, and is needed only where there are cards. Keys of facts are
whole paths, such as ``model-index[0].results[1].metrics[0].value``, and each fact stands where its
value does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import front_matter
from ..documents import Places, dotted, leaves, scalar
from ..facts import Conflict, Dataset, Fact, Licence, Metadata, Reference, Refers, Role, shorten
from ..limits import MIB, Exceeded
from ..shapes import is_list, is_object
from ..source import Malformed, Span
from .card_body import read_body
from .card_results import INDEX, results

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..documents import Key
    from ..format import Subject
    from ..limits import Budget

MAX_FRONT_MATTER = MIB  # bytes; cards of the largest model families have some thousand
SHOWN = 100  # repeated keys that are told of
MAX_ITEMS = 1000  # of one key; the longest lists of languages have as many
FENCE = b"---"

LICENCES = ("license", "license_name", "license_link")
REFERENCES = {"base_model": Refers.BASE_MODEL, "datasets": Refers.DATASET}
NAMES = ("id", "path", "name", "url", "type")  # keys that name what an item is, the best first
TOLD = (
    "pipeline_tag",
    "library_name",
    "language",
    "tags",
    "model_name",
    "model_type",
    "model_creator",
    "quantized_by",
    "base_model_relation",
    "new_version",
    "metrics",
    "inference",
    "thumbnail",
    "co2_eq_emissions",
    "doi",
    "arxiv",
    "extra_gated_prompt",
    "extra_gated_fields",
    "pretty_name",  # of a dataset's card, and so are the next three
    "size_categories",
    "task_categories",
    "source_datasets",
)


def read(subject: Subject, budget: Budget) -> Iterator[Fact]:
    """Yield what the front matter declares, how many keys have no fact, and the card's sections.

    Raises:
        Malformed: The front matter is no YAML mapping of UTF-8 text.
        Exceeded: It is longer than any honest one.
    """
    size = subject.source.size
    length = min(size, MAX_FRONT_MATTER)
    budget.document(length)
    found = _front_matter(subject.source.read_at(0, length), size)
    if found is None:
        yield from read_body(subject, 0)
        return
    body, span, end = found
    has_licence = False
    for fact in _declared(body, span):
        has_licence = has_licence or isinstance(fact, Licence)
        yield fact
    yield from read_body(subject, end, has_licence=has_licence)


def _front_matter(raw: bytes, size: int) -> tuple[bytes, Span, int] | None:
    """Return the bytes between the two fences, where they stand, and where the text begins.

    Without a second fence, the first was a line drawn in the text.
    """
    start = raw.index(b"\n") + 1 if b"\n" in raw else len(raw)
    at = start
    for line in raw[start:].splitlines(keepends=True):
        if line.rstrip() in {FENCE, b"..."}:
            return raw[start:at], Span(start, at - start), at + len(line)
        at += len(line)
    if size > MAX_FRONT_MATTER:
        raise Exceeded("front matter", MAX_FRONT_MATTER, "front matter")
    return None


def _declared(body: bytes, span: Span) -> Iterator[Fact]:
    try:
        text = body.decode("utf-8")
        found = front_matter.read_placed(text, follow_aliases=True)
    except UnicodeDecodeError as error:
        raise Malformed("front matter", offset=error.start, why="not UTF-8") from error
    for key in found.repeated[:SHOWN]:
        detail = f"a mapping of the front matter holds the key {shorten(key, 100)!r} twice"
        yield Conflict(at=span, kind="duplicate", detail=detail)
    if found.values is None:
        return
    if not is_object(found.values):
        raise Malformed("front matter", offset=0, why="not a mapping")
    places = Places(text, found.spans, base=span.start, default=span)
    yield from _facts(found.values, places)


def _facts(values: dict[str, Any], places: Places) -> Iterator[Fact]:
    for name in LICENCES:
        for key, text in _leaves(values, name):
            # A list of licences is a choice; of names and links, nothing that the hub knows.
            where = dotted(key) if name == "license" else name
            yield Licence(at=places.at(key), key=where, value=shorten(text))
    for name, kind in REFERENCES.items():
        for key, text in _named(values, name):
            yield from _reference(key, kind, shorten(text), places.at(key))
    for name in TOLD:
        for key, text in _leaves(values, name):
            yield Metadata(at=places.at(key), key=shorten(dotted(key), SHOWN), value=shorten(text))
    yield from results(values, places)
    yield from _left(values, places)


def _leaves(values: dict[str, Any], name: str) -> Iterator[tuple[Key, str]]:
    """Yield the texts of one key, of a list no more than `MAX_ITEMS`."""
    value = values.get(name)
    yield from leaves(value[:MAX_ITEMS] if is_list(value) else value, (name,))


def _named(values: dict[str, Any], name: str) -> Iterator[tuple[Key, str]]:
    """Yield the names under one key: of an item that is a mapping, the first text that is one."""
    value = values.get(name)
    for number, item in enumerate(value[:MAX_ITEMS] if is_list(value) else [value]):
        key = (name, number) if is_list(value) else (name,)
        if is_object(item):
            found = next((each for each in NAMES if scalar(item.get(each))), None)
            if found:
                yield from leaves(item[found], (*key, found))
        else:
            yield from leaves(item, key)


def _reference(key: Key, kind: Refers, target: str, at: Span) -> Iterator[Fact]:
    where = shorten(dotted(key), SHOWN)
    yield Reference(at=at, kind=kind, key=where, target=target)
    if kind is Refers.DATASET:
        yield Dataset(at=at, key=where, name=target, role=Role.TRAINING)


def _left(values: dict[str, Any], places: Places) -> Iterator[Metadata]:
    """Yield which keys, and how many items of lists, have no fact of their own."""
    told = {*LICENCES, *REFERENCES, *TOLD}
    for name in sorted(told & values.keys()):
        more = len(values[name]) - MAX_ITEMS if is_list(values[name]) else 0
        if more > 0:
            cut = f"{more} more items of {name} after the first {MAX_ITEMS}"
            yield Metadata(at=places.at((name,)), key="front-matter.cut", value=cut)
    rest = sorted(values.keys() - told - {INDEX})
    if rest:
        named = shorten(f"{len(rest)} keys: {', '.join(rest)}", 500)
        yield Metadata(at=places.at(()), key="front-matter.unmapped", value=named)
