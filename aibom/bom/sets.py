"""Files of weights that are loaded together: the shards of one model as one component.

Shards are known by the index that names them, or by their names (``…-00001-of-00003.safetensors``).
A set that lacks a file gets no count; its shards stay files of their own.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from ..scanners.facts import Reference
from ..scanners.record import record
from .roles import INDEX

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..scanners.artifact import Artifact

SHARD = re.compile(r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<total>\d{5})(?P<suffix>\.[A-Za-z0-9]+)")


@record
class Shards:
    """The files of one set of weights."""

    name: str  # of the whole, without the numbers of its parts
    files: tuple[str, ...]  # paths, sorted
    missing: tuple[str, ...] = ()  # paths of those that are not there
    index: str = ""  # the path of the file that names them


def shards(artifacts: Iterable[Artifact], models: set[str]) -> tuple[Shards, ...]:
    """Return every set of two or more among the `models` (paths), in order of name."""
    found = [*_by_index(artifacts, models)]
    taken = {path for each in found for path in each.files}
    found += _by_name(models - taken)
    return tuple(sorted(found, key=lambda each: (each.name, each.files)))


def _by_index(artifacts: Iterable[Artifact], models: set[str]) -> Iterator[Shards]:
    taken: set[str] = set()
    for artifact in sorted(artifacts, key=lambda each: each.path):
        folder = posixpath.dirname(artifact.path[0])
        named = {
            posixpath.join(folder, fact.target)
            for fact in artifact.facts
            if isinstance(fact, Reference) and fact.key == INDEX
        }
        there = (named & models) - taken
        if len(named) > 1 and there:
            taken |= there
            name = artifact.path[0].removesuffix(".json").removesuffix(".index")
            yield Shards(
                name, tuple(sorted(there)), tuple(sorted(named - models)), artifact.path[0]
            )


def _by_name(models: set[str]) -> Iterator[Shards]:
    groups: dict[tuple[str, str, str], set[str]] = {}
    for path in models:
        if found := SHARD.fullmatch(path):
            key = (found["stem"], found["total"], found["suffix"])
            groups.setdefault(key, set()).add(path)
    for (stem, total, suffix), there in groups.items():
        if int(total) > 1:
            # A name may promise 99,999 shards of which one is there: the list stays as short.
            numbers = range(1, min(int(total), len(there) + 1) + 1)
            wanted = {f"{stem}-{number:05}-of-{total}{suffix}" for number in numbers}
            yield Shards(stem + suffix, tuple(sorted(there)), tuple(sorted(wanted - there)))
