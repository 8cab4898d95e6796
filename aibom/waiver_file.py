"""Waivers and baselines as files.

Waivers are a list in YAML, each with everything that makes it one person's answer for one finding::

    - rule: remote-code
      paths: [config.json]
      fingerprint: 7c1e0b…      # of the finding; or `digest`, the SHA-256 of the file
      digest: 09af7c…           # where code is named: of file and code, and must be there
      reason: we read the code at this commit, SEC-1423
      owner: ml-platform@example.org
      expires: 2027-02-28

A baseline is JSON that `aibom scan --write-baseline` writes.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from . import operator_file
from .binding import ABOUT_CODE
from .errors import TargetError
from .folder import readable
from .policy_file import read_yaml, text
from .scanners.shapes import is_list, is_object
from .waiver import Baseline, Known, Waiver

if TYPE_CHECKING:
    from collections.abc import Callable

BASELINE_SCHEMA = "urn:aibom:schema:baseline:2"
UNNAMED_SCHEMA = "urn:aibom:schema:baseline:1"  # fingerprints alone, which nobody can review
MIN_REASON = 10  # characters; "ok" is no reason
MIN_MARK = 12  # digits of a fingerprint that may stand for all 64
REQUIRED = ("rule", "paths", "reason", "owner", "expires")
MARK = re.compile(rf"[0-9a-f]{{{MIN_MARK},64}}")
SPAN = re.compile(r"([1-9][0-9]{0,3})([dw])")
UNITS = {"d": "days", "w": "weeks"}
DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{64})")


def read_waivers(path: str, *, today: date, max_days: int) -> tuple[Waiver, ...]:
    """Return the waivers in a file, none of which may hold for longer than `max_days` from today.

    Raises:
        TargetError: The file cannot be read, or one of them is not whole.
    """
    where = readable(path)
    found = read_yaml(operator_file.read(path, "list of waivers"), where)
    if found is None:
        return ()
    if not is_list(found):
        raise TargetError(f"{where}: expected a list of waivers, each with {', '.join(REQUIRED)}.")
    last = today + timedelta(days=max_days)
    return tuple(_waiver(each, f"{where}: [{at}]", last) for at, each in enumerate(found))


def _waiver(found: object, where: str, last: date) -> Waiver:
    if not is_object(found):
        raise TargetError(f"{where}: expected {', '.join(REQUIRED)}.")
    fields: dict[str, Any] = {}
    for key, value in found.items():
        if key not in READERS:
            raise TargetError(f"{where}: {key!r:.80} is unknown; known are {', '.join(READERS)}.")
        read, expected = READERS[key]
        try:
            fields[key] = read(value)
        except ValueError as error:
            raise TargetError(f"{where}: {key} is {value!r:.80}, expected {expected}.") from error
    missing = [key for key in REQUIRED if key not in fields]
    if missing:
        raise TargetError(f"{where} has no {missing[0]}.")
    if "fingerprint" not in fields and "digest" not in fields:
        raise TargetError(
            f"{where} has neither fingerprint nor digest: it would waive what nobody has seen yet. "
            "`aibom waive` writes both."
        )
    if fields["rule"] in ABOUT_CODE and "digest" not in fields:
        raise TargetError(
            f"{where} has no digest, which {fields['rule']!r} must have: it would go on to hold "
            "when somebody changes the code. `aibom waive` writes it."
        )
    if fields["expires"] > last:
        raise TargetError(f"{where}: expires after {last.isoformat()}, which the policy forbids.")
    return Waiver(**fields)


def _reason(value: object) -> str:
    said = text(value)
    if len(said) < MIN_REASON:
        raise ValueError(value)
    return said


def _paths(value: object) -> tuple[str, ...]:
    paths = tuple(map(text, value)) if is_list(value) else (text(value),)
    if not paths:
        raise ValueError(value)
    return paths


def _mark(value: object) -> str:
    word = text(value)
    if not MARK.fullmatch(word):
        raise ValueError(value)
    return word


def _digest(value: object) -> str:
    match = DIGEST.fullmatch(text(value))
    if match is None:
        raise ValueError(value)
    return match[1]


READERS: dict[str, tuple[Callable[[object], Any], str]] = {
    "rule": (text, "the id of a rule"),
    "paths": (_paths, "a path or a list of them; * stands for anything"),
    "fingerprint": (_mark, f"{MIN_MARK} to 64 hexadecimal digits"),
    "digest": (_digest, "a SHA-256, 64 hexadecimal digits"),
    "reason": (_reason, f"a text of {MIN_REASON} characters or more"),
    "owner": (text, "who answers for it"),
    "expires": (lambda value: date.fromisoformat(text(value)), "a day, such as 2027-02-28"),
}


def last_day(said: str, *, today: date | None = None, max_days: int) -> date:
    """Return the day that ``2027-02-28``, ``90d`` or ``12w`` means.

    Raises:
        TargetError: It means none, or one that is over or too far away.
    """
    start = today or datetime.now(UTC).date()
    match = SPAN.fullmatch(said)
    try:
        if match:
            day = start + timedelta(**{UNITS[match[2]]: int(match[1])})
        else:
            day = date.fromisoformat(said)
    except (ValueError, OverflowError) as error:
        raise TargetError(
            f"--expires is {said!r:.80}, expected a day or a span, such as 2027-02-28 or 90d."
        ) from error
    if not start <= day <= start + timedelta(days=max_days):
        raise TargetError(
            f"--expires is {said!r:.80}: a waiver may end from today to {max_days} days ahead."
        )
    return day


# --- Baselines ------------------------------------------------------------------------------------


def read_baseline(path: str) -> Baseline:
    """Return the baseline in a file.

    Raises:
        TargetError: It cannot be read, or is none.
    """
    where = readable(path)
    data = operator_file.read(path, "baseline")
    try:
        found: object = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise TargetError(f"{where}: the baseline is no JSON: {error}.") from error
    schema = found.get("$schema") if is_object(found) else None
    if schema == UNNAMED_SCHEMA:
        raise TargetError(
            f"{where}: a baseline of an earlier version, which does not name the findings it "
            "knows; write it anew with --write-baseline, and review it."
        )
    if not is_object(found) or schema != BASELINE_SCHEMA:
        raise TargetError(f"{where}: no baseline of this version; write one with --write-baseline.")
    known = found.get("findings")
    if not is_list(known):
        raise TargetError(f"{where}: the baseline has no list of findings.")
    return Baseline(tuple(_known(each, where) for each in known))


def _known(found: object, where: str) -> Known:
    told = found if is_object(found) else {}
    rule, path, mark = (told.get(key) for key in ("rule", "path", "fingerprint"))
    digest = told.get("sha256", "")
    parts = [each for each in path if isinstance(each, str)] if is_list(path) else None
    if not all(isinstance(each, str) for each in (rule, mark, digest)) or parts != path:
        raise TargetError(
            f"{where}: a finding of the baseline has not all of rule, path and fingerprint."
        )
    return Known(str(rule), tuple(parts or ()), str(mark), str(digest))


def baseline_bytes(baseline: Baseline) -> bytes:
    """Return a baseline as a file, the same bytes for the same findings, for people to review."""
    known = [
        {"rule": each.rule, "path": list(each.path), "fingerprint": each.fingerprint}
        | ({"sha256": each.digest} if each.digest else {})
        for each in sorted(baseline.known, key=_place)
    ]
    return (json.dumps({"$schema": BASELINE_SCHEMA, "findings": known}, indent=1) + "\n").encode()


def _place(known: Known) -> tuple[tuple[str, ...], str, str, str]:
    return known.path, known.rule, known.fingerprint, known.digest
