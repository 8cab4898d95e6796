"""Claims about licences as CycloneDX's choices: an SPDX id, a name, or an expression.

`declared` is what somebody wrote; `concluded` is what a text was told to be. An id that is not in
SPDX's list is a name, since `id` takes no other; which known licence a name means, a property says.
In 1.6 an expression stands only where it is the one choice; 1.7 takes it beside others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..scanners.licences.expression import known
from ..scanners.licences.ids import meaning
from .cited import Told
from .model import Field, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .model import Claim

ACKNOWLEDGED = {Status.DECLARED: "declared", Status.INFERRED: "concluded"}
ALONE = frozenset({"1.6"})  # versions in which an expression stands alone
MEANS = "aibom:licence:means"  # property: the known licence that a name stands for


def choices(claims: Iterable[Claim], version: str) -> tuple[list[Told], list[Told]]:
    """Return the licences of a component, and those of its evidence, each once, in a fixed order.

    Before 1.7 what is concluded has no place but the evidence, and an expression stands alone.
    """
    said: dict[tuple[str, str], list[Claim]] = {}
    for claim in claims:
        if claim.field is Field.LICENCE and claim.status in ACKNOWLEDGED:
            said.setdefault((ACKNOWLEDGED[claim.status], claim.value), []).append(claim)
    made = {how: list(_made(said, how, version)) for how in ACKNOWLEDGED.values()}
    if version in ALONE:
        return made["declared"], made["concluded"]
    return [*made["declared"], *made["concluded"]], []


def _made(said: dict[tuple[str, str], list[Claim]], how: str, version: str) -> Iterator[Told]:
    keys = [key for key in sorted(said) if key[0] == how]
    mixes = version not in ALONE or len(keys) == 1
    spelled: dict[str, Told] = {}  # "mit" and "MIT" are one licence
    for key in keys:
        choice = _choice(key[1], how, mixes=mixes)
        known_as = spelled.get(repr(choice))
        claims = (*(known_as.claims if known_as else ()), *said[key])
        spelled[repr(choice)] = Told(choice, claims)
    yield from spelled.values()


def _choice(value: str, how: str, *, mixes: bool) -> dict[str, Any]:
    meant = meaning(value)
    listed = known().get(meant.expression.lower())
    if listed is not None:
        return {"license": {"id": listed, "acknowledgement": how}}
    if meant.expression and len(meant.ids) > 1 and mixes:
        return {"expression": meant.expression, "acknowledgement": how}
    licence: dict[str, Any] = {"name": value, "acknowledgement": how}
    if meant.expression and meant.expression != value:
        licence["properties"] = [{"name": MEANS, "value": meant.expression}]
    return {"license": licence}
