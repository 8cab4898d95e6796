"""`aibom waive`: answer for a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..errors import TargetError
from ..render.escape import counted, safe
from .options import Reading, cache_option, reading_options, target_argument, today
from .replacing import STDOUT

if TYPE_CHECKING:
    from datetime import date

    from ..binding import Bindings
    from ..scanners.rule import Finding
    from ..waiver import Waiver
    from ..waiver_edit import Written
    from .console import Console

PLACE = ".aibom-waivers.yaml"


@click.command("waive")
@target_argument
@click.option("--rule", required=True, metavar="RULE", help="The rule whose findings are waived.")
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
    then shows the finding as waived. Waivers are added to the end of the file; one that it holds
    already, for the same finding in the same bytes, gets the new reason, owner and last day.
    """
    from ..binding import DANGEROUS, Bindings
    from ..waiver_edit import add_waivers
    from ..waiver_file import MIN_REASON, last_day

    if len(reason.strip()) < MIN_REASON or not owner.strip():
        raise click.UsageError(f"--reason has {MIN_REASON} characters or more, and --owner a name.")
    if output == STDOUT:
        raise click.UsageError("waivers are added to a file: --output names it, and - is none.")
    options = Reading.of([path], console, reading)
    policy = options.judging().policy
    last = last_day(expires, today=today(), max_days=policy.max_days)
    report = options.scan(path, console)
    found = _found(policy.findings_of(report), rule, only)
    told = {"reason": reason, "owner": owner, "expires": last}
    bindings = Bindings(report)
    waivers = [_waiver(each, mark, bindings, told) for each, mark in found]
    written = add_waivers(output, waivers)
    if not policy.may_waive_danger and any(each.severity >= DANGEROUS for each, _ in found):
        console.note(
            "note: some are of findings at high or above, which this policy lets nobody waive; "
            "they count until a policy has `waive-dangerous: true`"
        )
    console.note(f"{_done(written, output, last)} Scan with --waivers {safe(output)}.")
    return 0


def _done(written: Written, output: str, last: date) -> str:
    """Return what became of the waivers, in sentences."""
    place, until = safe(output), f"until {last.isoformat()}."
    told = (
        (written.added, f"added to {place}, {until}"),
        (written.renewed, f"renewed in {place}, {until}"),
        (written.unchanged, f"in {place} already, word for word."),
    )
    return " ".join(f"{counted(count, 'waiver')} {what}" for count, what in told if count)


def _found(findings: tuple[Finding, ...], rule: str, only: str | None) -> list[tuple[Finding, str]]:
    """Return the findings of a rule with their fingerprints."""
    from ..fingerprint import fingerprints

    found = [
        (finding, mark)
        for finding, mark in zip(findings, fingerprints(findings), strict=True)
        if finding.rule == rule and only in {None, finding.path[0] if finding.path else "*"}
    ]
    if not found:
        raise TargetError(_nothing(findings, rule, only))
    return found


def _waiver(finding: Finding, mark: str, bindings: Bindings, told: dict[str, Any]) -> Waiver:
    from glob import escape

    from ..binding import UNKNOWN, is_bound
    from ..waiver import Waiver

    place = escape(finding.path[0]) if finding.path else "*"  # a name may hold what a pattern means
    digest = bindings.of(finding) if finding.path or is_bound(finding) else ""
    if digest == UNKNOWN and is_bound(finding):
        raise TargetError(
            f"{finding.path[0] if finding.path else 'the target'!r}: not all that the finding "
            "rests on could be read, so nobody can answer for it."
        )
    digest = "" if digest == UNKNOWN else digest
    return Waiver(rule=finding.rule, paths=(place,), fingerprint=mark, digest=digest, **told)


def _nothing(findings: tuple[Finding, ...], rule: str, only: str | None) -> str:
    there = sorted({found.rule for found in findings})
    where = f" in {only!r}" if only else ""
    known = f"Found were {', '.join(there)}." if there else "Nothing was found at all."
    return f"there is no finding of {rule!r}{where}, so there is nothing to waive. {known}"
