"""Small documents, and what comes of merging them."""

from __future__ import annotations

import json
from typing import Any

from aibom.bom.merge import merge

from .random_boms import raw

Json = dict[str, Any]
WHEN = "2026-01-02T03:04:05Z"


def cdx(**more: Any) -> Json:  # noqa: ANN401 - any section
    return {"bomFormat": "CycloneDX", "specVersion": "1.7", "version": 1, **more}


def model(name: str = "m", **more: Any) -> Json:  # noqa: ANN401 - any field
    return {"type": "machine-learning-model", "name": name, **more}


def merged(*parts: Json, name: str = "both") -> Json:
    documents = [(f"{number}.json", raw(part)) for number, part in enumerate(parts, 1)]
    result: Json = json.loads(merge(documents, name))
    return result


def left_out(document: Json) -> list[str]:
    told = document.get("properties", [])
    return [each["value"] for each in told if each["name"] == "aibom:merged:left-out"]
