"""The top of a page, and the order of its parts: verdict, counts, and one part for each target."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ...bom import build, cyclonedx
from ...bom.show import card as sections_of
from ...errors import BomError, Exit
from ...scanners.record import record
from ...scanners.rule import Severity
from ..escape import counted, cut, size
from ..text import isolation
from ..words import judged
from . import card, findings, signs, state
from .drawing import counts, lineage
from .element import add, by_line, h, said
from .lineage import tree
from .parts import first, pairs, section, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...bom.show_card import Section
    from ...outcome import Outcome
    from .bounds import Bounds
    from .element import Child, Element
    from .findings import Marked
    from .lineage import Node

ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)  # citations need one; it is shown nowhere
DONE = {"FAIL": "failed", "INCOMPLETE": "not fully read", "PASS": "passed"}
ROOM = 400  # characters of a verdict, which names the policy
ORDER = (Exit.FINDINGS, Exit.INCOMPLETE, Exit.OK)  # the worst first


@record
class Told:
    """An outcome, and what its BOM would say of the model."""

    outcome: Outcome
    label: str  # of the verdict
    why: str
    marked: tuple[Marked, ...]  # its findings, worst first
    sections: tuple[Section, ...] = ()
    root: Node | None = None  # of the lineage
    missing: str = ""  # why no BOM can be made

    @classmethod
    def of(cls, outcome: Outcome) -> Told:
        """Return an outcome with all that is worked out once, however often the page is made."""
        label, why = judged(outcome.verdict)
        start = (outcome, label, cut(why, ROOM), findings.counting(outcome))
        try:
            bom = build(outcome.report)
        except BomError as error:
            return cls(*start, missing=str(error))
        return cls(*start, sections_of(cyclonedx.document(bom, ANY_TIME)), tree(bom))

    @property
    def rank(self) -> int:
        """The place of its verdict; the least is the worst."""
        return ORDER.index(self.outcome.verdict.exit_code)


def banner(told: list[Told], bounds: Bounds) -> Element:
    """Return the first sentence of the page: the verdict, on one target or on all."""
    worst = told[0]
    code = worst.outcome.verdict.exit_code
    heading = h("h1", signs.verdict(code, worst.label), ": ", _sentence(told))
    element = h("header", h("p", "aibom report", class_="brand"), heading)
    if len(told) > 1:
        rows = first(told, lambda each: _row(each, bounds), bounds.rows)
        add(element, table("targets", "Every target", ("Target", "Verdict", "Because"), rows))
    return element


def _row(told: Told, bounds: Bounds) -> tuple[Child, ...]:
    sign = signs.verdict(told.outcome.verdict.exit_code, told.label)
    return said(told.outcome.path, bounds.room), sign, told.why


def _sentence(told: list[Told]) -> str:
    if len(told) == 1:
        return told[0].why
    labels = Counter(each.label for each in told)
    shown = ", ".join(f"{count:,} {DONE[label]}" for label, count in labels.items())
    return f"of {counted(len(told), 'target')}, {shown}"


def contents(parts: list[Element]) -> Element:
    """Return links to the parts of the page: to the targets, or to those of the only one."""
    found = [part for part in parts if part.get("id")]
    linked = found if len(found) > 1 else found[0].findall("section")
    links = [h("a", "".join(each[0].itertext()), href=f"#{each.get('id')}") for each in linked]
    return h("nav", h("ul", *by_line(h("li", link) for link in links)), aria_label="Contents")


def targets(told: list[Told], bounds: Bounds) -> Iterator[Element]:
    """Yield a part for each target, and a sentence on those that have none."""
    for number, each in enumerate(told[: bounds.targets]):
        yield _target(f"t{number}", each, bounds, alone=len(told) == 1)
    if len(told) > bounds.targets:
        left_out = counted(len(told) - bounds.targets, "more target")
        yield h("p", f"… and {left_out}, none of them worse. Scan them one by one for all of it.")


def _target(id_: str, told: Told, bounds: Bounds, *, alone: bool) -> Element:
    outcome = told.outcome
    heading = h("h2", said(outcome.path, bounds.room))
    element = h("section", id=id_)
    add(element, *by_line([heading, _tiles(outcome), _glance(told, bounds, alone=alone)]))
    add(
        element,
        findings.findings(f"{id_}-findings", outcome, told.marked, bounds),
        findings.unread(f"{id_}-unread", outcome, bounds),
        findings.waived(f"{id_}-waived", outcome, bounds),
        *_described(id_, told, bounds),
        state.files(f"{id_}-files", outcome, bounds),
        state.signature(f"{id_}-signature", outcome),
        state.scan(f"{id_}-scan", outcome, bounds),
    )
    element.tail = "\n"
    return element


def _described(id_: str, told: Told, bounds: Bounds) -> Iterator[Element]:
    """Yield what the model is, as far as its files say."""
    if told.root is None:
        why = h("p", "The model is not described: ", said(told.missing, bounds.room))
        yield section(f"{id_}-card", "Model card", why)
        return
    yield card.card(f"{id_}-card", told.sections, bounds)
    yield card.licences(f"{id_}-licences", told.sections, bounds)
    yield lineage(f"{id_}-lineage", told.root, bounds)


# --- The first screen -----------------------------------------------------------------------------


def _tiles(outcome: Outcome) -> Element:
    """Return how many findings there are of each severity, and what else counts."""
    found = Counter(each.severity for each in outcome.findings)
    tiles = [
        h("li", h("strong", f"{found[level]:,}"), " ", signs.severity(level))
        for level in reversed(Severity)
        if level > Severity.INFO
    ]
    for count, what in (
        (len(outcome.report.unread), "not read"),
        (len(outcome.verdict.waived), "waived"),
    ):
        tiles.append(h("li", h("strong", f"{count:,}"), " ", h("span", what, class_="sign")))
    return h("ul", *by_line(tiles), class_="tiles")


def _glance(told: Told, bounds: Bounds, *, alone: bool) -> Element:
    outcome = told.outcome
    sign = signs.verdict(outcome.verdict.exit_code, told.label)
    verdict = [] if alone else [("Verdict", h("span", sign, f": {told.why}"))]
    seen, policy = outcome.report.coverage, outcome.verdict.policy
    parts = (
        (seen.clean, "clean"),
        (seen.flagged, "flagged"),
        (seen.unread, "not fully read"),
        (seen.unknown, "not a model format I know"),
    )
    files = ", ".join(f"{count:,} {what}" for count, what in parts if count) or "none"
    return pairs(
        *verdict,
        ("Files", f"{counted(seen.files, 'file')}, {size(seen.size)}: {files}"),
        ("Licences", card.licensed(told.sections, bounds)),
        ("Made from", counts(told.root) if told.root else "not known"),
        ("Policy", said(policy.shown, bounds.room) if policy.shown else "the default policy"),
        ("Parsers", isolation(outcome.report)),
        ("Signature", state.signed(outcome)),
    )
