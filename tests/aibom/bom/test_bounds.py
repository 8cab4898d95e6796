"""A file that names very many things makes no huge BOM, and the BOM says what it leaves out.

Work is counted in calls and in comparisons of texts, not in seconds, which differ by machine.
"""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from aibom.bom import bounds, build, cyclonedx, findings
from aibom.bom.diff import diff
from aibom.bom.judged import common, with_verdict
from aibom.bom.lint import lint
from aibom.bom.merge import merge
from aibom.bom.model import Vulnerability
from aibom.bom.model import Waiver as ModelWaiver
from aibom.policy import Policy
from aibom.scanners.facts import Dataset, Metadata, Role
from aibom.scanners.rule import Finding, Severity
from aibom.scanners.source import Span
from aibom.waiver import Accepted, Waiver

from .examples import file, report
from .merging import cdx
from .random_boms import raw

if TYPE_CHECKING:
    from collections.abc import Callable

    from aibom.bom.model import Bom, Component
    from aibom.report import Report

    from .merging import Json

RULE = "pickle-spawns-process"


def card(count: int, name: str = "README.md") -> Any:  # noqa: ANN401 - an artifact
    """Return a card that names `count` datasets."""
    facts = [
        Dataset(key=f"datasets[{n}]", name=f"d{n:06}", role=Role.TRAINING) for n in range(count)
    ]
    return file(name, *facts, formats="model-card")


def component(bom: Bom, ref: str) -> Component:
    (found,) = [each for each in (bom.subject, *bom.components) if each.ref == ref]
    return found


def degrees(bom: Bom) -> dict[str, str]:
    return {ref: each.aggregate.value for each in bom.compositions for ref in each.assemblies}


def unread(component: Component) -> list[str]:
    return [f"{each.reason}: {each.detail}" for each in component.unread]


# --- What files name ------------------------------------------------------------------------------


def test_as_many_datasets_as_the_bound_are_all_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MOST", 5)
    made = build(report(card(5)))
    assert [each.ref for each in made.subject.datasets] == [
        f"dataset:training:d{n:06}" for n in range(5)
    ]
    assert unread(made.subject) == []
    assert degrees(made)["subject"] == "complete"


def test_datasets_beyond_the_bound_are_counted_and_the_bom_is_not_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bounds, "MOST", 5)
    made = build(report(card(9)))
    assert [each.name for each in made.components if each.kind == "data"] == [
        f"d{n:06}" for n in range(5)
    ]
    assert unread(made.subject) == ["limit: dataset: the files have 9, the first 5 are listed here"]
    assert degrees(made)["subject"] == "incomplete"
    assert lint(cyclonedx.to_bytes(cyclonedx.document(made))).problems == ()


def test_what_all_components_name_together_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MOST_NAMED", 7)
    cards = [card(5), card(5, "a/README.md")]
    weights = file("a/model.safetensors", formats="safetensors")
    made = build(report(*cards, weights))
    named = [len(each.datasets) for each in (made.subject, *made.components)]
    assert sum(named) <= 7


def test_claims_of_a_field_beyond_the_bound_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MOST", 3)
    tags = [Metadata(key=f"tags[{n}]", value=f"t{n}") for n in range(8)]
    made = build(report(file("README.md", *tags, formats="model-card")))
    assert [c.value for c in made.subject.claims if c.field == "tag"] == ["t0", "t1", "t2"]
    assert unread(made.subject) == ["limit: tag: the files have 8, the first 3 are listed here"]


def test_places_of_one_claim_beyond_the_bound_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MOST", 3)
    tags = [Metadata(key=f"tags[{n}]", value="same") for n in range(8)]
    made = build(report(file("README.md", *tags, formats="model-card")))
    (tag,) = [c for c in made.subject.claims if c.field == "tag"]
    assert len(tag.evidence) == 3
    assert "limit: places of tag: the files have 8, the first 3 are listed here" in unread(
        made.subject
    )


def test_files_are_never_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MOST", 2)
    monkeypatch.setattr(bounds, "MOST_CLAIMS", 1)
    made = build(report(*(file(f"{n}.txt") for n in range(9))))
    assert [each.path for each in made.components] == [f"{n}.txt" for n in range(9)]


# --- Findings -------------------------------------------------------------------------------------


def found(count: int, severity: Severity = Severity.CRITICAL, rule: str = RULE) -> list[Finding]:
    return [Finding(rule, severity, f"call {n}", ("m.pkl",), Span(n, 1)) for n in range(count)]


def test_of_very_many_findings_of_a_rule_one_stands_for_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(findings, "MOST", 2)
    made = build(report(file("m.pkl", formats="pickle"), findings=found(9)))
    assert [(each.severity, each.message) for each in made.vulnerabilities] == [
        ("critical", "call 0"),
        ("critical", "call 1"),
        ("critical", "7 more findings of this rule, which are not listed one by one"),
    ]
    assert unread(component(made, "file:m.pkl")) == [
        f"limit: findings: 7 more of {RULE} are only counted here"
    ]
    assert degrees(made)["file:m.pkl"] == degrees(made)["subject"] == "incomplete"


def test_a_flood_of_slight_findings_hides_no_severe_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "MOST_OF_ALL", 3)
    many = [*found(2), *found(50, Severity.LOW, "slight"), *found(50, Severity.INFO, "idle")]
    made = build(report(file("m.pkl", formats="pickle"), findings=many))
    assert [(each.severity, each.rule, len(each.stands_for)) for each in made.vulnerabilities] == [
        ("info", "idle", 50),
        ("low", "slight", 0),
        ("low", "slight", 49),
        ("critical", RULE, 0),
        ("critical", RULE, 0),
    ]


@pytest.mark.parametrize("waived", [(), (RULE,)], ids=["nothing", "all"])
def test_findings_that_are_only_counted_are_waived_if_all_of_them_are(
    waived: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings, "MOST", 1)
    made = report(file("m.pkl", formats="pickle"), findings=found(4))
    accepted = Accepted(tuple(Waiver(rule, "read", "ml@example.org", None) for rule in waived))
    verdict = Policy(may_waive_danger=True).apply(made, accepted)
    owners = [
        each.waiver and each.waiver.owner
        for each in with_verdict(build(made), verdict).vulnerabilities
    ]
    assert owners == ["ml@example.org" if waived else None] * 2


def test_findings_that_are_only_counted_are_not_waived_if_one_of_them_is_not() -> None:
    many = [
        Vulnerability("finding:a", RULE, "", "high", "", "", "", (), (), "m"),
        Vulnerability("more", RULE, "", "high", "", "", "", (), (), "m", stands_for=("b", "c")),
    ]
    waiver = ModelWaiver("ml@example.org", "read", "")
    assert [common(each, {"finding:a": waiver, "b": waiver}) for each in many] == [waiver, None]


def test_two_files_with_as_many_findings_have_references_of_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(findings, "MOST", 1)
    many = [
        Finding(RULE, Severity.HIGH, f"call {n}", (name,), Span(n, 1))
        for name in ("a.pkl", "b.pkl")
        for n in range(3)
    ]
    made = build(report(file("a.pkl"), file("b.pkl"), findings=many))
    assert len({each.ref for each in made.vulnerabilities}) == len(made.vulnerabilities) == 4


# --- Documents of others --------------------------------------------------------------------------


class Text(str):
    """A text that counts how often it is looked up, as sets and dictionaries do."""

    __slots__ = ()
    times = 0

    def __hash__(self) -> int:
        Text.times += 1
        return super().__hash__()

    __eq__ = str.__eq__


def work(task: Callable[[], object]) -> int:
    """Return how many calls `task` makes, and how often it looks a `Text` up."""
    calls = 0
    Text.times = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        task()
    finally:
        sys.setprofile(None)
    return calls + Text.times


def with_properties(count: int, salt: str) -> Json:
    told = [{"name": "n", "value": Text(f"{salt}{n}")} for n in range(count)]
    return cdx(components=[{"type": "file", "name": "a", "properties": told}])


def with_licences(count: int, salt: str) -> Json:
    told = [{"license": {"name": Text(f"{salt}{n}")}} for n in range(count)]
    return cdx(components=[{"type": "file", "name": "a", "licenses": told}])


def with_data(count: int, salt: str) -> Json:
    data = [{"type": "dataset", "name": Text(f"{salt}{n}")} for n in range(count)]
    card = {"modelParameters": {"datasets": data}}
    return cdx(components=[{"type": "machine-learning-model", "name": "a", "modelCard": card}])


def with_nested(count: int, salt: str) -> Json:
    inside = [{"type": "file", "name": f"{salt}{n}"} for n in range(count)]
    return cdx(components=[{"type": "file", "name": f"a{salt}", "components": inside}])


def at_one_path(count: int, salt: str) -> Json:
    told = [{"name": "aibom:path", "value": Text("p")}]
    names = (f"n{n}" if salt == "old" else "x" for n in range(count))
    return cdx(components=[{"type": "file", "name": name, "properties": told} for name in names])


HOSTILE = (with_properties, with_licences, with_data, with_nested, at_one_path)


@pytest.mark.parametrize("make", HOSTILE, ids=lambda make: make.__name__)
def test_comparing_twice_as_much_takes_less_than_three_times_the_work(
    make: Callable[[int, str], Json],
) -> None:
    sides = [(make(count, "old"), make(count, "new")) for count in (300, 600)]
    small, large = (work(partial(diff, *pair)) for pair in sides)
    assert large < 3 * small


@pytest.mark.parametrize("make", HOSTILE[:-1], ids=lambda make: make.__name__)
def test_merging_twice_as_much_takes_less_than_three_times_the_work(
    make: Callable[[int, str], Json],
) -> None:
    merge([("a", raw(cdx(version=2))), ("b", raw(cdx()))], "m")  # what is read once
    parts = [
        [(salt, json.dumps(make(count, salt)).encode()) for salt in ("old", "new")]
        for count in (250, 500)
    ]
    small, large = (work(partial(merge, each, "m")) for each in parts)
    assert large < 3 * small


def test_reading_twice_as_many_datasets_takes_less_than_three_times_the_work() -> None:
    small, large = (work(partial(written, report(card(count)))) for count in (200, 400))
    assert large < 3 * small


def written(of: Report) -> bytes:
    return cyclonedx.to_bytes(cyclonedx.document(build(of)))
