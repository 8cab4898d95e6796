"""A CycloneDX BOM as SPDX 3.0.1 in JSON-LD, with its AI and Dataset profiles.

Made from a file, ours or another's, so that what is exported is what was signed. Every SPDX id is
the BOM-Link of what it stands for, and so leads back to the BOM (docs/adr/0010-spdx-export.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import BomError
from ...scanners.record import record
from .. import cyclonedx
from ..lint import schema
from ..lint.document import read
from ..read import parse
from .elements import SECONDS, instant
from .graph import document, left_out

if TYPE_CHECKING:
    from datetime import datetime

    from .elements import Json

__all__ = ["Exported", "export"]

VERSIONS = ("1.5", "1.6", "1.7")  # earlier ones know no models
SHOWN = 200  # characters of a problem


@record
class Exported:
    """An SPDX document, and what it has no place for."""

    data: bytes  # JSON-LD in ASCII
    left_out: tuple[tuple[str, int], ...]  # what, and how many of it


def export(data: bytes, created: datetime | None = None) -> Exported:
    """Return the CycloneDX document `data` as SPDX 3.0.1.

    `created`, or else the BOM's own timestamp, is the time that SPDX demands. The bytes depend on
    `data` and on that alone.

    Raises:
        BomError: `data` is no valid CycloneDX 1.5 to 1.7 in JSON, has no serial number or no
            subject, or there is no time.
    """
    parse(data, versions=VERSIONS)  # refuses what two readers understand differently
    bom = read(data)
    root = bom.root.value
    for node, why in schema.check(bom):
        raise BomError(f"this is no valid BOM: {node.pointer:.{SHOWN}}: {why:.{SHOWN}}.")
    if "serialNumber" not in root or bom.subject is None:
        raise BomError("the BOM has no serialNumber or no metadata.component, and SPDX needs both.")
    when = created.strftime(SECONDS) if created else _time(root)
    return Exported(cyclonedx.to_bytes(document(root, when)), left_out(root))


def _time(root: Json) -> str:
    metadata: Json = root.get("metadata", {})
    if "timestamp" not in metadata:
        raise BomError(
            "SPDX demands a time, and the BOM has none. Set SOURCE_DATE_EPOCH to that of the "
            "commit, SOURCE_DATE_EPOCH=$(git log -1 --format=%ct), or to the present, "
            "SOURCE_DATE_EPOCH=$(date +%s)."
        )
    when = instant(metadata["timestamp"])
    if not when:
        raise BomError(
            f"the BOM's timestamp is {metadata['timestamp']!r:.80}, which is no instant."
        )
    return when
