"""`aibom cache`: what a cache holds, and whether it holds the truth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import Exit
from ..render.escape import counted, safe, size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..cache import Cache
    from ..report import Report
    from .console import Console

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group("cache")
def command() -> None:
    """Look after a folder that was named by --cache."""


@command.command("stats")
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.pass_obj
def stats(console: Console, /, folder: Path) -> int:
    """Say how many entries DIR has, and how many of them this version can use."""
    from ..cache import stats as stats_of

    found = stats_of(_opened(folder), folder)
    told = counted(found.entries, "entry", "entries")
    console.result(f"{told}, {size(found.size)}; {found.current:,} of this version\n")
    return 0


@command.command("clear")
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.pass_obj
def clear(console: Console, /, folder: Path) -> int:
    """Remove every entry of DIR, of whatever version; anything else in it stays."""
    from ..cache import clear as clear_entries

    console.result(f"{counted(clear_entries(folder), 'entry', 'entries')} removed\n")
    return 0


@command.command("check")
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.argument(
    "paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(readable=False)
)
@click.pass_obj
def check(console: Console, /, folder: Path, paths: tuple[str, ...]) -> int:
    """Read PATH... again and compare with what DIR says of it.

    Ends with 1 if an entry says anything else than the file does, or is damaged. A cache that was
    shared is only as good as everybody who could write to it.
    """
    from ..scan import scan_target

    cache, wrong, same, absent = _opened(folder), 0, 0, 0
    for path in paths:
        for line, is_same in _compared(cache, scan_target(path)):
            same, absent = same + (is_same is True), absent + (is_same is None)
            if is_same is False:
                wrong += 1
                console.result(f"{line}\n")
    console.result(f"{same:,} the same, {wrong:,} wrong, {absent:,} not in the cache\n")
    return int(Exit.FINDINGS if wrong else Exit.OK)


def _opened(folder: Path) -> Cache:
    from ..cache import Cache
    from ..sandbox import DEFAULT_LIMITS

    return Cache(folder, DEFAULT_LIMITS)


def _compared(cache: Cache, report: Report) -> Iterator[tuple[str, bool | None]]:
    """Yield a line about each file, and whether its entry is right; None: there is none."""
    from ..cache import Damaged
    from ..scanners.record import replace

    for artifact in report.artifacts:
        digest, name = dict(artifact.digests).get("sha256"), safe(artifact.path[0])
        try:
            found = cache.look(artifact.path, artifact.size, digest) if digest else None
        except Damaged as error:
            yield f"{name}: damaged: {safe(str(error))}", False
            continue
        if found is None:
            yield name, None
        else:
            is_same = found == replace(artifact, digests=())
            yield f"{name}: the cache says something else than the file", is_same
