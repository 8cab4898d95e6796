"""The reference of a bill of materials to the file that tells its tensors by their values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from ..layout import FINGERPRINTS_SUFFIX
from ..scanners.record import record
from ..scanners.shapes import is_list, is_object
from ..signatures import SignatureError
from ..signatures.components import check_digest
from ..signatures.names import check_name

if TYPE_CHECKING:
    from collections.abc import Iterator

EVIDENCE = "evidence"  # the kind of external reference


@record
class Reference:
    """A file that lies beside the BOM."""

    name: str
    digest: str  # SHA-256, hexadecimal


def referenced(bom: dict[str, Any]) -> Reference | None:
    """Return the file of fingerprints that a CycloneDX document refers to; None if it has none.

    Raises:
        SignatureError: `bom-malformed`, `bad-name` or `digest-algorithm`.
    """
    subject = _object(_object(bom.get("metadata")).get("component"))
    found = [
        each
        for each in _objects(subject.get("externalReferences"))
        if each.get("type") == EVIDENCE
        and unquote(str(each.get("url"))).endswith(FINGERPRINTS_SUFFIX)
    ]
    if not found:
        return None
    digests = [
        each.get("content")
        for each in _objects(found[0].get("hashes"))
        if each.get("alg") == "SHA-256"
    ]
    if len(found) > 1 or len(digests) != 1:
        raise SignatureError("bom-malformed", "the BOM does not name one file of fingerprints")
    name = check_name(unquote(str(found[0]["url"])))
    if "/" in name:
        raise SignatureError("bad-name", f"fingerprints at {name!r:.200} do not lie beside the BOM")
    return Reference(name, check_digest(name, digests[0]))


def _object(value: object) -> dict[str, Any]:
    return value if is_object(value) else {}


def _objects(value: object) -> Iterator[dict[str, Any]]:
    yield from (item for item in (value if is_list(value) else ()) if is_object(item))
