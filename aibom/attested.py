"""Verify a model by an attestation of GitHub's: its files one by one, and a BOM."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import layout
from .errors import UnsignedError
from .hashed import Files, read_ours
from .scan import Silent, open_target
from .scanners.shapes import is_object
from .signatures.attestation import Attestation, parse_attestation
from .signatures.statement import compare_bom
from .verify import Verification, believe, compare_rescan, must_exist

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from .expect import Expectations
    from .hashed import Known
    from .report import Report
    from .scan import Progress
    from .signatures import Trust


def verify_attestation(  # noqa: PLR0913 - each is one independent choice with a safe default
    path: str | os.PathLike[str],
    trust: Trust,
    *,
    bundle: Path,
    content: bytes | None = None,
    bom: Path | None = None,
    expectations: Sequence[Expectations] = (),
    rescanned: Callable[[], Report] | None = None,
    progress: Progress | None = None,
    now: datetime | None = None,
    known: Known | None = None,
) -> Verification:
    """Verify the model at `path` by the `bundle` that GitHub's ``actions/attest`` made.

    All files must be subjects of it and all subjects files, by name and digest. `bom` must say what
    the signed BOM says; so must one that lies in its place beside the model. The rest is as for
    `verify_target`.

    Raises:
        SignatureError: Something does not hold; `code` says what.
        UnsignedError: The bundle, or the `bom`, is not there.
        TargetError: The model is not there.
    """
    target = Path(path)
    must_exist(target)
    content = read_ours(bundle, "signature", UnsignedError) if content is None else content
    signed = believe(content, trust, bundle)
    attested = parse_attestation(signed.payload)
    beside = layout.Outputs.of(target)
    place = bom or (beside.bom if beside.bom.exists() else None)
    if place is not None:
        compare_bom(place.name, read_ours(place, "BOM", UnsignedError), attested.bom)
    name, in_folder, entries = open_target(target)
    own: frozenset[str] = (
        layout.Outputs(place or beside.bom, bundle).within(target) if in_folder else frozenset()
    )
    found = _files(attested, own, progress, known, in_folder=in_folder)
    found.take(entries, None)
    inside = {each: found.digests[each] for each in found.digests if _is_part(each, own, in_folder)}
    attested.compare(found.digests, found.digests.keys() - inside)
    for each in expectations:
        each.check(attested.bom, subjects=dict(attested.subjects), signed=signed, now=now)
    again = rescanned and compare_rescan(
        attested.bom, inside, rescanned(), expectations, now, besides=found.digests
    )
    found.confirm(target)
    return Verification(
        model=_model(attested.bom) or name,
        signed_by=signed.by,
        files=len(found.digests),
        size=found.size,
        bom=attested.bom,
        not_covered=tuple(found.left_out),
        warnings=(*trust.warnings, *attested.warnings, *(again.uncovered if again else ())),
        times=signed.times,
        details=signed.details,
        rescan=again,
    )


def _files(
    attested: Attestation,
    own: Collection[str],
    progress: Progress | None,
    known: Known | None,
    *,
    in_folder: bool,
) -> Files:
    return Files(
        covers=lambda each: (
            layout.is_covered(each, in_folder=in_folder) or _is_named(each, attested)
        ),
        own={each for each in own if not _is_named(each, attested)},
        progress=progress or Silent(),
        known=known,
    )


def _is_part(name: str, own: Collection[str], in_folder: bool) -> bool:  # noqa: FBT001 - of two
    return layout.is_covered(name, in_folder=in_folder) and name not in own


def _is_named(name: str, attested: Attestation) -> bool:
    """Whether somebody had a file attested that our own signatures leave out, all at the top."""
    return "/" not in name and attested.names_file(name)


def _model(bom: dict[str, Any]) -> str:
    metadata = bom.get("metadata")
    subject = metadata.get("component") if is_object(metadata) else None
    name = subject.get("name") if is_object(subject) else None
    return name if isinstance(name, str) else ""
