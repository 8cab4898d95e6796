"""Expectations as an operator writes them: in options, or in a policy file (YAML).

The file has the names of the options as its keys, each at most once::

    expect-model: acme-model
    expect-version: "1.2.0"
    max-age: 30d
    no-findings: high
    require-complete: true
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from .errors import TargetError
from .expect import VERSION, Expectations
from .folder import readable
from .scanners.record import replace
from .scanners.rule import Severity
from .scanners.shapes import is_list, is_tuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

T = TypeVar("T")

FAIL_ON, NOT_READ = "fail-on", "not-read"
NOT_OF_SCAN = frozenset({"name", FAIL_ON, NOT_READ, "waive-dangerous"})  # as far as verifying goes
SPAN = re.compile(r"([1-9][0-9]{0,5})([hdw])")
UNITS = {"h": "hours", "d": "days", "w": "weeks"}
COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
COMMITS = "40 or 64 hexadecimal digits"
DIGEST = re.compile(r"[0-9a-f]{64}")
SUBJECT = re.compile(r"([^@]+)@sha256:([0-9a-f]{64})")


def read_policy(
    path: str | os.PathLike[str],
    model: str | os.PathLike[str],
    *,
    allow_inside: bool = False,
    judged_by: tuple[str, ...] = (),
) -> Expectations:
    """Return what a bundled policy, or the policy file `path`, expects of `model`.

    The file may not lie in the model. It may be the one by which models are scanned: see
    `policy_file`. Of its keys, ``fail-on`` is held against the findings that the signed BOM states,
    unless ``no-findings`` says more, and ``not-read`` against what it says was not read. What only
    a scan can judge it must have judged before the model was signed: the BOM names this very
    policy, or one of `judged_by` (SHA-256).

    Raises:
        TargetError: It cannot be read, demands nothing, or says something that is not understood:
            nothing that an operator demands is ever left out in silence.
    """
    from . import policy_file  # noqa: PLC0415 - PyYAML, rarely needed

    shown = readable(os.fspath(path))
    data = policy_file.bundled(os.fspath(path))
    if data is None:
        data = _outside(policy_file.as_file(os.fspath(path)), model, allow_inside=allow_inside)
    policy = policy_file.read_policy(data, where=shown)  # knows every key
    found = policy_file.read_mapping(data, shown)
    expected = read_values({key: found[key] for key in found if key in READERS}, f"{shown}: ")
    left = [key for key in found if key not in READERS and key not in NOT_OF_SCAN]
    if FAIL_ON in found and expected.no_findings is None:
        expected = replace(
            expected, fail_on=policy.fail_on, may_waive_danger=policy.may_waive_danger
        )
    elif FAIL_ON in found:
        left.append(FAIL_ON)
    if NOT_READ in found:
        expected = replace(expected, all_read=policy.not_read_fails)
    if expected == Expectations() and not left:
        raise TargetError(f"{shown}: the policy demands nothing.")
    if left:
        accepted = expected.policies or judged_by or (policy.digest,)
        expected = replace(expected, policies=accepted, left_to_scan=(*left,))
    return expected


def _outside(
    path: str | os.PathLike[str], model: str | os.PathLike[str], *, allow_inside: bool
) -> bytes:
    from .keyless import read_outside  # noqa: PLC0415 - brings what reads trust roots

    return read_outside(path, model, "policy", allow_inside=allow_inside)


def read_values(given: Mapping[str, Any], where: str = "--") -> Expectations:
    """Return what `given` expects: names of options (without ``--``) and their texts.

    Raises:
        TargetError: A name or a text is not understood; `where` stands before the name.
    """
    fields: dict[str, Any] = {}
    for name, value in given.items():
        if name not in READERS:
            known = ", ".join(READERS)
            raise TargetError(f"{where}{name!r:.80} is unknown; known are {known}.")
        field, read, expected = READERS[name]
        fields[field] = read_one(f"{where}{name}", read, value, expected)
    return Expectations(**fields)


def read_subjects(texts: Iterable[str]) -> dict[str, str]:
    """Return the name and the SHA-256 (hexadecimal) of each ``NAME@sha256:DIGEST``.

    Raises:
        TargetError: One has another form, or two have one name.
    """
    subjects: dict[str, str] = {}
    for text in texts:
        name, digest = read_one("--subject", _subject, text, "NAME@sha256:DIGEST")
        if name in subjects:
            raise TargetError(f"--subject {name!r:.80} is given twice.")
        subjects[name] = digest
    return subjects


def read_commit(text: str) -> str:
    """Return `text` if it is a commit in full: an abbreviation may name another one some day.

    Raises:
        TargetError: It is not.
    """
    return read_one("--commit", _matching(COMMIT), text, COMMITS)


def read_one(name: str, read: Callable[[object], T], value: object, expected: str) -> T:
    """Return the value of one option, read by `read`, or raise `TargetError`."""
    try:
        return read(value)
    except (ValueError, KeyError, OverflowError) as error:
        raise TargetError(f"{name} is {value!r:.80}, expected {expected}.") from error


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(value)
    return value


def _matching(pattern: re.Pattern[str]) -> Callable[[object], str]:
    def read(value: object) -> str:
        text = _text(value)
        if not pattern.fullmatch(text):
            raise ValueError(text)
        return text

    return read


def _several(read: Callable[[object], Any]) -> Callable[[object], tuple[Any, ...]]:
    """Read one text or a list of them, at least one: an empty list would demand nothing."""

    def read_each(value: object) -> tuple[Any, ...]:
        if is_list(value) or is_tuple(value):
            if not value:
                raise ValueError(value)
            return tuple(read(each) for each in value)
        return (read(value),)

    return read_each


def _span(value: object) -> timedelta:
    match = SPAN.fullmatch(_text(value))
    if match is None:
        raise ValueError(value)
    return timedelta(**{UNITS[match[2]]: int(match[1])})


def _moment(value: object) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _subject(value: object) -> tuple[str, str]:
    match = SUBJECT.fullmatch(_text(value))
    if match is None:
        raise ValueError(value)
    return match[1], match[2]


def _severity(value: object) -> Severity:
    return Severity[_text(value).upper()]


def _yes_or_no(value: object) -> bool:
    return {"true": True, "false": False}[_text(value).lower()]


READERS: dict[str, tuple[str, Callable[[object], Any], str]] = {  # option -> field, reader, form
    "expect-model": ("model", _text, "a name, or a package URL (pkg:…)"),
    "expect-version": ("version", _text, "a text"),
    "expect-commit": ("commit", _matching(COMMIT), COMMITS),
    "expect-subject": ("subjects", _several(_subject), "NAME@sha256:DIGEST"),
    "max-age": ("max_age", _span, "a number and h, d or w, such as 30d"),
    "signed-after": ("signed_after", _moment, "a date, such as 2026-01-31"),
    "signed-before": ("signed_before", _moment, "a date, such as 2026-01-31"),
    "min-rules-version": ("min_rules_version", _matching(VERSION), "a version, such as 1.2.0"),
    "rules-digest": ("rules", _several(_matching(DIGEST)), "64 hexadecimal digits"),
    "expect-policy": ("policies", _several(_matching(DIGEST)), "64 hexadecimal digits"),
    "no-findings": ("no_findings", _severity, "info, low, medium, high or critical"),
    "require-complete": ("complete", _yes_or_no, "true or false"),
}
