"""What the results rest on: files and digests, signature, policy, rules, locked parsers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...layout import BOM_NAME, BUNDLE_NAME, FINGERPRINTS_NAME, OMS_NAME
from ...scanners.rule import Severity
from ..escape import counted, safe, size
from ..text import isolation
from .element import add, h, said
from .parts import Rows, first, pairs, section, sequence, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...outcome import Outcome
    from ...report import Report
    from ...scanners.artifact import Artifact
    from .bounds import Bounds
    from .element import Child, Element

SIGNING = {  # what may lie beside a model -> what it is
    BOM_NAME: "the AI-BOM",
    BUNDLE_NAME: "its signature, over every file (Sigstore bundle)",
    OMS_NAME: "a signature of the OpenSSF model signing specification",
    FINGERPRINTS_NAME: "fingerprints of the weights",
}
IGNORED = 20  # paths that were left out on purpose
SIGNATURES = (BUNDLE_NAME, OMS_NAME)
UNVERIFIED = "Nothing was verified here: that is what `aibom verify` does."


def files(id_: str, outcome: Outcome, bounds: Bounds) -> Element:
    """Return every file with its size, digest, formats and outcome."""
    report = outcome.report
    flagged = {found.path[:1] for found in report.findings if found.severity > Severity.INFO}

    def row(artifact: Artifact) -> tuple[Child, ...]:
        return (
            said(artifact.path[0], bounds.room),
            size(artifact.size),
            ", ".join(artifact.formats) or "not a model format I know",
            _state(artifact, flagged),
            _digests(artifact),
        )

    element = section(id_, "Files")
    heads = ("Name", "Size", "Formats", "Outcome", "Digest")
    caption = f"{counted(len(report.artifacts), 'file')}, {size(report.coverage.size)}"
    rows = first(report.artifacts, row, bounds.rows)
    add(element, table(id_, caption, heads, rows))
    if report.ignored:
        names: list[Child] = [
            h("span", said(each.name, bounds.room), f" ({each.why})")
            for each in report.ignored[:IGNORED]
        ]
        left_out = len(report.ignored) - len(names)
        told = f" and {left_out:,} more" if left_out else ""
        add(element, h("p", "Left out on purpose: ", sequence(names), told))
    return element


def _state(artifact: Artifact, flagged: set[tuple[str, ...]]) -> str:
    """Return in a word how a file came out, the worst of it; see `report.Coverage`."""
    if artifact.path[:1] in flagged:
        return "flagged"
    if not artifact.is_complete:
        return "not fully read"
    return "clean" if artifact.formats else "unknown"


def _digests(artifact: Artifact) -> Child:
    if not artifact.digests:
        return "no digest: no regular file"
    told: list[Child] = [
        h("code", f"{algorithm} {digest}", class_="digest")
        for algorithm, digest in artifact.digests
    ]
    return sequence(told)


def signature(id_: str, outcome: Outcome) -> Element:
    """Return which files of a signature are there. Whether it holds is not asked here."""
    element = section(id_, "Signature", h("p", signed(outcome)))
    there = _beside(outcome.report)
    if there:
        rows = Rows(tuple((each.path[0], SIGNING[each.path[0]], size(each.size)) for each in there))
        add(element, table(id_, "There is", ("Name", "What it is", "Size"), rows))
    return element


def signed(outcome: Outcome) -> str:
    """Return in a sentence whether a signature is there."""
    if not outcome.report.is_folder:
        return f"A scan of one file does not look for a signature beside it. {UNVERIFIED}"
    names = {artifact.path[0] for artifact in _beside(outcome.report)}
    there = [name for name in SIGNATURES if name in names]
    if not there:
        return "The folder holds no signature."
    return f"The folder holds {' and '.join(there)}. {UNVERIFIED}"


def _beside(report: Report) -> Sequence[Artifact]:
    return [each for each in report.artifacts if report.is_folder and each.path[0] in SIGNING]


def scan(id_: str, outcome: Outcome, bounds: Bounds) -> Element:
    """Return what judged: program, rules and policy with their digests, and how parsers ran."""
    report, policy = outcome.report, outcome.verdict.policy
    level = "never" if outcome.verdict.fail_on is None else outcome.verdict.fail_on.name.lower()
    lock = report.isolation
    worn = f" ({safe(', '.join(lock.worn))})" if lock.worn else ""
    told: list[tuple[str, Child]] = [
        ("Program", f"aibom {safe(report.tool_version)}"),
        ("Rules", h("code", f"sha256 {safe(report.rules_digest)}", class_="digest")),
        ("Policy", said(policy.name, bounds.room) if policy.name else "the default policy"),
    ]
    if policy.digest:
        told.append(("Policy digest", h("code", f"sha256 {safe(policy.digest)}", class_="digest")))
    told += [("Fails on", level), ("Parsers", f"{isolation(report)}{worn}")]
    return section(id_, "How it was scanned", pairs(*told))
