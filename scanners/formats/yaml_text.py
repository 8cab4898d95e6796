"""YAML, of which nothing is told but the Python that it names (`document_code`).

https://yaml.org/spec/1.1/ is what PyYAML reads. A document is told by its name, for the text has no
signature; under another name, by what only documents that name Python have. One without any sign of
such a name is not parsed at all: whatever a loader makes of it are plain values.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from .. import kits
from ..documents import Places
from ..facts import Reason, Unread, shorten
from ..format import Format, Match, Parsed, Subject
from ..limits import MIB, Exceeded
from ..patterns import pattern
from ..shapes import is_object
from ..source import Malformed, Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..documents import Key
    from ..limits import Budget

NAME = pattern(r".*\.ya?ml|mlmodel|hparams|conda", re.IGNORECASE)
OTHERS = pattern(r".*\.(?:py|md|markdown|json|ipynb|html?|rst|jinja2?|js|c|cpp|h)", re.IGNORECASE)
LFS = b"version https://git-lfs"
BINARY = pattern(rb"[^\t\r\n -\xff]")
LONGEST = 16 * MIB  # bytes; the longest configurations of honest models have some hundred thousand
WIDE = (b"\xff\xfe", b"\xfe\xff")  # marks of UTF-16, as PyYAML tells it
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# Every tag needs a "!", every key is spelled out unless a backslash stands for a character of it.
SIGNS = pattern(
    rb"!|_target_|target|class_path|loader_module|\\[xuU]|__|\$|\b(?:eval|exec)\b"
    rb"|\b(?:os|subprocess|importlib|builtins)\b|download|class_name"
)
KERAS = ("class_name", "config")  # keys of an object in what `model.to_yaml` wrote
# Of a text that names Python for certain, or could; no other need be parsed at any price.
GRAVE = pattern(
    rb"!!python/|2002:python/|\b_target_\b|!(?:apply|new|name|module):|^%TAG\s|\bloader_module\b",
    re.MULTILINE,
)


def recognise(subject: Subject) -> Match:
    """Tell it by its name, or by how it names Python."""
    head = subject.head
    if head.startswith(WIDE):
        return Match.POSSIBLE if NAME.fullmatch(subject.name) else Match.NO
    if BINARY.search(head) or head.startswith(LFS):
        return Match.NO
    if NAME.fullmatch(subject.name):
        return Match.POSSIBLE
    is_other = OTHERS.fullmatch(subject.name) is not None
    return Match.POSSIBLE if GRAVE.search(head) and not is_other else Match.NO


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield the Python that the document names.

    Raises:
        Malformed: It is no YAML, and has nothing in it that names Python.
        Exceeded: It is longer than a document may be.
    """
    size = subject.source.size
    if size > LONGEST:
        raise Exceeded("YAML", LONGEST, f"a document of {size} bytes")
    budget.document(size)
    raw = subject.source.read_at(0, size)
    is_wide = raw.startswith(WIDE)
    if not is_wide and not SIGNS.search(raw):
        return
    body = raw.removeprefix(BYTE_ORDER_MARK)
    try:
        text = codecs.utf_16_decode(raw, "strict", True)[0] if is_wide else body.decode("utf-8")  # noqa: FBT003 - no keyword
    except UnicodeDecodeError as error:
        raise Malformed("YAML", offset=error.start, why="not Unicode") from error
    tree = kits.need("trees").read(text, budget.check_time)
    spans: dict[Key, tuple[int, int]] = {} if is_wide else tree.spans
    places = Places(text, spans, base=size - len(body), default=Span(0, size))
    yield from kits.need("documents").named(tree.documents, places, is_yaml=True)
    for number, tagged in enumerate(tree.documents):
        document = kits.need("trees").untagged(tagged)
        if is_object(document) and all(key in document for key in KERAS):
            yield from kits.need("keras").facts(document, _place(places, number), budget)
    if tree.broken and NAME.fullmatch(subject.name) and GRAVE.search(raw):
        at = Span(min(tree.broken.offset, size), 0)
        yield Unread(at=at, reason=Reason.MALFORMED, detail=shorten(f"YAML: {tree.broken}"))
    elif tree.broken:
        raise tree.broken


def _place(places: Places, number: int) -> Callable[[Key], Span]:
    """Return what tells where a value of one document stands."""
    return lambda key: places.at((number, *key))


FORMAT = Format(
    id="yaml",
    title="YAML",
    media_type="application/yaml",
    spec="https://yaml.org/spec/1.1/",
    suffixes=(),
    recognise=recognise,
    parse=parse,
)
