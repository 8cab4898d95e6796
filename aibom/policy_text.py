"""A policy in words: what it demands, and what it says of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .render.escape import counted, safe
from .render.words import waived_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .policy import Policy, Verdict
    from .policy_rules import Judged
    from .report import Report


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
        yield f"                   not {safe(own.when)}"


def explanation(report: Report, verdict: Verdict) -> str:
    """Return how each part of the policy came out, with the values used."""
    return "\n".join(_explained(report, verdict)) + "\n"


def _explained(report: Report, verdict: Verdict) -> Iterator[str]:
    policy = verdict.policy
    level = policy.fail_on
    name = "never" if level is None else level.name.lower()
    failing = [f for f in verdict.findings if level is not None and f.severity >= level]
    yield _line(not failing, f"fail-on {name}", counted(len(failing), "finding"))
    for rule in sorted({finding.rule for finding in failing}):
        count = sum(finding.rule == rule for finding in failing)
        yield f"       {rule}: {counted(count, 'time')}"
    unread = counted(len(report.unread), "thing")
    is_met = report.is_complete or not policy.not_read_fails
    yield _line(
        is_met, f"not-read {'fail' if policy.not_read_fails else 'pass'}", f"{unread} not read"
    )
    for each in verdict.waived:
        yield f"       waived {each.finding.rule}: {safe(waived_by(each.waiver))}"
    if policy.refuse_formats:
        used = {name for a in report.artifacts for each in a.walk() for name in each.formats}
        refused = sorted(used & {*policy.refuse_formats})
        what = f"found {', '.join(refused)}" if refused else "none found"
        yield _line(not refused, f"refuse-formats {', '.join(policy.refuse_formats)}", what)
    if policy.licences:
        yield from _licences(policy, report)
    for rule, severity in policy.at_least:
        found = counted(sum(f.rule == rule for f in verdict.findings), "finding")
        yield f"       at-least {rule}: {severity.name.lower()} ({found})"
    if policy.rules:
        from .policy_rules import judge  # noqa: PLC0415 - brings an engine for expressions

        for judged in judge(policy.rules, report):
            yield from _rule(judged)
    yield f"verdict {verdict.as_dict()['outcome']}"


def _licences(policy: Policy, report: Report) -> Iterator[str]:
    from .licence_policy import DENIED, broken  # noqa: PLC0415 - few policies name any

    for lists in policy.licences:
        found = broken(lists, report.target)
        denied = sum(each.rule == DENIED for each in found)
        what = f"{denied} denied, {len(found) - denied} to review"
        yield _line(not denied, f"licences {lists}", what)


def _rule(judged: Judged) -> Iterator[str]:
    at = f" of {safe(' › '.join(judged.path))}" if judged.path else ""
    yield _line(not judged.is_broken, f"{judged.rule.id}{at}", safe(judged.rule.when))
    for field, value in judged.values:
        yield f"       {field} = {safe(value)}"
    if judged.why:
        yield f"       {safe(judged.why)}"


def _line(is_met: bool, what: str, found: str) -> str:  # noqa: FBT001 - the first thing said
    return f"{'ok  ' if is_met else 'FAIL'}   {what}: {found}"
