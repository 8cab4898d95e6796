"""A policy as its owner writes it: one YAML file.

::

    name: release
    fail-on: high            # info, low, medium, high, critical or never
    not-read: fail           # or pass: let what could not be read be
    waive-dangerous: false   # whether findings at high and above can be waived
    max-waiver-days: 180
    refuse-formats: [pickle, pyc]
    licences:                # ids of the Hub or of SPDX, families, attributes; `licence_policy`
      allow: [apache-2.0, mit, bsd]
      review: [use=restricted]
      deny: [agpl-3.0, commercial=no]
      other: review          # what no list names: allow, review or deny
    at-least: {licence-missing: high}
    rules:                   # what keys cannot say; needs the extra `policy`
      - id: no-large-files
        each: file           # or model, or finding
        when: 'file.bytes > 5000000000'
        severity: high
        message: cut it into shards

What `aibom verify` expects (``expect-model`` and so on, see `expect_file`) may stand in the same
file; each verb reads its own part, and knows the keys of the other.
"""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from . import operator_file
from .errors import TargetError
from .folder import readable
from .policy import Policy, PolicyRule
from .scanners.record import replace
from .scanners.rule import Severity
from .scanners.shapes import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .scanners.licences.policy import LicencePolicy

T = TypeVar("T")

MAX_FILE = 1 << 20  # bytes; of many waivers, policies are much shorter
MAX_DAYS = 3650
BUNDLED = ("baseline", "release", "registry-upload")
ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
SEVERITIES = ", ".join(level.name.lower() for level in Severity)


def policy_named(name: str) -> Policy:
    """Return the bundled policy of that name, or else the one in the file `name`.

    A file cannot take the name of a bundled one: it may have come with the model.

    Raises:
        TargetError: There is none, or it says something that is not understood.
    """
    data = bundled(name) or operator_file.read(as_file(name), "policy")
    return read_policy(data, where=readable(name))


def as_file(name: str) -> str:
    """Return `name` if it can be a file: there is one, or it is named by its folder.

    Raises:
        TargetError: It is a word, and no file is called so.
    """
    if "/" not in name and not Path(name).exists():
        raise TargetError(
            f"{readable(name)}: there is no such file, and no such policy.{_near(name)}"
        )
    return name


def bundled(name: str) -> bytes | None:
    """Return the bundled policy of that name as its file has it, or None."""
    if name not in BUNDLED:
        return None
    return (Path(__file__).parent / "policies" / f"{name}.yaml").read_bytes()


def _near(name: str) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - of a mistake alone

    near = get_close_matches(name, BUNDLED, n=1)
    return f" Did you mean {near[0]!r}?" if near else f" Bundled are {', '.join(BUNDLED)}."


def read_policy(data: bytes, *, where: str) -> Policy:
    """Return the policy that a file says; `where` names it in messages.

    Raises:
        TargetError: It is too long, no YAML, or says something that is not understood: nothing
            that an owner demands is ever left out in silence.
    """
    found = read_mapping(data, where)
    name = found.pop("name", None) or Path(where).stem
    fields: dict[str, Any] = {"name": str(name)[:100], "digest": sha256(data).hexdigest()}
    rules = found.pop("rules", None)
    for key, value in found.items():
        if key in _verifying():
            continue
        if key not in READERS:
            raise TargetError(f"{where}: {key!r:.80} is unknown.{_meant(key)}")
        field, read, expected = READERS[key]
        fields[field] = _read(f"{where}: {key}", read, value, expected)
    return replace(Policy(**fields), rules=tuple(_rules(rules, where)))


def read_mapping(data: bytes, where: str) -> dict[str, Any]:
    """Return the one mapping in a YAML file, every scalar as text.

    Raises:
        TargetError: It is too long, no YAML, no mapping, or holds a key twice.
    """
    found = read_yaml(data, where)
    if not is_object(found):
        raise TargetError(f"{where}: expected keys with values, as `fail-on: high`.")
    return found


def read_yaml(data: bytes, where: str) -> object:
    """Return what a YAML file holds: mappings, lists and texts.

    Raises:
        TargetError: It is too long or no YAML, or a mapping holds a key twice.
    """
    from .scanners import front_matter  # noqa: PLC0415 - PyYAML
    from .scanners.source import Malformed  # noqa: PLC0415

    if len(data) > MAX_FILE:
        raise TargetError(f"{where}: {len(data)} bytes, allowed are {MAX_FILE}.")
    try:
        found, repeated = front_matter.read(data.decode())
    except Malformed as error:
        at = f" (character {error.offset})" if error.offset else ""
        raise TargetError(f"{where}: no plain YAML: {error.why}{at}.") from error
    except UnicodeDecodeError as error:
        raise TargetError(f"{where}: no plain YAML: {error}.") from error
    if repeated:
        raise TargetError(f"{where}: {repeated[0]!r:.80} stands twice in one mapping.")
    return found


def _meant(key: str) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - of a mistake alone

    near = get_close_matches(key, [*READERS, "name", "rules", *_verifying()], n=1)
    return (
        f" Did you mean {near[0]!r}?" if near else f" Known are name, rules, {', '.join(READERS)}."
    )


def _verifying() -> Mapping[str, object]:
    from . import expect_file  # noqa: PLC0415 - brings signatures

    return expect_file.READERS


def _rules(found: object, where: str) -> list[PolicyRule]:
    if found is None:
        return []
    if not is_list(found):
        raise TargetError(f"{where}: rules: expected a list, each with id, when and message.")
    rules = [_rule(each, f"{where}: rules[{number}]") for number, each in enumerate(found)]
    ids = [rule.id for rule in rules]
    twice = sorted({each for each in ids if ids.count(each) > 1})
    if twice:
        raise TargetError(f"{where}: the rule {twice[0]!r} stands twice.")
    return rules


def _rule(found: object, where: str) -> PolicyRule:
    if not is_object(found):
        raise TargetError(f"{where}: expected id, when and message.")
    missing = [key for key in ("id", "when", "message") if not found.get(key)]
    if missing:
        raise TargetError(f"{where} has no {missing[0]}.")
    fields: dict[str, Any] = {}
    for key, value in found.items():
        if key not in RULE_READERS:
            raise TargetError(
                f"{where}: {key!r:.80} is unknown; known are {', '.join(RULE_READERS)}."
            )
        read, expected = RULE_READERS[key]
        fields[key] = _read(f"{where}: {key}", read, value, expected)
    return PolicyRule(**fields)


def _read(name: str, read: Callable[[object], T], value: object, expected: str) -> T:
    try:
        return read(value)
    except (ValueError, KeyError) as error:
        raise TargetError(f"{name} is {value!r:.80}, expected {expected}.") from error


def text(value: object) -> str:
    """Return a text that says something, or raise `ValueError`."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError(value)
    return value.strip()


def _one_of(**values: T) -> Callable[[object], T]:
    return lambda value: values[text(value).lower()]


def _level(value: object) -> Severity | None:
    word = text(value).upper()
    return None if word == "NEVER" else Severity[word]


def _days(value: object) -> int:
    days = int(text(value))
    if not 1 <= days <= MAX_DAYS:
        raise ValueError(value)
    return days


def _texts(value: object) -> tuple[str, ...]:
    """Read one text or a list of them, at least one: an empty list would demand nothing."""
    if not is_list(value):
        return (text(value),)
    if not value:
        raise ValueError(value)
    return tuple(map(text, value))


def _formats(value: object) -> tuple[str, ...]:
    from .scanners.formats import FORMATS  # noqa: PLC0415 - few policies name any

    known = {each.id for each in FORMATS}
    names = _texts(value)
    if not known.issuperset(names):
        raise ValueError(value)
    return names


def _licences(value: object) -> tuple[LicencePolicy, ...]:
    from .scanners.licences.policy import (  # noqa: PLC0415 - few policies name any
        Decision,
        PolicyError,
        lists,
    )

    if not is_object(value) or not value or not LISTS.issuperset(value):
        raise ValueError(value)
    named = {key: _texts(entries) for key, entries in value.items() if key != OTHER}
    rest = Decision(text(value[OTHER])) if OTHER in value else None
    try:
        return (lists(**named, otherwise=rest),)
    except PolicyError as error:
        raise TargetError(f"licences: {error}.") from error


def _levels(value: object) -> tuple[tuple[str, Severity], ...]:
    from .scanners.rules import named  # noqa: PLC0415 - few policies name any

    if not is_object(value) or len(named(value)) != len(value):
        raise ValueError(value)
    return tuple((rule, Severity[text(level).upper()]) for rule, level in value.items())


def _id(value: object) -> str:
    word = text(value)
    if not ID.fullmatch(word):
        raise ValueError(value)
    return word


OTHER = "other"  # licences that no list names
LISTS = frozenset({"allow", "review", "deny", OTHER})
READERS: dict[str, tuple[str, Callable[[object], Any], str]] = {  # key -> field, reader, form
    "fail-on": ("fail_on", _level, f"{SEVERITIES} or never"),
    "not-read": ("not_read_fails", _one_of(fail=True, **{"pass": False}), "fail or pass"),
    "refuse-formats": ("refuse_formats", _formats, "ids of formats, as `aibom formats` lists them"),
    "licences": (
        "licences",
        _licences,
        "allow, review and deny, each a list of licences, families or attributes, and other",
    ),
    "at-least": ("at_least", _levels, f"ids of rules, each with one of {SEVERITIES}"),
    "waive-dangerous": ("may_waive_danger", _one_of(true=True, false=False), "true or false"),
    "max-waiver-days": ("max_days", _days, f"a number of days from 1 to {MAX_DAYS}"),
}
RULE_READERS: dict[str, tuple[Callable[[object], Any], str]] = {
    "id": (_id, "lower-case words joined by hyphens"),
    "each": (_one_of(model="model", file="file", finding="finding"), "model, file or finding"),
    "when": (text, "an expression in CEL"),
    "severity": (lambda value: Severity[text(value).upper()], SEVERITIES),
    "message": (text, "a text"),
}
