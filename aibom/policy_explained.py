"""Why a policy is met or not: each demand with what was found, the verdict last."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from .policy import REFUSED_FORMAT
from .render.escape import counted, place, safe
from .render.words import waived_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .policy import Policy, Verdict
    from .policy_rules import Judged
    from .report import Report
    from .scanners.rule import Finding

    Mark = Callable[[Sequence[tuple[str, tuple[str, ...]]]], str]  # of pairs of a rule and a path

SHOWN = 5  # things of each kind that are named, unless all are wanted


def explanation(report: Report, verdict: Verdict, *, everything: bool = False) -> str:
    """Return how each demand of a policy came out, with the values used.

    Of a rule that is asked of many things, those that it is broken of are shown, the first few.
    """
    most = None if everything else SHOWN
    return "\n".join(_explained(report, verdict, most)) + "\n"


def _explained(report: Report, verdict: Verdict, most: int | None) -> Iterator[str]:
    policy = verdict.policy
    unread = counted(len(report.unread), "thing")
    is_met = report.is_complete or not policy.not_read_fails
    mark = "ok" if is_met else "FAIL"
    yield _line(
        mark, f"not-read {'fail' if policy.not_read_fails else 'pass'}", f"{unread} not read"
    )
    if policy.refuse_formats:
        used = {name for a in report.artifacts for each in a.walk() for name in each.formats}
        refused = sorted(used & {*policy.refuse_formats})
        paths = [(REFUSED_FORMAT, each.path) for each in policy.findings_of(report)]
        what = f"found {', '.join(refused)}" if refused else "none found"
        mark = _mark(paths, verdict) if refused else "ok"
        yield _line(mark, f"refuse-formats {', '.join(policy.refuse_formats)}", what)
    if policy.licences:
        yield from _licences(policy, report, verdict)
    for rule, severity in policy.at_least:
        found = counted(sum(f.rule == rule for f in verdict.findings), "finding")
        yield f"       at-least {rule}: {severity.name.lower()} ({found})"
    if policy.rules:
        from .policy_rules import judge  # noqa: PLC0415 - brings an engine for expressions

        for _, judged in groupby(judge(policy.rules, report), key=lambda each: each.rule.id):
            yield from _rule(list(judged), verdict, most)
    yield from _waived(verdict, most)
    yield from _failing(verdict)
    yield f"verdict {verdict.as_dict()['outcome']}"


def _mark(broken: Sequence[tuple[str, tuple[str, ...]]], verdict: Verdict) -> str:
    """Return what came of findings that a demand makes, each by its rule and path."""
    if not broken:
        return "ok"
    level, pairs = verdict.fail_on, {*broken}
    counting = [found for found in verdict.findings if (found.rule, found.path) in pairs]
    if any(level is not None and found.severity >= level for found in counting):
        return "FAIL"
    return "below" if counting else "waived"


def _licences(policy: Policy, report: Report, verdict: Verdict) -> Iterator[str]:
    from .licence_policy import DENIED, broken  # noqa: PLC0415 - few policies name any

    for lists in policy.licences:
        found = broken(lists, report.target)
        denied = sum(each.rule == DENIED for each in found)
        what = f"{denied} denied, {len(found) - denied} to review"
        mark = _mark([(each.rule, each.path) for each in found], verdict)
        yield _line(mark, f"licences {lists}", what)


def _rule(judged: Sequence[Judged], verdict: Verdict, most: int | None) -> Iterator[str]:
    """Yield what a rule says of all that it was asked of."""
    rule = judged[0].rule
    broken = [each for each in judged if each.is_broken]
    mark = _mark([(rule.id, each.path) for each in broken], verdict)
    each = counted(len(judged), rule.each)
    of = f"{len(broken):,} of {each}" if len(judged) > 1 else "broken" if broken else "not broken"
    yield _line(mark, f"rule {rule.id} ({rule.severity.name.lower()})", of)
    yield f"       {safe(rule.when)}"
    shown = list(judged) if most is None or len(judged) == 1 else broken[:most]
    for one in shown:
        yield from _values(one)
    if most is not None and len(broken) > most:
        yield f"         … and {len(broken) - most:,} more; --all shows each"


def _values(judged: Judged) -> Iterator[str]:
    values = ", ".join(f"{field} = {safe(value)}" for field, value in judged.values)
    where = f"{place(judged.path)}: " if judged.path else ""
    why = f"({safe(judged.why)})" if judged.why else ""
    told = where + " ".join(filter(None, (values, why)))
    if told:
        yield f"         {told}"


def _waived(verdict: Verdict, most: int | None) -> Iterator[str]:
    """Name who answers for what, once for each rule and waiver."""
    told: dict[str, int] = {}
    for each in verdict.waived:
        line = f"{each.finding.rule}: {safe(waived_by(each.waiver))}"
        told[line] = told.get(line, 0) + 1
    for line, count in list(told.items())[:most]:
        yield f"waived {line}" + (f" ({count} findings)" if count > 1 else "")
    if most is not None and len(told) > most:
        yield f"waived … and {len(told) - most:,} more; --all shows each"


def _failing(verdict: Verdict) -> Iterator[str]:
    level = verdict.fail_on
    failing: list[Finding] = [
        found for found in verdict.findings if level is not None and found.severity >= level
    ]
    name = "never" if level is None else level.name.lower()
    yield _line("FAIL" if failing else "ok", f"fail-on {name}", counted(len(failing), "finding"))
    for severity, rule in dict.fromkeys((f.severity, f.rule) for f in reversed(failing)):
        count = sum((found.severity, found.rule) == (severity, rule) for found in failing)
        yield f"         {severity.name.lower()}[{rule}]: {counted(count, 'time')}"


def _line(mark: str, what: str, found: str) -> str:
    return f"{mark:<6} {what}: {found}"
