"""Whether the files of a clone are those of the commit that it stands at. Git is never run."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import TargetError
from .folder import OPEN_FOLDER, Found, readable, walk
from .git_head import GIT, head_commit
from .git_objects import GITLINK, LINK, UnreadableError, files_of
from .layout import is_covered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .folder import Entry
    from .git_objects import Blob

BLOCK = 1 << 20  # bytes
SHOWN = 3  # paths that are named
# What stands in the commit for a file that Git LFS keeps elsewhere.
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {size}\n"


def clean_commit(folder: str | os.PathLike[str]) -> str:
    """Return the commit in full that the clone `folder` stands at, if its files are that commit's.

    Every file that a BOM lists is compared: it has to be the commit's, byte for byte or as what a
    pointer of Git LFS stands for, and none may be missing. Filters that change line ends are not
    applied.

    Raises:
        TargetError: It is no clone, its `.git` says nothing that can be relied on, or a file is
            not as it is in the commit.
    """
    commit = head_commit(folder)
    shown = f"{str(folder)!r:.200}"
    try:
        differing = list(_differing(folder, commit))
    except (UnreadableError, OSError) as error:
        raise TargetError(
            f"the files of {shown} cannot be compared with its commit {commit}: {error}."
            " Give --commit SHA if you know that they are the same."
        ) from error
    if differing:
        more = f" and {len(differing) - SHOWN} more" if len(differing) > SHOWN else ""
        raise TargetError(
            f"the files of {shown} are not those of its commit {commit}:"
            f" {', '.join(differing[:SHOWN])}{more}. Commit them, or give --commit SHA."
        )
    return commit


def _differing(folder: str | os.PathLike[str], commit: str) -> Iterator[str]:
    """Yield a phrase for each path that is not as it is in the commit."""
    git = os.open(Path(folder) / GIT, OPEN_FOLDER)
    try:
        found = files_of(git, commit)
    finally:
        os.close(git)
    expected = {readable(os.fsdecode(path)): blob for path, blob in found.items()}
    for entry in walk(folder):
        try:
            blob = expected.pop(entry.name, None)
            if is_covered(entry.name) and entry.found is not Found.SKIPPED:
                if blob is None:
                    yield f"{entry.name!r:.200} is not in it"
                elif not _is_same(entry, blob):
                    yield f"{entry.name!r:.200} differs"
        finally:
            entry.close()
    for name in sorted(expected):
        if expected[name].mode != GITLINK and is_covered(name):
            yield f"{name!r:.200} is missing"


def _is_same(entry: Entry, blob: Blob) -> bool:
    algorithm = "sha256" if len(blob.name) == hashlib.sha256().digest_size else "sha1"
    if entry.found is Found.SYMLINK:
        return blob.mode == LINK and _id(entry.detail.encode(), algorithm) == blob.name
    if entry.found is not Found.FILE or blob.mode in {LINK, GITLINK}:
        return False
    own = hashlib.new(algorithm, usedforsecurity=False, data=b"blob %d\0" % entry.size)
    content = hashlib.sha256()
    while block := os.read(entry.fd, BLOCK):
        own.update(block)
        content.update(block)
    pointer = POINTER.format(digest=content.hexdigest(), size=entry.size)
    return blob.name in {own.digest(), _id(pointer.encode(), algorithm)}


def _id(content: bytes, algorithm: str) -> bytes:
    return hashlib.new(
        algorithm, usedforsecurity=False, data=b"blob %d\0%s" % (len(content), content)
    ).digest()
