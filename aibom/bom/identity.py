"""Which model this is: its repository and commit, where files prove or declare them.

Nothing depends on where a folder lies, and ``_name_or_path`` is never asked: it names the model
that a configuration was once loaded from, which is most often another one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..scanners.facts import Metadata
from ..scanners.record import replace
from .addresses import hub_download, hub_name, hub_purl
from .claims import claim
from .merging import merged
from .model import Claim, Evidence, Field, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..scanners.artifact import Artifact
    from .model import Bom, Component

DOWNLOAD = "hub-metadata"  # format of the record that huggingface_hub leaves beside a download
COMMIT = "hub.commit"
SNAPSHOT = re.compile(r"snapshots/([0-9a-f]{40})/.+")  # of the Hub's cache: links to its blobs
REFERENCE = re.compile(r"refs/.+")  # a file of such a cache that holds the commit of a branch
OWN_REPOSITORY = frozenset({"general.repo_url"})  # keys that hold the address of the model itself


def of_folder(files: Iterable[Artifact], entries: Iterable[str] = ()) -> Iterator[Claim]:
    """Yield repository, purl and commit of a folder, if all that its files say agrees.

    `entries` are the paths of all that is there, links too.
    """
    known = list(files)
    commits = [*_snapshots(known, entries), *_records(known)]
    commit = _one(commits)
    if commit:
        yield from commits
        yield from (Claim(Field.VERSION, c.value, c.status, c.evidence) for c in commits)
    addresses = list(_addresses(known))
    names = [replace(each, field=Field.PURL, value=hub_name(each.value)) for each in addresses]
    name = _one(names)
    if not name:
        return
    yield from addresses
    for each in names:
        yield replace(each, field=Field.GROUP, value=name.partition("/")[0])
        yield replace(each, value=hub_purl(name, commit))
    if commit:
        told = Claim(Field.DOWNLOAD, hub_download(name, commit), Status.INFERRED)
        yield from (replace(told, evidence=each.evidence) for each in (*names, *commits))


def _records(files: Iterable[Artifact]) -> Iterator[Claim]:
    """Yield each commit that a record beside a download names."""
    for artifact, fact in _metadata(files):
        if fact.key == COMMIT and DOWNLOAD in artifact.formats:
            yield claim(Field.COMMIT, fact, fact.value, artifact)


def _addresses(files: Iterable[Artifact]) -> Iterator[Claim]:
    """Yield each address of the model itself that is one of the Hub."""
    for artifact, fact in _metadata(files):
        if fact.key in OWN_REPOSITORY and "://" in fact.value and hub_name(fact.value):
            yield claim(Field.ADDRESS, fact, fact.value, artifact)


def _metadata(files: Iterable[Artifact]) -> Iterator[tuple[Artifact, Metadata]]:
    for artifact in files:
        yield from ((artifact, fact) for fact in artifact.facts if isinstance(fact, Metadata))


def _snapshots(files: list[Artifact], entries: Iterable[str]) -> Iterator[Claim]:
    """Yield the commits that the folders of a cache of the Hub are called by."""
    commits = {found[1] for path in entries if (found := SNAPSHOT.fullmatch(path))}
    listed = sorted(each.path[0] for each in files if each.path[0])
    for commit in sorted(commits):
        inside = (path for path in listed if path.startswith(f"snapshots/{commit}/"))
        place = next(inside, "") or next(filter(REFERENCE.fullmatch, listed), "")
        evidence = (Evidence(place),) if place else ()
        yield Claim(Field.COMMIT, commit, Status.DECLARED, evidence)


def _one(claims: list[Claim]) -> str:
    """Return the value that all claims have, or an empty text."""
    values = {each.value for each in claims}
    return values.pop() if len(values) == 1 else ""


def released(bom: Bom, version: str, commit: str) -> Bom:
    """Return `bom` with what the publisher says of the model, which stands above what files say.

    `version` and `commit` (in full) may be empty.
    """
    told = version or commit
    gone = frozenset(each for each in bom.subject.claims if told and each.field is Field.VERSION)
    kept = [each for each in bom.subject.claims if each not in gone]
    if commit:
        kept = [_at_commit(each, commit) for each in kept]
    subject = replace(bom.subject, claims=merged(kept))
    parts = tuple(_without(each, gone) for each in bom.components) if gone else bom.components
    return replace(bom, subject=subject, components=parts, version=told, commit=commit)


def _without(part: Component, gone: frozenset[Claim]) -> Component:
    """Return a part that repeats none of what the subject no longer says."""
    kept = tuple(each for each in part.claims if each not in gone)
    return part if len(kept) == len(part.claims) else replace(part, claims=kept)


def _at_commit(told: Claim, commit: str) -> Claim:
    if told.field is not Field.PURL or "@" in told.value:
        return told
    is_hub = told.value.startswith("pkg:huggingface/")
    return replace(told, value=f"{told.value}@{commit}") if is_hub else told
