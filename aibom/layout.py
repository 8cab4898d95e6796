"""Where results lie beside a model, and which files a signature covers."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from .folder import VERSION_CONTROL
from .scanners.record import record

if TYPE_CHECKING:
    from pathlib import Path

BOM_NAME = "aibom.cdx.json"
BUNDLE_SUFFIX = ".sigstore.json"
BUNDLE_NAME = BOM_NAME + BUNDLE_SUFFIX
BOM_SUFFIX = ".cdx.json"
FINGERPRINTS_SUFFIX = ".tensors.json"
FINGERPRINTS_NAME = BOM_NAME.removesuffix(BOM_SUFFIX) + FINGERPRINTS_SUFFIX
OMS_NAME = "model.sig"  # the OpenSSF model signature, a sibling of ours

OUTPUTS = frozenset({BOM_NAME, BUNDLE_NAME, FINGERPRINTS_NAME, OMS_NAME})


@record
class Outputs:
    """The files that attesting one target writes."""

    bom: Path
    bundle: Path
    model_signature: Path | None = None  # of a folder
    fingerprints: Path | None = None  # of its weights, where the BOM refers to that file

    def with_fingerprints(self) -> Outputs:
        """Return the outputs of a BOM that refers to fingerprints of the weights."""
        place = self.bom.with_name(fingerprints_name(self.bom.name))
        return Outputs(self.bom, self.bundle, self.model_signature, place)

    @classmethod
    def of(cls, target: Path, folder: Path | None = None) -> Outputs:
        """Return the outputs for `target`, in `folder` or beside the model.

        A folder's lie in it; those of a single file beside it, with its name in front.
        """
        if target.is_dir():
            return cls.beside((folder or target) / BOM_NAME, in_folder=True)
        bom = (folder or target.parent) / f"{target.name}.{BOM_NAME}"
        return cls.beside(bom, in_folder=False)

    @classmethod
    def beside(cls, bom: Path, *, in_folder: bool) -> Outputs:
        """Return the outputs whose BOM is the file `bom`; the model is a folder, or a file."""
        bundle = bom.with_name(bom.name + BUNDLE_SUFFIX)
        return cls(bom, bundle, bom.with_name(OMS_NAME) if in_folder else None)

    def within(self, folder: Path) -> frozenset[str]:
        """Return the names of the outputs that lie at the top of the model's `folder`.

        The model signature is not among them: others make it, too.
        """
        here = folder.resolve()
        paths = (self.bom, self.bundle, self.fingerprints)
        return frozenset(path.name for path in paths if path and path.parent.resolve() == here)


def fingerprints_name(bom: str) -> str:
    """Return the name of the fingerprints beside the BOM of that name."""
    return bom.removesuffix(BOM_SUFFIX) + FINGERPRINTS_SUFFIX


def digest(data: bytes) -> str:
    """Return the SHA-256 of a file's bytes, as signatures spell it."""
    return sha256(data).hexdigest()


def is_covered(name: str, *, in_folder: bool = True) -> bool:
    """Whether a signature covers the file `name` (relative): all but our outputs and git's own.

    Only names at the top are left out, as the OpenSSF model signature does: the same name deeper
    down is a file like any other.
    """
    if not in_folder:
        return True
    return name.split("/", 1)[0] not in VERSION_CONTROL and name not in OUTPUTS
