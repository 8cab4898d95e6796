"""skops archives: a zip of arrays, and of a ``schema.json`` that names what is made of them.

The zip format yields the members, and the schema is JSON (`document_code` reads its nodes); here
stands only what the archive is. Source: ``skops/io/_persist.py``, which opens that one member.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..format import Format, Match, Parsed, Subject
from .zip_models import holding

if TYPE_CHECKING:
    from ..limits import Budget

SUFFIX = ".skops"
_HOLDS_SCHEMA = holding(b"schema.json")


def recognise(subject: Subject) -> Match:
    """Tell it by its name and its schema: other archives have members of that name, too."""
    return _HOLDS_SCHEMA(subject) if subject.name.lower().endswith(SUFFIX) else Match.NO


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield nothing: the formats that this one refines do."""
    del subject, budget
    yield from ()


FORMAT = Format(
    id="skops",
    title="skops archive",
    media_type="application/zip",
    spec="https://skops.readthedocs.io/en/stable/persistence.html",
    suffixes=(SUFFIX,),
    recognise=recognise,
    parse=parse,
    refines=("zip",),
    model=True,
)
