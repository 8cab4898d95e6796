"""References inside a CycloneDX document: where they are defined, and where they are used.

A reference is told from other text by its key and the key that encloses it; the schema gives nearly
all of these pairs (its types `refType` and `refLinkType`), and a test holds the two together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..scanners.shapes import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .document import Json

DEFINES = "bom-ref"
BOM_LINK = "urn:cdx:"  # leads to an element of another document, which stays what it is
UNTYPED = {  # references by their description only: the schema calls them plain text
    ("compositions", "dependencies"),
    ("compositions", "vulnerabilities"),
}
USES = UNTYPED | {  # (enclosing key, key)
    ("affects", "ref"),
    ("annotations", "subjects"),
    ("attestations", "assessor"),
    ("auth", "algorithm"),
    ("certificateProperties", "signatureAlgorithmRef"),
    ("certificateProperties", "subjectPublicKeyRef"),
    ("cipherSuites", "algorithms"),
    ("citations", "attributedTo"),
    ("citations", "process"),
    ("claims", "counterEvidence"),
    ("claims", "evidence"),
    ("claims", "mitigationStrategies"),
    ("claims", "target"),
    ("compositions", "assemblies"),
    ("conformance", "mitigationStrategies"),
    ("datasets", "ref"),
    ("dependencies", "dependsOn"),
    ("dependencies", "provides"),
    ("dependencies", "ref"),
    ("encr", "algorithm"),
    ("identity", "tools"),
    ("ikev2TransformTypes", "auth"),
    ("ikev2TransformTypes", "encr"),
    ("ikev2TransformTypes", "integ"),
    ("ikev2TransformTypes", "ke"),
    ("ikev2TransformTypes", "prf"),
    ("integ", "algorithm"),
    ("ke", "algorithm"),
    ("levels", "requirements"),
    ("map", "claims"),
    ("map", "counterClaims"),
    ("map", "requirement"),
    ("patentAssertions", "asserter"),
    ("patentAssertions", "patentRefs"),
    ("patents", "members"),
    ("prf", "algorithm"),
    ("protocolProperties", "cryptoRefArray"),
    ("relatedCryptoMaterialProperties", "algorithmRef"),
    ("relatedCryptographicAssets", "ref"),
    ("requirements", "parent"),
    ("resource", "ref"),
    ("resourceReferences", "ref"),
    ("runtimeTopology", "dependsOn"),
    ("runtimeTopology", "provides"),
    ("runtimeTopology", "ref"),
    ("securedBy", "algorithmRef"),
    ("source", "ref"),
    ("target", "ref"),
    ("taskDependencies", "dependsOn"),
    ("taskDependencies", "provides"),
    ("taskDependencies", "ref"),
}


def defined(value: object) -> Iterator[str]:
    """Yield every reference that something in `value` is known by."""
    for _, key, text in _texts(value, "", ""):
        if key == DEFINES:
            yield text


def used(value: object) -> Iterator[str]:
    """Yield every reference to something in the same document."""
    for holder, key, text in _texts(value, "", ""):
        if (holder, key) in USES and not text.startswith(BOM_LINK):
            yield text


def _texts(value: object, holder: str, key: str) -> Iterator[tuple[str, str, str]]:
    """Yield each text with its key, and the key of the object that has it."""
    if isinstance(value, str):
        yield holder, key, value
    elif is_list(value):
        for item in value:
            yield from _texts(item, holder, key)
    elif is_object(value):
        for name, item in value.items():
            yield from _texts(item, key, name)


def renamed(document: Json, rename: Callable[[str], str]) -> Json:
    """Return a copy of `document` with every reference renamed where it is defined and used.

    `rename` gets no BOM-Link to another document unless something here is known by it.
    """
    known = frozenset(defined(document))

    def text(holder: str, key: str, value: str) -> str:
        is_use = (holder, key) in USES and (value in known or not value.startswith(BOM_LINK))
        return rename(value) if key == DEFINES or is_use else value

    def copy(value: object, holder: str, key: str) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(value, str):
            return text(holder, key, value)
        if is_list(value):
            return [copy(item, holder, key) for item in value]
        if is_object(value):
            return {name: copy(item, key, name) for name, item in value.items()}
        return value

    whole: Json = copy(document, "", "")
    return whole
