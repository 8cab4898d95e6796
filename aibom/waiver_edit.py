"""Waivers that a program writes into somebody's file: added to its end, or renewed in place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import operator_file
from .errors import TargetError
from .folder import readable
from .output import write_atomic
from .policy_file import read_yaml
from .scanners.record import record
from .scanners.shapes import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .waiver import Waiver

DAY = re.compile(r"[0-9-]+")


@record
class Written:
    """How many waivers came to be in a file, and how."""

    added: int = 0
    renewed: int = 0  # were there with another reason, owner or last day
    unchanged: int = 0  # were there already, word for word


def add_waivers(path: str, waivers: Iterable[Waiver]) -> Written:
    """Have a file hold `waivers`; it is made if it is not there.

    One that is there already, for the same finding in the same bytes, is renewed in its place: it
    gets the new reason, owner and last day. Others go to the end. All else stays as it is.

    Raises:
        TargetError: What is there is no list of waivers, or one cannot be renewed by a program.
        OutputError: It could not be written.
    """
    place = Path(path)
    where = readable(path)
    before = operator_file.read(place, "list of waivers") if place.exists() else b""
    there = _entries(before, where)
    new: list[Waiver] = []
    terms: dict[int, Waiver] = {}  # number of an entry that is renewed -> what it is to say
    wanted = list(dict.fromkeys(waivers))
    for waiver in wanted:
        at = next((n for n, each in enumerate(there) if _is_of_the_same(each, waiver)), None)
        if at is None:
            new.append(waiver)
        elif any(there[at].get(key) != value for key, value in _terms(waiver).items()):
            terms[at] = waiver
    after = _renewed(before, terms, where)
    if new:
        gap = b"" if not after or after.endswith(b"\n") else b"\n"
        after += gap + as_yaml(new).encode()
    expected = [each | (_terms(terms[n]) if n in terms else {}) for n, each in enumerate(there)]
    if before and _entries(after, where) != [*expected, *map(_entry, new)]:
        raise _refused(where)
    if after != before:
        write_atomic(place, after)
    return Written(len(new), len(terms), len(wanted) - len(new) - len(terms))


def _entries(data: bytes, where: str) -> list[dict[str, Any]]:
    found = read_yaml(data, where)
    if found is None:
        return []
    entries = [each for each in found if is_object(each)] if is_list(found) else []
    if entries != found or not all("rule" in each for each in entries):
        raise TargetError(f"{where}: this is no list of waivers; name another file.")
    return entries


def _is_of_the_same(entry: dict[str, Any], waiver: Waiver) -> bool:
    """Whether an entry is about the same finding in the same bytes."""
    paths = entry.get("paths")
    said = {
        "rule": entry.get("rule"),
        "paths": paths if is_list(paths) else [paths],
        "fingerprint": entry.get("fingerprint", ""),
        "digest": str(entry.get("digest", "")).removeprefix("sha256:"),
    }
    return said == {
        "rule": waiver.rule,
        "paths": list(waiver.paths),
        "fingerprint": waiver.fingerprint,
        "digest": waiver.digest,
    }


def _terms(waiver: Waiver) -> dict[str, str]:
    told = _entry(waiver)
    return {key: told[key] for key in ("reason", "owner", "expires")}


def _refused(where: str) -> TargetError:
    return TargetError(f"{where}: this list is written in a way that only a person can change.")


def _renewed(data: bytes, terms: Mapping[int, Waiver], where: str) -> bytes:
    """Return a file in which some entries say other terms, each where it stands."""
    from .scanners.front_matter import read_placed  # noqa: PLC0415 - PyYAML

    if not terms:
        return data
    text = data.decode()
    spans = read_placed(text).spans
    changes: list[tuple[int, int, str]] = []
    for at, waiver in terms.items():
        for key, value in _terms(waiver).items():
            if (at, key) not in spans:
                raise _refused(where)
            changes.append((*spans[at, key], value))
    for start, end, value in sorted(changes, reverse=True):
        text = text[:start] + _quoted(value) + text[end:]
    return text.encode()


def _quoted(value: str) -> str:
    import yaml  # noqa: PLC0415 - only where waivers are written

    style = None if DAY.fullmatch(value) else '"'
    return str(yaml.safe_dump(value, default_style=style, width=1_000_000)).splitlines()[0]


def as_yaml(waivers: Iterable[Waiver]) -> str:
    """Return waivers as entries of a list, to be added to a file."""
    import yaml  # noqa: PLC0415 - only where waivers are written

    told = [_entry(waiver) for waiver in waivers]
    return str(yaml.safe_dump(told, sort_keys=False, width=10_000))


def _entry(waiver: Waiver) -> dict[str, Any]:
    told: dict[str, Any] = {
        "rule": waiver.rule,
        "paths": list(waiver.paths),
        "fingerprint": waiver.fingerprint,
        "digest": waiver.digest,
        "reason": waiver.reason,
        "owner": waiver.owner,
        "expires": waiver.expires.isoformat() if waiver.expires else "",
    }
    return {key: value for key, value in told.items() if value}
