"""The screen: findings worst last, what was not read, coverage, verdict."""

import pytest
from click import unstyle

from aibom.policy import Policy
from aibom.render.text import render
from aibom.report import Ignored, Isolation, Report
from aibom.scanners.artifact import Artifact
from aibom.scanners.facts import (
    NOWHERE,
    Licence,
    Reason,
    Reference,
    Refers,
    TemplateUse,
    Tensor,
    Unread,
)
from aibom.scanners.formats import FORMATS
from aibom.scanners.media_types import MODELS
from aibom.scanners.record import replace
from aibom.scanners.rule import Finding, Severity
from aibom.scanners.source import Span
from tests.helpers.reports import report_of

HOSTILE = Artifact(
    ("sub/tokenizer_config.json",),
    2_000,
    formats=("json",),
    parts=(
        Artifact(
            ("sub/tokenizer_config.json", "chat_template"),
            90,
            facts=(TemplateUse(template="chat_template", kind="attribute", name="__class__"),),
        ),
    ),
)
CODE = Artifact(
    ("config.json",),
    1_000,
    formats=("json",),
    facts=(Reference(kind=Refers.REMOTE_CODE, key="auto_map.AutoModel", target="x.Y"),),
)
CUT = Artifact(
    ("cut.pkl",),
    10,
    facts=(Unread(at=Span(7, 0), reason=Reason.MALFORMED, detail="ends early\x1b[2J"),),
)


def screen(report: Report, **options: object) -> list[str]:
    verdict = Policy().apply(report)
    return unstyle(render(report, verdict, **options)).splitlines()  # type: ignore[arg-type]


def test_the_whole_screen_worst_last() -> None:
    report = report_of(HOSTILE, CODE, CUT, ignored=(Ignored(".git", "version control history"),))
    assert screen(report, prefix="m/") == [
        "medium[remote-code] Loading the model runs code that it brings along",
        "  --> m/config.json",
        "   |  auto_map.AutoModel names the code 'x.Y'",
        (
            "   = why: The model does not run without code that it brings along. Loading it with "
            "`trust_remote_code=True` (which some servers set on their own) imports that code. "
            "Many honest models do this; the code is as trustworthy as its author."
        ),
        (
            "   = do:  read the named module as you would read a pull request, and pin the commit. "
            "Where the library has the architecture built in, remove the entry."
        ),
        "   = see: aibom explain remote-code",
        "",
        "critical[template-runs-code] Rendering the chat template reaches Python's internals",
        "  --> m/sub/tokenizer_config.json › chat_template",
        "   |  chat_template looks up '__class__' (attribute)",
        (
            "   = why: A chat template is a program that runs for every conversation. Where it is "
            "rendered without a sandbox, or the sandbox has a hole, a path through Python's "
            "internal names ends in running any command."
        ),
        (
            "   = do:  do not use this tokenizer or model file. Take the template of the original "
            "model, and render templates in a sandbox only."
        ),
        "   = see: aibom explain template-runs-code",
        "",
        r"not read m/cut.pkl: ends early\x1b[2J (byte 7) [malformed]",
        "",
        "3 files, 3.01 kB: 2 flagged, 1 not fully read; .git left out (version control history)",
        "FAIL: 1 finding at high or above",
    ]


def test_quiet_is_coverage_and_verdict() -> None:
    assert screen(report_of(HOSTILE), quiet=True) == [
        "1 file, 2 kB: 1 flagged",
        "FAIL: 1 finding at high or above",
    ]


CLEAN = Artifact(("a.npy",), 1, formats=("npy",))


def test_the_formats_of_models_are_those_that_formats_say() -> None:
    assert {each.id for each in FORMATS if each.model} == MODELS


@pytest.mark.parametrize(
    ("artifact", "is_told"),
    [
        (Artifact(("a",), 1, formats=("json",)), True),
        (Artifact(("a",), 1), True),
        (Artifact(("a",), 1, formats=("npy",)), False),
        (Artifact(("z",), 1, parts=(Artifact(("z", "a"), 1, formats=("onnx",)),)), False),
        (Artifact(("a",), 1, facts=(Unread(reason=Reason.MALFORMED, detail="x"),)), False),
    ],
    ids=["a configuration", "nothing known", "an array", "inside", "not read"],
)
def test_a_target_without_a_model_is_told(artifact: Artifact, is_told: bool) -> None:
    (coverage,) = (line for line in screen(report_of(artifact)) if line.startswith("1 file"))
    assert ("; no model file among them" in coverage) is is_told


def test_a_clean_target_takes_two_lines() -> None:
    assert screen(report_of(CLEAN)) == [
        "1 file, 1 byte: 1 clean",
        "PASS: no finding at high or above",
    ]


def test_what_no_format_claims_is_named() -> None:
    unknown = [Artifact((f"{n}\x1b.txt",), 1) for n in range(9)]
    assert screen(report_of(CLEAN, *unknown), prefix="m/")[:2] == [
        (
            r"not a model format I know: m/0\x1b.txt, m/1\x1b.txt, m/2\x1b.txt, m/3\x1b.txt, "
            r"m/4\x1b.txt, m/5\x1b.txt and 3 more"
        ),
        "10 files, 10 bytes: 1 clean, 9 not a model format",
    ]


def test_a_link_that_stays_inside_is_named_as_one() -> None:
    link = Reference(kind=Refers.LINK, key="symbolic link", target="b\x1b.txt")
    assert screen(report_of(CLEAN, Artifact(("l",), 0, facts=(link,))))[:1] == [
        r"not a model format I know: l (a link to b\x1b.txt)",
    ]


def test_incomplete_says_so() -> None:
    assert screen(report_of(CUT))[-1] == (
        "INCOMPLETE: no finding at high or above, but 1 thing could not be read"
    )


def test_many_places_of_one_rule_are_cut() -> None:
    uses = tuple(
        TemplateUse(template="t", kind="attribute", name=f"__x{n}__", at=Span(n, 1))
        for n in range(20)
    )
    lines = screen(report_of(Artifact(("a",), 100, facts=uses)))
    assert sum(line.startswith("  -->") for line in lines) == 8
    assert "   |  … and 12 more; `--format json` has all" in lines


def test_many_unread_things_are_cut() -> None:
    facts = tuple(Unread(reason=Reason.LIMIT, detail=str(n)) for n in range(20))
    lines = screen(report_of(Artifact(("a",), 1, facts=facts)))
    assert "  … and 8 more; `--format json` has all" in lines


@pytest.mark.parametrize(
    ("isolation", "said"),
    [
        (Isolation("none"), "; parsers ran without isolation"),
        (
            Isolation("locked", ("files", "processes")),
            "; parsers were locked in, but could reach network",
        ),
        (Isolation("locked"), "but could reach files and network and processes"),
    ],
)
def test_a_weaker_lock_is_said(isolation: Isolation, said: str) -> None:
    report = replace(report_of(CLEAN), isolation=isolation)
    assert said in screen(report)[0]


def test_colour_marks_the_severity() -> None:
    report = report_of(HOSTILE)
    assert "\x1b[" in render(report, Policy().apply(report))


def test_what_is_only_for_information_is_named_in_the_line_that_counts() -> None:
    weights = Artifact(
        ("model.safetensors",),
        1_000,
        formats=("safetensors",),
        facts=(
            Tensor(name="w", dtype="F32", shape=(2,)),
            Licence(key="license", value="mit"),
        ),
    )
    assert screen(report_of(weights)) == [
        "1 file, 1 kB: 1 clean; noted: unknown-origin",
        "PASS: no finding at high or above",
    ]


def test_a_rule_is_explained_once_wherever_it_finds_something() -> None:
    report = report_of(HOSTILE, CODE, replace(CODE, path=("z.json",)))
    other = Finding("licence-missing", Severity.MEDIUM, "x", ("d.json",), NOWHERE)
    findings = sorted((*report.findings, other), key=lambda each: (each.severity, each.path))
    shown = screen(replace(report, findings=tuple(findings)))
    assert [line for line in shown if line.startswith(("medium[", "critical["))] == [
        "medium[remote-code] Loading the model runs code that it brings along",
        "medium[licence-missing] The model has no licence",
        "critical[template-runs-code] Rendering the chat template reaches Python's internals",
    ]
