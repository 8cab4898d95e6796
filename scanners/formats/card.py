"""Model cards: Markdown that begins with YAML front matter.

https://huggingface.co/docs/hub/model-cards: ``---``, YAML, ``---``, then text for people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import kits
from ..facts import Conflict, Fact, Licence, Metadata, Reference, Refers, shorten
from ..format import Format, Match, Parsed, Subject
from ..limits import MIB, Exceeded
from ..shapes import is_object
from ..source import Malformed, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..limits import Budget

MAX_FRONT_MATTER = MIB  # bytes; cards of the largest model families have some thousand
SHOWN = 100  # repeated keys that are told of
FENCE = b"---"

LICENCES = ("license", "license_name", "license_link")
REFERENCES = {"base_model": Refers.BASE_MODEL, "datasets": Refers.DATASET}
TOLD = (
    "pipeline_tag",
    "library_name",
    "language",
    "tags",
    "model_name",
    "base_model_relation",
    "metrics",
    "inference",
    "thumbnail",
)


def recognise(subject: Subject) -> Match:
    """Tell a card by a fence on its first line, in a file that is called Markdown."""
    if not subject.name.lower().endswith((".md", ".markdown")):
        return Match.NO
    first, _, _ = subject.head.removeprefix(b"\xef\xbb\xbf").partition(b"\n")
    return Match.CERTAIN if first.rstrip() == FENCE else Match.NO


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield what the front matter declares, and how many of its keys have no fact of their own.

    Raises:
        Malformed: The front matter is no YAML mapping of UTF-8 text.
        Exceeded: It is longer than any honest one.
    """
    front = kits.need("yaml")
    length = min(subject.source.size, MAX_FRONT_MATTER)
    budget.document(length)
    found = _front_matter(subject.source.read_at(0, length), subject.source.size)
    if found is None:
        return
    body, span = found
    try:
        values, repeated = front.read(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Malformed("front matter", offset=error.start, why="not UTF-8") from error
    for key in repeated[:SHOWN]:
        detail = f"a mapping of the front matter holds the key {shorten(key, 100)!r} twice"
        yield Conflict(at=span, kind="duplicate", detail=detail)
    if values is None:
        return
    if not is_object(values):
        raise Malformed("front matter", offset=0, why="not a mapping")
    yield from _facts(values, span)


def _front_matter(raw: bytes, size: int) -> tuple[bytes, Span] | None:
    """Return the bytes between the two fences, and where they stand.

    Without a second fence, the first was a line drawn in the text.
    """
    start = raw.index(b"\n") + 1 if b"\n" in raw else len(raw)
    at = start
    for line in raw[start:].splitlines(keepends=True):
        if line.rstrip() in {FENCE, b"..."}:
            return raw[start:at], Span(start, at - start)
        at += len(line)
    if size > MAX_FRONT_MATTER:
        raise Exceeded("front matter", MAX_FRONT_MATTER, "front matter")
    return None


def _facts(values: dict[str, object], at: Span) -> Iterator[Fact]:
    texts = kits.need("yaml").texts
    for key in LICENCES:
        for text in texts(values.get(key)):
            yield Licence(at=at, key=key, value=shorten(text))
    for key, kind in REFERENCES.items():
        for text in texts(values.get(key)):
            yield Reference(at=at, kind=kind, key=key, target=shorten(text))
    for key in TOLD:
        found = list(texts(values.get(key)))
        if found:
            yield Metadata(at=at, key=key, value=shorten(", ".join(found)))
    rest = sorted(values.keys() - {*LICENCES, *REFERENCES, *TOLD})
    if rest:
        named = shorten(f"{len(rest)} keys: {', '.join(rest)}", 500)
        yield Metadata(at=at, key="front-matter.unmapped", value=named)


FORMAT = Format(
    id="model-card",
    title="model card",
    media_type="text/markdown",
    spec="https://huggingface.co/docs/hub/model-cards",
    suffixes=(),
    recognise=recognise,
    parse=parse,
)
