"""What the first bytes of a file promise, seen from outside of the parser that read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .scanners import magic
from .scanners.codec import BadShape

if TYPE_CHECKING:
    from .scanners.artifact import Artifact
    from .scanners.source import FileSource


def checked(artifact: Artifact, source: FileSource) -> Artifact:
    """Return `artifact` if its formats agree with the first bytes.

    Raises:
        BadShape: They do not.
    """
    try:
        promised = magic.promised(source.read_at(0, min(magic.LENGTH, source.size)))
    except OSError:
        return artifact  # hashing will say so
    if promised is None or promised in artifact.formats or not artifact.is_complete:
        return artifact
    raise BadShape(f"the first bytes are {promised}, the answer does not say so")
