"""Rules about references within a BOM: each name stands for one thing, and leads to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...scanners.rule import Severity
from ...scanners.shapes import is_list
from .document import Node
from .rule import LintRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .document import Document
    from .rule import Told

# Key of the object -> keys in it whose texts refer to a `bom-ref`; of all versions up to 1.7.
REFERRING: dict[str, tuple[str, ...]] = {
    "dependencies": ("ref", "dependsOn", "provides"),
    "compositions": ("assemblies", "dependencies", "vulnerabilities"),
    "affects": ("ref",),
    "annotations": ("subjects",),
    "datasets": ("ref",),
    "attestations": ("assessor",),
    "map": ("requirement", "claims", "counterClaims"),
    "conformance": ("mitigationStrategies",),
    "claims": ("target", "mitigationStrategies", "evidence", "counterEvidence"),
    "citations": ("attributedTo", "process"),
    "requirements": ("parent",),
    "levels": ("requirements",),
    "identity": ("tools",),
    "resourceReferences": ("ref",),
    "resource": ("ref",),
    "source": ("ref",),
    "target": ("ref",),
    "relatedCryptographicAssets": ("ref",),
    "certificateProperties": ("signatureAlgorithmRef", "subjectPublicKeyRef"),
    "relatedCryptoMaterialProperties": ("algorithmRef",),
    "securedBy": ("algorithmRef",),
    "cipherSuites": ("algorithms",),
    "protocolProperties": ("cryptoRefArray",),
    "ikev2TransformTypes": ("encr", "prf", "integ", "ke", "auth"),
    "encr": ("algorithm",),
    "prf": ("algorithm",),
    "integ": ("algorithm",),
    "ke": ("algorithm",),
    "auth": ("algorithm",),
    "patentFamily": ("members",),
    "patentAssertions": ("patentRefs", "asserter"),
}
LINK = "urn:cdx:"


def references(document: Document) -> Iterator[Node]:
    """Yield every text that refers to something in this document or another."""
    pairs = {(owner, key) for owner, keys in REFERRING.items() for key in keys}
    wanted = {key for _, key in pairs}
    for key in sorted(wanted):
        yield from (node for node in document.texts(key) if node.keys in pairs)


def defined(document: Document) -> Iterator[Node]:
    """Yield every `bom-ref`."""
    return document.texts("bom-ref")


def reference_twice(document: Document) -> Told:
    """A reference to it leads to one of two things, and readers choose differently.

    What to do: give each its own `bom-ref`. A merged BOM needs new ones.
    """
    first: dict[str, Node] = {}
    for node in defined(document):
        known = first.setdefault(node.value, node)
        if known is not node:
            yield node, f"bom-ref {node.value!r:.200} already stands at {known.pointer:.200}"


def reference_dangling(document: Document) -> Told:
    """What is said of it is lost: a dependency, a data set, a finding.

    Readers fail, or drop it in silence.

    What to do: add what it names, or name what is there. For something in another BOM, write a
    BOM-Link (`urn:cdx:…`).
    """
    known = {node.value for node in defined(document)}
    own = document.root.text("serialNumber").removeprefix("urn:uuid:")
    for node in references(document):
        target: str = node.value
        if target.startswith(LINK):
            serial, _, rest = target.removeprefix(LINK).partition("/")
            _, has_element, target = rest.partition("#")
            if not has_element or serial != own:
                continue  # another document, which is not at hand
        if target not in known:
            yield node, f"{node.value!r:.200} is the bom-ref of nothing in this document"


def dependencies_twice(document: Document) -> Told:
    """Readers take the first entry, the last, or both together: three dependency graphs.

    What to do: write one entry for each `ref`, with all that it depends on.
    """
    first: dict[str, Node] = {}
    for entry in document.root.objects("dependencies"):
        ref = entry.text("ref")
        if ref and first.setdefault(ref, entry) is not entry:
            yield entry, f"{ref!r:.200} already has an entry at {first[ref].pointer}"


def depends_on_itself(document: Document) -> Told:
    """A loop of one: tools that walk the graph stop, or never do.

    What to do: remove it. Where two things share a `bom-ref`, name them apart.
    """
    for entry in document.root.objects("dependencies"):
        ref, listed = entry.text("ref"), entry.child("dependsOn")
        if ref and is_list(listed.value) and ref in listed.value:
            yield listed, f"{ref!r:.200} depends on itself"


def depends_on_missing(document: Document) -> Told:
    """The specification allows it, but readers fail on it: cdx-validate calls such a BOM invalid.

    What to do: write `"dependsOn": []`.
    """
    for entry in document.root.objects("dependencies"):
        if "dependsOn" not in entry.value:
            yield entry, f"the entry of {entry.text('ref')!r:.200} has no dependsOn"


def aggregate_contradictory(document: Document) -> Told:
    """The BOM says of one thing that it knows all of it, and that it does not.

    What to do: name each reference in one composition for its parts and in one for its
    dependencies.
    """
    said: dict[tuple[str, str], str] = {}
    for composition in document.root.objects("compositions"):
        aggregate = composition.text("aggregate")
        for key in ("assemblies", "dependencies"):
            listed = composition.child(key)
            for index, ref in enumerate(_texts(listed.value)):
                before = said.setdefault((key, ref), aggregate)
                if before != aggregate:
                    yield Node(ref, listed, index), f"{ref!r:.200}: {before!r}, now {aggregate!r}"


def _texts(value: Any) -> list[str]:  # noqa: ANN401 - JSON
    return value if is_list(value) and all(isinstance(each, str) for each in value) else []


def like_a_link(document: Document) -> Told:
    """Readers take the reference for a link to another BOM, and look for that.

    What to do: begin it otherwise.
    """
    for node in defined(document):
        if node.value.startswith(LINK):
            yield node, f"{node.value!r:.200} begins like a BOM-Link"


def _file(ref: str) -> dict[str, Any]:
    return {"type": "file", "bom-ref": ref, "name": ref}


RULES = (
    LintRule(
        id="reference-twice",
        title="Two things have the same reference",
        severity=Severity.HIGH,
        check=reference_twice,
        flags=({"components": [_file("a"), _file("a") | {"name": "b"}]},),
        passes=({"components": [_file("a"), _file("b")]},),
    ),
    LintRule(
        id="reference-dangling",
        title="A reference leads to nothing",
        severity=Severity.HIGH,
        check=reference_dangling,
        flags=(
            {"components": [_file("a")], "dependencies": [{"ref": "a", "dependsOn": ["b"]}]},
            {"compositions": [{"aggregate": "complete", "assemblies": ["a"]}]},
            {"vulnerabilities": [{"id": "v", "affects": [{"ref": "a"}]}]},
            {
                "components": [
                    {
                        "type": "machine-learning-model",
                        "name": "m",
                        "modelCard": {"modelParameters": {"datasets": [{"ref": "d"}]}},
                    }
                ]
            },
            {
                "citations": [
                    {
                        "pointers": ["/specVersion"],
                        "timestamp": "2026-01-02T03:04:05Z",
                        "attributedTo": "nobody",
                    }
                ]
            },
            {
                "serialNumber": "urn:uuid:0d7b7130-c88b-5b8d-8171-80653da85a55",
                "vulnerabilities": [
                    {
                        "id": "v",
                        "affects": [{"ref": "urn:cdx:0d7b7130-c88b-5b8d-8171-80653da85a55/1#gone"}],
                    }
                ],
            },
        ),
        passes=(
            {
                "components": [_file("a"), _file("b")],
                "dependencies": [{"ref": "a", "dependsOn": ["b"]}],
                "vulnerabilities": [
                    {
                        "id": "v",
                        "affects": [
                            {"ref": "urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1#elsewhere"}
                        ],
                    }
                ],
            },
        ),
    ),
    LintRule(
        id="dependencies-twice",
        title="Two entries of dependencies are about the same thing",
        severity=Severity.MEDIUM,
        check=dependencies_twice,
        flags=(
            {
                "components": [_file("a"), _file("b")],
                "dependencies": [
                    {"ref": "a", "dependsOn": ["b"]},
                    {"ref": "a", "dependsOn": []},
                ],
            },
        ),
        passes=({"components": [_file("a")], "dependencies": [{"ref": "a", "dependsOn": []}]},),
    ),
    LintRule(
        id="depends-on-itself",
        title="Something depends on itself",
        severity=Severity.MEDIUM,
        check=depends_on_itself,
        flags=({"components": [_file("a")], "dependencies": [{"ref": "a", "dependsOn": ["a"]}]},),
        passes=({"components": [_file("a")], "dependencies": [{"ref": "a", "dependsOn": []}]},),
    ),
    LintRule(
        id="depends-on-missing",
        title="An entry of dependencies lacks dependsOn",
        severity=Severity.LOW,
        check=depends_on_missing,
        flags=({"components": [_file("a")], "dependencies": [{"ref": "a"}]},),
        passes=({"components": [_file("a")], "dependencies": [{"ref": "a", "dependsOn": []}]},),
    ),
    LintRule(
        id="aggregate-contradictory",
        title="Two compositions contradict each other",
        severity=Severity.HIGH,
        check=aggregate_contradictory,
        flags=(
            {
                "components": [_file("a")],
                "compositions": [
                    {"aggregate": "complete", "assemblies": ["a"]},
                    {"aggregate": "incomplete", "assemblies": ["a"]},
                ],
            },
        ),
        passes=(
            {
                "components": [_file("a")],
                "compositions": [
                    {"aggregate": "complete", "assemblies": ["a"]},
                    {"aggregate": "unknown", "dependencies": ["a"]},
                ],
            },
        ),
    ),
    LintRule(
        id="reference-like-a-link",
        title="A reference looks like a link to another BOM",
        severity=Severity.MEDIUM,
        check=like_a_link,
        flags=({"components": [_file("urn:cdx:a")]},),
        passes=({"components": [_file("a")]},),
    ),
)
