"""A report into the model of a bill of materials: what each file is, and how far it is known."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from .. import layout
from ..folder import VERSION_CONTROL
from ..scanners.record import replace
from . import claims, embeddings, files, identity, inferred, lineage
from .bounds import Parts, bounded
from .datasets import Datasets
from .findings import gaps, vulnerabilities
from .fingerprints import with_fingerprints
from .measured import measurements
from .merging import merged
from .model import Aggregate, Bom, Component, Composition, Field, Kind, NotCovered
from .roles import documents, roles
from .sets import shards
from .software import libraries, remote_code
from .weights import (
    declared_bits,
    described,
    is_configured,
    main,
    set_components,
    with_declared,
    with_variants,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..report import Report
    from ..scanners.artifact import Artifact
    from .model import Unread

SUBJECT = "subject"

LEFT_OUT = tuple(sorted(VERSION_CONTROL | layout.OUTPUTS))


def build(report: Report) -> Bom:
    """Return what `report` supports. The order of its artifacts and of its facts does not matter.

    Raises:
        BomError: A file's digests lack SHA-256, by which the signature knows it.
    """
    covered, rest = _split(report)
    parts = bounded(_parts(report, covered))
    named = {
        _not_covered(each) for each in rest if _is_covered(each, report) or not each.is_complete
    }
    uncovered = tuple(sorted(named, key=lambda each: (each.name, each.why)))
    by_path = {component.path: component.ref for component in parts.components if component.path}
    found = vulnerabilities(report.findings, by_path, SUBJECT)
    parts = _with_gaps(parts, gaps(found))
    bom = Bom(
        tool_version=report.tool_version,
        rules_digest=report.rules_digest,
        subject=parts.subject,
        components=parts.components,
        vulnerabilities=found,
        compositions=tuple(_compositions(report, parts, uncovered)),
        left_out=LEFT_OUT if report.is_folder else (),
        not_covered=uncovered,
    )
    return bom if report.weights is None else with_fingerprints(bom, report.weights)


def _with_gaps(parts: Parts, gaps: Mapping[str, tuple[Unread, ...]]) -> Parts:
    """Return the parts, of which those say so whose findings are not all listed."""

    def told(component: Component) -> Component:
        more = gaps.get(component.ref)
        return replace(component, unread=(*component.unread, *more)) if more else component

    return Parts(told(parts.subject), tuple(map(told, parts.components)))


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


def _parts(report: Report, covered: list[Artifact]) -> Parts:
    texts = [artifact for artifact in covered if not files.is_model(artifact)]
    times = Counter(artifact.path[0] for artifact in covered)
    weights = {a.path[0] for a in covered if files.is_model(a) and times[a.path[0]] == 1}
    sets = shards(texts, weights)
    bits = declared_bits(texts)
    sharded = frozenset(path for each in sets for path in each.files)
    found = files.components(covered, sharded, roles(covered), bits)
    by_path = {component.path: (component, artifact) for component, artifact in found}
    datasets = Datasets()
    models = [
        *set_components(sets, by_path, bits),
        *((component, [artifact]) for component, artifact in found if component.kind is Kind.MODEL),
    ]
    top = files.about_all(texts)
    alone = found[0][0] if not report.is_folder and len(found) == 1 else None
    subject = _subject(report, top, covered, alone, datasets)
    told = [claim for component, _ in models for claim in component.claims]
    subject = replace(subject, claims=inferred.without_found(subject.claims, told))
    rest = [component for component, _ in found if component.kind is not Kind.MODEL]
    return Parts(
        subject,
        (
            *with_variants(_described(models, texts, datasets, subject)),
            *datasets.components(),
            *libraries(top, texts),
            *remote_code(texts),
            *rest,
        ),
    )


def _described(
    models: list[tuple[Component, list[Artifact]]],
    texts: list[Artifact],
    datasets: Datasets,
    subject: Component,
) -> list[Component]:
    """Return the weights with what the texts in their folder say of them.

    Those that the texts at the top describe come first, the others in order of name.
    """
    beside: dict[str, list[Artifact]] = {}
    for text in texts:
        if files.folder_of(text):  # what stands at the top speaks for the subject
            beside.setdefault(files.folder_of(text), []).append(text)
    folders = Counter(files.folder_of(artifacts[0]) for _, artifacts in models)
    chosen = main([component for component, _ in models])
    found: list[Component] = []
    for component, artifacts in sorted(
        models, key=lambda pair: (pair[0] is not chosen, pair[0].name, pair[0].ref)
    ):
        folder = files.folder_of(artifacts[0])
        is_meant = folders[folder] == 1 or is_configured(component.name)
        near = beside.get(folder, []) if is_meant else []
        one = described(component, artifacts, near, datasets)
        is_main = component is chosen
        found.append(one if found else with_declared(one, subject, is_main=is_main))
    return found


def _subject(
    report: Report,
    texts: list[Artifact],
    covered: list[Artifact],
    alone: Component | None,
    datasets: Datasets,
) -> Component:
    """Return the folder, with what its cards declare; or the single file itself."""
    told = merged(claim for artifact in texts for claim in claims.of_folder(artifact))
    more = [
        *identity.of_folder(covered, (each.path[0] for each in report.artifacts)),
        *lineage.relations(texts),
        *inferred.from_claims(told),
        *inferred.from_files(texts),
        *embeddings.of_folder(covered),
        *(claim for text in texts for claim in claims.chat_templates(text)),
    ]
    subject = Component(
        ref=SUBJECT,
        kind=Kind.MODEL,
        name=report.name,
        size=alone.size if alone else None,
        hashes=alone.hashes if alone else (),
        media_type=alone.media_type if alone else "",
        claims=merged([*told, *more]),
        metrics=measurements(texts),
        datasets=datasets.links(texts),
        pointers=tuple(documents(texts)) if report.is_folder else (),
        ancestors=lineage.ancestors(texts),
    )
    known = {link.role for link in subject.datasets}
    return replace(subject, claims=merged([*subject.claims, *inferred.unknown(subject, known)]))


# --- How far it is known --------------------------------------------------------------------------


def _not_covered(artifact: Artifact) -> NotCovered:
    reasons = [f"{each.reason}: {each.detail}" for each in files.unread(artifact)]
    return NotCovered(artifact.path[0], "; ".join(reasons) or "no regular file")


def _compositions(
    report: Report, parts: Parts, uncovered: tuple[NotCovered, ...]
) -> Iterator[Composition]:
    """Yield one statement for each degree: a component counts as known once it was read whole."""
    known: dict[Aggregate, list[str]] = {each: [] for each in Aggregate}
    told = not any(each.unread for each in (parts.subject, *parts.components))
    whole = report.is_complete and told and not uncovered
    known[Aggregate.COMPLETE if whole else Aggregate.INCOMPLETE].append(SUBJECT)
    alone = {each.ref: _degree(each) for each in parts.components}
    for component in parts.components:
        known[_worst(component, alone)].append(component.ref)
    for aggregate, refs in known.items():
        # What was trained on, or is needed to run it, was not looked for.
        depends = (SUBJECT,) if aggregate is Aggregate.UNKNOWN else ()
        if refs or depends:
            yield Composition(aggregate, tuple(refs), depends)


def _degree(component: Component) -> Aggregate:
    is_short = any(claim.field is Field.FILE_MISSING for claim in component.claims)
    if component.unread or is_short:
        return Aggregate.INCOMPLETE
    return Aggregate.COMPLETE if component.formats else Aggregate.UNKNOWN


def _worst(component: Component, alone: dict[str, Aggregate]) -> Aggregate:
    """Return how far a component is known, and all that it is made of."""
    degrees = [alone[ref] for ref in (component.ref, *component.depends_on)]
    order = (Aggregate.INCOMPLETE, Aggregate.UNKNOWN, Aggregate.COMPLETE)
    return next(each for each in order if each in degrees)
