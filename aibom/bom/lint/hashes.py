"""Rules about digests: of the length of their algorithm, one of each, and of real bytes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ...scanners.rule import Severity
from .rule import LintRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .document import Document, Node
    from .rule import Told

LENGTHS = {  # hexadecimal digits, of CycloneDX's algorithms; BLAKE3 may be of any length
    "MD5": 32,
    "SHA-1": 40,
    "SHA-256": 64,
    "SHA-384": 96,
    "SHA-512": 128,
    "SHA3-256": 64,
    "SHA3-384": 96,
    "SHA3-512": 128,
    "BLAKE2b-256": 64,
    "BLAKE2b-384": 96,
    "BLAKE2b-512": 128,
    "Streebog-256": 64,
    "Streebog-512": 128,
}
INVENTED = re.compile(r"(..?)\1*", re.DOTALL)  # one or two characters again and again
SWHID = re.compile(r"swh:1:(cnt|dir|rev|rel|snp):[0-9a-f]{40}(;.*)?", re.DOTALL)
OF_FILES = "cnt"  # the kind of a Software Heritage id that bytes have


def hash_of_another_length(document: Document) -> Told:
    """No file can have this digest: it was cut, or is that of another algorithm.

    What to do: take it again, and name the algorithm that was used.
    """
    for node in document.objects("hashes"):
        algorithm, content = node.text("alg"), node.text("content")
        wanted = LENGTHS.get(algorithm, len(content))
        if len(content) != wanted:
            told = f"{algorithm} of {len(content)} hexadecimal digits, it has {wanted}"
            yield node.child("content"), told


def hash_invented(document: Document) -> Told:
    """A digest of one digit all over is somebody's placeholder, and matches no file.

    What to do: take the digest of the bytes, or leave it out.
    """
    for node in document.objects("hashes"):
        if INVENTED.fullmatch(node.text("content")):
            yield node.child("content"), f"{node.text('content')!r:.40} is the digest of nothing"


def hash_contradictory(document: Document) -> Told:
    """One file cannot have two digests by one algorithm: one of them is of another.

    What to do: keep the digest of the bytes that are delivered.
    """
    for owner, hashes in _by_owner(document):
        said: dict[str, str] = {}
        for node in hashes:
            content = node.text("content").lower()
            if said.setdefault(node.text("alg"), content) != content:
                yield node, f"another {node.text('alg')} of {owner.text('name')!r:.100}"


def _by_owner(document: Document) -> Iterator[tuple[Node, list[Node]]]:
    for component in document.components:
        yield component, list(component.objects("hashes"))
    for reference in document.objects("externalReferences"):
        yield reference, list(reference.objects("hashes"))


def swhid_of_another_kind(document: Document) -> Told:
    """A `rev` is a commit, and a `dir` a folder: looked up, this file's id leads to nothing.

    What to do: write `swh:1:cnt:` before the git blob id of a file.
    """
    for node in document.texts("swhid"):
        found = SWHID.fullmatch(node.value)
        kind = node.owner.text("type") if node.owner else ""
        if found is None:
            yield node, f"{node.value!r:.100} is no Software Heritage id"
        elif kind == "file" and found[1] != OF_FILES:
            yield node, f"{found[1]!r}, and the component is a file"


DIGEST = "c693279643b8cd5d248172d9c22cb7cf4ed163a3c98c8a3f69c2717edd3eacb7"
BLOB = "94a9ed024d3859793618152ea559a168bbcbb5e2"


def _with(*hashes: tuple[str, str], **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    told = [{"alg": algorithm, "content": content} for algorithm, content in hashes]
    return {"components": [{"type": "file", "name": "x", "hashes": told, **more}]}


RULES = (
    LintRule(
        id="hash-of-another-length",
        title="A digest has not the length of its algorithm",
        severity=Severity.HIGH,
        check=hash_of_another_length,
        flags=(_with(("SHA-512", DIGEST)), _with(("SHA-256", BLOB))),
        passes=(_with(("SHA-256", DIGEST), ("SHA-1", BLOB), ("BLAKE3", DIGEST)),),
    ),
    LintRule(
        id="hash-invented",
        title="A digest is a placeholder",
        severity=Severity.HIGH,
        check=hash_invented,
        flags=(_with(("SHA-256", "0" * 64)), _with(("SHA-256", "ab" * 32))),
        passes=(_with(("SHA-256", DIGEST)),),
    ),
    LintRule(
        id="hash-contradictory",
        title="One algorithm gives two digests",
        severity=Severity.HIGH,
        check=hash_contradictory,
        flags=(_with(("SHA-256", DIGEST), ("SHA-256", DIGEST[::-1])),),
        passes=(_with(("SHA-256", DIGEST), ("SHA3-256", DIGEST[::-1])),),
    ),
    LintRule(
        id="swhid-of-another-kind",
        title="A Software Heritage id is that of something else",
        severity=Severity.HIGH,
        check=swhid_of_another_kind,
        flags=(_with(swhid=[f"swh:1:rev:{BLOB}"]),),
        passes=(_with(swhid=[f"swh:1:cnt:{BLOB}"]),),
    ),
)
