"""Small documents to compare."""

from __future__ import annotations

from typing import Any

from aibom.bom.diff import diff

from .merging import Json, cdx, model


def file(path: str, digest: str = "", **more: Any) -> Json:  # noqa: ANN401 - any field
    """Return the component of a file whose digest is that of its path, or another."""
    told = more.pop("properties", [])
    return {
        "type": more.pop("type", "file"),
        "bom-ref": f"file:{path}",
        "name": path,
        "hashes": [{"alg": "SHA-256", "content": f"{hash_of(digest or path):064x}"}],
        "properties": [*prop("path", path), *told],
        **more,
    }


def hash_of(text: str) -> int:
    return int.from_bytes(text.encode(), "big") % (1 << 256)


def prop(name: str, *values: str) -> list[Json]:
    return [{"name": f"aibom:{name}", "value": value} for value in values]


def weights(path: str, digest: str = "", *, root: str = "") -> Json:
    told = prop("tensor:root", root) if root else []
    return file(path, digest, type="machine-learning-model", properties=told)


def told(old: Json, new: Json) -> list[tuple[str, str, str]]:
    return [(c.kind, c.before, c.after) for c in diff(old, new).changes]


def of(*components: Json, **about: Any) -> Json:  # noqa: ANN401 - any field of the subject
    subject = {"bom-ref": "subject", **model(), **about}
    return cdx(metadata={"component": subject}, components=list(components))
