"""Tests of a policy: saved reports, and the verdicts that their owner expects."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import operator_file
from .errors import AibomError, TargetError
from .folder import readable
from .policy_file import BUNDLED, policy_named, read_mapping
from .report import from_json
from .scanners.record import record
from .scanners.shapes import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .policy import Policy, Verdict
    from .report import Report
    from .scanners.rule import Finding

OUTCOMES = ("pass", "fail", "incomplete")
KEYS = ("report", "expect", "rules")
MOST = 3  # findings of a case that are named


@record
class Case:
    """How one case came out."""

    name: str  # the report's file
    problem: str  # "" if it came out as expected


def outcomes(file: str) -> Iterator[Case]:
    """Yield how each case of a file comes out.

    Raises:
        TargetError: The file, the policy or a report cannot be read or understood.
        AibomError: A report is none.
    """
    where, place = readable(file), Path(file)
    found = read_mapping(operator_file.read(place, "list of cases"), where)
    unknown = [key for key in found if key not in {"policy", "cases"}]
    if unknown:
        raise TargetError(f"{where}: {unknown[0]!r:.80} is unknown; known are policy, cases.")
    if not isinstance(found.get("policy"), str) or not is_list(found.get("cases")):
        raise TargetError(f"{where}: expected `policy: NAME|FILE` and a list `cases`.")
    named: str = found["policy"]
    beside = place.parent / named
    policy = policy_named(str(beside) if named not in BUNDLED and beside.exists() else named)
    for at, case in enumerate(found["cases"]):
        yield _outcome(case, policy, place.parent, f"{where}: cases[{at}]")


def _outcome(case: object, policy: Policy, folder: Path, where: str) -> Case:
    told = _told(case, where)
    path = folder / told["report"]
    try:
        report = from_json(operator_file.read(path, "report"))
    except TargetError:
        raise
    except AibomError as error:
        raise AibomError(f"{readable(str(path))}: {error}") from error
    verdict = policy.apply(report)
    outcome = verdict.as_dict()["outcome"]
    rules = sorted({finding.rule for finding in verdict.findings})
    missing = [rule for rule in told["rules"] if rule not in rules]
    if outcome != told["expect"]:
        why = _why(verdict, report)
        return Case(told["report"], f": {outcome}, expected {told['expect']}: {why}")
    if missing:
        found = ", ".join(rules) or "nothing"
        return Case(told["report"], f": {missing[0]} was not found, but {found}")
    return Case(told["report"], "")


def _why(verdict: Verdict, report: Report) -> str:
    """Return what decided the verdict on `report`."""
    level = verdict.fail_on
    failing = [each for each in verdict.findings if level is not None and each.severity >= level]
    if failing:
        return _shown([_finding(each) for each in reversed(failing)])  # worst first
    if not verdict.passed:
        return "not read: " + _shown(
            [f"{' › '.join(artifact.path)} ({fact.detail})" for artifact, fact in report.unread]
        )
    bound = (
        "no finding fails here" if level is None else f"nothing at {level.name.lower()} or above"
    )
    below = [_finding(each) for each in reversed(verdict.findings)]
    return f"{bound}, below it {_shown(below)}" if below else bound


def _finding(found: Finding) -> str:
    where = f"in {' › '.join(found.path)}" if found.path else "of the target as a whole"
    return f"{found.severity.name.lower()}[{found.rule}] {where}"


def _shown(told: list[str]) -> str:
    more = f" and {len(told) - MOST} more" if len(told) > MOST else ""
    return ", ".join(told[:MOST]) + more


def _told(case: object, where: str) -> dict[str, Any]:
    if not is_object(case) or not isinstance(case.get("report"), str):
        raise TargetError(f"{where} names no report.")
    if case.get("expect") not in OUTCOMES:
        raise TargetError(f"{where}: expect is one of {', '.join(OUTCOMES)}.")
    unknown = [key for key in case if key not in KEYS]
    if unknown:
        raise TargetError(f"{where}: {unknown[0]!r:.80} is unknown; known are {', '.join(KEYS)}.")
    rules = case.get("rules", [])
    return {**case, "rules": rules if is_list(rules) else [rules]}
