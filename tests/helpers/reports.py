"""Reports made by hand, for what comes after scanning."""

from __future__ import annotations

from aibom.report import Ignored, Isolation, Report
from aibom.scanners.artifact import Artifact, Target
from aibom.scanners.judge import judge

LOCKED = Isolation("locked", ("files", "network", "processes"), ("seccomp",))


def report_of(
    *artifacts: Artifact,
    name: str = "model",
    isolation: Isolation = LOCKED,
    ignored: tuple[Ignored, ...] = (),
) -> Report:
    """Return the report of a folder with these artifacts, judged by the real rules."""
    target = Target(tuple(sorted(artifacts, key=lambda artifact: artifact.path)))
    return Report(
        name=name,
        is_folder=True,
        target=target,
        findings=tuple(judge(target)),
        isolation=isolation,
        tool_version="0",
        rules="0" * 64,
        ignored=ignored,
    )
