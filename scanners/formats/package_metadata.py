"""What a Python package says of its licence: METADATA and PKG-INFO, and pyproject.toml.

https://packaging.python.org/en/latest/specifications/core-metadata/: header fields, an empty line.
https://packaging.python.org/en/latest/specifications/pyproject-toml/: ``license`` in the table
``[project]``. Of both only what names a licence is read, line by line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..facts import Licence, shorten
from ..format import Format, Match, Parsed, Subject
from ..limits import KIB
from ..patterns import pattern
from ..source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..limits import Budget

MAX_READ = 256 * KIB  # bytes; licence fields stand before the description
METADATA = {"METADATA", "PKG-INFO"}
PROJECT = "pyproject.toml"
FIELD = pattern(rb"(License-Expression|License):[ \t]*(\S[^\r\n]*)", re.IGNORECASE)
TABLE = pattern(rb"[ \t]*\[")
# A text, or an inline table that holds one; a table that names a file says nothing by itself.
LICENSE = pattern(
    rb"""[ \t]*license[ \t]*=[ \t]*(?:\{[ \t]*text[ \t]*=[ \t]*)?(["'])(?P<text>[^"'\r\n]+)\1"""
)


def recognise(subject: Subject) -> Match:
    """Tell the metadata of a package by its first field, a project by its name and table."""
    if subject.name in METADATA:
        return Match.CERTAIN if subject.head.startswith(b"Metadata-Version:") else Match.NO
    is_project = subject.name == PROJECT and b"\0" not in subject.head and b"[" in subject.head
    return Match.CERTAIN if is_project else Match.NO


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield each field that names a licence on one line."""
    length = min(subject.source.size, MAX_READ)
    budget.document(length)
    raw = subject.source.read_at(0, length)
    yield from _project(raw) if subject.name == PROJECT else _metadata(raw)


def _metadata(raw: bytes) -> Iterator[Licence]:
    at = 0
    for line in raw.splitlines(keepends=True):
        if not line.strip():
            return
        found = FIELD.match(line)
        if found:
            yield _licence(found[1].decode(), found[2], Span(at, len(line)))
        at += len(line)


def _project(raw: bytes) -> Iterator[Licence]:
    at, inside = 0, False
    for line in raw.splitlines(keepends=True):
        if TABLE.match(line):
            inside = line.partition(b"#")[0].strip() == b"[project]"
        found = LICENSE.match(line) if inside else None
        if found:
            yield _licence("project.license", found["text"], Span(at, len(line)))
        at += len(line)


def _licence(key: str, value: bytes, at: Span) -> Licence:
    text = value.decode("utf-8", "backslashreplace").strip()
    return Licence(at=at, key=key, value=shorten(text, 200))


FORMAT = Format(
    id="package-metadata",
    title="metadata of a Python package",
    media_type="text/plain",
    spec="https://packaging.python.org/en/latest/specifications/core-metadata/",
    suffixes=(),
    recognise=recognise,
    parse=parse,
)
