"""However much a target says, the page stays small, and says what it leaves out."""

from __future__ import annotations

import re

import pytest

from aibom.outcome import Outcome
from aibom.policy import Policy, PolicyRule, Verdict
from aibom.render import html
from aibom.render.html import findings
from aibom.render.html.bounds import LEVELS, MOST
from aibom.render.html.overview import Told, targets
from aibom.report import Ignored
from aibom.scanners.artifact import Artifact
from aibom.scanners.facts import Dataset, Metadata, Passage, Reason, Reference, Refers, Role, Unread
from aibom.scanners.record import replace
from aibom.scanners.rule import Finding, Severity
from aibom.scanners.rules import RULES
from aibom.scanners.source import Span
from tests.aibom.render.html.reading import page, part, rows, text_of, texts
from tests.helpers import described
from tests.helpers.outcomes import LICENCE, outcome_of, remote_code
from tests.helpers.reports import report_of

WIDE = "&\U0001f600" * 500  # each is five bytes, or four


def flooded(text: str, count: int) -> Outcome:
    """Return an outcome with `count` of everything, each as long as `text`."""
    bases = [
        Reference(kind=Refers.BASE_MODEL, key="base_model", target=f"{n}{text}")
        for n in range(count)
    ]
    data = [
        Dataset(key="datasets", name=f"{n}{text}", role=Role.TRAINING, split=text)
        for n in range(count)
    ]
    said = [Metadata(key=f"tags[{n}]", value=f"{n}{text}") for n in range(count)]
    quotes = [Passage(heading="Limitations", text=f"{n}{text}\n" * 9) for n in range(count)]
    unread = Unread(reason=Reason.MALFORMED, detail=text)
    report = report_of(
        described.file("README.md", *bases, *data, *said, *quotes, formats="model-card"),
        *(described.weights(f"{n}{text}.gguf", *bases[:3], elements=n + 1) for n in range(count)),
        *(Artifact((f"{n}{text}", text), 1, facts=(unread,)) for n in range(count)),
        ignored=tuple(Ignored(f"{n}{text}", "version control history") for n in range(count)),
    )
    return Outcome(text, report, _judged(text, count))


def _judged(text: str, count: int) -> Verdict:
    """Return a verdict with findings of every rule, and of rules with long sentences."""
    own = tuple(PolicyRule(f"own-{n}", text, text, Severity.CRITICAL) for n in range(count))
    policy = Policy(name=text, digest="0" * 64, rules=own)
    rules = [*((rule.id, rule.severity) for rule in RULES), *((r.id, r.severity) for r in own)]
    found = [
        Finding(rule, severity, f"{n}{text}", (text, text), Span(n, 1))
        for rule, severity in rules
        for n in range(20)
    ]
    return replace(
        Policy().apply(report_of(LICENCE)),
        findings=tuple(sorted(found, key=lambda finding: finding.severity)),
        policy=policy,
    )


@pytest.mark.parametrize(
    ("many", "of_each"), [(1, 40), (40, 5)], ids=["one-target", "forty-targets"]
)
def test_a_flood_of_words_stays_below_the_limit(many: int, of_each: int) -> None:
    text = html.document([flooded(WIDE, of_each)] * many)
    assert len(text.encode()) <= MOST
    assert "more; the JSON report has all" in text


def test_the_narrowest_bounds_hold_the_worst_by_far() -> None:
    told = [Told.of(flooded(WIDE, 40))] * 2
    sizes = [
        len(html.page(told, list(targets(told, bounds)), bounds).encode()) for bounds in LEVELS
    ]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > MOST
    assert sizes[-1] < MOST / 2


def test_what_is_left_out_is_counted() -> None:
    report = report_of(*(remote_code(f"{n:04}.json") for n in range(300)))
    root = page(outcome_of(report))
    (article,) = root.iter("article")
    assert texts(article, "ol/li")[-1] == "… and 280 more; the JSON report has all"
    assert texts(article, "dl/div/dd")[2] == "remote-code, 300 findings"
    assert rows(root, "300 files, 300 kB")[-1] == ["… and 200 more; the JSON report has all"]
    assert texts(root, ".//ul[@class='tiles']/li")[2] == "300 medium"


def test_rules_that_are_left_out_are_no_worse_than_those_shown() -> None:
    bounds = replace(LEVELS[0], rules=2)
    outcome = Outcome("m", report_of(LICENCE), _judged("x", 0))
    found = findings.findings("f", outcome, findings.counting(outcome), bounds)
    shown = found.iter("article")
    assert [text_of(each[0]).split()[0] for each in shown] == ["critical", "critical"]
    told = len([rule for rule in RULES if rule.severity > Severity.INFO])
    left_out = f"{20 * (told - 2):,} more findings of {told - 2} rules"
    last = text_of(found.findall("p")[-1])
    assert last == f"… and {left_out}, none of them worse"


def test_targets_that_are_left_out_are_counted() -> None:
    quiet = outcome_of(report_of(LICENCE))
    root = page(*[quiet] * 35)
    assert len(root.findall("body/main/section")) == 30
    assert texts(root, "body/main/p") == [
        "… and 5 more targets, none of them worse. Scan them one by one for all of it."
    ]
    assert len(rows(root, "Every target")) == 35


def test_a_large_lineage_is_drawn_in_part_and_counted_whole() -> None:
    bases = [
        Reference(kind=Refers.BASE_MODEL, key="base_model", target=f"acme/{n:03}")
        for n in range(90)
    ]
    root = page(outcome_of(report_of(described.file("README.md", *bases, formats="model-card"))))
    lineage = part(root, "t0-lineage")
    assert texts(lineage, ".//figcaption") == ["… and 67 more, which are not drawn"]
    assert len(lineage.findall(".//svg/svg")) == 24
    assert texts(lineage, ".//desc") == ["One model, 90 base models. The table says the same."]
    assert len(rows(root, "What the model is said to be made from")) == 90


def test_an_everyday_page_is_far_below_the_limit() -> None:
    text = html.document([described.outcome()])
    assert len(text.encode()) < MOST / 10
    assert re.search("and [0-9,]+ more", text) is None
