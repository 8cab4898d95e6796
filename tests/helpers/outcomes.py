"""Outcomes for renderers: one of everything that they may have to tell."""

from __future__ import annotations

from datetime import date

from aibom.errors import TargetError
from aibom.outcome import Outcome
from aibom.policy import Policy
from aibom.report import Ignored, Report
from aibom.scanners.artifact import Artifact
from aibom.scanners.facts import Licence, Reason, Reference, Refers, TemplateUse, Unread
from aibom.scanners.source import Span
from aibom.several import outcomes_of
from aibom.waiver import Accepted, Waiver
from tests.helpers.reports import report_of

# Markup, terminal control, workflow command, bidirectional mark, NUL, lone surrogate, quote, break.
HOSTILE = (
    "<img src=x onerror=alert(1)>\"'&amp;\x1b[2J\x1b]8;;http://x\x07\u202egnp\x00\ud800\n"
    "::set-output name=a::b\r\n::error::x%0A`|*_[x](javascript:alert(1))</script>]]>-->"
)


def template(name: str, key: str = "chat_template") -> Artifact:
    """Return a file whose template looks up what only an attack looks up."""
    use = TemplateUse(template=key, kind="attribute", name="__class__")
    inner = Artifact((name, "chat_template"), 90, facts=(use,))
    return Artifact((name,), 2_000, formats=("json",), parts=(inner,))


def remote_code(name: str, key: str = "auto_map.AutoModel") -> Artifact:
    """Return a configuration that has code imported."""
    fact = Reference(kind=Refers.REMOTE_CODE, key=key, target="x.Y")
    return Artifact((name,), 1_000, formats=("json",), facts=(fact,))


def unread(name: str, detail: str = "ends early") -> Artifact:
    """Return a file that is cut."""
    cut = Unread(at=Span(7, 0), reason=Reason.MALFORMED, detail=detail)
    return Artifact((name,), 10, facts=(cut,))


LICENCE = Artifact(
    ("LICENSE",), 9, formats=("licence-text",), facts=(Licence(key="LICENSE", value="MIT"),)
)


def outcome_of(report: Report, path: str = "model", *, accepted: Accepted | None = None) -> Outcome:
    """Return what the default policy makes of `report`."""
    return Outcome(path, report, Policy().apply(report, accepted))


def everything(hostile: str = "x") -> Outcome:
    """Return findings in files and in parts of them, waived ones, and parts not read.

    `hostile` stands wherever a file, or a waiver, decides on a text.
    """
    report = report_of(
        template(f"tokenizer {hostile}", hostile),
        template("b/tokenizer_config.json"),
        remote_code("config.json", hostile),
        unread("cut.pkl", hostile),
        unread(f"cut {hostile}.pkl"),
        ignored=(Ignored(".git", "version control history"),),
    )
    reason, owner, last = f"read by us {hostile}", "ml@example.org", date(2027, 2, 28)
    waivers = (
        Waiver("remote-code", reason, owner, last),
        Waiver("remote-code", reason, owner, last, paths=(f"of another model {hostile}",)),
    )
    return outcome_of(report, accepted=Accepted(waivers))


def clean() -> Outcome:
    """Return a model in which there is nothing to find."""
    return outcome_of(report_of(LICENCE))


def one_is_missing() -> list[Outcome]:
    """Return a model, and one of the same run that cannot be opened."""

    def scan(path: str) -> Report:
        if path != "model":
            raise TargetError(f"{path}: no such file or folder.")
        return clean().report

    return outcomes_of(["model", "no such model"], scan, Policy())[0]
