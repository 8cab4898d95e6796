"""The claims of one component while it is written: each in its own place, or as a property."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..scanners.record import field, record
from .cited import Told
from .model import Claim, Field, Kind, Status
from .sparse import Json, prop

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .model import Component

UNKNOWN = "unknown"  # property: a field that was looked for and not found
NAMING = {Kind.DATA: Field.DATASET, Kind.LIBRARY: Field.SOFTWARE, Kind.MODEL: Field.BASE_MODEL}
ELSEWHERE = frozenset({Field.LICENCE, Field.METRIC, *NAMING.values()})  # never a property


@record(frozen=False)
class Said:
    """The claims of a component by field, and which of them already stand in their place."""

    by_field: dict[Field, list[Claim]] = field(default_factory=dict[Field, list[Claim]])
    placed: set[Field] = field(default_factory=set[Field])

    @classmethod
    def of(cls, claims: Iterable[Claim]) -> Said:
        """Return the `claims`, none of them placed."""
        said = cls(placed=set(ELSEWHERE))
        for claim in claims:
            said.by_field.setdefault(claim.field, []).append(claim)
        return said

    def one(self, key: str, wanted: Field) -> Json:
        """Place the value under `key` if there is exactly one.

        Of two that differ neither is the truth: both stay for the properties.
        """
        known = self.known(wanted)
        if len({claim.value for claim in known}) != 1:
            return {}
        self.placed.add(wanted)
        return {key: Told(known[0].value, tuple(known))}

    def each(self, wanted: Field) -> list[Told]:
        """Place and return every value."""
        self.placed.add(wanted)
        return [Told(claim.value, (claim,)) for claim in self.known(wanted)]

    def name(self, component: Component) -> Any:  # noqa: ANN401 - a text, perhaps told
        """Return the component's name, with the claims where a file names something else by it."""
        claims = self.known(NAMING[component.kind]) if component.kind in NAMING else []
        return Told(component.name, tuple(claims)) if claims else component.name

    def properties(self) -> Iterator[Json]:
        """Yield a property for each claim that has no place, and for each field not known."""
        for name in sorted(self.by_field):
            for claim in self.by_field[name]:
                if claim.status is Status.UNKNOWN:
                    yield prop(UNKNOWN, claim.name)
                elif name not in self.placed:
                    yield prop(claim.name, Told(claim.value, (claim,)))

    def known(self, wanted: Field) -> list[Claim]:
        """Return the claims of a field that say something."""
        found = self.by_field.get(wanted, ())
        return [claim for claim in found if claim.status is not Status.UNKNOWN]
