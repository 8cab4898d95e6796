"""`aibom diff`: what changed between two bills of materials, and whether it may be released."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import click

from ..errors import Exit

if TYPE_CHECKING:
    from .console import Console

GRADES = ("release-blocking", "review-required", "never")


@click.command("diff")
@click.argument("old", metavar="OLD", type=click.Path())
@click.argument("new", metavar="NEW", type=click.Path())
@click.option(
    "--fail-on",
    type=click.Choice(GRADES),
    default="release-blocking",
    show_default=True,
    help="Lowest grade of a change that fails.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json", "markdown")),
    default="text",
    show_default=True,
    help="For people, for programs, or for a pull request.",
)
@click.pass_obj
def command(console: Console, /, old: str, new: str, fail_on: str, form: str) -> int:
    """Compare the CycloneDX BOM NEW with OLD, by anybody, and grade each change.

    Files are the same by their digest, weights by their tensors, whatever they are called and where
    they stand. Grades: `expected` (a renamed file), `review-required` (changed weights),
    `release-blocking` (a new severe finding, another licence, something that was not read). Ends
    with 1 if a change reaches --fail-on. Verifies nothing: compare BOMs that `aibom verify` passed.
    """
    from ..bom.diff import diff, parse
    from ..bom.diff_kinds import Grade
    from ..bom.file import read

    threshold = next((grade for grade in Grade if grade.word == fail_on), None)
    data = [read(path) for path in (old, new)]
    documents = [parse(each, path) for each, path in zip(data, (old, new), strict=True)]
    comparison = diff(*documents)
    match form:
        case "json":
            from ..render import changes_json

            digests = [sha256(each).hexdigest() for each in data]
            sides = list(zip(digests, documents, strict=True))
            console.document(changes_json.render(comparison, threshold, *sides))
        case "markdown":
            from ..render import changes_markdown

            console.document(changes_markdown.render(comparison, threshold, old, new))
        case _:
            from ..render import changes

            console.result(changes.render(comparison, threshold, old, new))
    is_reached = threshold is not None and (comparison.worst or Grade.EXPECTED) >= threshold
    return int(Exit.FINDINGS if is_reached else Exit.OK)
