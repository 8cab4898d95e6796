"""Which model this is: its repository and commit, where files prove or declare them.

Nothing depends on where a folder lies, and ``_name_or_path`` is never asked: it names the model
that a configuration was once loaded from, which is most often another one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..scanners.facts import Metadata
from ..scanners.record import replace
from .addresses import hub_name, hub_purl
from .claims import claim
from .merging import merged
from .model import Claim, Evidence, Field, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..scanners.artifact import Artifact
    from .model import Bom

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
    commits = list(_snapshots(known, entries))
    names: list[Claim] = []
    for artifact in known:
        for fact in artifact.facts:
            if not isinstance(fact, Metadata):
                continue
            if fact.key == COMMIT and DOWNLOAD in artifact.formats:
                commits.append(claim(Field.COMMIT, fact, fact.value, artifact))
            elif fact.key in OWN_REPOSITORY and "://" in fact.value and hub_name(fact.value):
                names.append(claim(Field.PURL, fact, hub_name(fact.value), artifact))
    commit = _one(commits)
    if commit:
        yield from commits
        yield from (Claim(Field.VERSION, c.value, c.status, c.evidence) for c in commits)
    name = _one(names)
    if name:
        for each in names:
            yield Claim(Field.GROUP, name.partition("/")[0], each.status, each.evidence)
            yield Claim(Field.PURL, hub_purl(name, commit), each.status, each.evidence)


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
    kept = [each for each in bom.subject.claims if not (told and each.field is Field.VERSION)]
    if commit:
        kept = [_at_commit(each, commit) for each in kept]
    subject = replace(bom.subject, claims=merged(kept))
    return replace(bom, subject=subject, version=told, commit=commit)


def _at_commit(told: Claim, commit: str) -> Claim:
    if told.field is not Field.PURL or "@" in told.value:
        return told
    is_hub = told.value.startswith("pkg:huggingface/")
    return replace(told, value=f"{told.value}@{commit}") if is_hub else told
