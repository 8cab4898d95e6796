"""Read the file of a bill of materials as strictly as a signature over it demands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import BomError

if TYPE_CHECKING:
    from collections.abc import Collection

SPEC_VERSIONS = ("1.6", "1.7")


def parse(data: bytes, *, versions: Collection[str] = SPEC_VERSIONS) -> dict[str, Any]:
    """Return the CycloneDX document that `data` spells out in JSON. Its schema is not checked.

    Raises:
        BomError: It is no JSON that all readers understand alike (a key twice, bytes after the end,
            half a character), no CycloneDX document, or one of another version.
    """
    from ..signatures import strictjson  # noqa: PLC0415 - writing a BOM needs none of it
    from ..signatures.errors import SignatureError  # noqa: PLC0415

    try:
        document = strictjson.loads(data)
    except SignatureError as error:
        raise BomError(f"this is no bill of materials: {error}. Write it again.") from error
    if not isinstance(document, dict) or document.get("bomFormat") != "CycloneDX":
        raise BomError(
            "this is JSON, but no CycloneDX document: it lacks bomFormat. `aibom bom` writes one."
        )
    version = document.get("specVersion")
    if version not in versions:
        raise BomError(
            f"CycloneDX version {version!r:.80}, expected {' or '.join(versions)}. "
            "Have the program that wrote it write one of these, or convert it."
        )
    return document
