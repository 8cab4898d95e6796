"""What a host asks of the locked process, without importing anything that parses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .record import as_dict

if TYPE_CHECKING:
    from .artifact import Path
    from .limits import Limits

TARGET = "aibom.scanners.child:handle"


def job(path: Path, limits: Limits) -> dict[str, Any]:
    """Return the job that reads one file under `limits`."""
    return {"path": list(path), "limits": as_dict(limits)}
