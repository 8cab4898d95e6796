"""What a host asks of the locked process, without importing anything that parses."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .artifact import Path
    from .limits import Limits

TARGET = "aibom.scanners.child:handle"


def job(path: Path, limits: Limits) -> dict[str, Any]:
    """Return the job that reads one file under `limits`."""
    return {"path": list(path), "limits": asdict(limits)}
