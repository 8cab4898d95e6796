"""Options of what is expected of a signed model beyond a signature that holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..expect import Expectations

F = TypeVar("F", bound="Callable[..., Any]")

EXPECTING: dict[str, dict[str, Any]] = {  # option -> how click takes it
    "expect-model": {"metavar": "NAME", "help": "The signed model's name, or its package URL."},
    "expect-version": {"metavar": "TEXT", "help": "The signed model's version."},
    "expect-commit": {"metavar": "SHA", "help": "The commit that it was made from."},
    "expect-subject": {
        "metavar": "NAME@sha256:DIGEST",
        "multiple": True,
        "help": "What must be signed too, such as an OCI manifest. May be repeated.",
    },
    "expect-policy": {
        "metavar": "SHA256",
        "multiple": True,
        "help": "Policy by which it was judged before it was signed. May be repeated.",
    },
    "max-age": {"metavar": "SPAN", "help": "Greatest age of a keyless signature: 12h, 30d, 8w."},
    "signed-after": {
        "metavar": "DATE",
        "help": "Refuse unless signed, keyless, after this: 2026-01-31.",
    },
    "signed-before": {
        "metavar": "DATE",
        "help": "Refuse unless a log or a timestamp shows it signed before this.",
    },
    "min-rules-version": {"metavar": "VERSION", "help": "Oldest aibom whose scan counts."},
    "rules-digest": {
        "metavar": "SHA256",
        "multiple": True,
        "help": "Rules whose scan counts. May be repeated.",
    },
    "no-findings": {
        "type": click.Choice(["info", "low", "medium", "high", "critical"], case_sensitive=False),
        "help": "Refuse a signed BOM that states a finding as severe as this, or worse.",
    },
    "require-complete": {"is_flag": True, "help": "Refuse unless all was read when it was signed."},
}


def expecting_options(function: F) -> F:
    """Add the options of what is expected, and the file that holds them."""
    function = click.option(
        "--policy",
        metavar="NAME|FILE",
        help="A policy, as `attest --policy` takes it, or a YAML file of these options.",
    )(function)
    for name, how in reversed(EXPECTING.items()):
        function = click.option(f"--{name}", **how)(function)
    return function


def expectations_from(
    options: Mapping[str, Any], policy: str | None, path: str, *, allow_inside: bool
) -> list[Expectations]:
    """Return what the options expect, and what the policy does: neither weakens the other.

    Only what the policy leaves to a scan may another one have judged, which an option names.

    Raises:
        TargetError: An option or the file is not understood, or it lies in the model at `path`.
    """
    given = {name: options[name.replace("-", "_")] for name in EXPECTING}
    said = {name: value for name, value in given.items() if value not in (None, (), False)}
    if not said and policy is None:
        return []
    from ..expect_file import read_policy, read_values

    found = [read_values({name: _text(value) for name, value in said.items()})] if said else []
    if policy is not None:
        named = found[0].policies if found else ()
        found.append(read_policy(policy, path, allow_inside=allow_inside, judged_by=named))
    return found


def _text(value: object) -> object:
    return "true" if value is True else value
