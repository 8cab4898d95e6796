"""A report into the model of a bill of materials: what each file is, and how far it is known."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import quote

from .. import layout
from ..errors import BomError
from ..folder import VERSION_CONTROL
from ..scanners.facts import Tensor
from ..scanners.facts import Unread as UnreadFact
from ..scanners.media_types import MEDIA_TYPES, MODELS
from ..scanners.record import replace
from . import claims
from .findings import vulnerabilities
from .model import (
    Aggregate,
    Bom,
    Claim,
    Component,
    Composition,
    Evidence,
    Kind,
    NotCovered,
    Unread,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..report import Report
    from ..scanners.artifact import Artifact

SUBJECT = "subject"

LEFT_OUT = tuple(sorted(VERSION_CONTROL | layout.OUTPUTS))

HASH_NAMES = {  # of hashlib -> of CycloneDX; others have no name there
    "sha256": "SHA-256",
    "sha384": "SHA-384",
    "sha512": "SHA-512",
    "sha3_256": "SHA3-256",
    "sha3_384": "SHA3-384",
    "sha3_512": "SHA3-512",
}


def build(report: Report) -> Bom:
    """Return what `report` supports. The order of its artifacts and of its facts does not matter.

    Raises:
        BomError: A file's digests lack SHA-256, by which the signature knows it.
    """
    covered, rest = _split(report)
    components = _components(covered)
    by_path = {component.path: component.ref for component in components}
    subject = _subject(report, covered, components)
    named = {
        _not_covered(each) for each in rest if _is_covered(each, report) or not each.is_complete
    }
    uncovered = tuple(sorted(named, key=lambda each: (each.name, each.why)))
    return Bom(
        tool_version=report.tool_version,
        rules_digest=report.rules_digest,
        subject=subject,
        components=components,
        vulnerabilities=vulnerabilities(report.findings, by_path, SUBJECT),
        compositions=tuple(_compositions(report, subject, components, uncovered)),
        left_out=LEFT_OUT if report.is_folder else (),
        not_covered=uncovered,
    )


def _split(report: Report) -> tuple[list[Artifact], list[Artifact]]:
    """Return the artifacts that become components, and the others."""
    covered: list[Artifact] = []
    rest: list[Artifact] = []
    for artifact in report.artifacts:
        (covered if artifact.digests and _is_covered(artifact, report) else rest).append(artifact)
    return covered, rest


def _is_covered(artifact: Artifact, report: Report) -> bool:
    return layout.is_covered(artifact.path[0], in_folder=report.is_folder)


# --- Components -----------------------------------------------------------------------------------


def _components(artifacts: Iterable[Artifact]) -> tuple[Component, ...]:
    plain = [_component(artifact) for artifact in artifacts]
    # Two names that are no UTF-8 can look alike once escaped: all the rest puts them in order.
    times = Counter(component.path for component in plain)
    plain.sort(
        key=lambda each: (
            each.kind is not Kind.MODEL,
            each.path,
            repr(each) if times[each.path] > 1 else "",
        )
    )
    seen: Counter[str] = Counter()
    found: list[Component] = []
    for component in plain:
        seen[component.path] += 1
        again = f"#{seen[component.path]}" if seen[component.path] > 1 else ""
        found.append(replace(component, ref=f"file:{quote(component.path)}{again}"))
    return tuple(found)


def _component(artifact: Artifact) -> Component:
    path = artifact.path[0]
    kind = Kind.MODEL if _is_model(artifact) else Kind.FILE
    return Component(
        ref="",  # known once all are in order
        kind=kind,
        name=path,
        path=path,
        size=artifact.size,
        hashes=_hashes(artifact),
        media_type=_media_type(artifact),
        formats=artifact.formats,
        claims=merged(
            claims.of_model(artifact) if kind is Kind.MODEL else claims.of_file(artifact)
        ),
        unread=tuple(_unread(artifact)),
    )


def _is_model(artifact: Artifact) -> bool:
    """Whether a file holds weights or a graph, in itself or in a member."""
    return any(
        not MODELS.isdisjoint(each.formats) or any(isinstance(fact, Tensor) for fact in each.facts)
        for each in artifact.walk()
    )


def _hashes(artifact: Artifact) -> tuple[tuple[str, str], ...]:
    named = ((HASH_NAMES.get(algorithm), digest) for algorithm, digest in artifact.digests)
    hashes = sorted({(name, digest) for name, digest in named if name})
    if [name for name, _ in hashes].count("SHA-256") != 1:
        raise BomError(
            f"{artifact.path[0]!r} has no SHA-256, by which a signature knows it. Scan with sha256."
        )
    return tuple(hashes)


def _media_type(artifact: Artifact) -> str:
    return next((MEDIA_TYPES[name] for name in artifact.formats if name in MEDIA_TYPES), "")


def _unread(artifact: Artifact) -> Iterator[Unread]:
    found = {
        (each.path[1:], fact.reason.value, fact.detail)
        for each in artifact.walk()
        for fact in each.facts
        if isinstance(fact, UnreadFact)
    }
    for member, reason, detail in sorted(found):
        yield Unread(reason, detail, member)


def _subject(
    report: Report, artifacts: Iterable[Artifact], components: tuple[Component, ...]
) -> Component:
    """Return the folder, with what its cards declare; or the single file itself."""
    kinds = {component.path: component.kind for component in components}
    told = [
        claim
        for artifact in artifacts
        if kinds[artifact.path[0]] is Kind.FILE
        for claim in claims.of_subject(artifact)
    ]
    alone = components[0] if not report.is_folder and len(components) == 1 else None
    return Component(
        ref=SUBJECT,
        kind=Kind.MODEL,
        name=report.name,
        size=alone.size if alone else None,
        hashes=alone.hashes if alone else (),
        media_type=alone.media_type if alone else "",
        claims=merged(told),
    )


def merged(told: Iterable[Claim]) -> tuple[Claim, ...]:
    """Return the claims sorted, equal ones once, with the evidence of all."""
    grouped: dict[tuple[str, str, str], list[Claim]] = {}
    for claim in told:
        grouped.setdefault((claim.field, claim.value, claim.status), []).append(claim)
    return tuple(_one(grouped[key]) for key in sorted(grouped))


def _one(equal: list[Claim]) -> Claim:
    evidence = {each for claim in equal for each in claim.evidence}
    first = equal[0]
    return Claim(first.field, first.value, first.status, tuple(sorted(evidence, key=_place)))


def _place(evidence: Evidence) -> tuple[str, tuple[str, ...], int, str]:
    offset = -1 if evidence.offset is None else evidence.offset
    return evidence.file, evidence.member, offset, evidence.key


# --- How far it is known --------------------------------------------------------------------------


def _not_covered(artifact: Artifact) -> NotCovered:
    reasons = [f"{each.reason}: {each.detail}" for each in _unread(artifact)]
    return NotCovered(artifact.path[0], "; ".join(reasons) or "no regular file")


def _compositions(
    report: Report,
    subject: Component,
    components: tuple[Component, ...],
    uncovered: tuple[NotCovered, ...],
) -> Iterator[Composition]:
    """Yield one statement for each degree: a component counts as known once it was read whole."""
    known: dict[Aggregate, list[str]] = {each: [] for each in Aggregate}
    whole = report.is_complete and not uncovered
    known[Aggregate.COMPLETE if whole else Aggregate.INCOMPLETE].append(subject.ref)
    for component in components:
        known[_degree(component)].append(component.ref)
    for aggregate, refs in known.items():
        # What was trained on, or is needed to run it, was not looked for.
        depends = (subject.ref,) if aggregate is Aggregate.UNKNOWN else ()
        if refs or depends:
            yield Composition(aggregate, tuple(refs), depends)


def _degree(component: Component) -> Aggregate:
    if component.unread:
        return Aggregate.INCOMPLETE
    return Aggregate.COMPLETE if component.formats else Aggregate.UNKNOWN
