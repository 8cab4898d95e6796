"""What models are made from, by name: which names say the same, and which lead in a circle."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from typing import TYPE_CHECKING

from .facts import Fact, Metadata, Reference, Refers
from .publishers import HUBS
from .record import record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .artifact import Artifact, Path, Target

CACHED = re.compile(r"(?:.*/)?models--(?P<owner>[^/]+?)--(?P<name>[^/]+)(?:/.*)?")
OWN_ADDRESS = re.compile(r"general\.(?:source\.)?(?:huggingface\.repository|repo_url)")
# A place on somebody's machine: absolute, from home, from here, on a drive, or a training's output.
LOCAL = re.compile(r"[/~\\].*|\.{1,2}(?:[/\\].*)?|[A-Za-z]:[/\\].*|(?:.*[/\\])?checkpoint-\d+/?")
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://.*")
DEEPEST = 2  # components of the name of a repository


@record
class Base:
    """One statement of what a model was made from."""

    path: Path
    key: str
    target: str  # as it is written
    fact: Fact


def bases(artifact: Artifact) -> Iterator[Base]:
    """Yield what an artifact, with its parts, says that it was made from."""
    for each in artifact.walk():
        for fact in each.facts:
            if isinstance(fact, Reference) and fact.kind is Refers.BASE_MODEL:
                yield Base(each.path, fact.key, fact.target, fact)


def plain(name: str) -> str:
    """Return the name of a repository without what two writers may write differently."""
    return HUBS.sub("", name.strip(), count=1).strip("/").removesuffix(".git").casefold()


def is_local(name: str) -> bool:
    """Whether a name is a path that means nothing on another machine."""
    if ADDRESS.fullmatch(name):
        return False
    return bool(LOCAL.fullmatch(name)) or "\\" in name or name.strip("/").count("/") >= DEEPEST


def own_names(artifact: Artifact) -> set[str]:
    """Return the names of repositories that an artifact says it is from, or that its path gives."""
    found = {plain(f"{m['owner']}/{m['name']}")} if (m := _cached(artifact)) else set[str]()
    for fact in artifact.facts:
        if isinstance(fact, Metadata) and OWN_ADDRESS.fullmatch(fact.key):
            found.add(plain(fact.value))
    return found


def _cached(artifact: Artifact) -> re.Match[str] | None:
    return CACHED.fullmatch(artifact.path[0])


def circles(target: Target) -> Iterator[Base]:
    """Yield each statement by which a model is, in the end, made from itself."""
    edges: defaultdict[str, set[str]] = defaultdict(set)
    stated: list[tuple[set[str], Base]] = []
    for artifact in target.artifacts:
        own = own_names(artifact)
        for base in bases(artifact) if own else ():
            stated.append((own, base))
            for name in own:
                edges[name].add(plain(base.target))
    for own, base in stated:
        if own & _reached(plain(base.target), edges):
            yield base


def _reached(start: str, edges: dict[str, set[str]]) -> set[str]:
    """Return `start` and every name that it leads to."""
    seen: set[str] = set()
    pending = [start]
    while pending:
        name = pending.pop()
        if name not in seen:
            seen.add(name)
            pending += edges.get(name, ())
    return seen


def is_here(target: Target, base: Base) -> bool:
    """Whether a relative path leads to a folder of the target itself."""
    if base.target.startswith(("/", "~")) or "\\" in base.target:
        return False
    folder = posixpath.dirname(base.path[0])
    place = posixpath.normpath(posixpath.join(folder, base.target))
    return any(
        artifact.path[0] == place or artifact.path[0].startswith(f"{place}/")
        for artifact in target.artifacts
    )
