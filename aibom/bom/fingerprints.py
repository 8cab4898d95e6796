"""What is known of the weights of each component by the values of its tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from ..scanners.record import replace
from ..weights.fingerprint import Fingerprint, distinct, root
from .merging import merged
from .model import Claim, Component, Evidence, Field, Pointer, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..weights.fingerprint import Weights
    from .model import Bom

EVIDENCE = "evidence"  # the kind of external reference to the file that names each leaf


def with_fingerprints(bom: Bom, weights: Weights) -> Bom:
    """Return `bom` with what `weights` tells of its subject and of each file and set of files."""
    by_ref = {component.ref: component.path for component in bom.components}
    known = {each.path: each for each in weights.files}

    def told(component: Component) -> Component:
        paths = [component.path, *(by_ref.get(ref, "") for ref in component.depends_on)]
        return _with(component, [known[path] for path in paths if path in known])

    return replace(
        bom,
        subject=_with(bom.subject, [*weights.files]),
        components=tuple(map(told, bom.components)),
    )


def with_sidecar(bom: Bom, name: str, digest: str) -> Bom:
    """Return `bom` with a reference to the file `name` beside it, of that SHA-256 (hexadecimal)."""
    claim = Claim(Field.WEIGHTS_FILE, name, Status.OBSERVED)
    pointer = Pointer(EVIDENCE, quote(name), claim, (("SHA-256", digest),))
    return replace(bom, subject=replace(bom.subject, pointers=(*bom.subject.pointers, pointer)))


def _with(component: Component, files: list[Fingerprint]) -> Component:
    if not files:
        return component
    return replace(component, claims=merged([*component.claims, *_claims(files)]))


def _claims(files: list[Fingerprint]) -> Iterator[Claim]:
    evidence = tuple(Evidence(each.path) for each in files)
    leaves = distinct(leaf for each in files for leaf in each.leaves)
    uncovered = sum(each.uncovered for each in files)
    told = {
        Field.WEIGHTS_ROOT: f"blake3:{root(leaves)}" if leaves else "",
        Field.WEIGHTS_LEAVES: str(len(leaves)),
        Field.WEIGHTS_COVERED: str(sum(each.covered for each in files)),
        Field.WEIGHTS_UNCOVERED: str(uncovered) if any(each.without for each in files) else "",
    }
    for field, value in told.items():
        if value:
            yield Claim(field, value, Status.OBSERVED, evidence)
    for each in files:
        for why, count in each.without:
            value = f"{why}={count}"
            yield Claim(Field.WEIGHTS_WITHOUT, value, Status.OBSERVED, (Evidence(each.path),))
