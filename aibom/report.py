"""The outcome of a scan, and its versioned JSON form.

A report keeps every fact, so that newer rules can judge it again without the bytes.
"""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .errors import AibomError
from .fingerprint import fingerprints
from .scanners.artifact import Artifact, Target
from .scanners.facts import Unread
from .scanners.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .scanners.rule import Finding, Severity
    from .weights.fingerprint import Weights

NOTHING: Mapping[str, tuple[int, ...]] = {}  # a plain one, since it is copied to other processes
SCHEMA_VERSION = 1
SCHEMA = f"urn:aibom:schema:report:{SCHEMA_VERSION}"


@record
class Isolation:
    """How the parsers were locked in."""

    mode: str  # "locked": in a process of their own; "none": in this one
    shut: tuple[str, ...] = ()  # what a trial found shut: "files", "network", "processes"
    worn: tuple[str, ...] = ()  # what was put on: "seccomp", "landlock7", ...

    @property
    def is_full(self) -> bool:
        """Whether files, network and processes were all found shut."""
        return {"files", "network", "processes"} <= set(self.shut)


@record
class Ignored:
    """A path that was left out on purpose."""

    name: str
    why: str


@record
class Origin:
    """The very files that were read, so that no others are signed. No part of what was found."""

    root: tuple[int, int] | None = None  # device and inode of the folder or file; None: unknown
    stamps: Mapping[str, tuple[int, ...]] = NOTHING  # of each file, by name, as it was read

    def __eq__(self, other: object) -> bool:
        """Reports of the same content are equal, wherever it was read."""
        return isinstance(other, Origin)

    def __hash__(self) -> int:
        """As `__eq__`."""
        return hash(Origin)


UNKNOWN = Origin()


@record(caches=True)
class Report:
    """Everything a scan found out about one folder, file, or set of them."""

    name: str  # of the folder or file, without the path to it
    is_folder: bool
    target: Target
    findings: tuple[Finding, ...]  # worst last
    isolation: Isolation
    tool_version: str
    ignored: tuple[Ignored, ...] = ()
    rules: str | None = None  # `rules_digest`, where it is not that of this program
    origin: Origin = UNKNOWN  # not in the JSON form, which may come from anywhere
    weights: Weights | None = None  # not in the JSON form; None: nobody asked for fingerprints

    def __repr__(self) -> str:
        """Return how much was found, not what: a report holds every fact of every file."""
        whole = "" if self.is_complete else ", not all was read"
        found = f"{len(self.artifacts)} files, {len(self.findings)} findings"
        return f"<Report of {self.name!r}: {found}{whole}>"

    @property
    def artifacts(self) -> tuple[Artifact, ...]:
        """The files, sorted by path."""
        return self.target.artifacts

    @property
    def rules_digest(self) -> str:
        """SHA-256 over all programs and tables that decide a verdict; taken when asked for."""
        from .scanners.judge import rules_digest  # noqa: PLC0415 - reads them all

        return self.rules or rules_digest()

    @cached_property
    def unread(self) -> tuple[tuple[Artifact, Unread], ...]:
        """Everything that was not read, with the artifact that holds it."""
        found = self.target.facts()
        return tuple((artifact, fact) for artifact, fact in found if isinstance(fact, Unread))

    @property
    def is_complete(self) -> bool:
        """Whether everything was read."""
        return not self.unread

    @cached_property
    def coverage(self) -> Coverage:
        """How many files had which outcome."""
        return _coverage(self)


@record
class Coverage:
    """Files of a report by outcome. Each file counts once, under its worst outcome.

    A finding that is only for information flags no file.
    """

    files: int
    size: int  # bytes
    clean: int  # read whole by at least one format, nothing found
    flagged: int  # at least one finding
    unread: int  # no finding, but something was not read
    unknown: int  # not a model format we know: listed and hashed only


def _coverage(report: Report) -> Coverage:
    told = (finding for finding in report.findings if finding.severity.name != "INFO")
    flagged = {finding.path[:1] for finding in told if finding.path}
    counts = {"clean": 0, "flagged": 0, "unread": 0, "unknown": 0}
    for artifact in report.artifacts:
        if artifact.path[:1] in flagged:
            counts["flagged"] += 1
        elif not artifact.is_complete:
            counts["unread"] += 1
        else:
            counts["clean" if artifact.formats else "unknown"] += 1
    size = sum(artifact.size for artifact in report.artifacts)
    return Coverage(files=len(report.artifacts), size=size, **counts)


# --- JSON -----------------------------------------------------------------------------------------


def to_json(report: Report, *, verdict: dict[str, Any] | None = None) -> str:
    """Return the report as JSON text, the same for the same report. See docs/report-schema.json."""
    return json.dumps(as_dict(report, verdict=verdict), indent=1, ensure_ascii=True) + "\n"


def as_dict(report: Report, *, verdict: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the report as JSON-shaped values."""
    from .scanners.codec import encode  # noqa: PLC0415 - only the JSON forms need it

    coverage = report.coverage
    return {
        "$schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "aibom", "version": report.tool_version, "rules": report.rules_digest},
        "target": {"name": report.name, "kind": "folder" if report.is_folder else "file"},
        "isolation": {
            "mode": report.isolation.mode,
            "shut": list(report.isolation.shut),
            "worn": list(report.isolation.worn),
        },
        **({"verdict": verdict} if verdict else {}),
        "complete": report.is_complete,
        "coverage": {
            "files": coverage.files,
            "bytes": coverage.size,
            "clean": coverage.clean,
            "flagged": coverage.flagged,
            "unread": coverage.unread,
            "unknown": coverage.unknown,
        },
        "findings": [
            finding_dict(finding) | {"fingerprint": mark}
            for finding, mark in zip(report.findings, fingerprints(report.findings), strict=True)
        ],
        "unread": [
            {"path": list(artifact.path), "reason": fact.reason.value, "detail": fact.detail}
            for artifact, fact in report.unread
        ],
        "ignored": [{"name": each.name, "why": each.why} for each in report.ignored],
        "artifacts": [encode(artifact) for artifact in report.artifacts],
    }


def finding_dict(finding: Finding) -> dict[str, Any]:
    """Return one finding as JSON-shaped values."""
    return {
        "rule": finding.rule,
        "severity": finding.severity.name.lower(),
        "message": finding.message,
        "path": list(finding.path),
        "at": [finding.at.start, finding.at.length],
    }


def from_json(text: str | bytes) -> Report:
    """Return the report that `to_json` wrote, judged again by the rules of this version.

    Raises:
        AibomError: It is no report, or one of another schema version.
    """
    from .scanners import codec, judge  # noqa: PLC0415 - only this form needs them

    try:
        value = json.loads(text)
        if value["schema_version"] != SCHEMA_VERSION:
            raise AibomError(f"a report of schema version {value['schema_version']!r}, not 1")
        target = Target(tuple(_artifacts(value["artifacts"])))
        return Report(
            name=str(value["target"]["name"]),
            is_folder=value["target"]["kind"] == "folder",
            target=target,
            findings=tuple(judge.judge(target)),
            isolation=Isolation(
                str(value["isolation"]["mode"]),
                tuple(map(str, value["isolation"]["shut"])),
                tuple(map(str, value["isolation"]["worn"])),
            ),
            tool_version=str(value["tool"]["version"]),
            ignored=tuple(Ignored(str(i["name"]), str(i["why"])) for i in value["ignored"]),
        )
    except (ValueError, KeyError, TypeError, RecursionError, codec.BadShape) as error:
        raise AibomError(_no_report(text, error)) from error


def _no_report(text: str | bytes, error: Exception) -> str:
    """Return why `text` is no report; several, one a line, are what several targets gave."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    first, _, rest = text.partition("\n")
    is_behind = isinstance(error, json.JSONDecodeError) and error.pos >= len(first)
    if is_behind and first.startswith("{") and rest.startswith("{"):
        return (
            "this holds several reports, one a line: it is of several targets. "
            "Scan each target into a file of its own, or write each line into one."
        )
    return f"this is not a report of `aibom scan --format json`: {error}"


def _artifacts(values: list[dict[str, Any]]) -> Iterator[Artifact]:
    from .scanners import codec  # noqa: PLC0415 - only `from_json` needs it

    for value in values:
        yield codec.decode(value, path=tuple(value["path"]), size=value["size"])


def worst(report: Report) -> Severity | None:
    """Return the highest severity found, or None without findings."""
    return max((finding.severity for finding in report.findings), default=None)
