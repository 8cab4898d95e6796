"""`aibom lint`: what is wrong with a bill of materials, anyone's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..errors import Exit
from ..scanners.rule import Severity
from .options import LEVELS

if TYPE_CHECKING:
    from ..bom.lint import Linted
    from .console import Console


@click.command("lint")
@click.argument("boms", metavar="BOM...", nargs=-1, type=click.Path(readable=False))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option(
    "--fail-on",
    type=click.Choice(LEVELS, case_sensitive=False),
    default="high",
    show_default=True,
    help="Lowest severity of a problem that fails.",
)
@click.option("--list", "is_list", is_flag=True, help="List what is looked for, and stop.")
@click.option("--explain", metavar="ID", help="Say why a rule matters and what to do, and stop.")
@click.pass_obj
def command(  # noqa: PLR0913 - options
    console: Console,
    /,
    boms: tuple[str, ...],
    form: str,
    fail_on: str,
    *,
    is_list: bool,
    explain: str | None,
) -> int:
    """Say what is wrong with each CycloneDX JSON document BOM, whoever wrote it.

    Its strict schema (1.2 to 1.7) first, then what no schema can say: references and pointers that
    lead nowhere, package URLs, licence expressions, digests, paths, identities, placeholders. Every
    problem has its place as a JSON Pointer. Fails (exit 1) on a problem at or above the threshold.
    With --format json, one BOM gives one document; several give one line each.
    """
    if is_list or explain is not None:
        console.result(_told(explain))
        return Exit.OK
    if not boms:
        raise click.UsageError("Name the BOM to look at.")
    from ..render import problems

    threshold = None if fail_on.lower() == "never" else Severity[fail_on.upper()]
    linted = [(path, _lint(path)) for path in boms]
    if form == "json":
        _as_json(console, linted, threshold)
    else:
        console.result("\n".join(problems.as_text(*each, threshold) for each in linted))
    is_failing = any(problems.failing(each, threshold) for _, each in linted)
    return Exit.FINDINGS if is_failing else Exit.OK


def _told(explain: str | None) -> str:
    from ..render.problems import BY_ID, listing, page

    if explain is None:
        return listing(BY_ID.values())
    if explain not in BY_ID:
        from difflib import get_close_matches

        near = get_close_matches(explain, BY_ID, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else " `aibom lint --list` lists them."
        raise click.UsageError(f"There is no rule {explain!r}.{hint}")
    return page(BY_ID[explain])


def _lint(path: str) -> Linted:
    from ..bom.file import read
    from ..bom.lint import lint
    from ..errors import BomError
    from ..folder import readable

    data = read(path)
    try:
        return lint(data)
    except BomError as error:
        raise BomError(f"{readable(path)}: {error}") from error


def _as_json(
    console: Console, linted: list[tuple[str, Linted]], threshold: Severity | None
) -> None:
    import json

    from ..folder import readable
    from ..render import problems

    documents = [problems.as_dict(readable(path), each, threshold) for path, each in linted]
    indent = 1 if len(documents) == 1 else None
    for document in documents:
        console.result(json.dumps(document, indent=indent).replace("\x7f", "\\u007f") + "\n")
