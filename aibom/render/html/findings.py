"""What was found, the worst first; what is waived, and by whom; what was not read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...fingerprint import fingerprints
from ...scanners.record import record
from ...scanners.rule import Severity
from ..escape import counted
from ..words import explained
from .element import add, by_line, h, said
from .parts import first, more, pairs, section, sequence, table
from .signs import severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...outcome import Outcome
    from ...scanners.artifact import Artifact
    from ...scanners.facts import Unread
    from ...scanners.rule import Finding
    from ...waiver import Waived
    from ..words import Explained
    from .bounds import Bounds
    from .element import Child, Element


@record
class Marked:
    """A finding and its fingerprint."""

    finding: Finding
    mark: str


def counting(outcome: Outcome) -> tuple[Marked, ...]:
    """Return the findings that count, the worst first; the rest is only for information."""
    found = zip(outcome.findings, fingerprints(outcome.findings), strict=True)
    marked = [Marked(finding, mark) for finding, mark in found]
    return tuple(sorted(marked, key=lambda each: -each.finding.severity))


def where(outcome: Outcome, finding: Finding, room: int) -> Element:
    """Return where a finding is."""
    if not finding.path:
        return h("span", "the target as a whole")
    at = f", byte {finding.at.start:,}" if finding.at.start or finding.at.length else ""
    return h("span", said(inside(outcome, finding.path), room), at)


def inside(outcome: Outcome, path: tuple[str, ...]) -> str:
    """Return a path from where the user stands, not escaped."""
    return f"{outcome.prefix}{' › '.join(path)}"


def findings(id_: str, outcome: Outcome, marked: Sequence[Marked], bounds: Bounds) -> Element:
    """Return all of `counting`: a block for each rule, and a table of mere notes."""
    told = [each for each in marked if each.finding.severity > Severity.INFO]
    notes = [each for each in marked if each.finding.severity is Severity.INFO]
    rules = explained({each.finding.rule for each in marked}, (outcome.verdict.policy,))
    alike: dict[tuple[Severity, str], list[Marked]] = {}
    for each in told:
        alike.setdefault((each.finding.severity, each.finding.rule), []).append(each)
    groups = list(alike.values())
    element = section(id_, "Findings")
    if not told:
        add(element, h("p", "Nothing was found that counts."))
    for number, group in enumerate(groups[: bounds.rules]):
        rule = rules[group[0].finding.rule]
        add(element, _of_rule(f"{id_}-{number}", outcome, rule, group, bounds))
    if len(groups) > bounds.rules:
        rest = groups[bounds.rules :]
        found = counted(sum(map(len, rest)), "more finding")
        add(element, h("p", f"… and {found} of {counted(len(rest), 'rule')}, none of them worse"))
    if notes:
        add(element, _notes(id_, outcome, notes, rules, bounds))
    return element


def _of_rule(
    id_: str, outcome: Outcome, rule: Explained, group: list[Marked], bounds: Bounds
) -> Element:
    """Return a block: what the rule is about, where it found what, why that matters, what to do."""
    level = group[0].finding.severity
    title = h("span", cut_to(rule.title, bounds), class_="title")
    heading = h("h4", severity(level), " ", title, id=f"{id_}-title")
    places = h("ol", *by_line(_place(outcome, each, bounds) for each in group[: bounds.places]))
    if len(group) > bounds.places:
        add(places, h("li", more(len(group) - bounds.places)))
    references: list[tuple[str, Child]] = []
    if rule.refs:
        references.append(("See", sequence([*rule.refs])))
    told = pairs(
        ("Why it matters", cut_to(rule.why, bounds, 4)),
        ("What to do", cut_to(f"{rule.what[:1].upper()}{rule.what[1:]}", bounds, 4)),
        ("Rule", h("span", said(rule.id, bounds.room), f", {counted(len(group), 'finding')}")),
        *references,
    )
    article = h("article", aria_labelledby=f"{id_}-title", class_=level.name.lower())
    add(article, *by_line([heading, places, told]))
    article.tail = "\n"
    return article


def cut_to(text: str, bounds: Bounds, times: int = 1) -> str:
    """Return a sentence of a rule; those of policies may be of any length."""
    most = bounds.room * times
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _place(outcome: Outcome, each: Marked, bounds: Bounds) -> Element:
    return h(
        "li",
        h("p", where(outcome, each.finding, bounds.room), class_="evidence"),
        h("p", said(each.finding.message, bounds.room), class_="evidence"),
        h("p", "fingerprint ", h("code", each.mark), class_="mark"),
    )


def _notes(
    id_: str,
    outcome: Outcome,
    notes: list[Marked],
    rules: dict[str, Explained],
    bounds: Bounds,
) -> Element:
    def row(each: Marked) -> tuple[Child, ...]:
        return (
            cut_to(rules[each.finding.rule].title, bounds),
            where(outcome, each.finding, bounds.room),
            said(each.finding.message, bounds.room),
        )

    caption = "Noted, for information only"
    rows = first(notes, row, bounds.rows)
    return table(f"{id_}-notes", caption, ("What", "Where", "Evidence"), rows)


def unread(id_: str, outcome: Outcome, bounds: Bounds) -> Element:
    """Return what was not read: nothing is known of it."""
    found = outcome.report.unread
    if not found:
        return section(id_, "Not read", h("p", "Everything was read."))

    def row(each: tuple[Artifact, Unread]) -> tuple[Child, ...]:
        artifact, fact = each
        path = said(inside(outcome, artifact.path), bounds.room)
        return path, said(fact.detail, bounds.room), str(fact.reason)

    caption = "What was not read may hold anything; it is not clean"
    rows = first(found, row, bounds.rows)
    return section(id_, "Not read", table(id_, caption, ("Where", "Why", "Kind"), rows))


def waived(id_: str, outcome: Outcome, bounds: Bounds) -> Element:
    """Return the findings that do not count, and who answers for each until when."""
    if not outcome.verdict.waived:
        return section(id_, "Waived", h("p", "No finding is waived."))
    found = sorted(outcome.verdict.waived, key=lambda each: -each.finding.severity)
    heads = ("Finding", "Where", "Evidence", "Reason", "Owner", "Until")
    caption = "Findings that somebody answers for; they do not count"
    rows = first(found, lambda each: _waived(outcome, each, bounds), bounds.rows)
    return section(id_, "Waived", table(id_, caption, heads, rows))


def _waived(outcome: Outcome, each: Waived, bounds: Bounds) -> tuple[Child, ...]:
    finding, waiver = each.finding, each.waiver
    return (
        h("span", severity(finding.severity), " ", said(finding.rule, bounds.room)),
        where(outcome, finding, bounds.room),
        said(finding.message, bounds.room),
        said(waiver.reason, bounds.room),
        said(waiver.owner, bounds.room),
        waiver.expires.isoformat() if waiver.expires else "no end: the baseline",
    )
