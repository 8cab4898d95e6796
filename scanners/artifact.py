"""What is known of one file or member: its identity, its formats, its facts, its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .facts import Fact, Unread
from .record import record

if TYPE_CHECKING:
    from collections.abc import Iterator

Path = tuple[str, ...]  # outermost first: ("model.pt", "archive/data.pkl")


@record
class Artifact:
    """A file, or a member of one, read into facts.

    Parts without a known format and without facts are not listed; `plain_parts` counts them.
    """

    path: Path
    size: int  # bytes
    digests: tuple[tuple[str, str], ...] = ()  # (algorithm, hexadecimal); of files only
    formats: tuple[str, ...] = ()  # ids, in the order of FORMATS
    facts: tuple[Fact, ...] = ()
    parts: tuple[Artifact, ...] = ()
    plain_parts: int = 0

    def walk(self) -> Iterator[Artifact]:
        """Yield this artifact and every part below it, outermost first."""
        yield self
        for part in self.parts:
            yield from part.walk()

    @property
    def is_complete(self) -> bool:
        """Whether everything in it was read."""
        return not any(isinstance(fact, Unread) for each in self.walk() for fact in each.facts)


@record
class Target:
    """All artifacts of one scan, sorted by path."""

    artifacts: tuple[Artifact, ...]

    def facts(self) -> Iterator[tuple[Artifact, Fact]]:
        """Yield every fact with the artifact it belongs to."""
        for artifact in self.artifacts:
            for each in artifact.walk():
                for fact in each.facts:
                    yield each, fact
