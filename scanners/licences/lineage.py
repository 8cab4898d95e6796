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


def ancestors(target: Target) -> Iterator[Ancestor]:
    """Yield each base model that files of the topmost folder name, if its licence binds."""
    if any(artifact.path == (ADAPTER,) for artifact in target.artifacts):
        return
    for artifact, fact in target.facts():
        if not isinstance(fact, Reference) or "/" in artifact.path[0]:
            continue
        if fact.kind is not Refers.BASE_MODEL:
            continue
        found = of_base(fact.target)
        asks = terms(found[1].ids[0]) if found else None
        if found and asks and asks.binds:
            yield Ancestor(fact.target, found[0], asks, artifact.path, fact.at)


def by_family(target: Target) -> dict[str, Ancestor]:
    """Return the first ancestor of each family whose terms go along with what is made from it."""
    found: dict[str, Ancestor] = {}
    for each in ancestors(target):
        if each.asks.goes_along:
            found.setdefault(each.asks.family, each)
    return found
