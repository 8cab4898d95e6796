"""What a result may replace: an empty file, or one that aibom wrote in the same form before.

A file is known by its first bytes, and a report as text by its last: nothing more is read of it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import OutputError
from ..folder import Found, open_file, readable
from ..render import FORMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

STDOUT = "-"
ALONE = frozenset({"bom", "spdx3"})  # forms of which the verb writes nothing else to STDOUT
ENDS = 8192  # bytes that are read from the start, and as many from the end
LABELS = {
    **{form: f"report (form {form})" for form in FORMS},
    "bom": "BOM",
    "spdx3": "SPDX document",
    "baseline": "baseline",
    "fingerprints": "file of fingerprints",
}


STARTS = {  # patterns; blanks may differ: tools that format JSON are run over whole repositories
    "bom": (
        r'\{\s*"\$schema":\s*"http://cyclonedx\.org/schema/[^"]*",\s*"bomFormat":\s*"CycloneDX",'
        r'.*?"bom-ref":\s*"tool:aibom",\s*"name":\s*"aibom"'
    ),
    "spdx3": (
        r'\{\s*"@context":\s*"https://spdx\.org/rdf/[^"]*",\s*"@graph":\s*\[\s*\{\s*'
        r'"type":\s*"CreationInfo",\s*"@id":\s*"_:creation",.*?"urn:cdx:[^"]*#spdx:'
    ),
    "baseline": r'\{\s*"\$schema":\s*"urn:aibom:schema:baseline:',
    "fingerprints": r'\{\s*"\$schema":\s*"urn:aibom:schema:tensors:',
    "json": r'\{\s*"\$schema":\s*"urn:aibom:schema:report:',
    "sarif": (
        r'\{\s*"\$schema":\s*"[^"]*/sarif-[^"]*\.json",\s*"version":\s*"[^"]*",\s*"runs":\s*\[\s*'
        r'\{\s*"tool":\s*\{\s*"driver":\s*\{\s*"name":\s*"aibom"'
    ),
    "html": r'<!DOCTYPE html>\n<html lang="en">.*? - aibom report</title>',
    "junit": r'<\?xml [^>]*\?>\s*<testsuites name="aibom"',
    "markdown": (r"## \S+ (?:PASS|FAIL|INCOMPLETE) [^\n]*\n\n[\d,]+ findings? at \w+ or above · "),
    "github": r"::(?:error|warning|notice) (?:file=[^,\n]*,line=1,)?title=[^:\n]*::",
}
TEXT_END = r"(?:\A|\n)[\d,]+ files?, [^\n]*\n(?:PASS|FAIL|INCOMPLETE): [^\n]*\n\Z"


def refuse_others(outputs: Iterable[tuple[str, str | None]], read: Sequence[str]) -> None:
    """Refuse to write where anything would be lost; to be asked before the work.

    `outputs` are pairs of a form and a path, if it is wanted; `read` is what is read.

    Raises:
        UsageError: Two results have one place, or one may not go to standard output.
        OutputError: A place is one of `read`, or holds what aibom did not write in that form.
    """
    places: set[str] = set()
    for form, path in outputs:
        if path is None:
            continue
        if not path:
            raise click.UsageError(f"the file for the {LABELS[form]} has no name: it is empty.")
        if path == STDOUT:
            _refuse_stdout(form)
            continue
        place = os.path.realpath(path)
        if place in places:
            raise click.UsageError(f"{path!r} is named for two results: give each its own file.")
        places.add(place)
        _refuse_other(form, path, read)


def _refuse_stdout(form: str) -> None:
    if form in FORMS:
        raise click.UsageError(
            f"--output {form}=-: standard output has the form that --format names. Give --format "
            f"{form}, or name a file."
        )
    if form not in ALONE:
        raise click.UsageError(
            f"the {LABELS[form]} cannot go to standard output, where the results are. Name a file."
        )


def _refuse_other(form: str, path: str, read: Sequence[str]) -> None:
    shown = readable(path)
    if any(_is_same(path, each) for each in read):
        raise OutputError(f"{shown!r} is what is read, and a result would replace it. {ANOTHER}")
    if _may_go(form, path):
        return
    no = f"it is no {LABELS[form]} that aibom wrote"
    place = Path(path).resolve()
    if any(place.is_relative_to(Path(each).resolve()) for each in read):
        raise OutputError(f"{shown!r} is a file of what is read, and {no}. {ANOTHER}")
    raise OutputError(f"{shown!r}: a file is there, and {no}. Move it elsewhere, or name another.")


ANOTHER = "Name another file."


def _is_same(path: str, other: str) -> bool:
    try:
        return os.path.samefile(path, other)  # noqa: PTH121 - a path may be empty
    except OSError:
        return False


def _may_go(form: str, path: str) -> bool:
    """Whether nothing is lost with what is there, or writing refuses it anyway."""
    try:
        entry = open_file(path, path)
    except OSError:  # not there, or a link to nowhere, or closed to us
        return not os.path.lexists(path)
    if entry.found is not Found.FILE:
        return True
    with os.fdopen(entry.fd, "rb") as file:
        if form == "text":
            file.seek(max(0, entry.size - ENDS))
            found = re.search(TEXT_END.encode(), file.read(ENDS))
        else:
            found = re.match(STARTS[form].encode(), file.read(ENDS), re.DOTALL)
        return not entry.size or found is not None
