"""Several targets of one run: those that can be opened are reported, whatever the others are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import Exit, TargetError
from .folder import readable
from .outcome import Outcome
from .policy import Verdict
from .report import Isolation, Report
from .scanners.artifact import Artifact, Target
from .scanners.facts import Reason, Unread, shorten
from .scanners.record import replace
from .version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .policy import Policy
    from .waiver import Accepted


def outcomes_of(
    paths: Sequence[str],
    scan: Callable[[str], Report],
    policy: Policy,
    accepted: Accepted | None = None,
) -> tuple[list[Outcome], list[TargetError]]:
    """Return the outcome of each of `paths`, and why some of them could not be opened.

    Such a one is incomplete under every policy, also one that lets pass what was not read: nobody
    knows what should have been there.

    Raises:
        TargetError: None of them can be opened.
    """
    found: list[Report | TargetError] = []
    for path in paths:
        try:
            found.append(scan(path))
        except TargetError as error:
            found.append(error)
    reports = [each for each in found if isinstance(each, Report)]
    errors = [each for each in found if isinstance(each, TargetError)]
    if not reports:
        raise TargetError("\n".join(map(str, errors)))
    verdicts = iter(policy.apply_all(reports, accepted))
    outcomes = [
        Outcome(path, each, next(verdicts))
        if isinstance(each, Report)
        else _not_opened(path, each, policy, reports[0].isolation)
        for path, each in zip(paths, found, strict=True)
    ]
    return outcomes, errors


def _not_opened(path: str, error: TargetError, policy: Policy, isolation: Isolation) -> Outcome:
    name = readable(Path(os.path.abspath(path)).name) or "root"  # noqa: PTH100 - as `open_target`
    why = str(error).removeprefix(f"{readable(path)}: ")
    fact = Unread(reason=Reason.DENIED, detail=shorten(why))
    report = Report(
        name=name,
        is_folder=False,
        target=Target((Artifact((name,), 0, facts=(fact,)),)),
        findings=(),
        isolation=isolation,
        tool_version=VERSION,
    )
    strict = replace(policy, not_read_fails=True)
    verdict = Verdict(Exit.INCOMPLETE, policy.fail_on, failing=0, unread=1, policy=strict)
    return Outcome(path, report, verdict)
