"""The files that a CycloneDX BOM lists: every component with the property ``aibom:path``.

Nothing else of a BOM is read. Components count wherever they stand (``metadata.component``,
``components``, at any depth), so that no file hides from the comparison by its place.
"""

import re
from collections.abc import Iterator

from .errors import SignatureError
from .names import check_name
from .strictjson import JSON

PATH_PROPERTY = "aibom:path"

_NONE: JSON = []  # nobody changes it
_SHA256 = re.compile(r"[0-9a-f]{64}")


def listed_files(bom: dict[str, JSON]) -> dict[str, str]:
    """Return the relative name and SHA-256 (hex) of each file component.

    Raises:
        SignatureError: `bom-malformed`, `bom-duplicate-file`, `bad-name` or `digest-algorithm`.
    """
    files: dict[str, str] = {}
    for component in components(bom):
        for each in _objects(component.get("properties", _NONE), "properties"):
            if each.get("name") != PATH_PROPERTY:
                continue
            name = check_name(each.get("value"))
            if name in files:
                raise SignatureError("bom-duplicate-file", f"the BOM lists {name!r} twice")
            files[name] = _sha256(name, component)
    return files


def check_digest(name: str, digest: JSON) -> str:
    """Return `digest` if it is a SHA-256 in lower-case hex; `name` is whose, for the error.

    Raises:
        SignatureError: `digest-algorithm`.
    """
    if not isinstance(digest, str) or not _SHA256.fullmatch(digest):
        raise SignatureError(
            "digest-algorithm", f"digest of {name!r} is {digest!r:.80}, expected SHA-256"
        )
    return digest


def components(bom: dict[str, JSON]) -> Iterator[dict[str, JSON]]:
    """Yield all components, wherever they stand, depth first: everybody who reads a BOM goes by it.

    The depth is bounded by the JSON reader's.

    Raises:
        SignatureError: `bom-malformed`.
    """
    metadata = bom.get("metadata", {})
    if not isinstance(metadata, dict):
        raise SignatureError("bom-malformed", "the BOM's metadata is not a JSON object")
    if "component" in metadata:
        yield from _within([metadata["component"]])
    yield from _within(bom.get("components", []))


def _within(components: JSON) -> Iterator[dict[str, JSON]]:
    for component in _objects(components, "components"):
        yield component
        if "components" in component:
            yield from _within(component["components"])


def _sha256(name: str, component: dict[str, JSON]) -> str:
    hashes = _objects(component.get("hashes", _NONE), "hashes")
    digests = [each.get("content") for each in hashes if each.get("alg") == "SHA-256"]
    if len(digests) != 1:
        raise SignatureError(
            "digest-algorithm", f"the BOM has {len(digests)} SHA-256 for {name!r}, expected one"
        )
    return check_digest(name, digests[0])


def _objects(value: JSON, what: str) -> list[dict[str, JSON]]:
    if not isinstance(value, list):
        raise SignatureError("bom-malformed", f"{what} in the BOM is not a JSON list")
    objects = [item for item in value if isinstance(item, dict)]
    if len(objects) != len(value):
        raise SignatureError("bom-malformed", f"{what} in the BOM holds no JSON object")
    return objects
