"""Export made-up BOMs, and read the result by SPDX's own model."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from spdx_python_model import v3_0_1 as spdx

from aibom.bom.spdx import export

WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SERIAL = "0d7b7130-c88b-5b8d-8171-80653da85a55"
PREFIX = f"urn:cdx:{SERIAL}/1#"
MODEL = "machine-learning-model"
DIGEST = "5e" * 32


def written(subject: dict[str, Any], **more: Any) -> bytes:  # noqa: ANN401 - JSON
    """Return a BOM about a model."""
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.7",
        "serialNumber": f"urn:uuid:{SERIAL}",
        "version": 1,
        "metadata": {"component": {"type": MODEL, "bom-ref": "m", "name": "tuned", **subject}},
        **more,
    }
    return json.dumps(document).encode()


def elements(data: bytes) -> dict[str, dict[str, Any]]:
    """Return the elements of an SPDX document by the end of their id, read by SPDX's model too."""
    found = spdx.SHACLObjectSet()
    spdx.JSONLDDeserializer().read(BytesIO(data), found)
    assert not found.missing_ids
    graph: list[dict[str, Any]] = json.loads(data)["@graph"]
    named = [each for each in graph if "spdxId" in each]
    by_id = {each["spdxId"].partition("#")[2]: each for each in named}
    assert len(by_id) == len(named)
    return by_id


def exported(subject: dict[str, Any], **more: Any) -> dict[str, dict[str, Any]]:  # noqa: ANN401 - JSON
    return elements(export(written(subject, **more), WHEN).data)


def related(found: dict[str, dict[str, Any]], kind: str) -> list[tuple[str, list[str], str]]:
    """Return from, to and completeness of the relationships of a kind."""
    return [
        (
            each["from"].partition("#")[2],
            [target.partition("#")[2] for target in each["to"]],
            each.get("completeness", ""),
        )
        for each in found.values()
        if each.get("relationshipType") == kind
    ]
