"""How much of what files name a BOM lists, so that no file makes it huge. What is cut is said.

A file of a few megabytes can name a hundred thousand things. The first of each kind, in their own
order, stand in the BOM; how many there were stands beside them as something that was not read, so
that neither the component nor the BOM counts as known whole. No honest model comes near a bound.
"""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, TypeVar

from ..scanners.facts import Reason
from ..scanners.record import record, replace
from .model import Component, Kind, Unread

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .model import Claim, Link

MOST = 1000  # of one kind in one component: claims of a field, places of a claim, datasets
MOST_NAMED = 10_000  # datasets, base models, metrics and variants of all components together
MOST_CLAIMS = 200_000  # of all components together; from there on each has `FEW` of a field
FEW = 10

T = TypeVar("T")


@record
class Parts:
    """A subject and its components."""

    subject: Component
    components: tuple[Component, ...]


def bounded(parts: Parts) -> Parts:
    """Return the parts within bounds; those that lost something say so."""
    room = _Room()
    subject = room.cut(parts.subject)
    own = {each.ref: room.cut(each) for each in parts.components if each.kind in OWN}
    linked = {link.ref for each in (subject, *own.values()) for link in each.datasets}
    data = {each.ref for each in parts.components if each.kind is Kind.DATA} & linked
    cuts: list[Unread] = []
    libraries = [each.ref for each in parts.components if each.kind is Kind.LIBRARY]
    kept = data.union(_first(libraries, "software", MOST, cuts))
    if cuts:
        subject = replace(subject, unread=(*subject.unread, *cuts))
    components = (
        own[each.ref] if each.ref in own else room.cut(each)
        for each in parts.components
        if each.ref in own or each.ref in kept
    )
    return Parts(subject, tuple(components))


OWN = frozenset({Kind.MODEL, Kind.FILE})  # files, and sets of some: these are never left out


class _Room:
    """What is left of what all components may hold together."""

    def __init__(self) -> None:
        self._claims = MOST_CLAIMS
        self._named = MOST_NAMED

    def cut(self, component: Component) -> Component:
        """Return a component that is within bounds, and says what it lost."""
        cuts: list[Unread] = []
        links = self._some(component.datasets, "dataset", cuts)
        return replace(
            component,
            datasets=tuple(_linked(each, cuts) for each in links),
            ancestors=tuple(map(self.cut, self._some(component.ancestors, "base-model", cuts))),
            metrics=self._some(component.metrics, "metric", cuts),
            variants=self._some(component.variants, "variant", cuts),
            claims=tuple(self._told(component.claims, cuts)),
            in_owasp_names=tuple(_placed(each, cuts) for each in component.in_owasp_names),
            unread=(*component.unread, *cuts),
        )

    def _some(self, found: Sequence[T], what: str, cuts: list[Unread]) -> tuple[T, ...]:
        kept = _first(found, what, min(MOST, self._named), cuts)
        self._named -= len(kept)
        return kept

    def _told(self, claims: Sequence[Claim], cuts: list[Unread]) -> Iterator[Claim]:
        """Yield the first claims of each field; they come sorted by field."""
        for field, group in groupby(claims, key=attrgetter("field")):
            found = _first([*group], field.value, MOST if self._claims > 0 else FEW, cuts)
            self._claims -= len(found)
            yield from (_placed(each, cuts) for each in found)


def _linked(link: Link, cuts: list[Unread]) -> Link:
    claim = _placed(link.claim, cuts)
    return link if claim is link.claim else replace(link, claim=claim)


def _placed(claim: Claim, cuts: list[Unread]) -> Claim:
    """Return a claim that rests on no more places than one may have."""
    if len(claim.evidence) <= MOST:
        return claim
    places = _first(claim.evidence, f"places of {claim.name:.80}", MOST, cuts)
    return replace(claim, evidence=places)


def _first(found: Sequence[T], what: str, most: int, cuts: list[Unread]) -> tuple[T, ...]:
    if len(found) > most:
        told = f"{what}: the files have {len(found)}, the first {most} are listed here"
        cuts.append(Unread(Reason.LIMIT.value, told))
    return tuple(found[:most])
