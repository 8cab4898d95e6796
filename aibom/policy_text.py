"""A policy in words: what it demands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .render.escape import safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .policy import Policy


def demands(policy: Policy) -> str:
    """Return what a policy demands, a line each."""
    return "\n".join(_demands(policy)) + "\n"


def _demands(policy: Policy) -> Iterator[str]:
    level = "never" if policy.fail_on is None else policy.fail_on.name.lower()
    yield f"policy {safe(policy.name) or '(default)'}"
    if policy.digest:
        yield f"  sha256           {policy.digest}"
    yield f"  fail-on          {level}"
    yield f"  not-read         {'fail' if policy.not_read_fails else 'pass'}"
    yield f"  waive-dangerous  {'true' if policy.may_waive_danger else 'false'}"
    yield f"  max-waiver-days  {policy.max_days}"
    if policy.refuse_formats:
        yield f"  refuse-formats   {', '.join(policy.refuse_formats)}"
    for lists in policy.licences:
        yield f"  licences         {lists}"
    for rule, severity in policy.at_least:
        yield f"  at-least         {rule}: {severity.name.lower()}"
    for own in policy.rules:
        yield f"  rule             {own.id} ({own.severity.name.lower()}), of each {own.each}:"
        yield f"                   must not be: {safe(own.when)}"
