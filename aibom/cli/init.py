"""`aibom init`: adopt aibom in a repository."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..render.escape import counted, safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..project import Done, Project
    from .console import Console

COMMIT = re.compile(r"[0-9a-f]{40}")


@click.command("init")
@click.argument("folder", metavar="[FOLDER]", default=".", type=click.Path(path_type=Path))
@click.option(
    "--commit",
    metavar="SHA",
    help="Pin aibom to this commit of it, in the workflow and for pre-commit.  [default: its tag]",
)
@click.option("--dry-run", is_flag=True, help="Write nothing; say what would be written.")
@click.pass_obj
def command(console: Console, /, folder: Path, commit: str | None, *, dry_run: bool) -> int:
    """Write what it takes to scan the models of the repository in FOLDER, and say what is next.

    That is `aibom.toml`, a GitHub workflow with the least permissions, and the hook of pre-commit.
    A file that is there is never changed.
    """
    from ..project import adopt, look

    if commit is not None and not COMMIT.fullmatch(commit):
        raise click.UsageError("--commit is no commit: give all of its 40 hexadecimal digits.")
    project = look(folder)
    done = adopt(folder, project, commit, dry_run=dry_run)
    lines = [*_seen(project), "", *_done(done, dry_run=dry_run)]
    lines += ["", "next:", *_next(project, done, is_pinned=commit is not None)]
    console.result("\n".join(lines) + "\n")
    return 0


def _seen(project: Project) -> Iterator[str]:
    where = ", ".join(map(safe, project.paths)) if project.models else ""
    files = f": {counted(project.models, 'file')} in {where}" if project.models else ""
    yield f"{project.kind.value}{files}"
    if not project.is_git:
        yield "not the root of a git repository, where GitHub and pre-commit look for their files"


def _done(done: list[Done], *, dry_run: bool) -> Iterator[str]:
    for each in done:
        if each.is_written:
            yield f"{'would write' if dry_run else 'written'}  {each.name}"
        elif each.lines:
            yield f"kept     {each.name}: it is there already; add this to its `repos`:"
            yield from ("", *each.lines, "")
        else:
            yield f"kept     {each.name}: it is there already"


def _next(project: Project, done: list[Done], *, is_pinned: bool) -> Iterator[str]:
    from ..project import BASELINE, SETTINGS, TAG

    paths = shlex.join(project.paths)
    config = f"--config {SETTINGS}"
    first, *others = project.paths
    each = ", in one PATH at a time" if others else ""
    for line, why in (
        (f"aibom scan {paths} {config}", "what is there now"),
        (
            f"aibom scan {paths} {config} --write-baseline {BASELINE}",
            f"let only new findings fail; then name it in {SETTINGS}",
        ),
        ("aibom explain ID", "why a finding matters and what to do"),
        (f"aibom waive {shlex.quote(first)} --help", f"answer for a finding{each}"),
        ("pre-commit install", "scan before each commit"),
    ):
        yield f"  {line:50}  # {why}"
    if not is_pinned and any(each.is_written for each in done):
        yield f"  aibom is named by its tag {TAG}, which can be moved: --commit SHA pins it"
