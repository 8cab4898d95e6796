"""Write what signs a model: BOM, bundle and OpenSSF model signature, all of them or none."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from . import layout
from .errors import OutputError
from .folder import VERSION_CONTROL, readable
from .hashed import read_ours
from .output import write_together
from .scanners.record import record
from .signatures import (
    build_manifest,
    build_statement,
    for_model_signature,
    is_as_wanted,
    payload_by,
    sign,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .signatures import Signer

NOTHING: Mapping[str, str] = MappingProxyType({})


@record(kw_only=True)
class Wishes:
    """What else is signed, and what may be replaced."""

    further: Mapping[str, str] = NOTHING  # name -> SHA-256 of things that are no files of the model
    model_signature: bool = True  # also the OpenSSF one, if the model is a folder
    force: bool = False  # replace signatures that the signer did not make


@record
class Published:
    """What was written."""

    outputs: layout.Outputs
    bundle: bytes
    replaced: tuple[Path, ...]  # signatures by the same signer over something else, or forced
    unchanged: tuple[Path, ...]  # signatures by the same signer over the very same

    @property
    def written(self) -> tuple[Path, ...]:
        """The files that hold the result, those included that needed no change."""
        paths = (self.outputs.bom, self.outputs.bundle, self.outputs.model_signature)
        return tuple(path for path in paths if path is not None)


def publish(  # noqa: PLR0913 - all named
    outputs: layout.Outputs,
    signer: Signer,
    *,
    target: Path,
    model: str,
    bom: bytes,
    files: Mapping[str, str],
    wishes: Wishes,
) -> Published:
    """Sign `bom` (a file's bytes) and the model's `files` together, and write the results.

    Everything is made in memory first. A signature that the same key made over the same content
    stays as it is, so that signing again changes nothing.

    Raises:
        SignatureError: BOM and files do not agree, or the signer failed.
        OutputError: A file could not be written, or would replace the signature of another signer.
    """
    if not wishes.model_signature or not target.is_dir():
        outputs = layout.Outputs(outputs.bom, outputs.bundle)
    payloads = {
        outputs.bundle: build_statement(
            model=model, bom_name=outputs.bom.name, bom=bom, files=files, further=wishes.further
        )
    }
    if outputs.model_signature is not None:
        payloads[outputs.model_signature] = _manifest(outputs, target, model, bom, files)
    earlier = {path: _earlier(path, signer, force=wishes.force) for path in payloads}
    bundles = {
        path: found[0]
        for path, payload in payloads.items()
        if (found := earlier[path]) is not None
        and found[1] == payload
        and is_as_wanted(signer, found[0])
    }
    unchanged = tuple(bundles)
    for path, payload in payloads.items():
        if path not in unchanged:
            is_ours = path == outputs.bundle
            bundles[path] = sign(payload, signer if is_ours else for_model_signature(signer))
    results = {path: raw for path, raw in bundles.items() if path not in unchanged}
    write_together(results if _holds(outputs.bom, bom) else {outputs.bom: bom, **results})
    replaced = tuple(
        path for path, found in earlier.items() if found is not None and path not in unchanged
    )
    return Published(outputs, bundles[outputs.bundle], replaced, unchanged)


def _manifest(
    outputs: layout.Outputs, target: Path, model: str, bom: bytes, files: Mapping[str, str]
) -> bytes:
    """Return what the OpenSSF model signature signs: the files, and a BOM that lies with them."""
    ours = outputs.within(target)
    signed = dict(files)
    if outputs.bom.name in ours:
        signed[outputs.bom.name] = layout.digest(bom)
    ignored = (VERSION_CONTROL | layout.OUTPUTS | ours) - signed.keys()
    return build_manifest(model=model, files=signed, ignored=ignored)


def _holds(path: Path, data: bytes) -> bool:
    return path.is_file() and read_ours(path, "BOM", OutputError) == data


def _earlier(path: Path, signer: Signer, *, force: bool) -> tuple[bytes, bytes] | None:
    """Return the bundle at `path` and what it signs; None if there is none.

    Raises:
        OutputError: It is not by `signer`, and nobody said to replace it.
    """
    if not path.exists():
        return None
    raw = read_ours(path, "earlier signature", OutputError)
    payload = payload_by(signer, raw)
    if payload is None and not force:
        raise OutputError(
            f"{readable(str(path))}: a signature is there that this signer did not make, or that "
            "cannot be known as its own. Remove it, or replace it with --force."
        )
    return raw, payload or b""
