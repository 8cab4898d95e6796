"""The page of formats: what is read, what is only recognised, and by which specification."""

from __future__ import annotations

import sys
from inspect import cleandoc
from typing import TYPE_CHECKING

from aibom.scanners.formats import FORMATS, opaque

from .pages import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from aibom.scanners.format import Format

HEAD = """\
# Formats

Content decides what a file is, never its name; the suffixes below are those that *promise* a
format, so that a file of another kind under such a name is
[a finding](rules/name-content-mismatch.md). A file that fits several formats is read as each of
them. What is of no format here is listed, hashed, and named "not a model format I know".

The ids are those that a policy refuses (`refuse-formats`) and that reports carry. `aibom formats`
lists the same.

"""
UNREAD = """
## Known, not read yet

Such a file makes a scan *incomplete* (exit code 3), for it may hold anything: it is never called
clean.

"""
PROGRAMS = """
## Native programs

Told by their headers and not read further: that they are there is
[a finding](rules/executable-in-model.md).

"""


def page() -> str:
    """Return the page."""
    known = {each.id for each in opaque.FORMATS}
    unread = [each for each in FORMATS if each.id in opaque.UNREAD]
    programs = [each for each in FORMATS if each.id in known and each not in unread]
    read = [each for each in FORMATS if each.id not in known]
    parts = [HEAD, f"## Read\n\n{len(read)} formats, their members and streams at any depth:\n\n"]
    parts += ["| id | format | names | what is in it |\n|---|---|---|---|\n"]
    parts += [f"{_row(each)} {_what(each)} |\n" for each in read]
    parts += [UNREAD, *_short(unread), PROGRAMS, *_short(programs)]
    return "".join(parts)


def _short(formats: Iterable[Format]) -> Iterator[str]:
    yield "| id | format | names |\n|---|---|---|\n"
    yield from (f"{_row(each)}\n" for each in formats)


def _row(of: Format) -> str:
    names = " ".join(f"`{suffix}`" for suffix in of.suffixes)
    return f"| `{of.id}` | [{plain(of.title)}]({of.spec}) | {names} |"


def _what(of: Format) -> str:
    text = cleandoc(sys.modules[of.parse.__module__].__doc__ or "").split("\n\n")[0]
    return plain(" ".join(text.split()).replace("``", "`"))
