"""What a package of npm says of its licence: `package.json`.

https://docs.npmjs.com/cli/configuring-npm/package-json#license: an SPDX expression, or an object or
a list of objects of an older form. "SEE LICENSE IN <file>" names none: the file is read by itself.
"""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING

from ..facts import Licence, shorten
from ..format import Format, Match, Parsed, Subject
from ..shapes import is_list, is_object
from ..source import Malformed, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..limits import Budget

NAME = "package.json"
POINTER = "SEE LICEN"  # "SEE LICENSE IN …", also in British spelling
MAX_LICENCES = 20  # of one package; a list of more is none that a person wrote


def recognise(subject: Subject) -> Match:
    """Tell a package by its name, if its content could be a JSON object."""
    is_object_ = subject.head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"
    return Match.POSSIBLE if subject.name == NAME and is_object_ else Match.NO


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield each licence that the package names.

    Raises:
        Malformed: It is no JSON; the format that this one refines says where.
    """
    size = subject.source.size
    budget.document(size)
    try:
        document: object = json.loads(subject.source.read_at(0, size))
    except (ValueError, RecursionError) as error:
        raise Malformed("package.json", offset=0, why="it is no JSON") from error
    if is_object(document):
        for key in ("license", "licenses"):
            for name in islice(_names(document.get(key)), MAX_LICENCES):
                if not name.upper().startswith(POINTER):
                    yield Licence(at=Span(0, size), key=key, value=shorten(name, 200))


def _names(value: object) -> Iterator[str]:
    """Yield the names in each form that a licence can have."""
    each = value if is_list(value) else [value]
    for item in each:
        name = item.get("type") if is_object(item) else item
        if isinstance(name, str) and name.strip():
            yield name.strip()


FORMAT = Format(
    id="npm-package",
    title="package of npm",
    media_type="application/json",
    spec="https://docs.npmjs.com/cli/configuring-npm/package-json",
    suffixes=(),
    recognise=recognise,
    parse=parse,
    refines=("json",),
)
