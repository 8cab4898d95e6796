"""Digests that others recorded for files of a target, held against the bytes that are there.

Three places record one: the downloads of `huggingface_hub`, a cache that names files by their
digest (the Hub's own, Ollama's, OCI layouts), and pointers of Git LFS, which stand for their bytes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .facts import Metadata, Reference, Refers
from .record import record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .artifact import Artifact, Path, Target

SHA256 = re.compile(r"[0-9a-f]{64}")
RECORD = "hub-metadata"
DOWNLOADS = re.compile(
    r"(?P<root>(?:.*/)?)\.(?:cache/)?huggingface/download/(?P<file>.+)\.metadata"
)
BY_DIGEST = re.compile(r"(?P<root>(?:.*/)?)blobs/(?P<kind>sha256[-/:])?(?P<digest>[0-9a-f]{64})")


@record
class Recorded:
    """What somebody recorded for the bytes of one file."""

    path: Path
    recorded: str  # SHA-256, hexadecimal
    found: str  # SHA-256 of the bytes, or of those that a pointer stands for
    by: str  # who recorded it, for people


def commits(target: Target) -> Iterator[str]:
    """Yield the commit of every record of a download, as it stands there."""
    for artifact in target.artifacts:
        if RECORD in artifact.formats:
            yield from _told(artifact, "hub.commit")


def recorded(target: Target) -> Iterator[Recorded]:
    """Yield each file that a SHA-256 was recorded for, whether it agrees or not."""
    files = {artifact.path[0]: artifact for artifact in target.artifacts}
    for name, artifact in files.items():
        if RECORD in artifact.formats:
            yield from _downloaded(artifact, files)
        elif (found := BY_DIGEST.fullmatch(name)) and _is_cache(found, files):
            by = "the file's own name"
            yield from _held(artifact, found["digest"], by)


def _downloaded(artifact: Artifact, files: dict[str, Artifact]) -> Iterator[Recorded]:
    place = DOWNLOADS.fullmatch(artifact.path[0])
    file = files.get(place["root"] + place["file"]) if place else None
    commit = next(_told(artifact, "hub.commit"), "")
    for etag in _told(artifact, "hub.etag"):
        if file is not None and SHA256.fullmatch(etag):
            yield from _held(file, etag, f"the record of its download, of commit {commit[:12]},")


def _told(artifact: Artifact, key: str) -> Iterator[str]:
    for fact in artifact.facts:
        if isinstance(fact, Metadata) and fact.key == key:
            yield fact.value


def _is_cache(found: re.Match[str], files: dict[str, Artifact]) -> bool:
    """Whether names in this folder are SHA-256: they say so, or it is a cache of the Hub."""
    if found["kind"]:
        return True
    beside = tuple(found["root"] + folder for folder in ("snapshots/", "refs/"))
    return any(name.startswith(beside) for name in files)


def _held(file: Artifact, digest: str, by: str) -> Iterator[Recorded]:
    found = _digest(file)
    if found:
        yield Recorded(file.path, digest, found, by)


def _digest(file: Artifact) -> str:
    """Return the SHA-256 of a file, or what a pointer in its place says; "" if none is known."""
    for fact in file.facts:
        if isinstance(fact, Reference) and fact.kind is Refers.LFS:
            algorithm, _, digest = fact.target.partition(":")
            return digest if algorithm == "sha256" else ""
    return dict(file.digests).get("sha256", "")
