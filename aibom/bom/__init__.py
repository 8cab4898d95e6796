"""From a report to a CycloneDX bill of materials: an internal model, and one writer for the format.

Importing this package is cheap; the library that validates is imported when a BOM is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..output import write_atomic
from . import cyclonedx, validate
from .build import build
from .identity import released
from .model import Bom
from .read import parse

if TYPE_CHECKING:
    import os
    from datetime import datetime

__all__ = ["Bom", "build", "parse", "released", "to_json", "validate", "write"]


def to_json(
    bom: Bom, timestamp: datetime | None = None, version: str = cyclonedx.SPEC_VERSION
) -> bytes:
    """Return `bom` as CycloneDX JSON of a `version` that has been validated strictly.

    The bytes depend on the arguments alone; `timestamp` needs a time zone.

    Raises:
        BomError: It would not be valid.
    """
    document = cyclonedx.document(bom, timestamp, version)
    validate.check(document)
    return cyclonedx.to_bytes(document)


def write(path: str | os.PathLike[str], bom: Bom, timestamp: datetime | None = None) -> bytes:
    """Write `bom` into the file `path`, whole or not at all, and return its bytes.

    Raises:
        BomError: It would not be valid; nothing was written.
        OutputError: It could not be written.
    """
    data = to_json(bom, timestamp)
    write_atomic(path, data)
    return data
