"""What a BOM that is replaced said of the release, and the new one says no more.

Version, commit, name, policy and waivers are given anew at each signing. Who forgets one publishes
a BOM that no verifier accepts who expects it.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from .scanners.shapes import is_list, is_object
from .signatures import SignatureError
from .signatures.strictjson import loads
from .signed_bom import SHOWN, held_against, judged_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .signed_bom import Stated


def no_longer_stated(before: bytes | None, now: bytes) -> tuple[str, ...]:
    """Return in sentences what the BOM `before` stated, and the BOM `now` does not."""
    if before is None or before == now:
        return ()
    return tuple(_lost(_document(before), _document(now)))


def _lost(before: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    then, today = _subject(before), _subject(now)
    for what, was, stated in (
        ("version", _text(then.get("version")), _text(today.get("version"))),
        ("commit", _commits(then), _commits(today)),
        ("policy", judged_by(before)[0], judged_by(now)[0]),
    ):
        if was and not stated:
            yield f"{what} {was:.200} is no longer stated"
    names = _text(then.get("name")), _text(today.get("name"))
    if names[0] and names[0] != names[1]:
        yield f"name {names[0]:.200} is no longer stated: it is {names[1]:.200} now"
    told = Counter(_waivers_lost(_stated(before), _stated(now)))
    for what, count in list(told.items())[:SHOWN]:
        yield f"{what} is no longer stated" + (f" for {count} findings" if count > 1 else "")
    if len(told) > SHOWN:
        yield f"{len(told) - SHOWN} more waivers are no longer stated"


def _waivers_lost(before: Iterable[Stated], now: Iterable[Stated]) -> Iterator[str]:
    """Yield, of each finding that is still there, that nobody answers for it any more."""
    waived = {each.ref: each.waived for each in before if each.waived is not None and each.ref}
    for each in now:
        by = waived.get(each.ref)
        if by is not None and each.waived is None:
            yield f"the waiver of {each.severity}[{each.rule:.100}] by {by.owner:.100}"


def _stated(bom: dict[str, Any]) -> tuple[Stated, ...]:
    try:
        return held_against(bom).findings
    except SignatureError:  # what was there may be anybody's
        return ()


def _document(bom: bytes) -> dict[str, Any]:
    try:
        found = loads(bom)
    except SignatureError:  # what was there may be anybody's
        return {}
    return found if is_object(found) else {}


def _subject(bom: dict[str, Any]) -> dict[str, Any]:
    metadata = bom.get("metadata")
    subject = metadata.get("component") if is_object(metadata) else None
    return subject if is_object(subject) else {}


def _commits(subject: dict[str, Any]) -> str:
    pedigree = subject.get("pedigree")
    commits = pedigree.get("commits") if is_object(pedigree) else None
    listed = commits if is_list(commits) else []
    return ", ".join(_text(each.get("uid")) for each in listed if is_object(each))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
