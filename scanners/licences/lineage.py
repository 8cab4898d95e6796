"""What a target says that it was made from, and what the licences of these models ask of it.

Only from what the files say: the name of a base model, and its publisher's word for models by that
name (``data/licences/bases.toml``). Nothing of it is looked up elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..facts import Reference, Refers
from ..record import record
from .terms import Terms, of_base, terms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..artifact import Path, Target
    from ..source import Span
    from .ids import Meaning

ADAPTER = "adapter_config.json"  # whether adapters alone are derivatives is contested: not judged


@record
class Ancestor:
    """A base model whose licence asks something of what is made from it."""

    name: str  # as it is written
    licence: str  # by its publisher's word
    asks: Terms
    path: Path  # where it is named
    at: Span

    @property
    def told(self) -> str:
        """What it is and what it asks, for a sentence of evidence."""
        return f"{self.name!r}, which is under {self.licence!r} by its publisher's word"


@record
class Named:
    """A base model whose publisher says what its licence is."""

    name: str  # as it is written
    licence: str  # by its publisher's word
    meant: Meaning
    path: Path  # where it is named
    at: Span


def named(target: Target) -> Iterator[Named]:
    """Yield each base model that some file names, and whose licence is known by that name."""
    for artifact, fact in target.facts():
        if isinstance(fact, Reference) and fact.kind is Refers.BASE_MODEL:
            found = of_base(fact.target)
            if found:
                yield Named(fact.target, *found, artifact.path, fact.at)


def ancestors(target: Target) -> Iterator[Ancestor]:
    """Yield each base model that files of the topmost folder name, if its licence binds."""
    if any(artifact.path == (ADAPTER,) for artifact in target.artifacts):
        return
    for base in named(target):
        asks = terms(base.meant.ids[0])
        if asks and asks.binds and "/" not in base.path[0]:
            yield Ancestor(base.name, base.licence, asks, base.path, base.at)


def by_family(target: Target) -> dict[str, Ancestor]:
    """Return the first ancestor of each family whose terms go along with what is made from it."""
    found: dict[str, Ancestor] = {}
    for each in ancestors(target):
        if each.asks.goes_along:
            found.setdefault(each.asks.family, each)
    return found
