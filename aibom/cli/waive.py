"""`aibom waive`: answer for a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..errors import TargetError
from .options import Reading, cache_option, reading_options, target_argument, today

if TYPE_CHECKING:
    from ..report import Report
    from ..waiver import Waiver
    from .console import Console

PLACE = ".aibom-waivers.yaml"


@click.command("waive")
@target_argument
@click.option("--rule", required=True, metavar="ID", help="The rule whose findings are waived.")
@click.option("--file", "only", metavar="NAME", help="Only findings in this file of the model.")
@click.option("--reason", required=True, metavar="TEXT", help="Why this may be.")
@click.option("--owner", required=True, metavar="TEXT", help="Who answers for it.")
@click.option("--expires", required=True, metavar="DAY|SPAN", help="2027-02-28, or 90d, 12w.")
@click.option("-o", "--output", default=PLACE, show_default=True, metavar="FILE")
@cache_option
@reading_options
@click.pass_obj
def command(  # noqa: PLR0913 - one for each option
    console: Console,
    /,
    path: str,
    *,
    rule: str,
    only: str | None,
    reason: str,
    owner: str,
    expires: str,
    output: str,
    **reading: Any,
) -> int:
    """Scan the model at PATH and write a waiver for each finding of a rule.

    A waiver holds for one finding in one file, for a reason and until a day; `aibom scan --waivers`
    then shows the finding as waived. Waivers are added to the end of the file.
    """
    from ..render.escape import counted, safe
    from ..waiver_file import MIN_REASON, add_waivers, last_day

    if len(reason.strip()) < MIN_REASON or not owner.strip():
        raise click.UsageError(f"--reason has {MIN_REASON} characters or more, and --owner a name.")
    options = Reading.of([path], console, reading)
    policy = options.judging().policy
    last = last_day(expires, today=today(), max_days=policy.max_days)
    report = options.scan(path, console)
    waivers = _waivers(report, rule, only, {"reason": reason, "owner": owner, "expires": last})
    add_waivers(output, waivers)
    if not policy.may_waive_danger and any(_is_dangerous(report, each) for each in waivers):
        console.note(
            "note: some are of findings at high or above, which this policy lets nobody waive; "
            "they count until a policy has `waive-dangerous: true`"
        )
    console.note(
        f"{counted(len(waivers), 'waiver')} added to {safe(output)}, until {last.isoformat()}. "
        f"Scan with --waivers {safe(output)}."
    )
    return 0


def _waivers(report: Report, rule: str, only: str | None, told: dict[str, Any]) -> list[Waiver]:
    from glob import escape

    from ..fingerprint import fingerprints
    from ..waiver import Waiver, digests_of

    digests = digests_of(report)
    found: list[Waiver] = []
    for finding, mark in zip(report.findings, fingerprints(report.findings), strict=True):
        name = finding.path[0] if finding.path else "*"
        if finding.rule == rule and only in {None, name}:
            digest = digests.get(name, "")
            place = escape(name) if finding.path else name  # a name may hold what a pattern means
            found.append(Waiver(rule=rule, paths=(place,), fingerprint=mark, digest=digest, **told))
    if not found:
        raise TargetError(_nothing(report, rule, only))
    return found


def _is_dangerous(report: Report, waiver: Waiver) -> bool:
    from ..waiver import DANGEROUS

    found = (each for each in report.findings if each.rule == waiver.rule)
    return any(each.severity >= DANGEROUS for each in found)


def _nothing(report: Report, rule: str, only: str | None) -> str:
    there = sorted({found.rule for found in report.findings})
    where = f" in {only!r}" if only else ""
    known = f"Found were {', '.join(there)}." if there else "Nothing was found at all."
    return f"there is no finding of {rule!r}{where}, so there is nothing to waive. {known}"
