"""Where results lie beside a model, and which files a signature covers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .folder import VERSION_CONTROL
from .scanners.record import record

if TYPE_CHECKING:
    from pathlib import Path

BOM_NAME = "aibom.cdx.json"
BUNDLE_SUFFIX = ".sigstore.json"
BUNDLE_NAME = BOM_NAME + BUNDLE_SUFFIX
OMS_NAME = "model.sig"  # the OpenSSF model signature, a sibling of ours

OUTPUTS = frozenset({BOM_NAME, BUNDLE_NAME, OMS_NAME})


@record
class Outputs:
    """The files that attesting one target writes."""

    bom: Path
    bundle: Path

    @classmethod
    def of(cls, target: Path, folder: Path | None = None) -> Outputs:
        """Return the outputs for `target`, in `folder` or beside the model.

        A folder's lie in it; those of a single file beside it, with its name in front.
        """
        if target.is_dir():
            bom = (folder or target) / BOM_NAME
        else:
            bom = (folder or target.parent) / f"{target.name}.{BOM_NAME}"
        return cls(bom, bom.with_name(bom.name + BUNDLE_SUFFIX))


def is_covered(name: str, *, in_folder: bool = True) -> bool:
    """Whether a signature covers the file `name` (relative): all but our outputs and git's own.

    Only names at the top are left out, as the OpenSSF model signature does: the same name deeper
    down is a file like any other.
    """
    if not in_folder:
        return True
    return name.split("/", 1)[0] not in VERSION_CONTROL and name not in OUTPUTS
