"""What runs in the locked process: one source in, one artifact as JSON out."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from .codec import encode
from .dissect import dissect
from .limits import Budget, Limits

if TYPE_CHECKING:
    from .artifact import Path
    from .source import Source

TARGET = "aibom.scanners.child:handle"
KITS = {"templates": "jinja2", "yaml": "yaml"}  # libraries that few files need; see `isolate`


def job(path: Path, limits: Limits) -> dict[str, Any]:
    """Return the job that reads one file under `limits`."""
    return {"path": list(path), "limits": asdict(limits)}


def handle(work: dict[str, Any], source: Source) -> Any:  # noqa: ANN401 - JSON
    """Read `source` and return its artifact as JSON."""
    return encode(dissect(source, tuple(work["path"]), Budget(Limits(**work["limits"]))))
