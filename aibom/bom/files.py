"""A component for each file: what it is, its digests, what its bytes say, what was not read."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import quote

from ..errors import BomError
from ..scanners.facts import Tensor
from ..scanners.facts import Unread as UnreadFact
from ..scanners.media_types import MEDIA_TYPES, MODELS
from ..scanners.record import replace
from . import claims
from .addresses import file_purl
from .merging import merged
from .model import Claim, Component, Evidence, Field, Kind, Status, Unread

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ..scanners.artifact import Artifact

RECORDS = re.compile(r"([^/]+\.dist-info)(?:/licenses)?")  # of an installed Python package
HASH_NAMES = {  # of hashlib -> of CycloneDX; others have no name there
    "sha256": "SHA-256",
    "sha384": "SHA-384",
    "sha512": "SHA-512",
    "sha3_256": "SHA3-256",
    "sha3_384": "SHA3-384",
    "sha3_512": "SHA3-512",
}
OF_ALL_SHARDS = frozenset({Field.PARAMETERS})  # claims that are for the whole set alone


def components(
    artifacts: Iterable[Artifact],
    shards: frozenset[str],
    roles: Mapping[str, list[Claim]],
    bits: Mapping[str, int],
) -> list[tuple[Component, Artifact]]:
    """Return a component for each file with what it was made from: models first, each by path.

    `shards` are the paths of files that are part of a set of weights, `bits` those of a packed
    weight in a folder.

    Raises:
        BomError: A file's digests lack SHA-256, by which the signature knows it.
    """
    plain = [
        (_component(artifact, shards, roles.get(artifact.path[0], []), bits), artifact)
        for artifact in artifacts
    ]
    # Two names that are no UTF-8 can look alike once escaped: all the rest puts them in order.
    times = Counter(component.path for component, _ in plain)
    plain.sort(
        key=lambda pair: (
            pair[0].kind is not Kind.MODEL,
            pair[0].path,
            repr(pair[0]) if times[pair[0].path] > 1 else "",
        )
    )
    seen: Counter[str] = Counter()
    found: list[tuple[Component, Artifact]] = []
    for component, artifact in plain:
        seen[component.path] += 1
        again = f"#{seen[component.path]}" if seen[component.path] > 1 else ""
        found.append((replace(component, ref=f"file:{quote(component.path)}{again}"), artifact))
    return found


def about_all(texts: Iterable[Artifact]) -> list[Artifact]:
    """Return the texts that speak for the folder as a whole.

    They stand at its top, or in the records of the one Python package that was unpacked into it:
    https://packaging.python.org/en/latest/specifications/binary-distribution-format/.
    """
    known = list(texts)
    records = {found[1] for each in known if (found := RECORDS.fullmatch(folder_of(each)))}
    is_one = len(records) == 1
    return [
        each
        for each in known
        if not folder_of(each) or (is_one and RECORDS.fullmatch(folder_of(each)))
    ]


def folder_of(artifact: Artifact) -> str:
    """Return the folder of a file, "" at the top."""
    return artifact.path[0].rpartition("/")[0]


def _component(
    artifact: Artifact, shards: frozenset[str], roles: list[Claim], bits: Mapping[str, int]
) -> Component:
    path = artifact.path[0]
    kind = Kind.MODEL if is_model(artifact) and path not in shards else Kind.FILE
    hashes = _hashes(artifact)
    told = [*roles, *_claims(artifact, bits.get(folder_of(artifact)))]
    if path in shards:
        told = [each for each in told if each.field not in OF_ALL_SHARDS]
    if kind is Kind.MODEL and claims.own_name(artifact).strip():  # a purl needs a name
        purl = file_purl(claims.own_name(artifact), dict(hashes)["SHA-256"])
        told.append(Claim(Field.PURL, purl, Status.OBSERVED, (Evidence(path),)))
    return Component(
        ref="",  # known once all are in order
        kind=kind,
        name=path,
        path=path,
        size=artifact.size,
        hashes=hashes,
        media_type=_media_type(artifact),
        formats=artifact.formats,
        claims=merged(told),
        unread=tuple(unread(artifact)),
    )


def _claims(artifact: Artifact, bits: int | None) -> Iterable[Claim]:
    return claims.of_model(artifact, bits) if is_model(artifact) else claims.of_file(artifact)


def is_model(artifact: Artifact) -> bool:
    """Whether a file holds weights or a graph, in itself or in a member."""
    formats = frozenset[str]() if claims.own_name(artifact) in claims.NO_WEIGHTS else MODELS
    return any(
        not formats.isdisjoint(each.formats) or any(isinstance(fact, Tensor) for fact in each.facts)
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


def unread(artifact: Artifact) -> Iterator[Unread]:
    """Yield what was not read of a file, each once, in a fixed order."""
    found = {
        (each.path[1:], fact.reason.value, fact.detail)
        for each in artifact.walk()
        for fact in each.facts
        if isinstance(fact, UnreadFact)
    }
    for member, reason, detail in sorted(found):
        yield Unread(reason, detail, member)
