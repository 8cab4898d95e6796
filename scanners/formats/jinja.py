"""Jinja templates: chat templates of tokenizers, in a file of their own or inside another format.

Specification: https://jinja.palletsprojects.com/en/stable/templates/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import kits
from ..format import Format, Match, Parsed, Subject
from ..limits import KIB, Exceeded
from ..source import Malformed

if TYPE_CHECKING:
    from ..limits import Budget

MAX_TEXT = 512 * KIB  # bytes; the longest chat templates in use have 30


def recognise(subject: Subject) -> Match:
    """Tell a template by its name: templates have no signature, and any text is one."""
    name = subject.name.lower()
    return Match.CERTAIN if name.endswith((".jinja", ".jinja2", ".j2")) else Match.NO


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield what rendering the template would look up, call and include.

    Raises:
        Malformed: It is no UTF-8 text, or no template.
        Exceeded: It is longer than any chat template.
    """
    size = subject.source.size
    if size > MAX_TEXT:
        raise Exceeded("template", MAX_TEXT, f"a template of {size} bytes")
    budget.document(size)
    templates = kits.need("templates")
    try:
        text = subject.source.read_at(0, size).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("template", offset=error.start, why="not UTF-8") from error
    yield from templates.uses(text, subject.name or "template")


FORMAT = Format(
    id="jinja",
    title="Jinja template",
    media_type="text/plain",
    spec="https://jinja.palletsprojects.com/en/stable/templates/",
    suffixes=(".jinja", ".jinja2", ".j2"),
    recognise=recognise,
    parse=parse,
)
