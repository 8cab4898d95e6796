"""What the Action hands on: files, outputs of the step, the job's summary, annotations."""

from __future__ import annotations

import sys
from contextlib import contextmanager, redirect_stderr
from hashlib import sha256
from secrets import token_hex
from typing import TYPE_CHECKING

from ..errors import AibomError
from ..layout import is_covered
from ..output import write_atomic
from ..render import renderer
from ..render.escape import safe
from ..render.github import data
from ..scanners.rule import Severity

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from pathlib import Path

    from ..outcome import Outcome
    from ..report import Report

# Every output is set, so that nothing that a file says could be taken for one.
UNSET = dict.fromkeys(("bom-path", "bom-digest", "checksums-path", "bundle-path"), "")
MAX_SUMMARY = 1_000_000  # bytes; GitHub takes 1 MiB of a step
FILES = {"sarif": "aibom.sarif", "json": "aibom.json", "markdown": "aibom.md"}


def write_documents(outcomes: Sequence[Outcome], folder: Path) -> dict[str, Path]:
    """Write one document of each form that later steps take; return form -> file."""
    folder.mkdir(parents=True, exist_ok=True)
    written: dict[str, Path] = {}
    for form, name in FILES.items():
        written[form] = folder / name
        write_atomic(written[form], renderer(form)(outcomes).encode("utf-8", "backslashreplace"))
    return written


def write_checksums(report: Report, folder: Path) -> Path:
    """Write the digests of the files that a signature covers as `sha256sum` does.

    `actions/attest` makes its subjects of them, by their paths.

    Raises:
        AibomError: A file has a name that cannot stand there.
    """
    place = folder / "SHA256SUMS"
    digests = {
        artifact.path[0]: digest
        for artifact in report.artifacts
        for algorithm, digest in artifact.digests
        if algorithm == "sha256" and is_covered(artifact.path[0], in_folder=report.is_folder)
    }
    for name in digests:
        if safe(name) != name:
            raise AibomError(f"{safe(name)}: this name cannot be attested. Rename the file.")
    lines = [f"{digest}  {name}\n" for name, digest in digests.items()]
    write_atomic(place, "".join(lines).encode())
    return place


def counts(outcomes: Sequence[Outcome]) -> dict[str, str]:
    """Return the counts among the step's outputs."""
    findings = [found for outcome in outcomes for found in outcome.findings]
    return {
        "findings": str(sum(found.severity > Severity.INFO for found in findings)),
        "critical": str(sum(found.severity is Severity.CRITICAL for found in findings)),
        "high": str(sum(found.severity is Severity.HIGH for found in findings)),
        "waived": str(sum(len(outcome.verdict.waived) for outcome in outcomes)),
        "not-read": str(sum(len(outcome.report.unread) for outcome in outcomes)),
    }


def digest_of(file: Path) -> str:
    """Return the SHA-256 (hexadecimal) of a file of ours."""
    return sha256(file.read_bytes()).hexdigest()


def notice(text: str, kind: str = "notice") -> None:
    """Annotate the run with a line of our own, in which files may be named."""
    say(f"::{kind} title=aibom::{data(safe(text))}\n")


def say(text: str) -> None:
    """Write to the log, in which the runner obeys commands."""
    sys.stdout.write(text)
    sys.stdout.flush()


@contextmanager
def plainly() -> Generator[None]:
    """Let the runner obey no command in what is written meanwhile, whatever a file is called.

    All goes to one stream: the runner reads the other on its own, and could obey it too late.
    """
    token = token_hex(16)
    say(f"::stop-commands::{token}\n")
    try:
        with redirect_stderr(sys.stdout):
            yield
    finally:
        say(f"\n::{token}::\n")


def set_outputs(values: Mapping[str, str], environment: Mapping[str, str]) -> None:
    """Set outputs of the step. A value with a line end could set another, so there is none."""
    told = "".join(f"{name}={safe(value)}\n" for name, value in (UNSET | {**values}).items())
    _append(environment.get("GITHUB_OUTPUT"), told)


def add_summary(text: str, environment: Mapping[str, str]) -> None:
    """Add to the summary of the job; of a very long one the beginning."""
    data = text.encode("utf-8", "backslashreplace")
    if len(data) > MAX_SUMMARY:
        data = data[:MAX_SUMMARY].rpartition(b"\n")[0] + b"\n\n(cut: see the report)\n"
    _append(environment.get("GITHUB_STEP_SUMMARY"), data.decode("utf-8", "ignore"))


def _append(file: str | None, text: str) -> None:
    if file:
        with open(file, "a", encoding="utf-8", newline="\n") as opened:  # noqa: PTH123 - the runner's file
            opened.write(text)
