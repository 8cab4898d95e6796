"""From a document that knows where each value comes from to plain JSON and its citations.

A writer puts `Told` where a value rests on claims. Settling takes them out again and notes the JSON
Pointer (RFC 6901) of each, so that no pointer is ever written by hand, or left behind by a change
of the layout. CycloneDX 1.7 has a place for them; earlier versions have the occurrences alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..scanners.record import record
from ..scanners.shapes import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .model import Claim, Evidence, Status
    from .sparse import Json


@record
class Told:
    """A value of a document and the claims that it stands for."""

    value: Any
    claims: tuple[Claim, ...]


Cited = tuple[str, tuple["Claim", ...]]  # a pointer, and what stands there


def settle(tree: Any, pointer: str = "") -> tuple[Any, list[Cited]]:  # noqa: ANN401 - any JSON
    """Return `tree` as plain JSON, and where in it each told value stands, in document order."""
    told: list[Cited] = []
    return _settled(tree, pointer, told), told


def _settled(tree: Any, pointer: str, told: list[Cited]) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(tree, Told):
        told.append((pointer, tree.claims))
        return _settled(tree.value, pointer, told)
    if is_object(tree):
        return {
            key: _settled(each, f"{pointer}/{_escape(key)}", told) for key, each in tree.items()
        }
    if is_list(tree):
        return [_settled(each, f"{pointer}/{n}", told) for n, each in enumerate(tree)]
    return tree


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def citations(told: Iterable[Cited], when: str, by: str) -> Iterator[Json]:
    """Yield one citation for each place in the files, with all that rests on it.

    `when` is the time of the BOM, which the schema demands, and `by` the reference of who says so.
    """
    places: dict[tuple[Status, Evidence], list[str]] = {}
    for pointer, claims in told:
        for claim in claims:
            for evidence in claim.evidence:
                pointers = places.setdefault((claim.status, evidence), [])
                if pointers[-1:] != [pointer]:
                    pointers.append(pointer)
    for (status, evidence), pointers in places.items():
        yield {
            "pointers": pointers,
            "timestamp": when,
            "attributedTo": by,
            "note": f"{status}: {place_of(evidence)}",
        }


def place_of(evidence: Evidence) -> str:
    """Return where something stands, for people: ``m.pt > data.pkl, byte 7, key 'license'``."""
    where = " > ".join((evidence.file, *evidence.member))
    offset = "" if evidence.offset is None else f", byte {evidence.offset}"
    return f"{where}{offset}" + (f", key {evidence.key!r}" if evidence.key else "")
