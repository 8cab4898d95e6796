"""Findings of two documents: which came, which went, and which one of the two does not tell."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ..scanners.record import record
from ..scanners.rule import Severity
from .diff_kinds import Change
from .diff_sides import NOTHING, Side, Thing
from .document import each, values, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .document import Json

SEVERE = {"critical", "high", "unknown"}  # what nobody rated may be the worst
SLIGHT = {"low", "info", "none"}


@record
class Found:
    """A finding, by what it says of which thing; its offset does not count."""

    rule: str
    severity: str
    message: str
    where: tuple[int | str, ...]  # numbers of things, or references to none
    member: tuple[str, ...]  # path inside the file


def findings(one: Side, other: Side, things: list[Thing]) -> Iterator[Change]:
    """Yield each finding that is on one side only; of equal ones, as many as there are more."""
    old, new = _found(one), _found(other)
    is_same_rules = one.rules == other.rules != NOTHING
    untouched = {place for place, thing in enumerate(things) if thing.is_untouched}
    for found in (old - new).elements():
        is_dropped = is_same_rules and bool(found.where) and untouched.issuperset(found.where)
        kind = "finding-dropped" if is_dropped else "finding-removed"
        yield Change(kind, _name(found, things, 0), "", found.rule, _told(found), NOTHING)
    for found in (new - old).elements():
        yield Change(_kind(found), "", _name(found, things, 1), found.rule, NOTHING, _told(found))


def _kind(found: Found) -> str:
    if found.severity in SEVERE:
        return "severe-finding-added"
    return "slight-finding-added" if found.severity in SLIGHT else "finding-added"


def _found(side: Side) -> Counter[Found]:
    return Counter(_one(each_, side) for each_ in each(side.document, "vulnerabilities"))


def _one(vulnerability: Json, side: Side) -> Found:
    refs = {words(affected, "ref") for affected in each(vulnerability, "affects")}
    where = {side.thing.get(ref, ref) for ref in refs}
    return Found(
        words(vulnerability, "id"),
        _severity(vulnerability),
        words(vulnerability, "description"),
        tuple(sorted(where, key=str)),
        values(vulnerability, "finding:member"),
    )


def _severity(vulnerability: Json) -> str:
    told = [words(rating, "severity") for rating in each(vulnerability, "ratings")]
    known = [word for word in told if word.upper() in Severity.__members__]
    worst = max(known, key=lambda word: Severity[word.upper()], default="")
    return worst or next(iter(sorted(told)), "") or "unknown"


def _name(found: Found, things: list[Thing], side: int) -> str:
    names = (things[at].names[side] if isinstance(at, int) else at for at in found.where)
    return " › ".join((", ".join(names), *found.member))


def _told(found: Found) -> tuple[str, ...]:
    return (f"{found.severity}: {found.message}" if found.message else found.severity,)
